// After seccomp(2): filters of a process, consulted at the entry of each call by the call's Linux name.
import { type Errno, isErrno } from './errno'
import type { Cause } from './system-calls'

export type SeccompAction =
  | { readonly kind: 'allow' | 'log' | 'trap' | 'kill-process' | 'kill-thread' }
  | { readonly kind: 'errno'; readonly errno: Errno }

/** Compares one argument, as a number. `masked`: (argument & mask) === value. */
export type ArgumentTest =
  | { readonly index: number; readonly is: 'equal' | 'different' | 'less' | 'greater'; readonly value: number }
  | { readonly index: number; readonly is: 'masked'; readonly mask: number; readonly value: number }

/** Applies when all its tests hold. */
export type SeccompRule = { readonly when: readonly ArgumentTest[]; readonly action: SeccompAction }

export type SeccompFilter = {
  readonly defaultAction: SeccompAction
  /** By system call; the first rule that applies decides, else the default. */
  readonly calls: ReadonlyMap<string, SeccompAction | readonly SeccompRule[]>
  /** What a call of another architecture than x86-64 comes to; absent: filtered alike. */
  readonly foreign?: SeccompAction
  readonly cause: Cause | undefined
}

export type SeccompVerdict = { readonly action: SeccompAction; readonly cause: Cause | undefined }

/** Severest first: the filter with the highest precedence decides (seccomp(2), SECCOMP_RET_*). */
const severity = ['kill-process', 'kill-thread', 'trap', 'errno', 'log', 'allow'] as const
const ALLOW: SeccompVerdict = { action: { kind: 'allow' }, cause: undefined }

export function judge(filters: readonly SeccompFilter[], call: string, args: readonly unknown[], isForeign = false): SeccompVerdict {
  let verdict = ALLOW
  // Among equals, the filter that was added last decides.
  for (let index = filters.length - 1; index >= 0; index--) {
    const filter = filters[index]!
    const action = isForeign && filter.foreign !== undefined ? filter.foreign : evaluate(filter, call, args)
    if (severity.indexOf(action.kind) < severity.indexOf(verdict.action.kind)) verdict = { action, cause: filter.cause }
  }
  return verdict
}

function evaluate(filter: SeccompFilter, call: string, args: readonly unknown[]): SeccompAction {
  const found = filter.calls.get(call)
  if (found === undefined) return filter.defaultAction
  if (!isRules(found)) return found
  for (const rule of found) if (rule.when.every((test) => holds(test, args))) return rule.action
  return filter.defaultAction
}

function isRules(entry: SeccompAction | readonly SeccompRule[]): entry is readonly SeccompRule[] {
  return Array.isArray(entry)
}

function holds(test: ArgumentTest, args: readonly unknown[]): boolean {
  const raw = args[test.index]
  const value = typeof raw === 'number' ? raw : 0
  switch (test.is) {
    case 'equal':
      return value === test.value
    case 'different':
      return value !== test.value
    case 'less':
      return value < test.value
    case 'greater':
      return value > test.value
    case 'masked':
      return Number(BigInt(value) & BigInt(test.mask)) === test.value
  }
}

export function describeAction(action: SeccompAction): string {
  return action.kind === 'errno' && isErrno(action.errno) ? action.errno.name : action.kind
}
