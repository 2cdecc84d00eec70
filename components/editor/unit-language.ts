// What the editor wants from a language service for unit files. Plain values, so that it can also live in a worker.
// Offsets are UTF-16 units from the start of the text.

export type UnitMarker = {
  readonly from: number
  readonly to: number
  readonly severity: 'error' | 'warning' | 'info' | 'hint'
  /** In systemd's words. */
  readonly message: string
  readonly code?: string
}
export type UnitCompletion = {
  readonly label: string
  readonly insert: string
  readonly kind: 'section' | 'directive' | 'value' | 'unit' | 'specifier' | 'path'
  readonly from: number
  readonly to: number
  readonly detail?: string
  readonly documentation?: string
  /** Ask for completions again after inserting (`Restart=` → its values). */
  readonly again?: boolean
}
export type UnitHover = { readonly from: number; readonly to: number; readonly markdown: string }
export type UnitHint = { readonly at: number; readonly text: string }
export type UnitFix = { readonly title: string; readonly from: number; readonly to: number; readonly insert: string }

export type UnitLanguage = {
  readonly markers: (path: string, text: string) => readonly UnitMarker[]
  readonly complete: (path: string, text: string, offset: number) => readonly UnitCompletion[]
  readonly hover: (path: string, text: string, offset: number) => UnitHover | undefined
  readonly hints: (path: string, text: string) => readonly UnitHint[]
  readonly fixes: (path: string, text: string, from: number, to: number) => readonly UnitFix[]
}

/** Unit files, drop-ins and the configuration files that share their syntax. */
export const isUnitPath = (path: string): boolean =>
  /\.(service|socket|timer|path|target|mount|automount|swap|slice|scope|device|network|netdev|link)$/.test(path) ||
  /\.(service|socket|timer|path|target|mount|automount|swap|slice|scope)\.d\/[^/]+\.conf$/.test(path) ||
  /^\/(etc|run|usr\/lib)\/systemd\/[^/]+\.conf(\.d\/[^/]+\.conf)?$/.test(path)

export const languageOf = (path: string, text: string): 'systemd-unit' | 'shell' | 'python' | 'plaintext' => {
  if (isUnitPath(path)) return 'systemd-unit'
  if (/\.(sh|bash)$/.test(path) || /\/\.(bashrc|profile|bash_profile)$/.test(path) || /^#!.*\b(ba|da)?sh\b/.test(text)) return 'shell'
  return /\.py$/.test(path) || /^#!.*\bpython/.test(text) ? 'python' : 'plaintext'
}
