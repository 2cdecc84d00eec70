// bash(1) and dash(1): invocation, startup files, the interactive loop, and the end of the shell.
import { decodeUtf8 } from '@/lib/base'
import { errno, isErrno, O_RDONLY, O_RDWR, signals } from '@/lib/kernel'
import type { Main, Process, Syscall } from '@/lib/kernel'
import { forEachChild } from 'unbash'
import type { SyntaxNode } from 'unbash'
import { Shell, ShellError } from './shell'
import { builtins } from './builtins'
import { sourceFile } from './builtins/flow'
import { setOption, shoptNames } from './builtins/variable'
import { completeLine } from './complete'
import type { Completer } from './completion'
import { expandQuotedText } from './expand'
import { expandHistory, loadHistory, rememberLine, saveHistory } from './history'
import { notifyJobs, reap } from './job-control'
import { jobState } from './job-table'
import { editLine } from './line-editor'
import { optionLetter } from './parameter'
import { promptText } from './prompt'
import { runText } from './run-file'
import { catchChildren, catchInteractiveSignals, findIgnoredSignals } from './signals'
import { parseSource, syntaxProblem, unclosedHereDoc } from './source'
import { runExitTrap, runPendingTraps } from './trap'
import { isName } from './variables'

const version = '5.2.37(1)-release'
const defaultPath = '/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin'

type Invocation = {
  readonly command: string | undefined
  readonly script: string | undefined
  readonly args: readonly string[]
  readonly interactive: boolean
  readonly login: boolean
  readonly readStdin: boolean
  readonly noProfile: boolean
  readonly noRc: boolean
  readonly rcFile: string | undefined
  readonly problem: string | undefined
  readonly answer: 'version' | 'help' | undefined
}

function readInvocation(shell: Shell, words: readonly string[]): Invocation {
  let wantsCommand = false
  let interactive = false
  let readStdin = false
  let login = (shell.process.argv[0] ?? '').startsWith('-')
  let noProfile = false
  let noRc = false
  let rcFile: string | undefined
  let problem: string | undefined
  let answer: 'version' | 'help' | undefined
  let index = 0
  for (; index < words.length; index++) {
    const word = words[index]!
    if (word === '--' || word === '-') {
      index += 1
      break
    }
    if (word.startsWith('--') && shell.flavour === 'bash') {
      const name = word.slice(2)
      if (name === 'login') login = true
      else if (name === 'noprofile') noProfile = true
      else if (name === 'norc') noRc = true
      else if (name === 'rcfile' || name === 'init-file') rcFile = words[++index]
      else if (name === 'posix') shell.options.add('posix')
      else if (name === 'verbose') shell.options.add('verbose')
      else if (name === 'noediting') shell.options.add('noediting')
      else if (name === 'version' || name === 'help') answer = name
      else problem = `${word}: invalid option`
      continue
    }
    if (!/^[-+]./.test(word)) break
    const on = word[0] === '-'
    for (const letter of word.slice(1)) {
      if (letter === 'c') wantsCommand = true
      else if (letter === 'i') interactive = true
      else if (letter === 'l') login = true
      else if (letter === 's') readStdin = true
      else if (letter === 'o' || letter === 'O') {
        const name = words[++index]
        if (name !== undefined) {
          if (letter === 'o') setOption(shell, name, on)
          else if (shoptNames.includes(name)) {
            if (on) shell.shopts.add(name)
            else shell.shopts.delete(name)
          }
        }
      } else {
        const name = optionLetter.get(letter)
        if (name === undefined) problem = shell.flavour === 'dash' ? `Illegal option -${letter}` : `${word[0]}${letter}: invalid option`
        else setOption(shell, name, on)
      }
    }
  }
  const rest = words.slice(index)
  if (wantsCommand) {
    if (rest[0] === undefined) problem ??= shell.flavour === 'dash' ? '-c requires an argument' : '-c: option requires an argument'
    return {
      command: rest[0] ?? '',
      script: undefined,
      args: rest.slice(1),
      interactive,
      login,
      readStdin: false,
      noProfile,
      noRc,
      rcFile,
      problem,
      answer,
    }
  }
  const script = readStdin ? undefined : rest[0]
  return {
    command: undefined,
    script,
    args: readStdin ? rest : rest.slice(1),
    interactive,
    login,
    readStdin: script === undefined,
    noProfile,
    noRc,
    rcFile,
    problem,
    answer,
  }
}

function* importEnvironment(shell: Shell): Syscall<void> {
  const { process, variables } = shell
  for (const [name, value] of Object.entries(process.env)) if (isName(name)) variables.export(name, value)
  const cwd = yield* process.getcwd()
  const real = isErrno(cwd) ? '/' : cwd
  const inherited = variables.get('PWD')
  shell.workingDirectory = real
  if (inherited?.startsWith('/') && inherited !== real) {
    const [here, there] = [yield* process.stat('.'), yield* process.stat(inherited)]
    if (!isErrno(here) && !isErrno(there) && here.ino === there.ino && here.dev === there.dev) shell.workingDirectory = inherited
  }
  variables.assign('PWD', shell.workingDirectory)
  variables.assign('IFS', ' \t\n')
  variables.assign('OPTIND', '1')
  variables.assign('PS4', '+ ')
  variables.assign('PPID', String(process.ppid))
  if (variables.get('PATH') === undefined)
    variables.assign('PATH', shell.flavour === 'bash' ? defaultPath : '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin')
  if (shell.flavour === 'dash') {
    variables.assign('PS1', process.euid === 0 ? '# ' : '$ ')
    variables.assign('PS2', '> ')
    variables.export('PWD')
    return
  }
  shell.lastArgument = process.env['_'] ?? ''
  variables.unset('_')
  variables.export('PWD')
  variables.export('OLDPWD')
  const level = Number.parseInt(variables.get('SHLVL') ?? '0', 10) || 0
  variables.export('SHLVL', String(level + 1))
  variables.assign('BASH', '/usr/bin/bash')
  variables.assign('BASH_VERSION', version)
  variables.ensure('BASH_VERSINFO').indexed = new Map(
    ['5', '2', '37', '1', 'release', 'x86_64-pc-linux-gnu'].map((value, index) => [index, value]),
  )
  variables.assign('HOSTNAME', process.uname().nodename)
  variables.assign('HOSTTYPE', 'x86_64')
  variables.assign('MACHTYPE', 'x86_64-pc-linux-gnu')
  variables.assign('OSTYPE', 'linux-gnu')
  variables.assign('OPTERR', '1')
  variables.assign('UID', String(process.uid))
  variables.assign('EUID', String(process.euid))
  variables.assign('BASHOPTS', '')
  variables.assign('SHELLOPTS', '')
  for (const name of ['UID', 'EUID', 'PPID', 'BASHOPTS', 'SHELLOPTS', 'BASH_VERSINFO']) variables.ensure(name).readonly = true
  if (variables.get('TERM') === undefined) variables.assign('TERM', 'dumb')
  if (variables.get('SHELL') === undefined) variables.assign('SHELL', '/bin/bash')
}

// ---------------------------------------------------------------- running

function* runStartup(shell: Shell, invocation: Invocation): Syscall<void> {
  const home = shell.variables.get('HOME') ?? ''
  if (shell.login && !invocation.noProfile) {
    yield* sourceFile(shell, '/etc/profile')
    for (const name of shell.flavour === 'dash' ? ['.profile'] : ['.bash_profile', '.bash_login', '.profile']) {
      if (home !== '' && (yield* sourceFile(shell, `${home}/${name}`))) break
    }
  } else if (shell.interactive && !invocation.noRc && shell.flavour === 'bash') {
    if (invocation.rcFile !== undefined) yield* sourceFile(shell, invocation.rcFile)
    else {
      yield* sourceFile(shell, '/etc/bash.bashrc')
      yield* sourceFile(shell, `${home}/.bashrc`)
    }
  } else if (!shell.interactive && shell.flavour === 'bash') {
    const file = shell.variables.get('BASH_ENV')
    if (file !== undefined && file !== '') yield* sourceFile(shell, yield* expandQuotedText(shell, file))
  }
}

function* runScript(shell: Shell, script: string): Syscall<void> {
  const { process } = shell
  let path = script
  let fd = yield* process.open(path, O_RDONLY)
  if (fd === errno.ENOENT && !script.includes('/') && shell.flavour === 'bash') {
    for (const directory of (shell.variables.get('PATH') ?? '').split(':')) {
      path = `${directory}/${script}`
      fd = yield* process.open(path, O_RDONLY)
      if (!isErrno(fd)) break
    }
  }
  if (isErrno(fd)) {
    if (shell.flavour === 'dash')
      yield* process.write(2, `${process.argv[0]}: 0: cannot open ${script}: ${fd === errno.ENOENT ? 'No such file' : fd.message}\n`)
    else yield* process.write(2, `${process.argv[0]}: ${script}: ${fd.message}\n`)
    shell.status = shell.flavour === 'dash' ? 2 : fd === errno.ENOENT ? 127 : 126
    return
  }
  const chunks: Uint8Array[] = []
  for (;;) {
    const chunk = yield* process.read(fd, 65536)
    if (isErrno(chunk)) {
      yield* process.write(2, `${process.argv[0]}: ${script}: ${chunk === errno.EISDIR ? 'Is a directory' : chunk.message}\n`)
      shell.status = 126
      return
    }
    if (chunk.length === 0) break
    chunks.push(chunk)
  }
  yield* process.close(fd)
  const text = chunks.map(decodeUtf8).join('')
  if (text.slice(0, 80).includes('\0')) {
    yield* process.write(2, `${process.argv[0]}: ${script}: cannot execute binary file\n`)
    shell.status = 126
    return
  }
  shell.file = path
  yield* runText(shell, parseSource(text), 'file')
}

/** Aliases act on the text of a line, as it is read. */
function expandAliases(shell: Shell, text: string, guard: ReadonlySet<string> = new Set()): string {
  if (shell.aliases.size === 0 || !shell.shopts.has('expand_aliases')) return text
  const source = parseSource(text)
  const places: { pos: number; end: number; name: string }[] = []
  const visit = (node: SyntaxNode): void => {
    if (node.type === 'Command' && node.name !== undefined) {
      const words = [node.name, ...node.args]
      for (let index = 0; index < words.length; index++) {
        const word = words[index]!
        const alias = word.type === 'Word' && word.text === word.value && !guard.has(word.text) ? shell.aliases.get(word.text) : undefined
        if (alias === undefined) break
        places.push({ pos: word.pos, end: word.end, name: word.text })
        if (!/[ \t]$/.test(alias.value)) break
      }
    }
    forEachChild(node, visit)
  }
  visit(source.script)
  let result = text
  for (const { pos, end, name } of places.sort((a, b) => b.pos - a.pos)) {
    const value = expandAliases(shell, shell.aliases.get(name)!.value, new Set([...guard, name]))
    result = result.slice(0, pos) + value + result.slice(end)
  }
  return result
}

/** Reads a line byte by byte, so that children find the rest. */
function* readRawLine(shell: Shell, tty: boolean): Syscall<string | 'interrupted' | undefined> {
  const bytes: number[] = []
  for (;;) {
    const chunk = yield* shell.process.read(0, tty ? 4096 : 1)
    if (isErrno(chunk)) {
      if (chunk !== errno.EINTR) return undefined
      if (shell.flow?.kind === 'interrupt' || shell.flow?.kind === 'exit') return 'interrupted'
      if (shell.pendingSignals.length > 0) yield* runPendingTraps(shell)
      continue
    }
    if (chunk.length === 0) {
      if (tty || bytes.length === 0) return bytes.length === 0 ? undefined : decodeUtf8(Uint8Array.from(bytes))
      return decodeUtf8(Uint8Array.from(bytes))
    }
    for (const byte of chunk) bytes.push(byte)
    if (bytes.at(-1) === 10) return decodeUtf8(Uint8Array.from(bytes.slice(0, -1)))
  }
}

type LineSource = (prompt: string) => Syscall<string | 'interrupted' | undefined>

/** Reads lines until they make a whole command. */
function* readCommand(shell: Shell, readLine: LineSource, firstPrompt: string): Syscall<string | 'interrupted' | undefined> {
  const first = yield* readLine(firstPrompt)
  if (first === undefined || first === '\0interrupted') return first === undefined ? undefined : 'interrupted'
  let text: string = first
  for (;;) {
    const source = parseSource(text)
    const continued = /(?:^|[^\\])(?:\\\\)*\\$/.test(text)
    if (!continued && syntaxProblem(source)?.incomplete !== true && unclosedHereDoc(source) === undefined) return text
    const prompt = shell.interactive ? yield* promptText(shell, 'PS2') : ''
    const next = yield* readLine(prompt)
    if (next === undefined) return text
    if (next === '\0interrupted') return 'interrupted'
    text = continued ? text.slice(0, -1) + next : `${text}\n${next}`
  }
}

const interruptMark = '\0interrupted'

function lineReader(shell: Shell, tty: boolean): LineSource {
  const pending = { text: '' }
  const killed = { text: '' }
  return function* (prompt) {
    const editing = shell.interactive && tty && (shell.options.has('emacs') || shell.options.has('vi')) && !shell.options.has('noediting')
    if (!editing) {
      if (prompt !== '') yield* shell.process.write(2, prompt.replace(/[\x01\x02]/g, ''))
      const line = yield* readRawLine(shell, tty)
      if (line === 'interrupted' && shell.flow !== undefined) {
        if (shell.interactive) yield* shell.process.write(2, '\n')
        return interruptMark
      }
      return line
    }
    const edited = yield* editLine(
      {
        process: shell.process,
        fd: 0,
        history: shell.history,
        complete: (line) => completeLine(shell, line),
        interrupted: () => shell.flow !== undefined,
        pending,
        killed,
      },
      prompt,
    )
    if (edited.kind === 'line') return edited.text
    return edited.kind === 'end' ? undefined : interruptMark
  }
}

function* runPromptCommand(shell: Shell): Syscall<void> {
  const commands = shell.variables.items('PROMPT_COMMAND').map(([, value]) => value)
  if (commands.length === 0) return
  const { status, pipeStatus, lastArgument } = shell
  for (const command of commands) {
    shell.status = status
    if (command !== '') yield* runText(shell, parseSource(command), 'string')
  }
  shell.status = status
  shell.pipeStatus = pipeStatus
  shell.lastArgument = lastArgument
}

function* interactiveLoop(shell: Shell): Syscall<void> {
  const readLine = lineReader(shell, yield* shell.process.isatty(0))
  for (;;) {
    if (shell.pendingSignals.length > 0) yield* runPendingTraps(shell)
    yield* reap(shell)
    yield* notifyJobs(shell)
    yield* updateWindow(shell)
    if (shell.flavour === 'bash') yield* runPromptCommand(shell)
    if (shell.hungUp) return
    shell.flow = undefined
    const prompt = yield* promptText(shell, 'PS1')
    const command = yield* readCommand(shell, readLine, prompt)
    if (shell.hungUp) return
    if (command === 'interrupted') {
      shell.flow = undefined
      shell.status = 130
      continue
    }
    if (command === undefined) {
      yield* shell.process.write(2, shell.flavour === 'dash' ? '\n' : shell.login ? 'logout\n' : 'exit\n')
      if (!shell.exitWarned && shell.jobs.jobs.some((job) => jobState(job) === 'stopped')) {
        yield* shell.process.write(2, 'There are stopped jobs.\n')
        shell.exitWarned = true
        continue
      }
      return
    }
    yield* runLine(shell, command)
    const after = shell.flow as Shell['flow']
    if (after?.kind === 'exit') return
    if (after?.kind === 'interrupt' && after.shown !== true) {
      yield* shell.process.write(2, '\n')
      shell.status = 130
    }
    shell.flow = undefined
  }
}

function* runLine(shell: Shell, typed: string): Syscall<void> {
  let command = typed
  if (shell.options.has('histexpand') && shell.options.has('history')) {
    const expanded = expandHistory(command, shell.history, shell.historyBase)
    if ('problem' in expanded) {
      yield* shell.process.write(2, `${shell.name}: ${expanded.problem}\n`)
      shell.status = 1
      return
    }
    if (expanded.changed) yield* shell.process.write(2, `${expanded.line}\n`)
    command = expanded.line
  }
  rememberLine(shell, command)
  if (command.trim() === '') return
  const warned = shell.exitWarned
  if (shell.options.has('verbose')) yield* shell.process.write(2, `${command}\n`)
  const ps0 = shell.variables.get('PS0')
  if (ps0 !== undefined && ps0 !== '') yield* shell.process.write(2, (yield* promptText(shell, 'PS0')).replace(/[\x01\x02]/g, ''))
  shell.loopDepth = 0
  shell.listDepth = 0
  shell.errexitIgnored = 0
  yield* runText(shell, parseSource(expandAliases(shell, command)), 'input')
  if (warned && shell.exitWarned && !/^\s*(?:exit|logout|jobs)\b/.test(command)) shell.exitWarned = false
}

function* updateWindow(shell: Shell): Syscall<void> {
  if (!shell.shopts.has('checkwinsize') || shell.flavour === 'dash') return
  const size = yield* shell.process.getWindowSize(2)
  if (isErrno(size) || size.columns === 0) return
  shell.variables.assign('LINES', String(size.rows))
  shell.variables.assign('COLUMNS', String(size.columns))
}

/** Commands from standard input that is no terminal. */
function* inputLoop(shell: Shell): Syscall<void> {
  const readLine = lineReader(shell, false)
  let line = 1
  for (;;) {
    const command = yield* readCommand(shell, readLine, '')
    if (command === undefined || command === 'interrupted') return
    const source = parseSource(command, line)
    line += command.split('\n').length
    yield* runText(shell, source, 'input')
    if (shell.flow !== undefined) return
    if (syntaxProblem(source) !== undefined) return
  }
}

function* startJobControl(shell: Shell): Syscall<void> {
  const { process } = shell
  const opened = yield* process.open('/dev/tty', O_RDWR)
  let fd = isErrno(opened) ? 2 : opened
  if (!(yield* process.isatty(fd))) {
    if (shell.flavour === 'dash') yield* process.write(2, `${shell.name}: 0: can't access tty; job control turned off\n`)
    else
      yield* process.write(
        2,
        `bash: cannot set terminal process group (${process.pid}): Inappropriate ioctl for device\nbash: no job control in this shell\n`,
      )
    return
  }
  if (!isErrno(opened)) {
    const high = yield* process.dup(opened, 255)
    if (!isErrno(high)) {
      yield* process.close(opened)
      yield* process.setCloexec(high, true)
      fd = high
    }
  }
  for (let turn = 0; turn < 16; turn++) {
    const [front, own] = [yield* process.tcgetpgrp(fd), yield* process.getpgid()]
    if (isErrno(front) || isErrno(own)) return
    if (front === own || front === 0) break
    yield* process.kill(0, signals.SIGTTIN.number)
  }
  yield* process.setpgid(0, 0)
  const pgid = yield* process.getpgid()
  if (isErrno(pgid)) return
  shell.shellTerminal = { fd, pgid }
  yield* process.tcsetpgrp(fd, pgid)
  shell.options.add('monitor')
}

/** The end: EXIT trap, history, and what becomes of the jobs. */
function* finish(shell: Shell): Syscall<number> {
  yield* runExitTrap(shell)
  if (shell.interactive) {
    yield* saveHistory(shell)
    const hangUpAll = shell.hungUp || (shell.login && shell.shopts.has('huponexit'))
    for (const job of shell.jobs.jobs) {
      const state = jobState(job)
      if (state === 'done') continue
      const target = job.pgid === 0 ? job.processes[0]!.pid : -job.pgid
      if (hangUpAll && !job.noHangup) {
        yield* shell.process.kill(target, signals.SIGHUP.number)
        if (state === 'stopped') yield* shell.process.kill(target, signals.SIGCONT.number)
      } else if (state === 'stopped') {
        yield* shell.process.kill(target, signals.SIGTERM.number)
        yield* shell.process.kill(target, signals.SIGCONT.number)
      }
    }
  }
  return shell.status
}

export type ShellOptions = { readonly flavour: 'bash' | 'dash'; readonly completer?: Completer }

/** The program: `bash` or `dash` (`sh`). */
export function shellMain(options: ShellOptions): Main {
  return function* (process: Process) {
    const argv0 = process.argv[0] ?? options.flavour
    yield* process.setMemory((options.flavour === 'bash' ? 372 : 280) * 1024)
    const shell = new Shell(process, options.flavour, argv0, builtins)
    shell.completer = options.completer
    const invocation = readInvocation(shell, process.argv.slice(1))
    if (invocation.answer === 'version') {
      yield* process.write(1, `GNU bash, version ${version} (x86_64-pc-linux-gnu)\n`)
      return 0
    }
    if (invocation.answer === 'help' || invocation.problem !== undefined) {
      if (invocation.problem !== undefined)
        yield* process.write(2, `${argv0}: ${options.flavour === 'dash' ? '0: ' : ''}${invocation.problem}\n`)
      if (options.flavour === 'bash')
        yield* process.write(
          invocation.problem === undefined ? 1 : 2,
          `Usage:\t${argv0} [GNU long option] [option] ...\n\t${argv0} [GNU long option] [option] script-file ...\n`,
        )
      return invocation.problem === undefined ? 0 : 2
    }
    yield* importEnvironment(shell)
    shell.login = invocation.login
    const terminal = (yield* process.isatty(0)) && (yield* process.isatty(2))
    shell.interactive = invocation.interactive || (invocation.command === undefined && invocation.script === undefined && terminal)
    shell.fromString = invocation.command !== undefined
    if (invocation.command !== undefined) {
      shell.options.add('command-string')
      if (invocation.args[0] !== undefined) shell.name = invocation.args[0]
      shell.positional = invocation.args.slice(1)
    } else {
      if (invocation.script !== undefined) shell.name = invocation.script
      else shell.options.add('stdin')
      shell.positional = [...invocation.args]
    }
    yield* findIgnoredSignals(shell)
    if (shell.interactive) {
      yield* catchInteractiveSignals(shell)
      yield* startJobControl(shell)
      setInteractiveDefaults(shell)
    } else yield* catchChildren(shell)
    try {
      yield* runStartup(shell, invocation)
      if (shell.interactive && shell.flavour === 'bash' && shell.flow === undefined) yield* loadHistory(shell)
      if (shell.flow?.kind !== 'exit') {
        shell.status = 0
        if (invocation.command !== undefined)
          yield* runText(shell, parseSource(expandAliases(shell, invocation.command)), 'string', !shell.interactive)
        else if (invocation.script !== undefined) yield* runScript(shell, invocation.script)
        else if (shell.interactive) yield* interactiveLoop(shell)
        else yield* inputLoop(shell)
      }
    } catch (error) {
      if (!(error instanceof ShellError)) throw error
      shell.status = error.status
    }
    return (yield* finish(shell)) & 255
  }
}

function setInteractiveDefaults(shell: Shell): void {
  if (shell.flavour === 'dash') return
  const { variables } = shell
  for (const option of ['emacs', 'histexpand', 'history']) shell.options.add(option)
  shell.shopts.add('expand_aliases')
  if (variables.get('PS1') === undefined) variables.assign('PS1', '\\s-\\v\\$ ')
  variables.assign('PS2', '> ')
  if (variables.get('HISTFILE') === undefined && variables.get('HOME') !== undefined)
    variables.assign('HISTFILE', `${variables.get('HOME')}/.bash_history`)
  if (variables.get('HISTSIZE') === undefined) variables.assign('HISTSIZE', '500')
  if (variables.get('HISTFILESIZE') === undefined) variables.assign('HISTFILESIZE', '500')
}
