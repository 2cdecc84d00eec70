// break, continue, return, exit, exec, eval, source, command, builtin, true, false, : and shift.
import { decodeUtf8 } from '@/lib/base'
import { isErrno, O_RDONLY } from '@/lib/kernel'
import type { Syscall } from '@/lib/kernel'
import type { Shell } from '../shell'
import { ShellError } from '../shell'
import { runText } from '../run-file'
import { parseSource } from '../source'
import { becomeProgram, builtinOf, executeFields, findProgram } from '../simple-command'
import { jobState } from '../job-table'
import { fail, print, readOptions, texts, usage } from './builtin'
import type { Builtin } from './builtin'
import { describeCommand } from './lookup'

const loopControl = (kind: 'break' | 'continue'): Builtin =>
  function* (shell, args) {
    const [levels = '1'] = texts(args)
    if (!/^\d+$/.test(levels)) {
      yield* fail(shell, kind, `${levels}: numeric argument required`)
      throw new ShellError('discard', 128)
    }
    if (Number(levels) < 1) {
      yield* fail(shell, kind, `${levels}: loop count out of range`)
      shell.flow = { kind: 'break', levels: shell.loopDepth }
      return 1
    }
    if (shell.loopDepth === 0) {
      if (shell.flavour === 'bash') yield* fail(shell, kind, "only meaningful in a `for', `while', or `until' loop")
      return 0
    }
    shell.flow = { kind, levels: Math.min(Number(levels), shell.loopDepth) }
    return 0
  }

const doReturn: Builtin = function* (shell, args) {
  const [value] = texts(args)
  if (shell.functionDepth === 0 && shell.sourceDepth === 0) {
    if (shell.flavour === 'dash') {
      shell.flow = { kind: 'exit' }
      return value === undefined ? shell.status : Number(value) & 255
    }
    return yield* fail(shell, 'return', "can only `return' from a function or sourced script")
  }
  if (value !== undefined && !/^[+-]?\d+$/.test(value)) {
    yield* fail(shell, 'return', `${value}: numeric argument required`)
    shell.flow = { kind: 'return' }
    return 2
  }
  shell.flow = { kind: 'return' }
  return value === undefined ? shell.status : Number(value) & 255
}

const doExit: Builtin = function* (shell, args, name) {
  const [value] = texts(args)
  if (name === 'logout' && !shell.login) return yield* fail(shell, 'logout', "not login shell: use `exit'")
  if (shell.interactive) {
    yield* shell.process.write(2, shell.login ? 'logout\n' : 'exit\n')
    if (!shell.exitWarned && shell.jobs.jobs.some((job) => jobState(job) === 'stopped')) {
      yield* shell.process.write(2, 'There are stopped jobs.\n')
      shell.exitWarned = true
      return 1
    }
  }
  if (value !== undefined && !/^[+-]?\d+$/.test(value)) {
    if (shell.flavour === 'dash') yield* shell.complain(`${name}: Illegal number: ${value}`)
    else yield* fail(shell, name, `${value}: numeric argument required`)
    shell.flow = { kind: 'exit' }
    return 2
  }
  if (args.length > 1 && shell.flavour === 'bash') return yield* fail(shell, name, 'too many arguments')
  shell.flow = { kind: 'exit' }
  return value === undefined ? shell.status : Number(BigInt.asUintN(8, BigInt(value)))
}

const doExec: Builtin = function* (shell, args) {
  const options = readOptions(texts(args), 'cla:')
  if (options.bad !== undefined)
    return yield* usage(shell, 'exec', options.bad, 'exec [-cl] [-a name] [command [argument ...]] [redirection ...]')
  const words = [...options.rest]
  if (words.length === 0) return 0
  const found = yield* findProgram(shell, words[0]!)
  const argv0 = options.values.get('a') ?? words[0]!
  const argv = [options.flags.has('l') ? `-${argv0}` : argv0, ...words.slice(1)]
  const { process } = shell
  if ('problem' in found) {
    yield* shell.complain(
      shell.flavour === 'dash' ? `exec: ${found.problem}` : `exec: ${found.problem.replace(/: command not found$/, ': not found')}`,
    )
    if (!shell.interactive && !shell.shopts.has('execfail')) shell.flow = { kind: 'exit' }
    return found.status
  }
  if (options.flags.has('c')) for (const name of shell.variables.names()) shell.variables.unset(name)
  // Signals that the shell catches are default again in the program.
  for (const [signal, action] of shell.traps) if (typeof signal === 'number' && action !== '') yield* process.sigaction(signal, 'default')
  for (const signal of shell.originalSignals) yield* process.sigaction(signal, 'default')
  const level = Number(shell.variables.get('SHLVL') ?? 1)
  if (shell.flavour === 'bash') shell.variables.assign('SHLVL', String(level - 1))
  const status = yield* becomeProgram(shell, argv, { assignments: [], redirects: [], replace: true, text: () => words.join(' ') }, found)
  if (shell.flavour === 'bash') shell.variables.assign('SHLVL', String(level))
  if (!shell.interactive && !shell.shopts.has('execfail')) shell.flow = { kind: 'exit' }
  return status
}

const doEval: Builtin = function* (shell, args) {
  const words = texts(args)
  if (words[0] === '--') words.shift()
  const text = words.join(' ')
  if (text.trim() === '') return 0
  yield* runText(shell, parseSource(text, shell.line), 'string')
  return shell.status
}

const doSource: Builtin = function* (shell, args, name) {
  const words = texts(args)
  if (words[0] === '--') words.shift()
  const [path, ...rest] = words
  if (path === undefined) {
    yield* fail(shell, name, 'filename argument required')
    yield* shell.process.write(2, `${name}: usage: ${name} filename [arguments]\n`)
    return 2
  }
  let full = path
  if (!path.includes('/')) {
    for (const directory of (shell.variables.get('PATH') ?? '').split(':')) {
      const candidate = `${directory || '.'}/${path}`
      const status = yield* shell.process.stat(candidate)
      if (!isErrno(status) && status.kind === 'file') {
        full = candidate
        break
      }
    }
  }
  const text = yield* readFile(shell, full)
  if (typeof text !== 'string') {
    if (shell.flavour === 'dash') {
      yield* shell.complain(`.: cannot open ${path}: ${text.message === 'No such file or directory' ? 'No such file' : text.message}`)
      throw new ShellError('exit', 2)
    }
    if (text.message === 'Is a directory') return yield* fail(shell, name, `${path}: is a directory`)
    yield* shell.complain(`${path}: ${text.message}`)
    return 1
  }
  return yield* sourceText(shell, text, full, rest)
}

function* readFile(shell: Shell, path: string): Syscall<string | { readonly message: string }> {
  const { process } = shell
  const fd = yield* process.open(path, O_RDONLY)
  if (isErrno(fd)) return fd
  const chunks: Uint8Array[] = []
  for (;;) {
    const chunk = yield* process.read(fd, 65536)
    if (isErrno(chunk)) {
      yield* process.close(fd)
      return chunk
    }
    if (chunk.length === 0) break
    chunks.push(chunk)
  }
  yield* process.close(fd)
  return chunks.map(decodeUtf8).join('')
}

/** Runs a file's text in this shell (source, startup files). */
export function* sourceText(shell: Shell, text: string, path: string, args: readonly string[]): Syscall<number> {
  const { positional, file } = shell
  if (args.length > 0) shell.positional = [...args]
  shell.calls.push({ name: 'source', line: shell.line, file: path })
  shell.file = path
  shell.sourceDepth += 1
  const before = shell.loopDepth
  shell.status = 0
  yield* runText(shell, parseSource(text), 'file')
  shell.loopDepth = before
  shell.sourceDepth -= 1
  shell.file = file
  shell.calls.pop()
  if (args.length > 0) shell.positional = positional
  if (shell.flow?.kind === 'return') shell.flow = undefined
  return shell.status
}

export function* sourceFile(shell: Shell, path: string): Syscall<boolean> {
  const text = yield* readFile(shell, path)
  if (typeof text !== 'string') return false
  yield* sourceText(shell, text, path, [])
  return true
}

const doCommand: Builtin = function* (shell, args) {
  const options = readOptions(texts(args), 'pvV')
  if (options.bad !== undefined) return yield* usage(shell, 'command', options.bad, 'command [-pVv] command [arg ...]')
  const words = [...options.rest]
  if (words.length === 0) return 0
  if (options.flags.has('v') || options.flags.has('V')) {
    let status = 0
    for (const word of words) {
      const text = yield* describeCommand(shell, word, options.flags.has('V') ? 'long' : 'short')
      if (text === undefined) {
        status = 1
        if (options.flags.has('V')) yield* fail(shell, 'command', `${word}: not found`)
      } else yield* print(shell, 'command', text)
    }
    return status
  }
  yield* executeFields(shell, words, {
    assignments: [],
    redirects: [],
    replace: false,
    text: shell.execution?.text ?? (() => words.join(' ')),
    skipFunctions: true,
    ...(options.flags.has('p') ? { path: '/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin' } : {}),
  })
  return shell.status
}

const doBuiltin: Builtin = function* (shell, args) {
  const words = texts(args)
  const [name] = words
  if (name === undefined) return 0
  const builtin = builtinOf(shell, name)
  if (builtin === undefined) return yield* fail(shell, 'builtin', `${name}: not a shell builtin`)
  return yield* builtin(shell, args.slice(1), name)
}

const doShift: Builtin = function* (shell, args) {
  const [count = '1'] = texts(args)
  if (!/^[+-]?\d+$/.test(count)) return yield* fail(shell, 'shift', `${count}: numeric argument required`)
  const number = Number(count)
  if (number < 0) return yield* fail(shell, 'shift', `${count}: shift count out of range`)
  if (number > shell.positional.length) {
    if (shell.flavour === 'dash') {
      yield* shell.complain("shift: can't shift that many")
      throw new ShellError('exit', 2)
    }
    if (shell.shopts.has('shift_verbose')) yield* fail(shell, 'shift', `${count}: shift count out of range`)
    return 1
  }
  shell.positional = shell.positional.slice(number)
  return 0
}

export const flowBuiltins: readonly (readonly [string, Builtin])[] = [
  [
    ':',
    function* (shell) {
      yield* shell.pay(0)
      return 0
    },
  ],
  [
    'true',
    function* (shell) {
      yield* shell.pay(0)
      return 0
    },
  ],
  [
    'false',
    function* (shell) {
      yield* shell.pay(0)
      return 1
    },
  ],
  ['break', loopControl('break')],
  ['continue', loopControl('continue')],
  ['return', doReturn],
  ['exit', doExit],
  ['logout', doExit],
  ['exec', doExec],
  ['eval', doEval],
  ['source', doSource],
  ['.', doSource],
  ['command', doCommand],
  ['builtin', doBuiltin],
  ['shift', doShift],
]
