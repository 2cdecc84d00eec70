// Monaco, only what we use. Loaded by `import()` after text and terminal; its weight is most of the page's.
import * as monaco from 'monaco-editor/editor'
// The suggest widget: features/suggest/register does not bring it in this version.
import 'monaco-editor/editor/contrib/suggest/browser/suggestController'
import 'monaco-editor/features/bracketMatching/register'
import 'monaco-editor/features/clipboard/register'
import 'monaco-editor/features/codeAction/register'
import 'monaco-editor/features/codicon/register'
import 'monaco-editor/features/comment/register'
import 'monaco-editor/features/contextmenu/register'
import 'monaco-editor/features/diffEditor/register'
import 'monaco-editor/features/documentSymbols/register'
import 'monaco-editor/features/find/register'
import 'monaco-editor/features/folding/register'
import 'monaco-editor/features/gotoError/register'
import 'monaco-editor/features/gotoSymbol/register'
import 'monaco-editor/features/hover/register'
import 'monaco-editor/features/inlayHints/register'
import 'monaco-editor/features/linesOperations/register'
import 'monaco-editor/features/multicursor/register'
import 'monaco-editor/features/quickOutline/register'
import 'monaco-editor/features/readOnlyMessage/register'
import 'monaco-editor/features/rename/register'
import 'monaco-editor/features/referenceSearch/register'
import 'monaco-editor/features/snippet/register'
import 'monaco-editor/features/toggleTabFocusMode/register'
import 'monaco-editor/features/wordOperations/register'
import 'monaco-editor/languages/definitions/python/register'
import 'monaco-editor/languages/definitions/shell/register'
import { registerUnitLanguage } from './monaco-unit-language'

self.MonacoEnvironment = {
  getWorker: () => new Worker(new URL('./editor.worker.ts', import.meta.url), { type: 'module', name: 'editor' }),
}

const rules = (dark: boolean): monaco.editor.ITokenThemeRule[] => {
  const [section, key, value, comment, special] = dark
    ? ['63c9c1', '86b4f7', 'e7e9ec', '949ca7', 'e3b64d']
    : ['0f625f', '1c57ad', '1c1f23', '646a73', '855600']
  return [
    { token: 'section', foreground: section, fontStyle: 'bold' },
    { token: 'key', foreground: key },
    { token: 'delimiter', foreground: comment },
    { token: 'value', foreground: value },
    { token: 'comment', foreground: comment, fontStyle: 'italic' },
    { token: 'specifier', foreground: special },
    { token: 'prefix', foreground: special },
    { token: 'variable', foreground: special },
    { token: 'string', foreground: dark ? '74cc90' : '1b6e37' },
    { token: 'keyword', foreground: key },
    { token: 'number', foreground: special },
  ]
}

monaco.editor.defineTheme('unitlab-light', {
  base: 'vs',
  inherit: true,
  rules: rules(false),
  colors: {
    'editor.background': '#fbfaf7',
    'editor.foreground': '#1c1f23',
    'editorLineNumber.foreground': '#666b73',
    'editorLineNumber.dimmedForeground': '#666b73',
    'editorLineNumber.activeForeground': '#1c1f23',
    'editor.lineHighlightBackground': '#f4f2ec',
    'editor.lineHighlightBorder': '#00000000',
    'editor.selectionBackground': '#1c57ad33',
    'editorWidget.background': '#ffffff',
    'editorWidget.border': '#e4e1da',
    'editorInlayHint.background': '#00000000',
    'editorInlayHint.foreground': '#646a73',
    'editorBracketHighlight.foreground1': '#0f625f',
    focusBorder: '#0f625f',
  },
})
monaco.editor.defineTheme('unitlab-dark', {
  base: 'vs-dark',
  inherit: true,
  rules: rules(true),
  colors: {
    'editor.background': '#12151a',
    'editor.foreground': '#e7e9ec',
    'editorLineNumber.foreground': '#868e9a',
    'editorLineNumber.dimmedForeground': '#868e9a',
    'editorLineNumber.activeForeground': '#e7e9ec',
    'editor.lineHighlightBackground': '#191d24',
    'editor.lineHighlightBorder': '#00000000',
    'editor.selectionBackground': '#86b4f740',
    'editorWidget.background': '#191d24',
    'editorWidget.border': '#262b33',
    'editorInlayHint.background': '#00000000',
    'editorInlayHint.foreground': '#949ca7',
    'editorBracketHighlight.foreground1': '#63c9c1',
    focusBorder: '#63c9c1',
  },
})

registerUnitLanguage(monaco)

export { monaco }
