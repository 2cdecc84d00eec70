// The language `systemd-unit` in Monaco: a translation between the editor's types and those of lib/language.
import type * as Monaco from 'monaco-editor/editor'
import type { CompletionKind, UnitDiagnostic } from '@/lib/language'
import type { MachineSession } from '../machine/session'
import { registerUnitFiles } from './monaco-unit-files'
import { openInEditor } from './open-requests'
import { unitGrammar } from './unit-grammar'
import { targetVersion } from './target-version'
import { type UnitQuestions, unitQuestions } from './unit-language-service'

const id = 'systemd-unit'

/** The machine whose files are open, and the reader's language. One editor is on a page at a time. */
let current: { readonly session: MachineSession; readonly language: 'en' | 'ko' } | undefined
const changed = new Set<() => void>()

export function bindUnitLanguage(session: MachineSession, language: 'en' | 'ko'): () => void {
  current = { session, language }
  for (const tell of changed) tell()
  const stop = session.listen((event) => {
    if (event.type === 'file-changed' || event.type === 'power') for (const tell of changed) tell()
  })
  return stop
}

const uriPath = /^\/[^/]*\/file/
export const pathOfModel = (model: Monaco.editor.ITextModel): string => model.uri.path.replace(uriPath, '')

function range(model: Monaco.editor.ITextModel, from: number, to: number): Monaco.IRange {
  const start = model.getPositionAt(from)
  const end = model.getPositionAt(to)
  return { startLineNumber: start.lineNumber, startColumn: start.column, endLineNumber: end.lineNumber, endColumn: end.column }
}

/** Offsets count `\n` alone; a model may hold `\r\n`. Ours are made with `\n`, so both are the same. */
const textOf = (model: Monaco.editor.ITextModel): string => model.getValue()

export function registerUnitLanguage(monaco: typeof Monaco): void {
  monaco.languages.register({ id, aliases: ['systemd unit'] })
  monaco.languages.setMonarchTokensProvider(id, unitGrammar)
  monaco.languages.setLanguageConfiguration(id, {
    comments: { lineComment: '#' },
    brackets: [['[', ']']],
    autoClosingPairs: [
      { open: '[', close: ']' },
      { open: '"', close: '"' },
    ],
    folding: { markers: { start: /^\s*\[/, end: /^(?=\s*\[)/ } },
    wordPattern: /[A-Za-z0-9_@.:-]+/,
  })
  const questions = unitQuestions(
    () => current?.session,
    () => ({ language: current?.language ?? 'en', target: targetVersion.getState().version }),
  )
  provideAnswers(monaco, questions)
  provideMarkers(monaco, questions)
  registerUnitFiles(monaco, { id, questions, session: () => current?.session, pathOf: pathOfModel, range })
}

function provideAnswers(monaco: typeof Monaco, questions: UnitQuestions): void {
  const { CompletionItemKind, CompletionItemInsertTextRule, CompletionItemTag } = monaco.languages
  const kinds: Readonly<Record<CompletionKind, Monaco.languages.CompletionItemKind>> = {
    section: CompletionItemKind.Module,
    directive: CompletionItemKind.Property,
    value: CompletionItemKind.Value,
    unit: CompletionItemKind.Reference,
    specifier: CompletionItemKind.Variable,
    path: CompletionItemKind.File,
    user: CompletionItemKind.User,
    group: CompletionItemKind.User,
    capability: CompletionItemKind.EnumMember,
    signal: CompletionItemKind.Event,
    syscall: CompletionItemKind.Function,
    calendar: CompletionItemKind.Constant,
    snippet: CompletionItemKind.Snippet,
  }
  monaco.languages.registerCompletionItemProvider(id, {
    triggerCharacters: ['[', '=', ' ', '%', '@', '~', ',', '/', ':'],
    async provideCompletionItems(model, position) {
      const found = (await questions.complete(pathOfModel(model), textOf(model), model.getOffsetAt(position))) ?? []
      return {
        suggestions: found.map((one, index) => ({
          label: one.label,
          insertText: one.insert,
          kind: kinds[one.kind],
          range: range(model, one.from, one.to),
          sortText: String(index).padStart(5, '0'),
          ...(one.snippet ? { insertTextRules: CompletionItemInsertTextRule.InsertAsSnippet } : {}),
          ...(one.deprecated ? { tags: [CompletionItemTag.Deprecated] } : {}),
          ...(one.detail === undefined ? {} : { detail: one.detail }),
          ...(one.documentation === undefined ? {} : { documentation: { value: one.documentation } }),
          ...(one.again ? { command: { id: 'editor.action.triggerSuggest', title: '' } } : {}),
        })),
      }
    },
  })
  monaco.languages.registerHoverProvider(id, {
    async provideHover(model, position) {
      const hover = await questions.hover(pathOfModel(model), textOf(model), model.getOffsetAt(position))
      return hover === undefined ? undefined : { range: range(model, hover.from, hover.to), contents: [{ value: hover.markdown }] }
    },
  })
  monaco.languages.registerInlayHintsProvider(id, {
    async provideInlayHints(model) {
      const found = (await questions.hints(pathOfModel(model), textOf(model))) ?? []
      return {
        hints: found.map(({ at, text, tooltip }) => ({
          position: model.getPositionAt(at),
          label: text,
          paddingLeft: true,
          ...(tooltip === undefined ? {} : { tooltip }),
        })),
        dispose: () => undefined,
      }
    },
  })
  monaco.languages.registerCodeActionProvider(id, {
    async provideCodeActions(model, where, context) {
      const path = pathOfModel(model)
      const from = model.getOffsetAt({ lineNumber: where.startLineNumber, column: where.startColumn })
      const to = model.getOffsetAt({ lineNumber: where.endLineNumber, column: where.endColumn })
      const found = (await questions.fixes(path, textOf(model), from, to)) ?? []
      return {
        // Edits of files that are not open are not offered: they could not be seen, nor undone.
        actions: found
          .filter(({ edits }) => edits.every((edit) => edit.path === path))
          .map(({ title, edits, preferred }) => ({
            title,
            kind: 'quickfix',
            diagnostics: [...context.markers],
            ...(preferred ? { isPreferred: true } : {}),
            edit: {
              edits: edits.map((edit) => ({
                resource: model.uri,
                versionId: model.getVersionId(),
                textEdit: { range: range(model, edit.from, edit.to), text: edit.insert },
              })),
            },
          })),
        dispose: () => undefined,
      }
    },
  })
  monaco.languages.registerDocumentFormattingEditProvider(id, {
    async provideDocumentFormattingEdits(model) {
      const text = await questions.format(pathOfModel(model), textOf(model))
      return text === undefined ? [] : [{ range: model.getFullModelRange(), text }]
    },
  })
  // Ctrl-click on a unit's name opens its file.
  monaco.editor.registerEditorOpener({
    openCodeEditor(_source, resource, selection) {
      if (resource.scheme !== 'machine' || current === undefined) return false
      const line = selection === undefined ? undefined : 'startLineNumber' in selection ? selection.startLineNumber : selection.lineNumber
      openInEditor(current.session, resource.path.replace(uriPath, ''), line === undefined ? {} : { line })
      return true
    },
  })
  monaco.languages.registerDefinitionProvider(id, {
    async provideDefinition(model, position) {
      const found = (await questions.definition(pathOfModel(model), textOf(model), model.getOffsetAt(position))) ?? []
      const root = /^\/[^/]*\/file/.exec(model.uri.path)?.[0] ?? ''
      return found.map(({ path }) => ({
        uri: model.uri.with({ path: root + path }),
        range: { startLineNumber: 1, startColumn: 1, endLineNumber: 1, endColumn: 1 },
      }))
    },
  })
}

const severities = { error: 8, warning: 4, info: 2, hint: 1 } as const

function provideMarkers(monaco: typeof Monaco, questions: UnitQuestions): void {
  const marker = (model: Monaco.editor.ITextModel, one: UnitDiagnostic): Monaco.editor.IMarkerData => ({
    ...range(model, one.from, Math.max(one.to, one.from + 1)),
    severity: severities[one.severity] as Monaco.MarkerSeverity,
    message: one.message,
    source: one.source,
    ...(one.code === undefined ? {} : { code: one.code }),
    ...(one.tag === undefined ? {} : { tags: [one.tag === 'deprecated' ? monaco.MarkerTag.Deprecated : monaco.MarkerTag.Unnecessary] }),
  })
  const mark = async (model: Monaco.editor.ITextModel): Promise<void> => {
    if (model.isDisposed() || model.getLanguageId() !== id) return
    const version = model.getVersionId()
    const path = pathOfModel(model)
    const text = textOf(model)
    await questions.open(path, text)
    const found = await questions.diagnostics(path, text)
    if (found === undefined || model.isDisposed() || model.getVersionId() !== version) return
    monaco.editor.setModelMarkers(
      model,
      id,
      found.map((one) => marker(model, one)),
    )
  }
  const timers = new Map<Monaco.editor.ITextModel, ReturnType<typeof setTimeout>>()
  const later = (model: Monaco.editor.ITextModel, ms: number): void => {
    clearTimeout(timers.get(model))
    timers.set(
      model,
      setTimeout(() => void mark(model), ms),
    )
  }
  const follow = (model: Monaco.editor.ITextModel): void => {
    if (model.uri.scheme !== 'machine') return
    later(model, 0)
    model.onDidChangeContent(() => later(model, 150))
    model.onDidChangeLanguage(() => later(model, 0))
    model.onWillDispose(() => {
      clearTimeout(timers.get(model))
      timers.delete(model)
      void questions.close(pathOfModel(model))
    })
  }
  for (const model of monaco.editor.getModels()) follow(model)
  monaco.editor.onDidCreateModel(follow)
  targetVersion.subscribe(() => {
    for (const tell of changed) tell()
  })
  // Files changed on the machine, or another machine stands behind the page: look again.
  changed.add(() => {
    void questions.refresh().then(() => {
      for (const model of monaco.editor.getModels()) if (model.uri.scheme === 'machine') later(model, 50)
    })
  })
}
