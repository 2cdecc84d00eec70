// After journalctl(1).
import { ANSI_HIGHLIGHT, localTimeOf } from '@/lib/base'
import { EntryPrinter, logFacilities, outputModes } from '@/lib/journal'
import { isErrno, type Process, type Syscall } from '@/lib/kernel'
import { program } from '../program'
import { Console, printVersion } from '../systemd-console'
import { buildMatch } from './filters'
import { OpenJournal, warnOfAccess } from './open-journal'
import { journalctlOptions, journalctlSections, joinOptionalArguments } from './options'
import {
  callJournald,
  printBoots,
  printCatalog,
  printDiskUsage,
  printFieldNames,
  printFieldValues,
  printHeaders,
  printInvocations,
  printNewId,
  vacuumAll,
  verifyFiles,
} from './reports'
import { readSettings, type Settings } from './settings'
import { Shower, type Grep } from './show'
import type { OptionRow } from '../program'

export { OpenJournal } from './open-journal'
export { addUnitMatches, addUserUnitMatches, globPattern } from './unit-matches'

export const journalctl = program({
  name: 'journalctl',
  path: '/usr/bin/journalctl',
  summary: 'show what the journal holds',
  synopsis: '[OPTIONS...] [MATCHES...]',
  options: journalctlOptions,
  usageHint: () => '',
  rewrite: joinOptionalArguments,
  *main(process, args) {
    const console = yield* Console.open(process)
    const status = yield* run(console, process, args)
    yield* console.flush()
    return status
  },
})

function* run(console: Console, process: Process, args: Parameters<typeof readSettings>[0]): Syscall<number> {
  const link = yield* process.readlink('/etc/localtime')
  const local = localTimeOf(process.env.TZ, isErrno(link) ? undefined : link, Math.floor(process.realtimeUsec / 1_000_000))
  const settings = readSettings(args, { local, nowUsec: process.realtimeUsec, tz: process.env.TZ })
  if ('error' in settings) return yield* console.fail(settings.error)
  const simple = yield* withoutJournal(console, settings, args.operands)
  if (simple !== undefined) return simple

  const opened = new OpenJournal(process, {
    system: settings.system,
    user: settings.user,
    root: settings.root,
    merge: settings.merge,
    ...(settings.namespace === undefined ? {} : { namespace: settings.namespace }),
  })
  const refused = yield* openWanted(console, opened, settings)
  if (refused !== undefined) return refused
  if (settings.action === 'rotate-and-vacuum') yield* callJournald(console, 'Rotate')
  if (settings.action === 'vacuum' || settings.action === 'rotate-and-vacuum') return yield* vacuumAll(console, opened, settings)
  yield* warnOfAccess(console, opened, settings.quiet, !settings.user)
  if (opened.denied && opened.isEmpty) return 1

  switch (settings.action) {
    case 'fields':
      return yield* printFieldNames(console, opened.journal)
    case 'field':
      return yield* printFieldValues(console, opened.journal, settings.field, settings.lines)
    case 'disk-usage':
      return yield* printDiskUsage(console, opened)
    case 'list-boots':
      return yield* printBoots(console, opened.journal, local, settings)
    case 'list-invocations':
      return yield* printInvocations(console, opened.journal, local, settings)
    case 'header':
      return yield* printHeaders(console, opened, local)
    case 'verify':
      return yield* verifyFiles(console, opened)
    default:
  }

  const built = yield* buildMatch(console, opened, settings, args.operands)
  if ('error' in built) return yield* console.fail(built.error)
  if ('nothing' in built) {
    yield* console.log('info', built.nothing)
    return 0
  }
  opened.journal.match = built.match
  const grep = settings.grep === undefined ? undefined : compileGrep(settings.grep, settings.caseSensitive)
  if (typeof grep === 'string') return yield* console.fail(grep)
  const printer = new EntryPrinter({
    mode: settings.mode,
    local,
    utc: settings.utc,
    columns: console.columns,
    colors: console.colors,
    ...(console.links ? { links: { hostname: console.hostname } } : {}),
    fullWidth: settings.full,
    showAll: settings.all,
    noHostname: settings.noHostname,
    truncateNewline: settings.truncateNewline,
    catalog: settings.catalog,
    ...(settings.outputFields === undefined ? {} : { fields: new Set(settings.outputFields) }),
    ...(grep === undefined ? {} : { highlight: grep }),
  })
  return yield* new Shower(console, opened, settings, printer, grep).run()
}

/** What needs no files; undefined: something else. */
function* withoutJournal(console: Console, settings: Settings, operands: readonly string[]): Syscall<number | undefined> {
  switch (settings.action) {
    case 'help':
      return yield* printHelp(console)
    case 'version':
      return yield* printVersion(console)
    case 'output-help':
      yield* console.print(outputModes.map((mode) => `${mode}\n`).join(''))
      return 0
    case 'facility-help':
      yield* console.print(`Available facilities:\n${logFacilities.map((name) => `${name}\n`).join('')}`)
      return 0
    case 'list-catalog':
      return yield* printCatalog(console, operands, false)
    case 'dump-catalog':
      return yield* printCatalog(console, operands, true)
    case 'update-catalog':
      return 0
    case 'new-id128':
      return yield* printNewId(console)
    case 'sync':
      return yield* callJournald(console, 'Synchronize')
    case 'flush':
      return yield* callJournald(console, 'FlushToVar')
    case 'relinquish-var':
      return yield* callJournald(console, 'RelinquishVar')
    case 'rotate':
      return yield* callJournald(console, 'Rotate')
    case 'list-namespaces':
      yield* console.log('notice', 'No namespaces found.')
      return 0
    case 'setup-keys':
      return yield* console.fail('Forward-secure sealing is not simulated here.')
    default:
      return undefined
  }
}

function* openWanted(console: Console, opened: OpenJournal, settings: Settings): Syscall<number | undefined> {
  if (settings.machine !== undefined) return yield* console.fail('Containers and disk images are not simulated here.')
  if (settings.directory !== undefined) {
    const refused = yield* opened.openDirectory(settings.directory)
    return refused === undefined ? undefined : yield* console.fail(`Failed to open ${settings.directory}: ${refused.message}`)
  }
  if (settings.files.length > 0) {
    for (const path of settings.files) {
      const refused = yield* opened.openFile(path)
      if (refused !== undefined) return yield* console.fail(`Failed to open files: ${refused.message}`)
    }
    return undefined
  }
  yield* opened.openDefault()
  return undefined
}

/** Without a word on capitals, only a pattern that has some heeds them. DEVIATES: JavaScript's expressions, not PCRE2's. */
function compileGrep(pattern: string, caseSensitive: boolean | undefined): Grep | string {
  const heeds = caseSensitive ?? pattern !== pattern.toLowerCase()
  try {
    const expression = new RegExp(pattern, heeds ? 'u' : 'iu')
    return (message) => {
      const match = expression.exec(message)
      return match === null ? undefined : [match.index, match.index + match[0].length]
    }
  } catch {
    return `Bad pattern "${pattern}": ${patternComplaint(pattern)}`
  }
}

function patternComplaint(pattern: string): string {
  const open = (pattern.match(/(?<!\\)\(/g) ?? []).length
  const closed = (pattern.match(/(?<!\\)\)/g) ?? []).length
  if (open > closed) return 'missing closing parenthesis'
  if (closed > open) return 'unmatched closing parenthesis'
  if (/(?<!\\)\[[^\]]*$/.test(pattern)) return 'missing terminating ] for character class'
  if (/\\$/.test(pattern)) return '\\ at end of pattern'
  return 'quantifier does not follow a repeatable item'
}

export function optionLine(row: OptionRow): string {
  const metavar = row.argument === undefined ? '' : row.argument === 'required' ? `=${row.metavar}` : `[=${row.metavar}]`
  const left = `  ${row.short === undefined ? '  ' : `-${row.short}`}${row.long === undefined ? '' : ` --${row.long}${metavar}`}`
  return left.length > 25 ? `${left}\n${' '.repeat(26)}${row.help}\n` : `${left.padEnd(26)}${row.help}\n`
}

function* printHelp(console: Console): Syscall<number> {
  const bold = (text: string) => console.paint(ANSI_HIGHLIGHT, text)
  const title = (text: string) => (console.colors ? `\x1b[0;4m${text}\x1b[0m` : text)
  yield* console.print(`journalctl [OPTIONS...] [MATCHES...]\n\n${bold('Show what the journal holds.')}\n`)
  for (const section of journalctlSections) {
    const rows = section.rows.filter((row) => row.help !== undefined)
    yield* console.print(`\n${title(`${section.title}:`)}\n${rows.map(optionLine).join('')}`)
  }
  yield* console.print('\nSee the journalctl(1) man page for details.\n')
  return 0
}
