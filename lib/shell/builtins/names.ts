// Sets of builtin names with a meaning of their own.

/** POSIX special builtins. */
export const specialBuiltins: ReadonlySet<string> = new Set([
  'break',
  ':',
  '.',
  'continue',
  'eval',
  'exec',
  'exit',
  'export',
  'readonly',
  'return',
  'set',
  'shift',
  'times',
  'trap',
  'unset',
  'source',
])

/** Their arguments may be assignments with arrays. */
export const declarationBuiltins: ReadonlySet<string> = new Set(['declare', 'typeset', 'local', 'export', 'readonly', 'alias'])
