// The language `systemd-unit` in Monaco: colours by a Monarch grammar, the rest by the unit language service when it is there.
import type * as Monaco from 'monaco-editor/editor'
import type { UnitCompletion, UnitLanguage, UnitMarker } from './unit-language'
import { loadUnitLanguage } from './unit-language-service'

const id = 'systemd-unit'

/** After systemd.syntax(7): comments only at the start of a line; a backslash at its end goes on. */
const grammar: Monaco.languages.IMonarchLanguage = {
  tokenizer: {
    root: [
      [/^\s*[#;].*$/, 'comment'],
      [/^\s*\[[^\]]*\]\s*$/, 'section'],
      [/^(\s*)(Exec\w+)(\s*)(=)/, ['', 'key', '', { token: 'delimiter', next: '@prefix' }]],
      [/^(\s*)([A-Za-z0-9_-]+)(\s*)(=)/, ['', 'key', '', { token: 'delimiter', next: '@value' }]],
      [/.+/, 'value'],
    ],
    prefix: [
      [/\s*[@:+!|-]+/, { token: 'prefix', switchTo: '@value' }],
      [/(?=.)/, { token: '', switchTo: '@value' }],
      [/$/, { token: '', next: '@pop' }],
    ],
    value: [
      [/\\$/, { token: 'delimiter', switchTo: '@continued' }],
      [/%[%A-Za-z]/, 'specifier'],
      [/\$\{\w+\}|\$\w+/, 'variable'],
      [/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/, { token: 'string', next: '@ended' }],
      [/[^%$"'\\]+$/, { token: 'value', next: '@pop' }],
      [/[^%$"'\\]+/, 'value'],
      [/.$/, { token: 'value', next: '@pop' }],
      [/./, 'value'],
      [/$/, { token: '', next: '@pop' }],
    ],
    ended: [
      [/$/, { token: '', next: '@popall' }],
      [/(?=.)/, { token: '', next: '@pop' }],
    ],
    continued: [
      [/^\s*[#;].*$/, 'comment'],
      [/^/, { token: '', switchTo: '@value' }],
    ],
  },
}

const severities = { error: 8, warning: 4, info: 2, hint: 1 } as const

function range(model: Monaco.editor.ITextModel, from: number, to: number): Monaco.IRange {
  const start = model.getPositionAt(from)
  const end = model.getPositionAt(to)
  return { startLineNumber: start.lineNumber, startColumn: start.column, endLineNumber: end.lineNumber, endColumn: end.column }
}

export function registerUnitLanguage(monaco: typeof Monaco): void {
  monaco.languages.register({ id, aliases: ['systemd unit'] })
  monaco.languages.setMonarchTokensProvider(id, grammar)
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
  void loadUnitLanguage().then((service) => {
    if (service !== undefined) provide(monaco, service)
  })
}

const pathOf = (model: Monaco.editor.ITextModel): string => decodeURIComponent(model.uri.path.replace(/^\/[^/]*\/file/, ''))

function provide(monaco: typeof Monaco, service: UnitLanguage): void {
  const kinds: Readonly<Record<UnitCompletion['kind'], Monaco.languages.CompletionItemKind>> = {
    section: monaco.languages.CompletionItemKind.Module,
    directive: monaco.languages.CompletionItemKind.Property,
    value: monaco.languages.CompletionItemKind.Value,
    unit: monaco.languages.CompletionItemKind.Reference,
    specifier: monaco.languages.CompletionItemKind.Variable,
    path: monaco.languages.CompletionItemKind.File,
  }
  monaco.languages.registerCompletionItemProvider(id, {
    triggerCharacters: ['[', '=', ' ', '%', '@', '~', ','],
    provideCompletionItems: (model, position) => ({
      suggestions: service.complete(pathOf(model), model.getValue(), model.getOffsetAt(position)).map((one, index) => ({
        label: one.label,
        insertText: one.insert,
        kind: kinds[one.kind],
        range: range(model, one.from, one.to),
        sortText: String(index).padStart(5, '0'),
        ...(one.detail === undefined ? {} : { detail: one.detail }),
        ...(one.documentation === undefined ? {} : { documentation: { value: one.documentation } }),
        ...(one.again ? { command: { id: 'editor.action.triggerSuggest', title: '' } } : {}),
      })),
    }),
  })
  monaco.languages.registerHoverProvider(id, {
    provideHover: (model, position) => {
      const hover = service.hover(pathOf(model), model.getValue(), model.getOffsetAt(position))
      return hover === undefined ? undefined : { range: range(model, hover.from, hover.to), contents: [{ value: hover.markdown }] }
    },
  })
  monaco.languages.registerInlayHintsProvider(id, {
    provideInlayHints: (model) => ({
      hints: service
        .hints(pathOf(model), model.getValue())
        .map(({ at, text }) => ({ position: model.getPositionAt(at), label: text, paddingLeft: true })),
      dispose: () => undefined,
    }),
  })
  monaco.languages.registerCodeActionProvider(id, {
    provideCodeActions: (model, where, context) => ({
      actions: service
        .fixes(
          pathOf(model),
          model.getValue(),
          model.getOffsetAt(monaco.Range.getStartPosition(where)),
          model.getOffsetAt(monaco.Range.getEndPosition(where)),
        )
        .map(({ title, from, to, insert }) => ({
          title,
          kind: 'quickfix',
          diagnostics: context.markers,
          edit: {
            edits: [{ resource: model.uri, versionId: model.getVersionId(), textEdit: { range: range(model, from, to), text: insert } }],
          },
        })),
      dispose: () => undefined,
    }),
  })
  const mark = (model: Monaco.editor.ITextModel): void => {
    if (model.isDisposed() || model.getLanguageId() !== id) return
    const markers = service.markers(pathOf(model), model.getValue()).map((one: UnitMarker) => ({
      ...range(model, one.from, Math.max(one.to, one.from + 1)),
      severity: severities[one.severity] as Monaco.MarkerSeverity,
      message: one.message,
      source: 'systemd',
      ...(one.code === undefined ? {} : { code: one.code }),
    }))
    monaco.editor.setModelMarkers(model, id, markers)
  }
  const follow = (model: Monaco.editor.ITextModel): void => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const later = () => {
      clearTimeout(timer)
      timer = setTimeout(() => mark(model), 150)
    }
    mark(model)
    model.onDidChangeContent(later)
    model.onDidChangeLanguage(later)
    model.onWillDispose(() => clearTimeout(timer))
  }
  for (const model of monaco.editor.getModels()) follow(model)
  monaco.editor.onDidCreateModel(follow)
}
