// What an editor may ask about unit files. Plain values: no editor's types, so that it also serves a worker, a page or a command.
// Offsets are UTF-16 units from the start of the text.

export type Language = 'en' | 'ko'

export type TextRange = { readonly from: number; readonly to: number }
export type Location = TextRange & { readonly path: string }
export type TextEdit = TextRange & { readonly path: string; readonly insert: string }

export type UnitDiagnostic = TextRange & {
  readonly severity: 'error' | 'warning' | 'info' | 'hint'
  /** `systemd`: the manager's own words. `unitlab`: ours, with a page of its own. */
  readonly source: 'systemd' | 'unitlab'
  readonly message: string
  /** Id of the check. */
  readonly code?: string
  /** Page about the check, without base path and language. */
  readonly page?: string
  readonly related?: readonly (Location & { readonly message: string })[]
  /** For how it looks: a name that is out of date, text without effect. */
  readonly tag?: 'deprecated' | 'unnecessary'
}

export type CompletionKind =
  | 'section'
  | 'directive'
  | 'value'
  | 'unit'
  | 'specifier'
  | 'path'
  | 'user'
  | 'group'
  | 'capability'
  | 'signal'
  | 'syscall'
  | 'calendar'
  | 'snippet'
export type UnitCompletion = TextRange & {
  readonly label: string
  readonly insert: string
  /** `insert` holds `${1:…}` and `$0` places. */
  readonly snippet?: true
  readonly kind: CompletionKind
  readonly detail?: string
  /** Markdown. */
  readonly documentation?: string
  readonly deprecated?: true
  /** Ask again after inserting (`Restart=` → its values). */
  readonly again?: true
}

export type UnitHover = TextRange & { readonly markdown: string }
export type UnitHint = { readonly at: number; readonly text: string; readonly tooltip?: string }
export type UnitFix = { readonly title: string; readonly edits: readonly TextEdit[]; readonly preferred?: true; readonly code?: string }
export type UnitRename = {
  readonly edits: readonly TextEdit[]
  readonly files: readonly { readonly from: string; readonly to: string }[]
  /** Symbolic links of `enable`: to be made anew under another name, with another target. */
  readonly links: readonly { readonly from: string; readonly to: string; readonly target: string }[]
}
export type RenameFailure = { readonly reason: string }
export type FoldingRange = TextRange & { readonly kind: 'section' | 'comment' | 'continuation' }
export type OutlineItem = TextRange & {
  readonly name: string
  readonly detail: string
  readonly kind: 'section' | 'directive'
  readonly nameRange: TextRange
  readonly children: readonly OutlineItem[]
}
export const SEMANTIC_TOKEN_TYPES = [
  'section',
  'directive',
  'unknown',
  'value',
  'keyword',
  'number',
  'unit',
  'path',
  'specifier',
  'variable',
  'prefix',
  'string',
  'comment',
  'operator',
] as const
export type SemanticTokenType = (typeof SEMANTIC_TOKEN_TYPES)[number]
export type SemanticToken = TextRange & { readonly type: SemanticTokenType; readonly deprecated?: true }

/** A value in force, or one that a later line replaced. */
export type EffectiveRow = {
  readonly section: string
  readonly directive: string
  readonly value: string
  readonly file: string
  /** From 1; 0 for a link in a `.wants` directory and its like. */
  readonly line: number
  readonly inForce: boolean
}
export type EffectiveUnit = {
  readonly id: string
  readonly loadState: string
  readonly names: readonly string[]
  /** As `systemctl cat` prints it. */
  readonly text: string
  readonly rows: readonly EffectiveRow[]
}

export type UnitLanguage = {
  /** What an open editor holds for a path, saved or not; other files' answers see it, too. */
  readonly open: (path: string, text: string) => void
  readonly close: (path: string) => void
  /** Files of the tree have changed. */
  readonly refresh: () => void
  readonly diagnostics: (path: string, text: string) => readonly UnitDiagnostic[]
  readonly complete: (path: string, text: string, offset: number) => readonly UnitCompletion[]
  readonly hover: (path: string, text: string, offset: number) => UnitHover | undefined
  readonly hints: (path: string, text: string) => readonly UnitHint[]
  readonly fixes: (path: string, text: string, from: number, to: number) => readonly UnitFix[]
  readonly definition: (path: string, text: string, offset: number) => readonly Location[]
  readonly references: (path: string, text: string, offset: number) => readonly Location[]
  /** What would be renamed at this place. */
  readonly renameRange: (path: string, text: string, offset: number) => (TextRange & { readonly name: string }) | undefined
  readonly rename: (path: string, text: string, offset: number, name: string) => UnitRename | RenameFailure
  readonly format: (path: string, text: string) => string
  readonly folding: (path: string, text: string) => readonly FoldingRange[]
  readonly outline: (path: string, text: string) => readonly OutlineItem[]
  readonly tokens: (path: string, text: string) => readonly SemanticToken[]
  /** Merged from fragment and drop-ins. */
  readonly effective: (path: string) => EffectiveUnit | undefined
}
