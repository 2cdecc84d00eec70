// After systemctl(1).
import { ANSI_HIGHLIGHT } from '@/lib/base'
import { outputModes } from '@/lib/journal'
import { isErrno, signalName, signals, SIGRTMAX, SIGRTMIN, type Syscall } from '@/lib/kernel'
import { jobModes } from '@/lib/systemd/bus'
import { unitFileStates } from '@/lib/systemd/install'
import { program, type Arguments, type OptionRow } from '../program'
import { Console, printVersion } from '../systemd-console'
import { Context, type Verb } from './context'
import { systemctlOptions } from './options'
import { activeStates, loadStates, readSettings, unitTypes, type Parsed } from './settings'
import { subStates } from './sub-states'
import { suggestVerb, systemctlVerbs } from './verbs'

export { systemctlOptions } from './options'
export { systemctlVerbs } from './verbs'

export const systemctl = program({
  name: 'systemctl',
  path: '/usr/bin/systemctl',
  summary: 'ask and tell the manager of the system',
  synopsis: '[OPTIONS...] COMMAND ...',
  options: systemctlOptions,
  usageHint: () => '',
  *main(process, args) {
    const console = yield* Console.open(process)
    const status = yield* run(console, args)
    yield* console.flush()
    return status
  },
})

/** halt, poweroff and reboot are systemctl by other names. */
const asVerb = (name: 'halt' | 'poweroff' | 'reboot') =>
  program({
    name,
    path: `/usr/sbin/${name}`,
    summary: `${name} the machine`,
    synopsis: '[OPTIONS...]',
    options: [
      { long: 'help', help: 'This text' },
      { long: 'halt', help: 'Halt the machine' },
      { long: 'poweroff', short: 'p', help: 'Power the machine off' },
      { long: 'reboot', help: 'Reboot the machine' },
      { long: 'force', short: 'f', help: 'At once, without stopping services' },
      { long: 'wtmp-only', short: 'w', help: 'Only write a record' },
      { long: 'no-wtmp', short: 'd', help: 'Write no record' },
      { long: 'no-wall', help: 'Tell nobody' },
      { long: 'no-sync', short: 'n', help: 'Do not write buffers to disk' },
    ],
    usageHint: () => '',
    *main(process, args) {
      const console = yield* Console.open(process)
      if (args.has('help')) {
        yield* process.write(
          1,
          `${name} [OPTIONS...]\n\nStop everything and ${name} the machine.\n\nSee the halt(8) man page for details.\n`,
        )
        return 0
      }
      if (args.has('wtmp-only')) return 0
      const verb = args.has('halt') ? 'halt' : args.has('poweroff') ? 'poweroff' : args.has('reboot') ? 'reboot' : name
      const parsed = readSettings({ ...args, operands: [], given: [] })
      if (!('settings' in parsed)) return 1
      if (args.has('force')) parsed.settings.force = 2
      const context = new Context(console, parsed.settings, verb, [], undefined)
      const row = systemctlVerbs.find((one) => one.verb === verb)!
      const status = yield* row.run(context)
      yield* console.flush()
      return status
    },
  })

export const halt = asVerb('halt')
export const poweroff = asVerb('poweroff')
export const reboot = asVerb('reboot')

function* run(console: Console, args: Arguments): Syscall<number> {
  const parsed = readSettings(args)
  if ('error' in parsed) {
    yield* console.log('error', parsed.error)
    if (parsed.hint !== undefined) yield* console.log('info', parsed.hint)
    return 1
  }
  if ('print' in parsed) return yield* printList(console, parsed.print)
  const { settings } = parsed
  const [word, ...operands] = args.operands
  const verb = word === undefined ? systemctlVerbs.find((row) => row.default) : systemctlVerbs.find((row) => row.verb === word)
  if (verb === undefined) {
    const close = suggestVerb(word!)
    return yield* console.fail(
      close === undefined ? `Unknown command verb '${word}'.` : `Unknown command verb '${word}', did you mean '${close}'?`,
    )
  }
  if (operands.length < verb.args[0]) return yield* console.fail('Too few arguments.')
  if (operands.length > verb.args[1]) return yield* console.fail('Too many arguments.')
  if (settings.wait && !['start', 'restart', 'is-system-running', 'kill'].includes(verb.verb)) {
    return yield* console.fail("--wait may only be used with the 'start' or 'restart' commands.")
  }
  if (verb.online && settings.root !== undefined) {
    return yield* console.fail(`Command '${verb.verb}' not supported with --root=.`)
  }
  const link = yield* console.process.readlink('/etc/localtime')
  return yield* verb.run(new Context(console, settings, verb.verb, operands, isErrno(link) ? undefined : link))
}

function* printList(console: Console, what: Extract<Parsed, { print: unknown }>['print']): Syscall<number> {
  const lines = (words: readonly string[]) => words.map((word) => `${word}\n`).join('')
  switch (what) {
    case 'help':
      return yield* printHelp(console)
    case 'version':
      return yield* printVersion(console)
    case 'types':
      yield* console.print(`Available unit types:\n${lines(unitTypes)}`)
      return 0
    case 'states':
      yield* console.print(
        [
          `Available unit load states:\n${lines(loadStates)}`,
          `Available unit active states:\n${lines(activeStates)}`,
          `Available unit file states:\n${lines(unitFileStates)}`,
          ...Object.entries(subStates).map(([type, states]) => `Available ${type} unit substates:\n${lines(states)}`),
        ].join('\n'),
      )
      return 0
    case 'signals':
      return yield* printSignals(console)
    case 'output':
      yield* console.print(lines(outputModes))
      return 0
    case 'job-modes':
      yield* console.print(`Available job modes:\n${lines(jobModes)}`)
      return 0
    case 'what':
      yield* console.print(lines(['runtime', 'state', 'cache', 'logs', 'configuration', 'fdstore', 'all']))
      return 0
  }
}

function* printSignals(console: Console): Syscall<number> {
  const numbers = [...new Set<number>(Object.values(signals).map((row) => row.number))].sort((a, b) => a - b)
  for (let number = SIGRTMIN; number <= SIGRTMAX; number += 1) numbers.push(number)
  const rows = numbers.map((number) => `${String(number).padEnd(6)} ${signalName(number) ?? ''}\n`)
  yield* console.print(
    `${console.colors ? '\x1b[4mSIGNAL\x1b[0m\x1b[4m \x1b[0m\x1b[4mNAME       \x1b[0m' : 'SIGNAL NAME'}\n${rows.join('')}`,
  )
  return 0
}

function* printHelp(console: Console): Syscall<number> {
  const bold = (text: string) => console.paint(ANSI_HIGHLIGHT, text)
  const title = (text: string) => (console.colors ? `\x1b[0;4m${text}\x1b[0m` : text)
  let out = `systemctl [OPTIONS...] COMMAND ...\n\n${bold('Ask and tell the manager of the system.')}\n`
  let section = ''
  for (const verb of systemctlVerbs) {
    if (verb.section === undefined) continue
    if (verb.section !== section) out += `\n${title(`${verb.section}:`)}\n`
    section = verb.section
    out += verbLine(verb)
  }
  out += `\n${title('Options:')}\n${systemctlOptions
    .filter((row) => row.help !== undefined)
    .map(optionLine)
    .join('')}`
  yield* console.print(`${out}\nSee the systemctl(1) man page for details.\n`)
  return 0
}

function verbLine(verb: Verb): string {
  const left = `  ${verb.verb}${verb.words === undefined ? '' : ` ${verb.words}`}`
  return left.length > 37 ? `${left}\n${' '.repeat(38)}${verb.help}\n` : `${left.padEnd(38)}${verb.help}\n`
}

function optionLine(row: OptionRow): string {
  const value = row.argument === undefined ? '' : row.long === undefined ? ` ${row.metavar}` : `=${row.metavar}`
  const left = `  ${row.short === undefined ? '  ' : `-${row.short}`}${row.long === undefined ? value : ` --${row.long}${value}`}`
  return left.length > 24 ? `${left}\n${' '.repeat(25)}${row.help}\n` : `${left.padEnd(25)}${row.help}\n`
}
