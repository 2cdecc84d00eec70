// Colours of unit files at once, before anything is asked. After systemd.syntax(7): a comment stands only at the start
// of a line, a backslash at its end goes on.
import type { languages } from 'monaco-editor/editor'

export const unitGrammar: languages.IMonarchLanguage = {
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
