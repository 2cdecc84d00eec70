// Every builtin of the shell.
import type { Builtin } from './builtin'
import { environmentBuiltins } from './environment'
import { flowBuiltins } from './flow'
import { inputOutputBuiltins } from './input-output'
import { jobBuiltins } from './job'
import { lookupBuiltins } from './lookup'
import { variableBuiltins } from './variable'

export type { Builtin } from './builtin'
export * from './names'

export const builtins: ReadonlyMap<string, Builtin> = new Map([
  ...flowBuiltins,
  ...variableBuiltins,
  ...inputOutputBuiltins,
  ...jobBuiltins,
  ...lookupBuiltins,
  ...environmentBuiltins,
])
