// After systemd.image-policy(7): which partitions of a disk image may be used, and how they must be protected.
import {
  ANSI_GREY,
  ANSI_HIGHLIGHT,
  ANSI_HIGHLIGHT_GREEN,
  ANSI_HIGHLIGHT_RED,
  ANSI_HIGHLIGHT_YELLOW,
  ANSI_NORMAL,
  formatTable,
  headerRow,
  type Cell,
  type TableRow,
} from '@/lib/base'
import { errno } from '@/lib/kernel'
import type { Appearance, Output } from './output'

/** Bits in the order in which they are written. */
const FLAGS = [
  'verity',
  'signed',
  'encrypted',
  'unprotected',
  'unused',
  'absent',
  'read-only-on',
  'read-only-off',
  'growfs-on',
  'growfs-off',
] as const
type Flag = (typeof FLAGS)[number]

const bits = (...names: readonly Flag[]): number => names.reduce((sum, name) => sum | (1 << FLAGS.indexOf(name)), 0)
const OPEN = bits('verity', 'signed', 'encrypted', 'unprotected', 'unused', 'absent')
const IGNORE = bits('unused', 'absent')
const ABSENT = bits('absent')
const USE_MASK = OPEN
const READ_ONLY_MASK = bits('read-only-on', 'read-only-off')
const GROWFS_MASK = bits('growfs-on', 'growfs-off')

/** In the order of the table; a verity or signature partition names the one it protects. */
const DESIGNATORS: readonly { readonly name: string; readonly verityOf?: string; readonly signatureOf?: string }[] = [
  { name: 'root' },
  { name: 'usr' },
  { name: 'home' },
  { name: 'srv' },
  { name: 'esp' },
  { name: 'xbootldr' },
  { name: 'swap' },
  { name: 'root-verity', verityOf: 'root' },
  { name: 'usr-verity', verityOf: 'usr' },
  { name: 'root-verity-sig', signatureOf: 'root' },
  { name: 'usr-verity-sig', signatureOf: 'usr' },
  { name: 'tmp' },
  { name: 'var' },
]
const DEFAULT = ''

type Policy = { readonly entries: ReadonlyMap<string, number>; readonly defaultFlags: number }
type PolicyError = 'EINVAL' | 'EBADSLT' | 'EBADRQC' | 'ENOTUNIQ'

function parseFlags(text: string): number | PolicyError {
  if (text === '' || text === '-') return 0
  let flags = 0
  for (const word of text.split('+').map((one) => one.trim())) {
    if (word === 'open') flags |= OPEN
    else if (word === 'ignore') flags |= IGNORE
    else if ((FLAGS as readonly string[]).includes(word)) flags |= bits(word as Flag)
    else return 'EBADRQC'
  }
  return flags
}

function parsePolicy(text: string): Policy | PolicyError {
  const whole: Readonly<Record<string, number>> = { '': IGNORE, '-': IGNORE, '~': ABSENT, '*': OPEN }
  if (Object.hasOwn(whole, text)) return { entries: new Map(), defaultFlags: whole[text]! }
  const entries = new Map<string, number>()
  for (const part of text.split(':')) {
    const equals = part.indexOf('=')
    if (equals < 0) return 'EINVAL'
    const name = part.slice(0, equals).trim()
    if (name !== DEFAULT && !DESIGNATORS.some((one) => one.name === name)) return 'EBADSLT'
    if (entries.has(name)) return 'ENOTUNIQ'
    const flags = parseFlags(part.slice(equals + 1).trim())
    if (typeof flags === 'string') return flags
    entries.set(name, flags)
  }
  const defaultFlags = entries.get(DEFAULT) ?? IGNORE
  entries.delete(DEFAULT)
  return { entries, defaultFlags }
}

/** Flags as they apply to a kind of partition. */
function normalized(name: string, given: number): number {
  const row = DESIGNATORS.find((one) => one.name === name)!
  let flags = (given & USE_MASK) === 0 ? given | OPEN : given
  if (row.verityOf ?? row.signatureOf) flags &= ~bits('verity', 'signed', 'encrypted')
  if (!DESIGNATORS.some((one) => one.verityOf === name)) flags &= ~bits('verity', 'signed')
  return (flags & USE_MASK) === ABSENT ? flags & USE_MASK : flags
}

/** The entry of a partition, or what follows for it from the partition it protects. */
function explicitFlags(policy: Policy, name: string): number | undefined {
  const own = policy.entries.get(name)
  if (own !== undefined) return normalized(name, own)
  const row = DESIGNATORS.find((one) => one.name === name)!
  const protects = row.verityOf ?? row.signatureOf
  const data = protects === undefined ? undefined : explicitFlags(policy, protects)
  if (data === undefined) return undefined
  if (!(data & (row.verityOf ? bits('verity', 'signed') : bits('signed')))) return undefined
  return normalized(name, bits('unprotected') | (data & (IGNORE | READ_ONLY_MASK | GROWFS_MASK)))
}

function formatFlags(flags: number, simplify: boolean): string {
  const names: string[] = []
  const use = flags & USE_MASK
  if (simplify && use === OPEN) names.push('open')
  else if (simplify && use === IGNORE) names.push('ignore')
  else names.push(...FLAGS.filter((name) => use & bits(name)))
  for (const mask of [READ_ONLY_MASK, GROWFS_MASK]) {
    // Both at once say nothing.
    if (simplify && (flags & mask) === mask) continue
    names.push(...FLAGS.filter((name) => flags & mask & bits(name)))
  }
  return names.length === 0 ? '-' : names.join('+')
}

function formatPolicy(policy: Policy, simplify: boolean): string {
  const isWhole = (flags: number): boolean => {
    const wanted = (policy.defaultFlags & USE_MASK) === 0 ? policy.defaultFlags | OPEN : policy.defaultFlags
    return wanted === flags && [...policy.entries].every(([name, own]) => normalized(name, own) === normalized(name, flags))
  }
  if (simplify) {
    if (isWhole(OPEN)) return '*'
    if (isWhole(IGNORE)) return '-'
    if (isWhole(ABSENT)) return '~'
  }
  const parts = DESIGNATORS.filter((one) => policy.entries.has(one.name)).map(
    (one) => `${one.name}=${formatFlags(policy.entries.get(one.name)!, simplify)}`,
  )
  if (!(simplify && policy.defaultFlags === IGNORE)) parts.push(`=${formatFlags(policy.defaultFlags, simplify)}`)
  return parts.join(':')
}

function modeColor(flags: number): string | undefined {
  const use = flags & USE_MASK
  if (use === IGNORE) return ANSI_GREY
  if (use === ABSENT) return ANSI_HIGHLIGHT_RED
  if ((use | bits('unused')) === OPEN) return ANSI_HIGHLIGHT_YELLOW
  return use & bits('unprotected') ? undefined : ANSI_HIGHLIGHT_GREEN
}

const ANSI_MAGENTA_UNDERLINE = '\x1b[0;1;4;35m'

export function analyzeImagePolicy(text: string, look: Appearance, output: Output): number {
  const policy = parsePolicy(text)
  if (typeof policy === 'string') {
    output.error(`Failed to parse image policy '${text}': ${errno[policy].message}`)
    return 1
  }
  const painted = (color: string, value: string): string => (look.colors ? `${color}${value}${ANSI_NORMAL}` : value)
  const short = formatPolicy(policy, true)
  const long = formatPolicy(policy, false)
  output.print(`Analyzing policy: ${painted(short === long ? ANSI_MAGENTA_UNDERLINE : ANSI_HIGHLIGHT, short)}\n`)
  if (short !== long) output.print(`       Long form: ${painted(ANSI_GREY, long)}\n`)
  output.print('\n')

  const cell = (value: string, color: string | undefined): Cell => (color === undefined ? { text: value } : { text: value, color })
  const choice = (flags: number, on: Flag, off: Flag): Cell => {
    const set = [flags & bits(on), flags & bits(off)]
    if (set[0] && !set[1]) return { text: 'yes' }
    return set[1] && !set[0] ? { text: 'no' } : cell('-', ANSI_GREY)
  }
  const row = (name: string, flags: number, color: string): TableRow => [
    cell(name, color),
    cell(formatFlags(flags & USE_MASK, true), modeColor(flags)),
    choice(flags, 'read-only-on', 'read-only-off'),
    choice(flags, 'growfs-on', 'growfs-off'),
  ]
  const rows = DESIGNATORS.map(({ name }) => row(name, explicitFlags(policy, name) ?? normalized(name, policy.defaultFlags), ANSI_NORMAL))
  rows.push(row('default', policy.defaultFlags, ANSI_HIGHLIGHT_GREEN))
  const table = [headerRow(['PARTITION', 'MODE', 'READ-ONLY', 'GROWFS']), ...rows]
  output.print(formatTable(table, { colors: look.colors, header: true, ...(look.width === undefined ? {} : { width: look.width }) }))
  return 0
}
