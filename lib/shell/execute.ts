// Running commands after bash(1), SHELL GRAMMAR: statements, lists, pipelines, compound commands.
import { isErrno } from '@/lib/kernel'
import type { Syscall } from '@/lib/kernel'
import type {
  AndOr,
  Case,
  CommandNode,
  CompoundCommand,
  CompoundList,
  For,
  If,
  Pipeline,
  PipelineNode,
  Redirected,
  Select,
  Statement,
  While,
  ArithmeticFor,
} from 'unbash'
import type { Flow, Shell } from './shell'
import { ShellError } from './shell'
import { commandText } from './deparse'
import { evaluateExpression, expandToPattern, expandToText, expandWords } from './expand'
import { matchesPattern } from './pattern'
import { applyRedirects, restoreFds } from './redirect'
import type { SavedFd } from './redirect'
import { newPlacement, startShell, waitForeground } from './job-control'
import type { Placement } from './job-control'
import { executeSimple } from './simple-command'
import { evaluateTest } from './test-expression'
import { runErrTrap, runPendingTraps, runExitTrap } from './trap'
import { assignScalar } from './assignment'
import { quoteWhereNeeded } from './quote'
import { openCoproc } from './coproc'
import { expandPrompt } from './prompt'

// ---------------------------------------------------------------- after a command

/** Traps, `set -e` and pending signals: what happens between commands. */
export function* afterCommand(shell: Shell, checked: boolean): Syscall<void> {
  if (shell.pendingSignals.length > 0) yield* runPendingTraps(shell)
  if (!checked || shell.status === 0 || shell.errexitIgnored > 0 || shell.flow !== undefined) return
  if (shell.traps.has('ERR')) yield* runErrTrap(shell)
  if (shell.options.has('errexit') && shell.flow === undefined) shell.flow = { kind: 'exit' }
}

export function* executeStatements(shell: Shell, statements: readonly Statement[]): Syscall<number> {
  const several = statements.length > 1
  if (several) shell.listDepth += 1
  for (const statement of statements) {
    yield* executeStatement(shell, statement)
    if (shell.flow !== undefined) break
  }
  if (several) shell.listDepth -= 1
  return shell.status
}

export function* executeStatement(shell: Shell, statement: Statement): Syscall<number> {
  if (statement.background === true) return yield* executeAsynchronous(shell, statement.command)
  return yield* executeNode(shell, statement.command)
}

/** Runs a command for its truth: `set -e` does not apply. */
function* executeCondition(shell: Shell, list: CompoundList): Syscall<boolean> {
  shell.errexitIgnored += 1
  yield* executeStatements(shell, list.commands)
  shell.errexitIgnored -= 1
  return shell.status === 0
}

export function* executeNode(shell: Shell, node: PipelineNode | AndOr): Syscall<number> {
  switch (node.type) {
    case 'AndOr':
      return yield* executeAndOr(shell, node)
    case 'Pipeline':
      return yield* executePipeline(shell, node)
    default:
      return yield* executeCommand(shell, node)
  }
}

function* executeAndOr(shell: Shell, node: AndOr): Syscall<number> {
  shell.listDepth += 1
  for (let index = 0; index < node.commands.length; index++) {
    const operator = node.operators[index - 1]
    if (operator !== undefined && (shell.status === 0) !== (operator === '&&')) continue
    const last = index === node.commands.length - 1
    if (!last) shell.errexitIgnored += 1
    yield* executeNode(shell, node.commands[index]!)
    if (!last) shell.errexitIgnored -= 1
    if (shell.flow !== undefined) break
  }
  shell.listDepth -= 1
  return shell.status
}

// ---------------------------------------------------------------- pipelines

function* executePipeline(shell: Shell, node: Pipeline): Syscall<number> {
  const negations = node.prefixes.filter((prefix) => prefix.type === 'Negation').length
  const timed = node.prefixes.find((prefix) => prefix.type === 'Time')
  const startedUsec = shell.process.monotonicUsec
  if (negations > 0) shell.errexitIgnored += 1
  if (node.commands.length === 1) yield* executeCommand(shell, node.commands[0]!)
  else if (node.commands.length > 1) {
    shell.position = node.pos
    yield* runPipeline(shell, node)
    if (negations === 0) yield* afterCommand(shell, true)
  }
  if (negations > 0) {
    shell.errexitIgnored -= 1
    if (negations % 2 === 1) shell.status = shell.status === 0 ? 1 : 0
  }
  if (timed !== undefined)
    yield* reportTime(shell, shell.process.monotonicUsec - startedUsec, timed.type === 'Time' && timed.posix !== undefined)
  return shell.status
}

function* reportTime(shell: Shell, elapsedUsec: number, posix: boolean): Syscall<void> {
  const seconds = elapsedUsec / 1e6
  if (posix) {
    yield* shell.process.write(2, `real ${seconds.toFixed(2)}\nuser 0.00\nsys 0.00\n`)
    return
  }
  const minutes = Math.floor(seconds / 60)
  yield* shell.process.write(2, `\nreal\t${minutes}m${(seconds % 60).toFixed(3)}s\nuser\t0m0.000s\nsys\t0m0.000s\n`)
}

/** Starts every part with pipes between; returns the pids. */
function* startPipeline(shell: Shell, node: Pipeline, placement: Placement): Syscall<readonly { pid: number; text: string }[]> {
  const { process } = shell
  const started: { pid: number; text: string }[] = []
  let input: number | undefined
  for (let index = 0; index < node.commands.length; index++) {
    const command = node.commands[index]!
    const last = index === node.commands.length - 1
    const pipe = last ? undefined : yield* process.pipe()
    if (isErrno(pipe)) {
      yield* shell.complain(`pipe error: ${pipe.message}`)
      throw new ShellError('discard', 1)
    }
    const from = input
    const errors = node.operators[index] === '|&'
    const text = commandText(shell.source, command)
    const pid = yield* startShell(shell, placement, function* (child) {
      if (from !== undefined) {
        yield* child.process.dup2(from, 0)
        yield* child.process.close(from)
      } else if (placement.asynchronous && placement.group === undefined) yield* stdinFromNull(child)
      if (pipe !== undefined) {
        yield* child.process.close(pipe[0])
        yield* child.process.dup2(pipe[1], 1)
        if (errors) yield* child.process.dup2(pipe[1], 2)
        yield* child.process.close(pipe[1])
      }
      return yield* executeTail(child, command)
    })
    started.push({ pid, text })
    if (from !== undefined) yield* process.close(from)
    if (pipe !== undefined) {
      yield* process.close(pipe[1])
      input = pipe[0]
    }
  }
  return started
}

export function* stdinFromNull(shell: Shell): Syscall<void> {
  const fd = yield* shell.process.open('/dev/null', 0)
  if (isErrno(fd) || fd === 0) return
  yield* shell.process.dup2(fd, 0)
  yield* shell.process.close(fd)
}

function* runPipeline(shell: Shell, node: Pipeline): Syscall<void> {
  const placement = newPlacement(shell, true)
  const started = yield* startPipeline(shell, node, placement)
  const job = shell.jobs.add(started, placement.group?.pgid ?? 0, commandText(shell.source, node), shell.workingDirectory)
  shell.status = yield* waitForeground(shell, job)
}

function* executeAsynchronous(shell: Shell, node: PipelineNode | AndOr): Syscall<number> {
  shell.position = node.pos
  const placement = newPlacement(shell, false)
  const text = commandText(shell.source, node)
  let started: readonly { pid: number; text: string }[]
  if (node.type === 'Pipeline' && node.commands.length > 1 && node.prefixes.length === 0)
    started = yield* startPipeline(shell, node, placement)
  else {
    const pid = yield* startShell(shell, placement, function* (child) {
      if (placement.group === undefined) yield* stdinFromNull(child)
      return yield* executeTail(child, node)
    })
    started = [{ pid, text }]
  }
  const job = shell.jobs.add(started, placement.group?.pgid ?? 0, text, shell.workingDirectory)
  job.background = true
  shell.jobs.enter(job)
  const last = started.at(-1)!.pid
  shell.lastBackgroundPid = last
  if (shell.interactive) yield* shell.process.write(2, `[${job.number}] ${last}\n`)
  shell.status = 0
  return 0
}

// ---------------------------------------------------------------- in a child, or at the end of a -c string

/** Runs the last thing this process does: a simple command replaces the shell instead of forking once more. */
export function* executeTail(shell: Shell, node: PipelineNode | AndOr): Syscall<number> {
  try {
    yield* tail(shell, node)
  } catch (error) {
    if (!(error instanceof ShellError)) throw error
    shell.status = error.status
  }
  yield* runExitTrap(shell)
  return shell.status
}

export function* executeScriptTail(shell: Shell, statements: readonly Statement[]): Syscall<number> {
  try {
    yield* statementsTail(shell, statements)
  } catch (error) {
    if (!(error instanceof ShellError)) throw error
    shell.status = error.status
  }
  yield* runExitTrap(shell)
  return shell.status
}

export function* statementsTail(shell: Shell, statements: readonly Statement[]): Syscall<void> {
  for (let index = 0; index < statements.length; index++) {
    const statement = statements[index]!
    if (index === statements.length - 1 && statement.background !== true) yield* tail(shell, statement.command)
    else yield* executeStatement(shell, statement)
    if (shell.flow !== undefined) return
  }
}

function* tail(shell: Shell, node: PipelineNode | AndOr): Syscall<void> {
  if (shell.traps.size > 0 || shell.options.has('errexit')) {
    yield* executeNode(shell, node)
    return
  }
  if (node.type === 'Command') {
    yield* executeSimple(shell, node, true)
    return
  }
  if (node.type === 'AndOr') {
    for (let index = 0; index < node.commands.length; index++) {
      const operator = node.operators[index - 1]
      if (operator !== undefined && (shell.status === 0) !== (operator === '&&')) continue
      if (index === node.commands.length - 1) yield* tail(shell, node.commands[index]!)
      else yield* executeNode(shell, node.commands[index]!)
      if (shell.flow !== undefined) return
    }
    return
  }
  if (node.type === 'Subshell' && shell.subshellDepth > 0) {
    // `( … ) &` and `( … ) | …`: the child already is the subshell.
    yield* statementsTail(shell, node.body.commands)
    return
  }
  yield* executeNode(shell, node)
}

// ---------------------------------------------------------------- commands

function* executeCommand(shell: Shell, node: CommandNode): Syscall<number> {
  switch (node.type) {
    case 'Command':
      yield* executeSimple(shell, node, false)
      yield* afterCommand(shell, true)
      return shell.status
    case 'Redirected':
      return yield* executeRedirected(shell, node)
    case 'Function':
      shell.functions.set(node.name.value, {
        name: node.name.value,
        body: node.body,
        source: shell.source,
        file: shell.file,
      })
      shell.status = 0
      return 0
    case 'Coproc':
      return yield* openCoproc(shell, node)
    default:
      return yield* executeCompound(shell, node)
  }
}

function* executeRedirected(shell: Shell, node: Redirected): Syscall<number> {
  const saved: SavedFd[] = []
  shell.position = node.pos
  if (!(yield* applyRedirects(shell, node.redirects, saved))) {
    shell.status = 1
    yield* restoreFds(shell, saved)
    yield* afterCommand(shell, true)
    return 1
  }
  try {
    yield* executeCompound(shell, node.command)
  } catch (error) {
    if (!(error instanceof ShellError)) throw error
    yield* restoreFds(shell, saved)
    throw error
  }
  yield* restoreFds(shell, saved)
  return shell.status
}

/** A function's body. */
export function* executeBody(shell: Shell, body: CompoundCommand | Redirected | CompoundList): Syscall<number> {
  if (body.type === 'Redirected') return yield* executeRedirected(shell, body)
  if (body.type === 'CompoundList') return yield* executeStatements(shell, body.commands)
  return yield* executeCompound(shell, body)
}

function* executeCompound(shell: Shell, node: CompoundCommand): Syscall<number> {
  yield* shell.pay(1)
  switch (node.type) {
    case 'BraceGroup':
      return yield* executeStatements(shell, node.body.commands)
    case 'Subshell':
      return yield* executeSubshell(shell, node.body, commandText(shell.source, node))
    case 'If':
      return yield* executeIf(shell, node)
    case 'While':
      return yield* executeWhile(shell, node)
    case 'For':
      return yield* executeFor(shell, node)
    case 'ArithmeticFor':
      return yield* executeArithmeticFor(shell, node)
    case 'Select':
      return yield* executeSelect(shell, node)
    case 'Case':
      return yield* executeCase(shell, node)
    case 'TestCommand':
      shell.position = node.pos
      shell.status = yield* evaluateTest(shell, node.expression)
      break
    case 'ArithmeticCommand':
      shell.position = node.pos
      if (shell.options.has('xtrace')) yield* trace(shell, `(( ${node.body} ))`)
      shell.status = yield* catchDiscard(shell, function* () {
        return (yield* evaluateExpression(shell, node.body)) !== 0n ? 0 : 1
      })
      break
  }
  shell.pipeStatus = [shell.status]
  yield* afterCommand(shell, true)
  return shell.status
}

/** (( )) reports an error and is false; it does not end the line. */
function* catchDiscard(shell: Shell, body: () => Syscall<number>): Syscall<number> {
  try {
    return yield* body()
  } catch (error) {
    if (!(error instanceof ShellError) || error.effect === 'exit') throw error
    return shell.status === 0 ? 1 : 1
  }
}

export function* trace(shell: Shell, text: string): Syscall<void> {
  const prompt = expandPrompt(shell, shell.variables.get('PS4') ?? '+ ')
  const depth = shell.subshellDepth
  yield* shell.process.write(2, `${prompt[0] === '+' ? '+'.repeat(Math.min(depth, 8)) : ''}${prompt}${text}\n`)
}

function* executeSubshell(shell: Shell, body: CompoundList, text: string): Syscall<number> {
  const placement = newPlacement(shell, true)
  const pid = yield* startShell(shell, placement, (child) => executeScriptTail(child, body.commands))
  const job = shell.jobs.add([{ pid, text }], placement.group?.pgid ?? 0, text, shell.workingDirectory)
  shell.status = yield* waitForeground(shell, job)
  yield* afterCommand(shell, true)
  return shell.status
}

function* executeIf(shell: Shell, node: If): Syscall<number> {
  const branches: readonly Pick<If, 'clause' | 'then'>[] = [node, ...node.elif]
  for (const branch of branches) {
    const truth = yield* executeCondition(shell, branch.clause)
    if (shell.flow !== undefined) return shell.status
    if (truth) return yield* executeStatements(shell, branch.then.commands)
  }
  shell.status = 0
  return node.else === undefined ? 0 : yield* executeStatements(shell, node.else.commands)
}

/** Looks at `break` and `continue`: whether the loop goes on. */
function loopGoesOn(shell: Shell): boolean {
  const flow: Flow | undefined = shell.flow
  if (flow === undefined) return true
  if (flow.kind !== 'break' && flow.kind !== 'continue') return false
  if (flow.levels > 1) {
    flow.levels -= 1
    return false
  }
  shell.flow = undefined
  return flow.kind === 'continue'
}

function* loopBody(shell: Shell, body: CompoundList): Syscall<boolean> {
  yield* executeStatements(shell, body.commands)
  return loopGoesOn(shell)
}

function* executeWhile(shell: Shell, node: While): Syscall<number> {
  let status = 0
  shell.loopDepth += 1
  for (;;) {
    const truth = yield* executeCondition(shell, node.clause)
    if (shell.flow !== undefined) {
      if (!loopGoesOn(shell)) break
      continue
    }
    if (truth !== (node.kind === 'while')) break
    const goesOn = yield* loopBody(shell, node.body)
    status = shell.status
    if (!goesOn) break
    yield* shell.pay(1)
  }
  shell.loopDepth -= 1
  if (shell.flow === undefined || shell.flow.kind === 'break' || shell.flow.kind === 'continue') shell.status = status
  return shell.status
}

function* executeFor(shell: Shell, node: For): Syscall<number> {
  shell.position = node.pos
  const values = node.wordlist === undefined ? [...shell.positional] : yield* expandWords(shell, node.wordlist)
  shell.loopDepth += 1
  shell.status = 0
  for (const value of values) {
    if (shell.options.has('xtrace')) yield* trace(shell, `for ${node.name.value} in ${values.map(quoteWhereNeeded).join(' ')}`)
    yield* assignScalar(shell, node.name.value, value, { append: false })
    if (!(yield* loopBody(shell, node.body))) break
    yield* shell.pay(1)
  }
  shell.loopDepth -= 1
  return shell.status
}

function* executeArithmeticFor(shell: Shell, node: ArithmeticFor): Syscall<number> {
  const { text } = shell.source
  const part = (one: { pos: number; end: number } | undefined) => (one === undefined ? undefined : text.slice(one.pos, one.end))
  const [initialize, test, update] = [part(node.initialize), part(node.test), part(node.update)]
  if (initialize !== undefined) yield* evaluateExpression(shell, initialize)
  shell.loopDepth += 1
  shell.status = 0
  while (test === undefined || (yield* evaluateExpression(shell, test)) !== 0n) {
    if (!(yield* loopBody(shell, node.body))) break
    if (update !== undefined) yield* evaluateExpression(shell, update)
    yield* shell.pay(1)
  }
  shell.loopDepth -= 1
  return shell.status
}

function selectMenu(values: readonly string[]): string {
  const width = String(values.length).length
  return values.map((value, index) => `${String(index + 1).padStart(width)}) ${value}\n`).join('')
}

function* executeSelect(shell: Shell, node: Select): Syscall<number> {
  const values = node.wordlist === undefined ? [...shell.positional] : yield* expandWords(shell, node.wordlist)
  if (values.length === 0) return (shell.status = 0)
  shell.loopDepth += 1
  let menu = true
  for (;;) {
    if (menu) yield* shell.process.write(2, selectMenu(values))
    yield* shell.process.write(2, shell.variables.get('PS3') ?? '#? ')
    let line = ''
    let ended = true
    for (;;) {
      const byte = yield* shell.process.read(0, 1)
      if (isErrno(byte) || byte.length === 0) break
      ended = false
      if (byte[0] === 10) break
      line += String.fromCharCode(byte[0]!)
    }
    if (ended) {
      yield* shell.process.write(1, '\n')
      shell.status = 1
      break
    }
    menu = line.trim() === ''
    if (menu) continue
    yield* assignScalar(shell, 'REPLY', line, { append: false })
    yield* assignScalar(shell, node.name.value, values[Number(line.trim()) - 1] ?? '', { append: false })
    if (!(yield* loopBody(shell, node.body))) break
  }
  shell.loopDepth -= 1
  return shell.status
}

function* executeCase(shell: Shell, node: Case): Syscall<number> {
  shell.position = node.pos
  const value = yield* expandToText(shell, node.word)
  if (shell.options.has('xtrace')) yield* trace(shell, `case ${quoteWhereNeeded(value)} in`)
  const options = { extended: true, ignoreCase: shell.shopts.has('nocasematch') }
  shell.status = 0
  let through = false
  for (const item of node.items) {
    let matched = through
    for (const pattern of item.pattern) {
      if (matched) break
      matched = matchesPattern(yield* expandToPattern(shell, pattern), value, options)
    }
    if (!matched) continue
    yield* executeStatements(shell, item.body.commands)
    if (shell.flow !== undefined) return shell.status
    if (item.terminator === ';&') through = true
    else if (item.terminator === ';;&') through = false
    else return shell.status
  }
  return shell.status
}
