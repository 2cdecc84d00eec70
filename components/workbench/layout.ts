// How the panes lie: remembered in this browser. Shares are percent of the room.
import { createStore } from 'zustand/vanilla'
import { remember, remembered } from '../settings/settings'

export type Pane = 'text' | 'editor' | 'terminal'
export const panes: readonly Pane[] = ['text', 'editor', 'terminal']

export type Layout = {
  readonly textShare: number
  readonly editorShare: number
  readonly maximised: Pane | undefined
  /** Where only one pane fits. */
  readonly shown: Pane
  readonly files: boolean
}

export const defaultLayout: Layout = { textShare: 42, editorShare: 50, maximised: undefined, shown: 'text', files: false }
const key = 'unitlab:layout'

export const clampShare = (share: number): number => Math.min(80, Math.max(15, Math.round(share * 10) / 10))

export function readLayout(text: string | null): Layout {
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    const stored = typeof value === 'object' && value !== null ? (value as Partial<Record<keyof Layout, unknown>>) : {}
    const share = (one: unknown, otherwise: number) => (typeof one === 'number' && Number.isFinite(one) ? clampShare(one) : otherwise)
    return {
      textShare: share(stored.textShare, defaultLayout.textShare),
      editorShare: share(stored.editorShare, defaultLayout.editorShare),
      maximised: panes.includes(stored.maximised as Pane) ? (stored.maximised as Pane) : undefined,
      shown: 'text',
      files: typeof stored.files === 'boolean' ? stored.files : defaultLayout.files,
    }
  } catch {
    return defaultLayout
  }
}

export const layout = createStore<Layout>(() => (typeof window === 'undefined' ? defaultLayout : readLayout(remembered(key))))

export function changeLayout(patch: Partial<Layout>): void {
  layout.setState(patch)
  remember(key, JSON.stringify(layout.getState()))
}

export const toggleMaximised = (pane: Pane): void => changeLayout({ maximised: layout.getState().maximised === pane ? undefined : pane })

/** Makes a pane visible, whatever hid it. */
export function revealPane(pane: Pane): void {
  const { maximised } = layout.getState()
  changeLayout({ shown: pane, maximised: maximised === undefined || maximised === pane ? maximised : undefined })
}

/** Moves the focus into a pane: the terminal's or editor's input, else its first control. */
export function focusPane(pane: Pane): void {
  revealPane(pane)
  requestAnimationFrame(() => {
    const section = document.querySelector<HTMLElement>(`[data-pane="${pane}"]`)
    if (section === null) return
    const input = section.querySelector<HTMLElement>(
      '.xterm-helper-textarea, .monaco-editor .inputarea, .monaco-editor textarea, .native-edit-context, textarea',
    )
    if (pane !== 'text' && input !== null) input.focus()
    else section.focus()
  })
}

export function paneOfFocus(): Pane | undefined {
  const name = document.activeElement?.closest<HTMLElement>('[data-pane]')?.dataset['pane']
  return panes.find((pane) => pane === name)
}
