'use client'
// The light editor: a text field. For phones, screen readers, and where Monaco cannot be loaded.
import { useStore } from 'zustand'
import type { Buffers } from './buffers'

type Props = { readonly buffers: Buffers; readonly path: string; readonly label: string; readonly onSave: () => void }

export function PlainEditor({ buffers, path, label, onSave }: Props) {
  const buffer = useStore(buffers.store, (state) => state.buffers.find((one) => one.path === path))
  if (buffer === undefined) return null
  return (
    <textarea
      data-editor={path}
      aria-label={label}
      value={buffer.text}
      readOnly={buffer.readOnly}
      spellCheck={false}
      autoCapitalize="off"
      autoComplete="off"
      autoCorrect="off"
      wrap="off"
      onChange={(event) => buffers.type(path, event.target.value)}
      onKeyDown={(event) => {
        if ((event.ctrlKey || event.metaKey) && event.key === 's') {
          event.preventDefault()
          onSave()
        }
      }}
      className="absolute inset-0 resize-none bg-paper px-4 py-3 font-mono text-(length:--code) leading-[1.55] outline-none focus-visible:shadow-[inset_0_0_0_2px_var(--brand)]"
    />
  )
}
