// Assignments: NAME=value, NAME[subscript]=value, NAME+=value, NAME=(list), with the attributes of the variable.
import type { Syscall } from '@/lib/kernel'
import type { ArrayValue, Assignment } from 'unbash'
import type { Shell } from './shell'
import { ShellError } from './shell'
import type { ArithmeticVariables } from './arithmetic'
import { evaluateArithmetic } from './arithmetic'
import { evaluateInteger, expandAssignmentText, expandToText, expandWords } from './expand'
import { quoteWhereNeeded } from './quote'
import { parseWord } from './source'
import type { Variable } from './variables'
import { isName, lastIndex, scalarOf, setScalar } from './variables'

export type ArrayItem = { readonly key: string | undefined; readonly value: string; readonly append: boolean }
/** An assignment whose expansions are done. */
export type ExpandedAssignment = {
  readonly name: string
  readonly subscript: string | undefined
  readonly append: boolean
  readonly value: string | readonly ArrayItem[]
}

export type AssignOptions = { readonly append: boolean; readonly subscript?: string }

export function arithmeticVariables(shell: Shell): ArithmeticVariables {
  const { variables } = shell
  const self: ArithmeticVariables = {
    get: (name, subscript) => {
      if (subscript === undefined) {
        const value = variables.get(name)
        if (value === undefined && shell.options.has('nounset') && !variables.dynamic.has(name)) throw new UnboundName(name)
        return value
      }
      const target = variables.lookup(variables.resolve(name))
      if (target?.associative !== undefined) return target.associative.get(subscript)
      const index = Number(evaluateArithmetic(subscript, self))
      const items = variables.items(name)
      const position = index < 0 && items.length > 0 ? index + Number(items.at(-1)![0]) + 1 : index
      return items.find(([key]) => key === String(position))?.[1]
    },
    set: (name, subscript, value) => {
      if (variables.dynamic.has(name)) {
        variables.dynamic.get(name)?.write?.(value)
        return
      }
      const target = variables.ensure(variables.resolve(name))
      if (target.readonly) throw new ReadonlyName(name)
      if (subscript === undefined) {
        setScalar(target, value)
        return
      }
      if (target.associative !== undefined) {
        target.associative.set(subscript, value)
        return
      }
      makeIndexed(target).set(Number(evaluateArithmetic(subscript, self)), value)
    },
  }
  return self
}

/** Raised inside arithmetic, which cannot print; turned into bash's message by `nameProblem`. */
class UnboundName extends Error {}
class ReadonlyName extends Error {}

export function nameProblem(error: unknown): { readonly text: string; readonly effect: 'exit' | 'discard' } | undefined {
  if (error instanceof UnboundName) return { text: `${error.message}: unbound variable`, effect: 'exit' }
  if (error instanceof ReadonlyName) return { text: `${error.message}: readonly variable`, effect: 'discard' }
  return undefined
}

export function makeIndexed(variable: Variable): Map<number, string> {
  if (variable.indexed === undefined) {
    variable.indexed = new Map(variable.value === undefined ? [] : [[0, variable.value]])
    variable.value = undefined
  }
  return variable.indexed
}

export function makeAssociative(variable: Variable): Map<string, string> {
  if (variable.associative === undefined) {
    variable.associative = new Map(variable.value === undefined ? [] : [['0', variable.value]])
    variable.value = undefined
  }
  return variable.associative
}

export function* complainReadonly(shell: Shell, name: string): Syscall<never> {
  yield* shell.complain(shell.flavour === 'dash' ? `${name}: is read only` : `${name}: readonly variable`)
  throw new ShellError(shell.flavour === 'dash' ? 'exit' : 'discard', shell.flavour === 'dash' ? 2 : 1)
}

function* arithmeticValue(shell: Shell, text: string): Syscall<string> {
  return String(yield* evaluateInteger(shell, text))
}

export function* assignScalar(shell: Shell, name: string, value: string, options: AssignOptions, into?: Variable): Syscall<void> {
  const { variables } = shell
  const dynamic = variables.dynamic.get(name)
  if (dynamic !== undefined && into === undefined) {
    dynamic.write?.(value)
    return
  }
  const resolved = into === undefined ? variables.resolve(name) : name
  const bracket = /^([A-Za-z_]\w*)\[(.*)\]$/s.exec(resolved)
  if (bracket !== null) return yield* assignScalar(shell, bracket[1]!, value, { append: options.append, subscript: bracket[2]! })
  const target = into ?? variables.ensure(resolved)
  if (target.readonly) yield* complainReadonly(shell, resolved)
  if (shell.options.has('allexport')) target.exported = true
  if (options.subscript !== undefined) return yield* assignElement(shell, target, resolved, options.subscript, value, options.append)
  if (target.integer) {
    const text = options.append ? `${scalarOf(target) ?? '0'}+(${value === '' ? '0' : value})` : value
    setScalar(target, yield* arithmeticValue(shell, text))
    return
  }
  if (resolved === 'PATH') shell.hash.clear()
  setScalar(target, options.append ? (scalarOf(target) ?? '') + value : value)
}

function* assignElement(shell: Shell, target: Variable, name: string, subscript: string, value: string, append: boolean): Syscall<void> {
  const change = target.lower ? value.toLowerCase() : target.upper ? value.toUpperCase() : value
  const combine = function* (before: string | undefined): Syscall<string> {
    if (target.integer) return yield* arithmeticValue(shell, append ? `${before ?? '0'}+(${change})` : change)
    return append ? (before ?? '') + change : change
  }
  if (target.associative !== undefined) {
    target.associative.set(subscript, yield* combine(target.associative.get(subscript)))
    return
  }
  const items = makeIndexed(target)
  let index = Number(yield* evaluateInteger(shell, subscript))
  if (index < 0) index += lastIndex(items) + 1
  if (index < 0) {
    yield* shell.complain(`${name}[${subscript}]: bad array subscript`)
    throw new ShellError('discard', 1)
  }
  items.set(index, yield* combine(items.get(index)))
}

export function* assignArray(shell: Shell, name: string, list: readonly ArrayItem[], append: boolean, into?: Variable): Syscall<void> {
  const target = into ?? shell.variables.ensure(shell.variables.resolve(name))
  if (target.readonly) yield* complainReadonly(shell, name)
  if (target.associative !== undefined) {
    if (!append) target.associative.clear()
    for (let index = 0; index < list.length; index++) {
      const item = list[index]!
      if (item.key !== undefined) yield* assignElement(shell, target, name, item.key, item.value, item.append)
      else {
        target.associative.set(item.value, list[index + 1]?.value ?? '')
        index += 1
      }
    }
    return
  }
  const items = makeIndexed(target)
  if (!append) items.clear()
  let next = append ? lastIndex(items) + 1 : 0
  for (const item of list) {
    if (item.key !== undefined) {
      next = Number(yield* evaluateInteger(shell, item.key))
      if (next < 0) next += lastIndex(items) + 1
    }
    yield* assignElement(shell, target, name, String(next), item.value, item.append)
    next += 1
  }
}

export function* performAssignment(shell: Shell, assignment: ExpandedAssignment, into?: Variable): Syscall<void> {
  const { name, subscript, append, value } = assignment
  if (typeof value !== 'string') return yield* assignArray(shell, name, value, append, into)
  yield* assignScalar(shell, name, value, subscript === undefined ? { append } : { append, subscript }, into)
}

const keyedItem = /^\[((?:[^\][]|\[[^\]]*\])*)\](\+?)=(.*)$/s

function* expandArray(shell: Shell, array: ArrayValue): Syscall<readonly ArrayItem[]> {
  const items: ArrayItem[] = []
  for (const element of array.elements) {
    const keyed = element.text.startsWith('[') ? keyedItem.exec(element.text) : null
    if (keyed === null) {
      for (const value of yield* expandWords(shell, [element])) items.push({ key: undefined, value, append: false })
      continue
    }
    const key = yield* expandToText(shell, parseWord(keyed[1]!))
    const value = keyed[3] === '' ? '' : yield* expandToText(shell, parseWord(keyed[3]!))
    items.push({ key, value, append: keyed[2] === '+' })
  }
  return items
}

export function* expandAssignment(shell: Shell, assignment: Assignment): Syscall<ExpandedAssignment> {
  const { name, append, index, value } = assignment
  const subscript = index === undefined ? undefined : yield* expandToText(shell, index)
  return {
    name,
    subscript,
    append: append === true,
    value: value.type === 'ArrayValue' ? yield* expandArray(shell, value) : yield* expandAssignmentText(shell, value),
  }
}

/** As `set -x` shows it. */
export function showAssignment(assignment: ExpandedAssignment): string {
  const target = `${assignment.name}${assignment.subscript === undefined ? '' : `[${assignment.subscript}]`}${assignment.append ? '+' : ''}`
  if (typeof assignment.value === 'string') return `${target}=${assignment.value === '' ? '' : quoteWhereNeeded(assignment.value)}`
  const items = assignment.value.map((item) => (item.key === undefined ? '' : `[${item.key}]=`) + quoteWhereNeeded(item.value))
  return `${target}=(${items.join(' ')})`
}

const assignmentWord = /^([A-Za-z_]\w*)(?:\[((?:[^\][]|\[[^\]]*\])*)\])?(\+?)=(.*)$/s

/** Reads `name=value` that is an argument already expanded (`export "$x"`, `declare $y`). */
export function readAssignment(text: string): ExpandedAssignment | undefined {
  const match = assignmentWord.exec(text)
  if (match === null || !isName(match[1]!)) return undefined
  return { name: match[1]!, subscript: match[2], append: match[3] === '+', value: match[4]! }
}
