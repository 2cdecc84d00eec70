// cd, pwd, pushd, popd, dirs, umask, ulimit, times, trap, history, fc, help, enable, complete, compgen, bind.
import { isErrno, signalFromString, signalName } from '@/lib/kernel'
import type { LimitName, Syscall } from '@/lib/kernel'
import type { Shell } from '../shell'
import { ShellError } from '../shell'
import { setTrap } from '../signals'
import { singleQuote } from '../quote'
import { signalTable } from './job'
import { fail, print, readOptions, texts, usage } from './builtin'
import type { Builtin } from './builtin'
import { completeCommand } from '../complete'

export function resolvePath(base: string, path: string): string {
  const parts: string[] = []
  for (const part of (path.startsWith('/') ? path : `${base}/${path}`).split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') parts.pop()
    else parts.push(part)
  }
  return `/${parts.join('/')}`
}

/** Changes the directory, PWD and OLDPWD; undefined when it worked. */
export function* changeDirectory(shell: Shell, path: string, physical: boolean): Syscall<string | undefined> {
  const { process } = shell
  const logical = resolvePath(shell.workingDirectory, path)
  const result = yield* process.chdir(physical ? path : logical)
  if (isErrno(result)) {
    const direct = yield* process.chdir(path)
    if (isErrno(direct)) return direct.message
  }
  const old = shell.workingDirectory
  const real = physical || isErrno(result) ? yield* process.getcwd() : logical
  shell.workingDirectory = isErrno(real) ? logical : real
  if (shell.flavour === 'bash' || shell.variables.get('PWD') !== undefined) {
    shell.variables.assign('OLDPWD', old)
    shell.variables.export('OLDPWD')
    shell.variables.assign('PWD', shell.workingDirectory)
    shell.variables.export('PWD')
  }
  return undefined
}

const doCd: Builtin = function* (shell, args) {
  const options = readOptions(texts(args), 'LPe@')
  if (options.bad !== undefined) return yield* usage(shell, 'cd', options.bad, 'cd [-L|[-P [-e]] [-@]] [dir]')
  if (options.rest.length > 1 && shell.flavour === 'bash') return yield* fail(shell, 'cd', 'too many arguments')
  const physical = options.flags.has('P') || shell.options.has('physical')
  let [target] = options.rest
  let show = false
  if (target === undefined) {
    target = shell.variables.get('HOME')
    if (target === undefined) return yield* fail(shell, 'cd', 'HOME not set')
  } else if (target === '-') {
    target = shell.variables.get('OLDPWD')
    if (target === undefined) return yield* fail(shell, 'cd', 'OLDPWD not set')
    show = true
  }
  if (target === '') return 0
  const cdPath = shell.variables.get('CDPATH')
  if (cdPath !== undefined && !/^\.{0,2}\//.test(target) && target !== '.' && target !== '..') {
    for (const directory of cdPath.split(':')) {
      const status = yield* shell.process.stat(`${directory || '.'}/${target}`)
      if (isErrno(status) || status.kind !== 'directory') continue
      show = directory !== ''
      target = `${directory || '.'}/${target}`
      break
    }
  }
  const problem = yield* changeDirectory(shell, target, physical)
  if (problem !== undefined) {
    if (shell.flavour === 'dash') {
      yield* shell.complain(`cd: can't cd to ${target}`)
      return 2
    }
    return yield* fail(shell, 'cd', `${target}: ${problem}`)
  }
  return show ? yield* print(shell, 'cd', `${shell.workingDirectory}\n`) : 0
}

const doPwd: Builtin = function* (shell, args) {
  const options = readOptions(texts(args), 'LP')
  if (options.bad !== undefined) return yield* usage(shell, 'pwd', options.bad, 'pwd [-LP]')
  if (!options.flags.has('P')) return yield* print(shell, 'pwd', `${shell.workingDirectory}\n`)
  const real = yield* shell.process.getcwd()
  return yield* print(shell, 'pwd', `${isErrno(real) ? shell.workingDirectory : real}\n`)
}

function dirsLine(shell: Shell): string {
  const home = shell.variables.get('HOME')
  return [shell.workingDirectory, ...shell.directories]
    .map((one) => (home !== undefined && home !== '/' && (one === home || one.startsWith(`${home}/`)) ? `~${one.slice(home.length)}` : one))
    .join(' ')
}

const doDirs: Builtin = function* (shell, args, name) {
  const words = texts(args)
  if (name === 'dirs') {
    const options = readOptions(words, 'clpv')
    if (options.flags.has('c')) {
      shell.directories = []
      return 0
    }
    const all = [shell.workingDirectory, ...shell.directories]
    if (options.flags.has('v')) return yield* print(shell, name, all.map((one, index) => `${String(index).padStart(2)}  ${one}\n`).join(''))
    if (options.flags.has('p')) return yield* print(shell, name, all.map((one) => `${one}\n`).join(''))
    return yield* print(shell, name, `${options.flags.has('l') ? all.join(' ') : dirsLine(shell)}\n`)
  }
  const [target] = words
  const rotate = target === undefined ? null : /^([-+])(\d+)$/.exec(target)
  if (name === 'pushd') {
    let wanted = target
    const all = [shell.workingDirectory, ...shell.directories]
    if (target === undefined) {
      if (shell.directories.length === 0) return yield* fail(shell, name, 'no other directory')
      wanted = shell.directories[0]!
    }
    if (rotate !== null) {
      const index = rotate[1] === '+' ? Number(rotate[2]) : all.length - 1 - Number(rotate[2])
      if (index < 0 || index >= all.length) return yield* fail(shell, name, `${target}: directory stack index out of range`)
      const turned = [...all.slice(index), ...all.slice(0, index)]
      const problem = yield* changeDirectory(shell, turned[0]!, false)
      if (problem !== undefined) return yield* fail(shell, name, `${turned[0]}: ${problem}`)
      shell.directories = turned.slice(1)
      return yield* print(shell, name, `${dirsLine(shell)}\n`)
    }
    const before = shell.workingDirectory
    const problem = yield* changeDirectory(shell, wanted!, false)
    if (problem !== undefined) return yield* fail(shell, name, `${wanted}: ${problem}`)
    shell.directories = target === undefined ? [before, ...shell.directories.slice(1)] : [before, ...shell.directories]
    return yield* print(shell, name, `${dirsLine(shell)}\n`)
  }
  if (shell.directories.length === 0) return yield* fail(shell, name, 'directory stack empty')
  if (rotate !== null && Number(rotate[2]) > 0) {
    const index = rotate[1] === '+' ? Number(rotate[2]) - 1 : shell.directories.length - 1 - Number(rotate[2])
    shell.directories.splice(index, 1)
    return yield* print(shell, name, `${dirsLine(shell)}\n`)
  }
  const next = shell.directories[0]!
  const problem = yield* changeDirectory(shell, next, false)
  if (problem !== undefined) return yield* fail(shell, name, `${next}: ${problem}`)
  shell.directories = shell.directories.slice(1)
  return yield* print(shell, name, `${dirsLine(shell)}\n`)
}

/** Applies a chmod-like expression to a mask's permissions. */
function symbolicMask(mask: number, text: string): number | undefined {
  let allowed = ~mask & 0o777
  for (const clause of text.split(',')) {
    const match = /^([ugoa]*)([-+=])([rwx]*)$/.exec(clause)
    if (match === null) return undefined
    const who =
      match[1] === '' || match[1]!.includes('a')
        ? 0o777
        : [...match[1]!].reduce((sum, one) => sum | (one === 'u' ? 0o700 : one === 'g' ? 0o070 : 0o007), 0)
    const bits = [...match[3]!].reduce((sum, one) => sum | (one === 'r' ? 0o444 : one === 'w' ? 0o222 : 0o111), 0) & who
    if (match[2] === '+') allowed |= bits
    else if (match[2] === '-') allowed &= ~bits
    else allowed = (allowed & ~who) | bits
  }
  return ~allowed & 0o777
}

const doUmask: Builtin = function* (shell, args) {
  const options = readOptions(texts(args), 'pS')
  if (options.bad !== undefined) return yield* usage(shell, 'umask', options.bad, 'umask [-p] [-S] [mode]')
  const mask = yield* shell.process.umask(0)
  yield* shell.process.umask(mask)
  const [mode] = options.rest
  const octal = (value: number) => value.toString(8).padStart(4, '0')
  const symbolic = (value: number) =>
    ['u', 'g', 'o']
      .map((who, index) => `${who}=${['r', 'w', 'x'].filter((_, bit) => ((~value >> (6 - index * 3)) & (4 >> bit)) !== 0).join('')}`)
      .join(',')
  if (mode === undefined) {
    const shown = options.flags.has('S') ? symbolic(mask) : octal(mask)
    return yield* print(shell, 'umask', `${options.flags.has('p') ? `umask ${options.flags.has('S') ? '-S ' : ''}` : ''}${shown}\n`)
  }
  if (/^\d/.test(mode)) {
    if (!/^[0-7]+$/.test(mode)) return yield* fail(shell, 'umask', `${mode}: octal number out of range`)
    yield* shell.process.umask(Number.parseInt(mode, 8) & 0o777)
    return 0
  }
  const changed = symbolicMask(mask, mode)
  if (changed === undefined) return yield* fail(shell, 'umask', `\`${mode[0]}': invalid symbolic mode operator`)
  yield* shell.process.umask(changed)
  return options.flags.has('S') ? yield* print(shell, 'umask', `${symbolic(changed)}\n`) : 0
}

type LimitRow = {
  readonly letter: string
  readonly text: string
  readonly unit: string
  readonly limit?: LimitName
  readonly scale: number
  readonly fixed?: number
}
const limitRows: readonly LimitRow[] = [
  { letter: 'R', text: 'real-time non-blocking time', unit: 'microseconds', limit: 'RTTIME', scale: 1 },
  { letter: 'c', text: 'core file size', unit: 'blocks', limit: 'CORE', scale: 512 },
  { letter: 'd', text: 'data seg size', unit: 'kbytes', limit: 'DATA', scale: 1024 },
  { letter: 'e', text: 'scheduling priority', unit: '', limit: 'NICE', scale: 1 },
  { letter: 'f', text: 'file size', unit: 'blocks', limit: 'FSIZE', scale: 1024 },
  { letter: 'i', text: 'pending signals', unit: '', limit: 'SIGPENDING', scale: 1 },
  { letter: 'l', text: 'max locked memory', unit: 'kbytes', limit: 'MEMLOCK', scale: 1024 },
  { letter: 'm', text: 'max memory size', unit: 'kbytes', limit: 'RSS', scale: 1024 },
  { letter: 'n', text: 'open files', unit: '', limit: 'NOFILE', scale: 1 },
  { letter: 'p', text: 'pipe size', unit: '512 bytes', scale: 1, fixed: 8 },
  { letter: 'q', text: 'POSIX message queues', unit: 'bytes', limit: 'MSGQUEUE', scale: 1 },
  { letter: 'r', text: 'real-time priority', unit: '', limit: 'RTPRIO', scale: 1 },
  { letter: 's', text: 'stack size', unit: 'kbytes', limit: 'STACK', scale: 1024 },
  { letter: 't', text: 'cpu time', unit: 'seconds', limit: 'CPU', scale: 1 },
  { letter: 'u', text: 'max user processes', unit: '', limit: 'NPROC', scale: 1 },
  { letter: 'v', text: 'virtual memory', unit: 'kbytes', limit: 'AS', scale: 1024 },
  { letter: 'x', text: 'file locks', unit: '', limit: 'LOCKS', scale: 1 },
]

const dashLimits: Readonly<Record<string, string>> = {
  t: 'time(seconds)',
  f: 'file(blocks)',
  d: 'data(kbytes)',
  s: 'stack(kbytes)',
  c: 'coredump(blocks)',
  m: 'memory(kbytes)',
  l: 'locked memory(kbytes)',
  p: 'process',
  u: 'process',
  n: 'nofiles',
  v: 'vmemory(kbytes)',
  x: 'locks',
  r: 'rtprio',
}

function* limitText(shell: Shell, row: LimitRow, hard: boolean): Syscall<string> {
  if (row.limit === undefined) return String(row.fixed)
  const limit = yield* shell.process.getrlimit(row.limit)
  if (isErrno(limit)) return 'unlimited'
  const value = hard ? limit.hard : limit.soft
  return Number.isFinite(value) ? String(Math.floor(value / row.scale)) : 'unlimited'
}

const doUlimit: Builtin = function* (shell, args) {
  const words = texts(args)
  let hard = false
  let soft = false
  const chosen: LimitRow[] = []
  let value: string | undefined
  for (const word of words) {
    if (!word.startsWith('-')) {
      value = word
      continue
    }
    for (const letter of word.slice(1)) {
      if (letter === 'H') hard = true
      else if (letter === 'S') soft = true
      else if (letter === 'a') chosen.push(...limitRows)
      else {
        const row = limitRows.find((one) => one.letter === letter && (shell.flavour === 'bash' || 'tfdscmlpnvwr'.includes(letter)))
        if (row === undefined && shell.flavour === 'dash') {
          yield* shell.complain(`ulimit: Illegal option -${letter}`)
          throw new ShellError('exit', 2)
        }
        if (row === undefined) return yield* usage(shell, 'ulimit', `-${letter}`, 'ulimit [-SHabcdefiklmnpqrstuvxPRT] [limit]')
        chosen.push(row)
      }
    }
  }
  if (chosen.length === 0) chosen.push(limitRows.find((row) => row.letter === 'f')!)
  if (value === undefined) {
    let text = ''
    for (const row of chosen) {
      const shown = yield* limitText(shell, row, hard)
      const unit = row.unit === '' ? `(-${row.letter})` : `(${row.unit}, -${row.letter})`
      if (shell.flavour === 'dash') {
        if (chosen.length > 1 && dashLimits[row.letter] === undefined) continue
        text += chosen.length > 1 ? `${dashLimits[row.letter]!.padEnd(20)} ${shown}\n` : `${shown}\n`
      } else text += chosen.length > 1 ? `${row.text.padEnd(20)} ${unit.padStart(20)} ${shown}\n` : `${shown}\n`
    }
    return yield* print(shell, 'ulimit', text)
  }
  for (const row of chosen) {
    if (row.limit === undefined) continue
    const before = yield* shell.process.getrlimit(row.limit)
    if (isErrno(before)) return yield* fail(shell, 'ulimit', before.message)
    const wanted =
      value === 'unlimited'
        ? Number.POSITIVE_INFINITY
        : value === 'hard'
          ? before.hard
          : value === 'soft'
            ? before.soft
            : Number(value) * row.scale
    if (Number.isNaN(wanted)) return yield* fail(shell, 'ulimit', `${value}: invalid number`)
    const both = !hard && !soft
    const result = yield* shell.process.setrlimit(row.limit, {
      soft: soft || both ? wanted : before.soft,
      hard: hard || both ? wanted : before.hard,
    })
    if (isErrno(result)) {
      if (shell.flavour === 'dash') {
        yield* shell.complain(`ulimit: error setting limit (${result.message})`)
        return 2
      }
      return yield* fail(shell, 'ulimit', `${row.text}: cannot modify limit: ${result.message}`)
    }
  }
  return 0
}

const doTimes: Builtin = (shell) => print(shell, 'times', '0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n')

type TrapKey = string | number
function trapKey(spec: string): TrapKey | undefined {
  const upper = spec.toUpperCase()
  if (spec === '0' || upper === 'EXIT') return 'EXIT'
  if (upper === 'ERR' || upper === 'DEBUG' || upper === 'RETURN') return upper
  return signalFromString(upper)
}

function trapLine(key: TrapKey, action: string, dash: boolean): string {
  const name = typeof key === 'string' ? key : (signalName(key) ?? String(key))
  return `trap -- ${singleQuote(action)} ${dash ? name.replace(/^SIG/, '') : name}\n`
}

const doTrap: Builtin = function* (shell, args) {
  const words = texts(args)
  if (words[0] === '-l') return yield* print(shell, 'trap', signalTable())
  const dash = shell.flavour === 'dash'
  const order = (key: TrapKey) => (key === 'EXIT' ? 0 : typeof key === 'number' ? key : 100)
  if (words.length === 0 || words[0] === '-p') {
    const specs = words.slice(1)
    const keys =
      specs.length === 0
        ? [...shell.traps.keys()].sort((a, b) => order(a) - order(b))
        : specs.map(trapKey).filter((key) => key !== undefined)
    return yield* print(shell, 'trap', keys.map((key) => (shell.traps.has(key) ? trapLine(key, shell.traps.get(key)!, dash) : '')).join(''))
  }
  if (words[0] === '--') words.shift()
  if (words[0]?.startsWith('-') === true && words[0] !== '-')
    return yield* usage(shell, 'trap', words[0].slice(0, 2), 'trap [-lp] [[arg] signal_spec ...]')
  const single = words.length === 1 || (/^\d+$/.test(words[0]!) && trapKey(words[0]!) !== undefined)
  const action = single ? '-' : words.shift()!
  let status = 0
  for (const spec of words) {
    const key = trapKey(spec)
    if (key === undefined) {
      if (dash) yield* shell.complain(`trap: ${spec}: bad trap`)
      else yield* fail(shell, 'trap', `${spec}: invalid signal specification`)
      status = 1
      continue
    }
    yield* setTrap(shell, key, action === '-' ? undefined : action)
  }
  return status
}

const doHistory: Builtin = function* (shell, args) {
  const options = readOptions(texts(args), 'cd:anrwps')
  if (options.bad !== undefined)
    return yield* usage(
      shell,
      'history',
      options.bad,
      'history [-c] [-d offset] [n] or history -anrw [filename] or history -ps arg [arg...]',
    )
  if (options.flags.has('c')) {
    shell.history = []
    shell.historyBase = 1
    return 0
  }
  const offset = options.values.get('d')
  if (offset !== undefined) {
    const index = Number(offset) < 0 ? shell.history.length + Number(offset) : Number(offset) - shell.historyBase
    if (shell.history[index] === undefined) return yield* fail(shell, 'history', `${offset}: history position out of range`)
    shell.history.splice(index, 1)
    return 0
  }
  if (options.flags.size > 0) return 0
  const [count] = options.rest
  if (count !== undefined && !/^\d+$/.test(count)) return yield* fail(shell, 'history', `${count}: numeric argument required`)
  const from = count === undefined ? 0 : Math.max(0, shell.history.length - Number(count))
  return yield* print(
    shell,
    'history',
    shell.history
      .slice(from)
      .map((line, index) => `${String(shell.historyBase + from + index).padStart(5)}  ${line}\n`)
      .join(''),
  )
}

const doHelp: Builtin = (shell) =>
  print(
    shell,
    'help',
    "GNU bash, version 5.2.37(1)-release (x86_64-pc-linux-gnu)\nThe builtins of this shell are listed by `compgen -b'. The reference pages explain them.\n",
  )

const doEnable: Builtin = function* (shell, args) {
  const options = readOptions(texts(args), 'anpsdf:')
  for (const name of options.rest) {
    if (options.flags.has('n')) shell.disabledBuiltins.add(name)
    else shell.disabledBuiltins.delete(name)
  }
  yield* shell.pay(0)
  return 0
}

const nothing: Builtin = function* (shell) {
  yield* shell.pay(0)
  return 0
}

const doCompgen: Builtin = function* (shell, args) {
  const options = readOptions(texts(args), 'abcdefgjkuvA:W:P:S:o:G:F:C:X:')
  const prefix = options.rest[0] ?? ''
  const { flags, values } = options
  const action = values.get('A')
  const words: string[] = []
  const wordlist = values.get('W')
  if (wordlist !== undefined) words.push(...wordlist.split(/\s+/).filter((word) => word !== '' && word.startsWith(prefix)))
  if (flags.has('c') || action === 'command') words.push(...(yield* completeCommand(shell, prefix)))
  if (flags.has('b') || action === 'builtin') words.push(...[...shell.builtins.keys()].sort().filter((name) => name.startsWith(prefix)))
  if (flags.has('v') || action === 'variable') words.push(...shell.variables.names().filter((name) => name.startsWith(prefix)))
  if (flags.has('a') || action === 'alias') words.push(...[...shell.aliases.keys()].filter((name) => name.startsWith(prefix)))
  if (action === 'function') words.push(...[...shell.functions.keys()].filter((name) => name.startsWith(prefix)))
  yield* print(shell, 'compgen', words.map((word) => `${word}\n`).join(''))
  return words.length > 0 ? 0 : 1
}

export const environmentBuiltins: readonly (readonly [string, Builtin])[] = [
  ['cd', doCd],
  ['pwd', doPwd],
  ['dirs', doDirs],
  ['pushd', doDirs],
  ['popd', doDirs],
  ['umask', doUmask],
  ['ulimit', doUlimit],
  ['times', doTimes],
  ['trap', doTrap],
  ['history', doHistory],
  ['fc', doHistory],
  ['help', doHelp],
  ['enable', doEnable],
  ['complete', nothing],
  ['compopt', nothing],
  ['bind', nothing],
  ['compgen', doCompgen],
]
