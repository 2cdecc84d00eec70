// Simple commands after bash(1): expansion, assignments, redirections, then a function, a builtin or a program.
import { errno, isErrno, X_OK } from '@/lib/kernel'
import type { Fallible, Process, Syscall } from '@/lib/kernel'
import { decodeUtf8 } from '@/lib/base'
import type { Assignment, Command, Redirection, Word } from 'unbash'
import type { Shell, ShellFunction } from './shell'
import { ShellError } from './shell'
import type { ExpandedAssignment } from './assignment'
import { expandAssignment, performAssignment, showAssignment } from './assignment'
import { expandAssignmentText, expandWords } from './expand'
import { declarationBuiltins, specialBuiltins } from './builtins/names'
import type { Builtin } from './builtins/builtin'
import { commandText } from './deparse'
import { executeBody, trace } from './execute'
import { newPlacement, startChild, startShell, waitForeground } from './job-control'
import { applyRedirects, restoreFds } from './redirect'
import type { SavedFd } from './redirect'
import { quoteWhereNeeded } from './quote'
import { runDebugTrap, runTrapText } from './trap'
import { runFile } from './run-file'

/** A word of a command after expansion; assignments stay apart for `declare` and its like. */
export type Field = string | ExpandedAssignment

function* expandArguments(shell: Shell, command: Command): Syscall<Field[]> {
  if (command.name === undefined) return []
  const declaring = declarationBuiltins.has(command.name.text)
  const words: Word[] = [command.name]
  const fields: Field[] = []
  let plain = true
  for (const argument of command.suffix) {
    if (argument.type === 'Word') words.push(argument)
    else if (argument.type === 'Assignment') {
      if (declaring) {
        fields.push(...(yield* expandWords(shell, words.splice(0))))
        fields.push(yield* expandAssignment(shell, argument))
        plain = false
      } else words.push(yield* literalAssignment(shell, argument))
    }
  }
  const rest = yield* expandWords(shell, words)
  return plain ? rest : [...fields, ...rest]
}

/** `dd if=x`: what looks like an assignment is a plain word for other commands. */
function* literalAssignment(shell: Shell, argument: Assignment): Syscall<Word> {
  const word: Word = { type: 'Word', text: argument.text, value: argument.text, pos: argument.pos, end: argument.end }
  if (argument.value.type === 'ArrayValue' || argument.value.parts === undefined) {
    if (!argument.text.includes('~') || argument.value.type === 'ArrayValue') return word
    const text = `${argument.name}=${yield* expandAssignmentText(shell, argument.value)}`
    return { ...word, text: text.replace(/[\s'"\\|&;<>()$`*?[\]{}]/g, '\\$&') }
  }
  const before = argument.text.slice(0, argument.value.pos - argument.pos)
  const parts = [{ type: 'Literal' as const, text: before, value: before, pos: 0, end: 0 }, ...argument.value.parts]
  return { ...word, parts }
}

export function* executeSimple(shell: Shell, command: Command, replace: boolean): Syscall<number> {
  shell.position = command.pos
  shell.substitutionStatus = undefined
  const { source } = shell
  shell.commandText = () => commandText(source, command)
  yield* shell.pay(1)
  if (shell.traps.has('DEBUG')) yield* runDebugTrap(shell)
  const fields = yield* expandArguments(shell, command)
  const assignments: ExpandedAssignment[] = []
  for (const one of command.prefix) {
    if (one.type !== 'Assignment') continue
    const assignment = yield* expandAssignment(shell, one)
    if (fields.length === 0) {
      if (shell.options.has('xtrace')) yield* trace(shell, showAssignment(assignment))
      yield* performAssignment(shell, assignment)
    }
    assignments.push(assignment)
  }
  if (shell.options.has('xtrace') && fields.length > 0) {
    for (const assignment of assignments) yield* trace(shell, showAssignment(assignment))
    yield* trace(shell, fields.map((field) => (typeof field === 'string' ? quoteWhereNeeded(field) : showAssignment(field))).join(' '))
  }
  if (fields.length === 0) yield* executeEmpty(shell, command.redirects)
  else yield* executeFields(shell, fields, { assignments, redirects: command.redirects, replace, text: shell.commandText })
  if (shell.substitutionFds.length > 0) {
    for (const fd of shell.substitutionFds.splice(0)) yield* shell.process.close(fd)
  }
  return shell.status
}

/** Only assignments and redirections: they act on the shell itself and leave nothing open. */
function* executeEmpty(shell: Shell, redirects: readonly Redirection[]): Syscall<void> {
  shell.status = shell.substitutionStatus ?? 0
  shell.pipeStatus = [shell.status]
  if (redirects.length === 0) return
  const saved: SavedFd[] = []
  if (!(yield* applyRedirects(shell, redirects, saved))) shell.status = 1
  yield* restoreFds(shell, saved)
}

export type Execution = {
  readonly assignments: readonly ExpandedAssignment[]
  readonly redirects: readonly Redirection[]
  /** The shell ends with this command: no fork is needed for a program. */
  readonly replace: boolean
  readonly text: () => string
  /** `command`, `builtin`: no functions. */
  readonly skipFunctions?: boolean
  /** `command -p` and the like. */
  readonly path?: string
}

export function* executeFields(shell: Shell, fields: readonly Field[], execution: Execution): Syscall<void> {
  const first = fields[0]!
  const name = typeof first === 'string' ? first : showAssignment(first)
  const defined = execution.skipFunctions === true ? undefined : shell.functions.get(name)
  const builtin = builtinOf(shell, name)
  if (defined !== undefined && !(specialBuiltins.has(name) && shell.flavour === 'dash')) {
    yield* callFunction(shell, defined, fields.map(asText), execution)
  } else if (builtin !== undefined) yield* callBuiltin(shell, name, builtin, fields, execution)
  else yield* runProgram(shell, fields.map(asText), execution)
  if (fields.length > 0) shell.lastArgument = asText(fields.at(-1)!)
}

const asText = (field: Field): string => (typeof field === 'string' ? field : showAssignment(field))

const bashOnly = new Set([
  'shopt',
  'declare',
  'typeset',
  'let',
  'pushd',
  'popd',
  'dirs',
  'disown',
  'mapfile',
  'readarray',
  'source',
  'enable',
  'builtin',
  'caller',
  'compgen',
  'complete',
  'compopt',
  'history',
  'fc',
  'help',
  'logout',
  'suspend',
  'bind',
])

export function builtinOf(shell: Shell, name: string): Builtin | undefined {
  if (shell.disabledBuiltins.has(name) || (shell.flavour === 'dash' && bashOnly.has(name))) return undefined
  return shell.builtins.get(name)
}

/** Sets the variables of `x=1 command` for its time; returns what undoes it. */
function* assignTemporarily(shell: Shell, assignments: readonly ExpandedAssignment[]): Syscall<() => void> {
  if (assignments.length === 0) return () => undefined
  shell.variables.pushScope()
  for (const assignment of assignments) {
    const variable = shell.variables.declareLocal(assignment.name)
    if (assignment.append) variable.value = shell.variables.get(assignment.name)
    variable.exported = true
    yield* performAssignment(shell, assignment, shell.variables.dynamic.has(assignment.name) ? undefined : variable)
  }
  return () => shell.variables.popScope()
}

function* callBuiltin(shell: Shell, name: string, builtin: Builtin, fields: readonly Field[], execution: Execution): Syscall<void> {
  // `exec` without a command keeps its redirections.
  const keep = name === 'exec' && fields.length === 1
  const saved: SavedFd[] | undefined = keep ? undefined : []
  if (!(yield* applyRedirects(shell, execution.redirects, saved))) {
    if (saved !== undefined) yield* restoreFds(shell, saved)
    shell.status = shell.flavour === 'dash' ? 2 : 1
    shell.pipeStatus = [shell.status]
    if (specialBuiltins.has(name) && (shell.flavour === 'dash' || name === 'exec') && !shell.interactive) shell.flow = { kind: 'exit' }
    return
  }
  const permanent = specialBuiltins.has(name) && (shell.flavour === 'dash' || shell.options.has('posix'))
  if (permanent) for (const assignment of execution.assignments) yield* performAssignment(shell, assignment)
  const undo = permanent ? () => undefined : yield* assignTemporarily(shell, execution.assignments)
  shell.execution = execution
  try {
    shell.status = yield* builtin(shell, fields.slice(1), name)
  } finally {
    undo()
  }
  if (name !== 'eval' && name !== 'source' && name !== '.' && name !== 'wait' && name !== 'fg') shell.pipeStatus = [shell.status]
  if (saved !== undefined) yield* restoreFds(shell, saved)
}

function* callFunction(shell: Shell, defined: ShellFunction, words: readonly string[], execution: Execution): Syscall<void> {
  const saved: SavedFd[] = []
  if (!(yield* applyRedirects(shell, execution.redirects, saved))) {
    yield* restoreFds(shell, saved)
    shell.status = 1
    return
  }
  if (shell.functionDepth > 2000) {
    yield* shell.complain(`${defined.name}: maximum function nesting level exceeded (2000)`)
    throw new ShellError('discard', 1)
  }
  const undo = yield* assignTemporarily(shell, execution.assignments)
  const { positional, source, position, loopDepth, file } = shell
  shell.calls.push({ name: defined.name, line: shell.line, file: defined.file })
  shell.variables.pushScope()
  shell.positional = words.slice(1)
  shell.source = defined.source
  shell.loopDepth = 0
  shell.functionDepth += 1
  shell.file = defined.file
  const outerReturn = shell.traps.get('RETURN')
  if (!shell.options.has('functrace')) shell.traps.delete('RETURN')
  try {
    yield* executeBody(shell, defined.body)
  } finally {
    shell.functionDepth -= 1
    shell.loopDepth = loopDepth
    shell.source = source
    shell.position = position
    shell.positional = positional
    shell.file = file
    shell.variables.popScope()
    shell.calls.pop()
    undo()
  }
  if (shell.flow?.kind === 'return') shell.flow = undefined
  const onReturn = shell.traps.get('RETURN')
  if (onReturn !== undefined) yield* runTrapText(shell, onReturn)
  else if (outerReturn !== undefined) shell.traps.set('RETURN', outerReturn)
  yield* restoreFds(shell, saved)
}

// ---------------------------------------------------------------- programs

export type CommandPath = { readonly path: string } | { readonly problem: string; readonly status: number }

/** Looks a command up on PATH, with the table of remembered places. */
export function* findProgram(shell: Shell, name: string, pathList?: string): Syscall<CommandPath> {
  if (name.includes('/')) return { path: name }
  const notFound = shell.flavour === 'dash' ? `${name}: not found` : `${name}: command not found`
  if (name === '') return { problem: notFound, status: 127 }
  const known = pathList === undefined ? shell.hash.get(name) : undefined
  if (known !== undefined) {
    known.hits += 1
    return { path: known.path }
  }
  let seen: string | undefined
  for (const directory of (pathList ?? shell.variables.get('PATH') ?? '').split(':')) {
    const path = directory === '' ? `./${name}` : `${directory}/${name}`
    const status = yield* shell.process.stat(path)
    if (isErrno(status) || status.kind === 'directory') continue
    if (isErrno(yield* shell.process.access(path, X_OK)) || (status.mode & 0o111) === 0) {
      seen ??= path
      continue
    }
    if (pathList === undefined && shell.options.has('hashall') && path.startsWith('/')) shell.hash.set(name, { path, hits: 1 })
    return { path }
  }
  if (seen !== undefined) return { path: seen }
  return { problem: notFound, status: 127 }
}

export function* runProgram(shell: Shell, words: readonly string[], execution: Execution): Syscall<void> {
  const found = yield* findProgram(
    shell,
    words[0]!,
    execution.assignments.length > 0 ? temporaryPath(execution.assignments) : execution.path,
  )
  if (execution.replace) {
    shell.status = yield* becomeProgram(shell, words, execution, found)
    return
  }
  const placement = newPlacement(shell, true)
  const pid = yield* startSimple(shell, words, execution, found, placement)
  const job = shell.jobs.add([{ pid, text: execution.text() }], placement.group?.pgid ?? 0, execution.text(), shell.workingDirectory)
  shell.status = yield* waitForeground(shell, job)
}

const temporaryPath = (assignments: readonly ExpandedAssignment[]): string | undefined => {
  const path = assignments.findLast((one) => one.name === 'PATH')?.value
  return typeof path === 'string' ? path : undefined
}

export function* startSimple(
  shell: Shell,
  words: readonly string[],
  execution: Execution,
  found: CommandPath,
  placement: ReturnType<typeof newPlacement>,
): Syscall<number> {
  if (execution.redirects.length === 0 && execution.assignments.length === 0 && 'path' in found && !found.path.includes('\0')) {
    const environment = programEnvironment(shell, found.path)
    const failed = shell
    return yield* startChild(shell, placement, function* (process) {
      const error = yield* process.exec(found.path, words, environment)
      return yield* explainExec(failed.fork(process), process, found.path, words, environment, error)
    })
  }
  return yield* startShell(shell, placement, (child) => becomeProgram(child, words, execution, found))
}

function programEnvironment(shell: Shell, path: string): Record<string, string> {
  const environment = shell.variables.environment()
  if (shell.flavour === 'bash') environment['_'] = path
  return environment
}

/** Redirects, sets the environment, and becomes the program; returns only when it cannot. */
export function* becomeProgram(shell: Shell, words: readonly string[], execution: Execution, found: CommandPath): Syscall<number> {
  if (!(yield* applyRedirects(shell, execution.redirects))) return shell.flavour === 'dash' ? 2 : 1
  for (const assignment of execution.assignments) {
    yield* performAssignment(shell, assignment)
    shell.variables.export(assignment.name)
  }
  if ('problem' in found) {
    const handler = shell.functions.get('command_not_found_handle')
    if (handler !== undefined) {
      yield* callFunction(shell, handler, ['command_not_found_handle', ...words], { ...execution, redirects: [], assignments: [] })
      return shell.status
    }
    yield* shell.complain(found.problem)
    return found.status
  }
  const environment = programEnvironment(shell, found.path)
  const error = yield* shell.process.exec(found.path, words, environment)
  return yield* explainExec(shell, shell.process, found.path, words, environment, error)
}

/** Why exec(2) failed, in the shell's words; a text file without #! is run as a script. */
export function* explainExec(
  shell: Shell,
  process: Process,
  path: string,
  words: readonly string[],
  environment: Record<string, string>,
  error: Fallible<never>,
): Syscall<number> {
  if (!isErrno(error)) return 0
  const name = words[0] ?? path
  const dash = shell.flavour === 'dash'
  const status = yield* process.stat(path)
  if (!isErrno(status) && status.kind === 'directory') {
    yield* shell.complain(dash ? `${path}: Permission denied` : `${path}: Is a directory`)
    return 126
  }
  if (error === errno.ENOEXEC) {
    const head = process.fileReader().readFile(path)?.subarray(0, 80)
    if (head?.includes(0)) {
      yield* shell.complain(dash ? `${path}: Exec format error` : `${path}: cannot execute binary file: Exec format error`)
      return 126
    }
    return yield* runFile(shell, path, words, environment)
  }
  if (error === errno.ENOENT && !isErrno(status)) {
    const head = decodeUtf8(process.fileReader().readFile(path)?.subarray(0, 128) ?? new Uint8Array())
    if (dash) yield* shell.complain(`${name}: not found`)
    else if (head.startsWith('#!')) yield* shell.complain(`${path}: cannot execute: required file not found`)
    else yield* shell.complain(`${path}: cannot execute: required file not found`)
    return 127
  }
  if (error === errno.ENOENT) {
    yield* shell.complain(dash ? `${name}: not found` : `${path}: No such file or directory`)
    return 127
  }
  yield* shell.complain(`${dash ? name : path}: ${error.message}`)
  return 126
}
