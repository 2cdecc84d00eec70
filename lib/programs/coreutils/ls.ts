// After ls(1).
import { type BrokenTime, strftime } from '@/lib/base'
import { isErrno, type Process, type Stat, type Syscall } from '@/lib/kernel'
import { matchesPattern, textWidth } from '@/lib/shell'
import { processLocalTime } from '../process-time'
import { type Arguments, type OptionRow, type Program, program } from '../program'
import { complain, Output, quoteName, quoteWord } from '../stdio'
import { nameTables } from '../user-table'
import { modeString } from './file-mode'
import { type ColorTable, colorOf, parseColors } from './ls-colors'

type Entry = {
  readonly name: string
  readonly path: string
  readonly stat: Stat | undefined
  /** Of a symbolic link. */
  readonly target: string | undefined
  readonly targetStat: Stat | undefined
  readonly shown: string
}

const halfYearUsec = (31_556_952 / 2) * 1e6

/** `1.5K`: as -h shows sizes, rounded up. */
export function humanSize(bytes: number, base = 1024): string {
  if (bytes < base) return String(bytes)
  const units = base === 1024 ? 'KMGTPE' : 'kMGTPE'
  let value = bytes
  let unit = -1
  while (value >= base && unit < units.length - 1) {
    value /= base
    unit += 1
  }
  let rounded = value < 10 ? Math.ceil(value * 10 - 1e-9) / 10 : Math.ceil(value - 1e-9)
  if (rounded >= base && unit < units.length - 1) {
    rounded = 1
    unit += 1
  }
  return `${rounded < 10 ? rounded.toFixed(1) : rounded}${units[unit]}`
}

export const blocksOf = (stat: Stat): number =>
  stat.blocks ?? (stat.kind === 'file' || stat.kind === 'directory' ? Math.ceil(stat.size / 4096) * 8 : 0)

/** Names as a terminal shows them: quoted where the shell would need it. */
function shellQuoted(name: string): string {
  if (name === '') return "''"
  if (/[\x00-\x1f\x7f]/.test(name)) {
    const escaped = name.replace(
      /[\x00-\x1f\x7f]+/g,
      (run) =>
        `'$'${[...run].map((one) => ({ '\n': '\\n', '\t': '\\t', '\r': '\\r', '\x1b': '\\033' })[one] ?? `\\${one.charCodeAt(0).toString(8).padStart(3, '0')}`).join('')}''`,
    )
    return `'${escaped}'`.replace(/^''|''$/g, '')
  }
  if (!/[\s"$&'()*;<=>?[\\\]^`{|}!]/.test(name) && !/^[#~]/.test(name)) return name
  if (!name.includes("'")) return `'${name}'`
  return /["$`\\!]/.test(name) ? `'${name.replaceAll("'", "'\\''")}'` : `"${name}"`
}

const indicator = (stat: Stat | undefined, style: 'classify' | 'file-type' | 'slash' | 'none'): string => {
  if (stat === undefined || style === 'none') return ''
  if (stat.kind === 'directory') return '/'
  if (style === 'slash') return ''
  if (stat.kind === 'symlink') return '@'
  if (stat.kind === 'fifo') return '|'
  if (stat.kind === 'socket') return '='
  return style === 'classify' && stat.kind === 'file' && (stat.mode & 0o111) !== 0 ? '*' : ''
}

const rows: readonly OptionRow[] = [
  { short: 'a', long: 'all', help: 'show entries that begin with a dot' },
  { short: 'A', long: 'almost-all', help: 'the same, but not . and ..' },
  { long: 'author', help: 'with -l, show the owner once more' },
  { short: 'b', long: 'escape', help: 'C escapes for control characters' },
  { long: 'block-size', argument: 'required', metavar: 'SIZE', help: 'count blocks of SIZE' },
  { short: 'B', long: 'ignore-backups', help: 'leave NAME~ out' },
  { short: 'c', help: 'sort by, and with -l show, the time of status change' },
  { short: 'C', help: 'in columns' },
  { long: 'color', argument: 'optional', metavar: 'WHEN', help: 'colour names: always, auto or never' },
  { short: 'd', long: 'directory', help: 'directories themselves, not their content' },
  { short: 'D', long: 'dired', help: 'has no effect here' },
  { short: 'f', help: 'all entries, not sorted' },
  { short: 'F', long: 'classify', argument: 'optional', metavar: 'WHEN', help: 'add one of */=>@| to names' },
  { long: 'file-type', help: 'the same without *' },
  { long: 'format', argument: 'required', metavar: 'WORD', help: 'across, commas, horizontal, long, single-column, vertical' },
  { long: 'full-time', help: 'the same as -l --time-style=full-iso' },
  { short: 'g', help: 'like -l without the owner' },
  { long: 'group-directories-first', help: 'directories before files' },
  { short: 'G', long: 'no-group', help: 'with -l, without the group' },
  { short: 'h', long: 'human-readable', help: 'sizes like 1K 234M 2G' },
  { long: 'si', help: 'the same with powers of 1000' },
  { short: 'H', long: 'dereference-command-line', help: 'follow links that are named' },
  { long: 'hide', argument: 'required', metavar: 'PATTERN', help: 'leave out names that fit' },
  { short: 'i', long: 'inode', help: 'show inode numbers' },
  { short: 'I', long: 'ignore', argument: 'required', metavar: 'PATTERN', help: 'leave out names that fit' },
  { long: 'indicator-style', argument: 'required', metavar: 'WORD', help: 'none, slash, file-type, classify' },
  { short: 'k', long: 'kibibytes', help: 'blocks of 1024 bytes' },
  { short: 'l', help: 'long lines with mode, owner, size and time' },
  { short: 'L', long: 'dereference', help: 'show what links point to' },
  { short: 'm', help: 'names with commas' },
  { short: 'n', long: 'numeric-uid-gid', help: 'like -l with numbers for owner and group' },
  { short: 'N', long: 'literal', help: 'names without quotes' },
  { short: 'o', help: 'like -l without the group' },
  { short: 'p', help: 'add / to directories' },
  { short: 'q', long: 'hide-control-chars', help: '? for control characters' },
  { short: 'Q', long: 'quote-name', help: 'names in double quotes' },
  { long: 'quoting-style', argument: 'required', metavar: 'WORD', help: 'literal, shell, shell-escape, c, escape' },
  { short: 'r', long: 'reverse', help: 'the other way round' },
  { short: 'R', long: 'recursive', help: 'directories below too' },
  { short: 's', long: 'size', help: 'show blocks' },
  { short: 'S', help: 'by size, largest first' },
  { long: 'sort', argument: 'required', metavar: 'WORD', help: 'none, name, size, time, version, extension' },
  { long: 'time', argument: 'required', metavar: 'WORD', help: 'which time: atime, ctime, mtime' },
  { long: 'time-style', argument: 'required', metavar: 'STYLE', help: 'full-iso, long-iso, iso, locale, +FORMAT' },
  { short: 't', help: 'by time, newest first' },
  { short: 'u', help: 'sort by, and with -l show, the access time' },
  { short: 'U', help: 'not sorted' },
  { short: 'v', help: 'numbers in names by value' },
  { short: 'w', long: 'width', argument: 'required', metavar: 'COLS', help: 'the width of the output' },
  { short: 'x', help: 'in rows' },
  { short: 'X', help: 'by extension' },
  { short: 'Z', long: 'context', help: 'security context' },
  { short: '1', help: 'one name a line' },
]

class Lister {
  readonly process: Process
  readonly args: Arguments
  readonly out: Output
  status = 0
  private readonly colors: ColorTable | undefined
  private readonly quoting: 'literal' | 'shell' | 'c'
  private readonly columns: number
  private readonly format: 'long' | 'one' | 'columns' | 'rows' | 'commas'
  private readonly style: 'classify' | 'file-type' | 'slash' | 'none'
  private readonly names: ReturnType<typeof nameTables>
  private readonly local: ReturnType<typeof processLocalTime>
  private colored = false
  private printed = false

  constructor(process: Process, args: Arguments, tty: boolean, columns: number) {
    this.process = process
    this.args = args
    this.out = new Output(process)
    const color = args.given.findLast((one) => one.name === 'color')
    const when = color === undefined ? 'never' : (color.value ?? 'always')
    const colorful = /^(always|yes|force)$/.test(when) || (/^(auto|tty|if-tty)$/.test(when) && tty)
    this.colors = colorful ? parseColors(process.env['LS_COLORS']) : undefined
    const quoting = args.value('quoting-style') ?? process.env['QUOTING_STYLE']
    this.quoting =
      args.has('literal') || quoting === 'literal'
        ? 'literal'
        : args.has('quote-name') || quoting === 'c'
          ? 'c'
          : tty || quoting?.startsWith('shell') === true
            ? 'shell'
            : 'literal'
    this.columns = columns
    const chosen = args.given.findLast((one) =>
      ['l', 'g', 'o', 'n', '1', 'C', 'x', 'm', 'numeric-uid-gid', 'full-time', 'format'].includes(one.name),
    )
    const long = args.given.some((one) => ['l', 'g', 'o', 'numeric-uid-gid', 'full-time'].includes(one.name))
    const word = chosen?.name === 'format' ? chosen.value : undefined
    if (word !== undefined)
      this.format =
        word === 'long' || word === 'verbose'
          ? 'long'
          : word === 'commas'
            ? 'commas'
            : word === 'single-column'
              ? 'one'
              : word === 'across' || word === 'horizontal'
                ? 'rows'
                : 'columns'
    else if (long && chosen?.name !== 'C' && chosen?.name !== 'x' && chosen?.name !== 'm') this.format = 'long'
    else
      this.format =
        chosen?.name === 'C'
          ? 'columns'
          : chosen?.name === 'x'
            ? 'rows'
            : chosen?.name === 'm'
              ? 'commas'
              : chosen?.name === '1' || !tty
                ? 'one'
                : 'columns'
    const classify = args.given.findLast((one) => ['classify', 'file-type', 'p', 'indicator-style'].includes(one.name))
    const classifyOn =
      classify?.name === 'classify' && (classify.value === undefined || classify.value === 'always' || (classify.value === 'auto' && tty))
    this.style =
      classifyOn || classify?.value === 'classify'
        ? 'classify'
        : classify?.name === 'p' || classify?.value === 'slash'
          ? 'slash'
          : classify?.name === 'file-type' || classify?.value === 'file-type'
            ? 'file-type'
            : 'none'
    this.names = nameTables(process)
    this.local = processLocalTime(process)
  }

  private shown(name: string): string {
    if (this.quoting === 'shell') return shellQuoted(name)
    if (this.quoting === 'c') return `"${name.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`
    return this.args.has('hide-control-chars') ? name.replace(/[\x00-\x1f\x7f]/g, '?') : name
  }

  private *entry(name: string, path: string, follow: boolean, named: boolean): Syscall<Entry | undefined> {
    const { process } = this
    let stat = follow ? yield* process.stat(path) : yield* process.lstat(path)
    if (isErrno(stat) && follow) stat = yield* process.lstat(path)
    if (isErrno(stat)) {
      yield* this.out.flush()
      yield* complain(process, `cannot access ${quoteName(path)}`, stat)
      this.status = Math.max(this.status, named ? 2 : 1)
      if (named) return undefined
      return { name, path, stat: undefined, target: undefined, targetStat: undefined, shown: this.shown(name) }
    }
    let target: string | undefined
    let targetStat: Stat | undefined
    if (stat.kind === 'symlink' && (this.format === 'long' || this.colors !== undefined || this.args.has('group-directories-first'))) {
      const text = yield* process.readlink(path)
      target = isErrno(text) ? undefined : text
      const real = yield* process.stat(path)
      targetStat = isErrno(real) ? undefined : real
    }
    return { name, path, stat, target, targetStat, shown: this.shown(name) }
  }

  private timeOf(stat: Stat): number {
    const word = this.args.value('time')
    if (this.args.has('c') || word === 'ctime' || word === 'status') return stat.ctimeUsec
    if (this.args.has('u') || word === 'atime' || word === 'access' || word === 'use') return stat.atimeUsec
    return stat.mtimeUsec
  }

  private sort(entries: Entry[]): Entry[] {
    const { args } = this
    const long = this.format === 'long'
    const choice = args.given.findLast((one) => ['t', 'S', 'U', 'f', 'v', 'X', 'sort'].includes(one.name))
    const key =
      choice?.name === 'sort'
        ? choice.value
        : ({ t: 'time', S: 'size', U: 'none', f: 'none', v: 'version', X: 'extension' } as Record<string, string>)[choice?.name ?? '']
    const byName = (a: Entry, b: Entry) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
    let compare: ((a: Entry, b: Entry) => number) | undefined = byName
    if (key === 'none') compare = undefined
    else if (key === 'size') compare = (a, b) => (b.stat?.size ?? 0) - (a.stat?.size ?? 0) || byName(a, b)
    else if (key === 'time' || (key === undefined && !long && (args.has('c') || args.has('u'))))
      compare = (a, b) =>
        (b.stat === undefined ? 0 : this.timeOf(b.stat)) - (a.stat === undefined ? 0 : this.timeOf(a.stat)) || byName(a, b)
    else if (key === 'version') compare = (a, b) => versionOrder(a.name, b.name)
    else if (key === 'extension')
      compare = (a, b) => (extension(a.name) < extension(b.name) ? -1 : extension(a.name) > extension(b.name) ? 1 : byName(a, b))
    const sorted = compare === undefined ? entries : [...entries].sort(compare)
    if (args.has('reverse') && compare !== undefined) sorted.reverse()
    if (args.has('group-directories-first')) {
      const isDirectory = (entry: Entry) => (entry.targetStat ?? entry.stat)?.kind === 'directory'
      return [...sorted.filter(isDirectory), ...sorted.filter((entry) => !isDirectory(entry))]
    }
    return sorted
  }

  // ------------------------------------------------------------ printing

  private paint(text: string, name: string, stat: Stat | undefined, target: Stat | undefined, orphan: boolean): string {
    if (this.colors === undefined || stat === undefined) return text
    const code = colorOf(this.colors, { name, kind: stat.kind, mode: stat.mode, nlink: stat.nlink, target, orphan })
    if (code === undefined) return text
    const first = this.colored ? '' : '\x1b[0m'
    this.colored = true
    return `${first}\x1b[${code}m${text}\x1b[0m`
  }

  private paintEntry(entry: Entry): string {
    return this.paint(
      entry.shown,
      entry.name,
      entry.stat,
      entry.targetStat,
      entry.stat?.kind === 'symlink' && entry.targetStat === undefined,
    )
  }

  private sizeText(stat: Stat): string {
    if (this.args.has('human-readable')) return humanSize(stat.size)
    if (this.args.has('si')) return humanSize(stat.size, 1000)
    const unit = this.args.value('block-size')
    if (unit !== undefined) {
      const size = { K: 1024, M: 1048576, G: 1073741824 }[unit] ?? (Number(unit) || 1)
      return `${Math.ceil(stat.size / size)}${/^[KMG]$/.test(unit) ? unit : ''}`
    }
    return String(stat.size)
  }

  private blockText(blocks512: number): string {
    return this.args.has('human-readable')
      ? humanSize(blocks512 * 512)
      : this.args.has('si')
        ? humanSize(blocks512 * 512, 1000)
        : String(Math.ceil(blocks512 / 2))
  }

  private timeText(stat: Stat): string {
    const usec = this.timeOf(stat)
    const time: BrokenTime = this.local.localtime(Math.floor(usec / 1e6))
    const style = this.args.has('full-time') ? 'full-iso' : (this.args.value('time-style') ?? timeStyle(this.process))
    const recent = usec > this.process.realtimeUsec - halfYearUsec && usec <= this.process.realtimeUsec
    if (style?.startsWith('+') === true) {
      const [old, fresh] = style.slice(1).split('\n')
      return strftime(recent && fresh !== undefined ? fresh : old!, time, usec)
    }
    if (style === 'full-iso') return strftime('%Y-%m-%d %H:%M:%S.%N %z', time, usec)
    if (style === 'long-iso') return strftime('%Y-%m-%d %H:%M', time, usec)
    if (style === 'iso') return strftime(recent ? '%m-%d %H:%M' : '%Y-%m-%d ', time, usec)
    return strftime(recent ? '%b %e %H:%M' : '%b %e  %Y', time, usec)
  }

  private longLines(entries: readonly Entry[]): string[] {
    const { args } = this
    const numeric = args.has('numeric-uid-gid')
    const owner = !args.has('g')
    const group = !args.has('o') && !args.has('no-group')
    const cells = entries.map((entry) => {
      const { stat } = entry
      if (stat === undefined)
        return {
          inode: '?',
          blocks: '?',
          mode: '??????????',
          links: '?',
          user: '?',
          group: '?',
          size: '?',
          time: '           ?',
          device: undefined,
        }
      const device = stat.kind === 'character-device' || stat.kind === 'block-device'
      return {
        inode: String(stat.ino),
        blocks: this.blockText(blocksOf(stat)),
        mode: modeString(stat.kind, stat.mode),
        links: String(stat.nlink),
        user: numeric ? String(stat.uid) : this.names.user(stat.uid),
        group: numeric ? String(stat.gid) : this.names.group(stat.gid),
        size: device ? '' : this.sizeText(stat),
        time: this.timeText(stat),
        device: device ? { major: String(stat.rdev[0]), minor: String(stat.rdev[1]) } : undefined,
      }
    })
    const width = (key: 'inode' | 'blocks' | 'links' | 'user' | 'group' | 'size' | 'time') =>
      Math.max(0, ...cells.map((cell) => cell[key].length))
    const major = Math.max(0, ...cells.map((cell) => cell.device?.major.length ?? 0))
    const minor = Math.max(0, ...cells.map((cell) => cell.device?.minor.length ?? 0))
    const sizeWidth = Math.max(width('size'), major > 0 ? major + 2 + minor : 0)
    const widths = {
      inode: width('inode'),
      blocks: width('blocks'),
      links: width('links'),
      user: width('user'),
      group: width('group'),
      time: width('time'),
    }
    const quotePad = this.quoting === 'shell' && entries.some((entry) => /^['"]/.test(entry.shown))
    return entries.map((entry, index) => {
      const cell = cells[index]!
      const size =
        cell.device === undefined
          ? cell.size.padStart(sizeWidth)
          : `${cell.device.major.padStart(sizeWidth - 2 - minor)}, ${cell.device.minor.padStart(minor)}`
      const parts = [
        ...(args.has('inode') ? [cell.inode.padStart(widths.inode)] : []),
        ...(args.has('size') ? [cell.blocks.padStart(widths.blocks)] : []),
        cell.mode,
        cell.links.padStart(widths.links),
        ...(owner ? [numeric ? cell.user.padStart(widths.user) : cell.user.padEnd(widths.user)] : []),
        ...(group ? [numeric ? cell.group.padStart(widths.group) : cell.group.padEnd(widths.group)] : []),
        ...(args.has('author') ? [cell.user.padEnd(widths.user)] : []),
        size,
        cell.time.padStart(widths.time),
      ]
      const pad = quotePad && !/^['"]/.test(entry.shown) ? ' ' : ''
      let name = pad + this.paintEntry(entry)
      if (entry.target !== undefined) {
        const orphan = entry.targetStat === undefined
        name += ` -> ${this.paint(this.shown(entry.target), entry.target, entry.targetStat ?? (orphan ? entry.stat : undefined), undefined, orphan)}${indicator(entry.targetStat, this.style)}`
      } else name += indicator(entry.stat, this.style)
      return `${parts.join(' ')} ${name}\n`
    })
  }

  private prefix(entry: Entry, widths: { inode: number; blocks: number }): string {
    return (
      (this.args.has('inode') ? `${String(entry.stat?.ino ?? '?').padStart(widths.inode)} ` : '') +
      (this.args.has('size') ? `${(entry.stat === undefined ? '?' : this.blockText(blocksOf(entry.stat))).padStart(widths.blocks)} ` : '')
    )
  }

  private *print(entries: readonly Entry[]): Syscall<void> {
    if (entries.length === 0) return
    if (this.format === 'long') {
      for (const line of this.longLines(entries)) yield* this.out.print(line)
      return
    }
    const many = this.format !== 'one' && this.format !== 'commas'
    const widths = {
      inode: many || this.format === 'one' ? Math.max(...entries.map((entry) => String(entry.stat?.ino ?? '?').length)) : 0,
      blocks:
        many || this.format === 'one'
          ? Math.max(...entries.map((entry) => (entry.stat === undefined ? 1 : this.blockText(blocksOf(entry.stat)).length)))
          : 0,
    }
    const quotePad = many && this.quoting === 'shell' && entries.some((entry) => /^['"]/.test(entry.shown))
    const items = entries.map((entry) => {
      const head = this.prefix(entry, widths)
      const mark = indicator(entry.stat, this.style)
      const pad = quotePad && !/^['"]/.test(entry.shown) ? ' ' : ''
      return { text: head + pad + this.paintEntry(entry) + mark, width: textWidth(head + pad + entry.shown + mark) }
    })
    if (this.format === 'one') {
      for (const item of items) yield* this.out.print(`${item.text}\n`)
      return
    }
    if (this.format === 'commas') {
      let column = 0
      for (const [index, item] of items.entries()) {
        const last = index === items.length - 1
        if (column > 0 && column + item.width + 2 > this.columns) {
          yield* this.out.print('\n')
          column = 0
        } else if (index > 0) {
          yield* this.out.print(' ')
          column += 1
        }
        yield* this.out.print(last ? item.text : `${item.text},`)
        column += item.width + 1
      }
      yield* this.out.print('\n')
      return
    }
    yield* this.printColumns(items)
  }

  private *printColumns(items: readonly { readonly text: string; readonly width: number }[]): Syscall<void> {
    const across = this.format === 'rows'
    const count = items.length
    let columns = 1
    let widths: number[] = []
    for (let tried = Math.min(count, Math.max(1, Math.floor(this.columns / 3))); tried >= 1; tried--) {
      const height = Math.ceil(count / tried)
      const current = Array.from({ length: tried }, () => 3)
      items.forEach((item, index) => {
        const column = across ? index % tried : Math.floor(index / height)
        if (column < tried) current[column] = Math.max(current[column]!, item.width + (column === tried - 1 ? 0 : 2))
      })
      if (tried === 1 || current.reduce((sum, one) => sum + one, 0) < this.columns) {
        columns = tried
        widths = current
        break
      }
    }
    const height = Math.ceil(count / columns)
    const tabs = this.colors === undefined
    for (let row = 0; row < height; row++) {
      let at = 0
      let target = 0
      for (let column = 0; column < columns; column++) {
        const index = across ? row * columns + column : column * height + row
        const item = items[index]
        if (item === undefined) continue
        if (column > 0) {
          let gap = ''
          while (at < target) {
            const stop = (Math.floor(at / 8) + 1) * 8
            if (tabs && stop <= target && target - at > 1) {
              gap += '\t'
              at = stop
            } else {
              gap += ' '
              at += 1
            }
          }
          yield* this.out.print(gap)
        }
        yield* this.out.print(item.text)
        at = target + item.width
        target += widths[column]!
      }
      yield* this.out.print('\n')
    }
  }

  // ------------------------------------------------------------ directories

  *directory(path: string, header: boolean, named: boolean): Syscall<void> {
    const { process, args } = this
    const names = yield* process.readdir(path)
    if (isErrno(names)) {
      yield* this.out.flush()
      yield* complain(process, `cannot open directory ${quoteName(path)}`, names)
      this.status = Math.max(this.status, named ? 2 : 1)
      return
    }
    const all = args.has('all') || args.has('f')
    const visible = names
      .map((entry) => entry.name)
      .filter((name) => name !== '.' && name !== '..' && (all || args.has('almost-all') || !name.startsWith('.')))
    const ignored = [
      ...args.values('ignore'),
      ...(all || args.has('almost-all') ? [] : args.values('hide')),
      ...(args.has('ignore-backups') ? ['*~'] : []),
    ]
    const kept = visible.filter((name) => !ignored.some((pattern) => matchesPattern(pattern, name)))
    const entries: Entry[] = []
    for (const name of all ? ['.', '..', ...kept] : kept) {
      const entry = yield* this.entry(name, path.endsWith('/') ? path + name : `${path}/${name}`, args.has('dereference'), false)
      if (entry !== undefined) entries.push(entry)
    }
    const sorted = this.sort(entries)
    if (header) yield* this.out.print(`${this.printed ? '\n' : ''}${this.shown(path)}:\n`)
    this.printed = true
    if (this.format === 'long' || args.has('size')) {
      const blocks = sorted.reduce((sum, entry) => sum + (entry.stat === undefined ? 0 : blocksOf(entry.stat)), 0)
      yield* this.out.print(`total ${this.blockText(blocks)}\n`)
    }
    yield* this.print(sorted)
    if (!args.has('recursive')) return
    for (const entry of sorted) {
      if (entry.name === '.' || entry.name === '..' || entry.stat?.kind !== 'directory') continue
      yield* this.directory(entry.path, true, false)
    }
  }

  *list(paths: readonly string[]): Syscall<number> {
    const { args } = this
    const files: Entry[] = []
    const directories: Entry[] = []
    const followNamed =
      args.has('dereference') ||
      args.has('dereference-command-line') ||
      !(this.format === 'long' || args.has('directory') || this.style === 'classify')
    for (const path of paths) {
      const entry = yield* this.entry(path, path, followNamed, true)
      if (entry === undefined) continue
      if (entry.stat?.kind === 'directory' && !args.has('directory')) directories.push(entry)
      else {
        // A followed name is shown as the link that it is, unless -L or -H asks otherwise.
        const own =
          followNamed && !args.has('dereference') && !args.has('dereference-command-line')
            ? yield* this.entry(path, path, false, true)
            : entry
        files.push(own ?? entry)
      }
    }
    const sortedFiles = this.sort(files)
    yield* this.print(sortedFiles)
    if (sortedFiles.length > 0) this.printed = true
    const header = paths.length > 1 || args.has('recursive')
    for (const entry of this.sort(directories)) yield* this.directory(entry.path, header, true)
    return yield* this.out.finish(this.status)
  }
}

const timeStyle = (process: Process): string | undefined => process.env['TIME_STYLE']
const extension = (name: string): string => (name.lastIndexOf('.') <= 0 ? '' : name.slice(name.lastIndexOf('.')))

/** Digit runs by value. */
export function versionOrder(a: string, b: string): number {
  const split = (text: string) => text.match(/\d+|\D+/g) ?? []
  const [left, right] = [split(a), split(b)]
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const [one, other] = [left[index]!, right[index]!]
    const both = /^\d/.test(one) && /^\d/.test(other)
    const order = both ? Number(one) - Number(other) || one.length - other.length : one < other ? -1 : one > other ? 1 : 0
    if (order !== 0) return order
  }
  return left.length - right.length
}

function lister(name: string, path: string, extra: readonly string[]): Program {
  return program({
    name,
    path,
    summary: 'list files',
    synopsis: '[OPTION]... [FILE]...',
    version: `${name} (GNU coreutils) 9.7`,
    usageStatus: 2,
    options: rows,
    rewrite: (words) => [...extra, ...words],
    *main(process, args) {
      const tty = yield* process.isatty(1)
      const size = tty ? yield* process.getWindowSize(1) : undefined
      const columns =
        Number(
          args.value('width') ?? process.env['COLUMNS'] ?? (size === undefined || isErrno(size) || size.columns === 0 ? 80 : size.columns),
        ) || 80
      const color = args.value('color')
      if (color !== undefined && !/^(always|yes|force|never|no|none|auto|tty|if-tty)$/.test(color)) {
        yield* complain(process, `invalid argument ${quoteWord(process, color)} for ${quoteWord(process, '--color')}`)
        return 2
      }
      return yield* new Lister(process, args, tty, columns).list(args.operands.length === 0 ? ['.'] : args.operands)
    },
  })
}

export const ls = lister('ls', '/usr/bin/ls', [])
export const dir = lister('dir', '/usr/bin/dir', ['-C', '-b'])
export const vdir = lister('vdir', '/usr/bin/vdir', ['-l', '-b'])
