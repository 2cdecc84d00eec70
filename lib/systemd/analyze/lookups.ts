// After systemd-analyze(1): the verbs that list what systemd knows: exit statuses, capabilities, system calls, filesystems,
// architectures.
import {
  ANSI_GREY,
  ANSI_HIGHLIGHT,
  ANSI_HIGHLIGHT_GREEN,
  ANSI_NORMAL,
  decodeUtf8,
  formatTable,
  headerRow,
  type Cell,
  type FileReader,
  type TableRow,
} from '@/lib/base'
import { errno, isErrno } from '@/lib/kernel'
import { ARCHITECTURES, NATIVE_ARCHITECTURE, SECONDARY_ARCHITECTURE } from '../condition'
import { parseInt32, parseUint8 } from '../directives'
import { exitStatuses } from '../exec/exit-status'
import {
  CAPABILITY_LIMIT,
  capabilityNames,
  capabilityNumber,
  expandFilesystemGroup,
  expandSyscallGroup,
  FILESYSTEM_GROUPS,
  FILESYSTEM_MAGIC,
  SYSCALL_GROUPS,
  type GroupRow,
} from '../seccomp-groups'
import { jsonTable, type Json, type JsonMode } from './json-table'
import type { Appearance, Output } from './output'

export type LookupOptions = { readonly json: JsonMode; readonly legend: boolean; readonly quiet: boolean }

type Column = { readonly title: string; readonly key: string; readonly right?: boolean }

function printTable(
  columns: readonly Column[],
  rows: readonly (readonly (Cell & { readonly json: Json })[])[],
  options: LookupOptions,
  look: Appearance,
  output: Output,
): void {
  if (options.json !== 'off') {
    const objects = rows.map((row) => Object.fromEntries(row.map((cell, index) => [columns[index]!.key, cell.json])))
    output.print(jsonTable(objects, options.json))
    return
  }
  const header = headerRow(
    columns.map((column) => column.title),
    columns.map((column) => (column.right ? { alignPercent: 100 } : {})),
  )
  const body: TableRow[] = rows.map((row) => row.map((cell, index) => (columns[index]!.right ? { ...cell, alignPercent: 100 } : cell)))
  output.print(
    formatTable(options.legend ? [header, ...body] : body, {
      colors: look.colors,
      header: options.legend,
      ...(look.width === undefined ? {} : { width: look.width }),
    }),
  )
}

const text = (value: string): Cell & { readonly json: Json } => ({ text: value, json: value })
const number = (value: number): Cell & { readonly json: Json } => ({ text: String(value), json: value })

export function analyzeExitStatus(args: readonly string[], options: LookupOptions, look: Appearance, output: Output): number {
  const rows: { readonly status: number; readonly name: string; readonly class: string }[] = []
  for (const arg of args) {
    const named = exitStatuses.find((row) => row.name === arg)
    const status = named?.status ?? parseUint8(arg)
    if (isErrno(status)) {
      output.error(`Invalid exit status "${arg}".`)
      return 1
    }
    rows.push(exitStatuses.find((row) => row.status === status) ?? { status, name: '-', class: '-' })
  }
  const columns = [
    { title: 'NAME', key: 'name' },
    { title: 'STATUS', key: 'status', right: true },
    { title: 'CLASS', key: 'class' },
  ]
  const shown = args.length === 0 ? exitStatuses : rows
  printTable(
    columns,
    shown.map((row) => [text(row.name), number(row.status), text(row.class)]),
    options,
    look,
    output,
  )
  return 0
}

function capabilitiesOf(args: readonly string[], output: Output): number[] | undefined {
  const numbers: number[] = []
  for (const arg of args) {
    const number = parseInt32(arg)
    const value = isErrno(number) || number < 0 || number > CAPABILITY_LIMIT ? capabilityNumber(arg) : number
    if (value === undefined || value >= capabilityNames.length) {
      output.error(`Capability "${arg}" is not known.`)
      return undefined
    }
    numbers.push(value)
  }
  return numbers.sort((a, b) => a - b)
}

function capabilitiesOfMask(args: readonly string[], output: Output): number[] | undefined {
  const [arg] = args
  if (arg === undefined || args.length > 1) {
    output.error('Exactly 1 positional argument expected.')
    return undefined
  }
  const digits = /^[ \t\n\r]*\+?(?:0[xX])?([0-9a-fA-F]+)$/.exec(arg)?.[1]
  const mask = digits === undefined ? 1n << 64n : BigInt(`0x${digits}`)
  if (mask >= 1n << 64n) {
    output.error(`Capability mask "${arg}" is not valid.`)
    return undefined
  }
  const numbers: number[] = []
  for (let bit = 0; bit < 64; bit++) {
    if (!(mask & (1n << BigInt(bit)))) continue
    if (bit >= capabilityNames.length) {
      output.error(`Capability ${bit} is not known.`)
      return undefined
    }
    numbers.push(bit)
  }
  return numbers
}

export function analyzeCapability(
  args: readonly string[],
  options: LookupOptions & { readonly mask: boolean },
  look: Appearance,
  output: Output,
): number {
  const numbers = options.mask
    ? capabilitiesOfMask(args, output)
    : args.length === 0
      ? capabilityNames.map((_, index) => index)
      : capabilitiesOf(args, output)
  if (numbers === undefined) return 1
  const columns = [
    { title: 'NAME', key: 'name' },
    { title: 'NUMBER', key: 'number', right: true },
  ]
  printTable(
    columns,
    numbers.map((value) => [text(capabilityNames[value]!), number(value)]),
    options,
    look,
    output,
  )
  return 0
}

export function analyzeArchitectures(args: readonly string[], options: LookupOptions, look: Appearance, output: Output): number {
  const aliases: Readonly<Record<string, string>> = {
    native: NATIVE_ARCHITECTURE,
    uname: NATIVE_ARCHITECTURE,
    secondary: SECONDARY_ARCHITECTURE,
  }
  const indices: number[] = []
  for (const arg of args) {
    const index = ARCHITECTURES.indexOf(aliases[arg] ?? arg)
    if (index < 0) {
      output.error(`Architecture "${arg}" not known.`)
      return 1
    }
    indices.push(index)
  }
  const shown = args.length === 0 ? ARCHITECTURES : indices.sort((a, b) => a - b).map((index) => ARCHITECTURES[index]!)
  const columns = [
    { title: 'NAME', key: 'name' },
    { title: 'SUPPORT', key: 'support' },
  ]
  const support = (name: string): Cell & { readonly json: Json } => {
    if (name === NATIVE_ARCHITECTURE) return { ...text('native'), color: ANSI_HIGHLIGHT_GREEN }
    if (name === SECONDARY_ARCHITECTURE) return text('secondary')
    return { ...text('foreign'), color: ANSI_GREY }
  }
  printTable(
    columns,
    shown.map((name) => [text(name), support(name)]),
    options,
    look,
    output,
  )
  return 0
}

type SetListing = {
  readonly rows: readonly GroupRow[]
  readonly notFound: (name: string) => string
  readonly line: (member: string) => string
  readonly ungrouped: { readonly title: string; readonly names: readonly string[] }
  /** What the kernel has and no group names, or why that is not known. */
  readonly unlisted: { readonly title: string; readonly names: readonly string[] } | { readonly notice: string }
}

function analyzeSets(args: readonly string[], listing: SetListing, quiet: boolean, look: Appearance, output: Output): number {
  const strong = (value: string): string => (look.colors ? `${ANSI_HIGHLIGHT}${value}${ANSI_NORMAL}` : value)
  const dump = ([name, description, members]: GroupRow): void => {
    output.print(
      `${strong(name)}\n    # ${description}\n${members
        .split(' ')
        .map((one) => `    ${listing.line(one)}\n`)
        .join('')}`,
    )
  }
  const others = (title: string, rest: string, names: readonly string[]): void => {
    output.print(`\n# ${strong(title)} (${rest}):\n${names.map((one) => `#   ${one}\n`).join('')}`)
  }
  if (args.length > 0) {
    for (const [index, arg] of args.entries()) {
      if (index > 0) output.print('\n')
      const row = listing.rows.find(([name]) => name === arg)
      if (row === undefined) {
        output.error(listing.notFound(arg))
        return 1
      }
      dump(row)
    }
    return 0
  }
  listing.rows.forEach((row, index) => {
    if (index > 0) output.print('\n')
    dump(row)
  })
  const { ungrouped, unlisted } = listing
  if (ungrouped.names.length > 0) others(ungrouped.title, 'known but not included in any of the groups except @known', ungrouped.names)
  if ('notice' in unlisted) {
    output.print('\n')
    if (!quiet) output.log('notice', unlisted.notice)
  } else if (unlisted.names.length > 0)
    others(unlisted.title, 'available to the local kernel, but not included in any of the groups listed above', unlisted.names)
  return 0
}

const ungroupedOf = (rows: readonly GroupRow[], expand: (name: string) => ReadonlySet<string>): string[] => {
  const grouped = new Set(rows.filter(([name]) => name !== '@known').flatMap(([name]) => [...expand(name)]))
  return [...expand('@known')].filter((name) => !grouped.has(name)).sort()
}

export function analyzeSyscallFilter(args: readonly string[], options: LookupOptions, look: Appearance, output: Output): number {
  const listing: SetListing = {
    rows: SYSCALL_GROUPS,
    notFound: (name) => `Filter set "${name}" not found.`,
    line: (member) => (look.colors && !member.startsWith('@') ? `${member}${ANSI_NORMAL}` : member),
    ungrouped: { title: 'Ungrouped System Calls', names: ungroupedOf(SYSCALL_GROUPS, expandSyscallGroup) },
    unlisted: { notice: `# Not showing unlisted system calls, couldn't retrieve kernel system call list: ${errno.ENOENT.message}` },
  }
  return analyzeSets(args, listing, options.quiet, look, output)
}

export function analyzeFilesystems(
  args: readonly string[],
  options: LookupOptions,
  reader: FileReader,
  look: Appearance,
  output: Output,
): number {
  const list = reader.readFile('/proc/filesystems')
  const known = expandFilesystemGroup('@known')
  const kernel =
    list === undefined
      ? undefined
      : decodeUtf8(list)
          .split('\n')
          .filter(Boolean)
          .map((line) => line.split('\t').at(-1)!)
  const listing: SetListing = {
    rows: FILESYSTEM_GROUPS,
    notFound: (name) => `Filesystem set "${name}" not found.`,
    line: (member) => {
      const magic = FILESYSTEM_MAGIC[member]
      if (magic === undefined) return member
      return look.colors ? `${member} ${ANSI_GREY}(magic: ${magic})${ANSI_NORMAL}` : `${member} (magic: ${magic})`
    },
    ungrouped: { title: 'Ungrouped filesystems', names: ungroupedOf(FILESYSTEM_GROUPS, expandFilesystemGroup) },
    unlisted:
      kernel === undefined
        ? { notice: `# Not showing unlisted filesystems, couldn't retrieve kernel filesystem list: ${errno.ENOENT.message}` }
        : { title: 'Unlisted filesystems', names: kernel.filter((name) => !known.has(name)).sort() },
  }
  return analyzeSets(args, listing, options.quiet, look, output)
}
