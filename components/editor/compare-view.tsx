'use client'
// Two texts beside each other: mine and the one on disk, or mine and a solution.
import { useEffect, useRef } from 'react'
import { useDark, useSettings } from '../settings/use-settings'
import { monaco } from './monaco'
import { languageOf } from './unit-language'

type Props = { readonly path: string; readonly left: string; readonly right: string; readonly label: string }

export default function CompareView({ path, left, right, label }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const { fontSize } = useSettings()
  const dark = useDark()
  useEffect(() => {
    const parent = place.current
    if (parent === null) return
    const language = languageOf(path, left)
    const original = monaco.editor.createModel(left, language)
    const modified = monaco.editor.createModel(right, language)
    const editor = monaco.editor.createDiffEditor(parent, {
      readOnly: true,
      automaticLayout: true,
      minimap: { enabled: false },
      renderOverviewRuler: false,
      scrollBeyondLastLine: false,
      fontSize,
      originalAriaLabel: label,
      modifiedAriaLabel: label,
      fontFamily: "'JetBrains Mono Variable', ui-monospace, monospace",
    })
    editor.setModel({ original, modified })
    return () => {
      editor.dispose()
      original.dispose()
      modified.dispose()
    }
  }, [path, left, right, fontSize, label])
  useEffect(() => {
    monaco.editor.setTheme(dark ? 'unitlab-dark' : 'unitlab-light')
  }, [dark])
  return <div ref={place} className="absolute inset-0" data-compare={path} />
}
