// After diff(1) and cmp(1).
import { type Bytes, decodeUtf8, strftime } from '@/lib/base'
import { isErrno, type Process, type Stat, type Syscall } from '@/lib/kernel'
import { processLocalTime } from '../process-time'
import { type Arguments, program } from '../program'
import { closeInput, complain, openInput, Output, readAll } from '../stdio'
import { baseName } from '../coreutils/basename'

type Change = { readonly oldFrom: number; readonly oldTo: number; readonly newFrom: number; readonly newTo: number }

/** Where two lists of lines differ (Myers' algorithm on what the common ends leave). */
export function changesBetween(left: readonly string[], right: readonly string[]): readonly Change[] {
  let start = 0
  while (start < left.length && start < right.length && left[start] === right[start]) start += 1
  let [leftEnd, rightEnd] = [left.length, right.length]
  while (leftEnd > start && rightEnd > start && left[leftEnd - 1] === right[rightEnd - 1]) {
    leftEnd -= 1
    rightEnd -= 1
  }
  const [n, m] = [leftEnd - start, rightEnd - start]
  const most = n + m
  const trace: Int32Array[] = []
  const reach = new Int32Array(2 * most + 2)
  let steps = 0
  search: for (; steps <= most; steps++) {
    trace.push(reach.slice())
    for (let k = -steps; k <= steps; k += 2) {
      let x = k === -steps || (k !== steps && reach[most + k - 1]! < reach[most + k + 1]!) ? reach[most + k + 1]! : reach[most + k - 1]! + 1
      let y = x - k
      while (x < n && y < m && left[start + x] === right[start + y]) {
        x += 1
        y += 1
      }
      reach[most + k] = x
      if (x >= n && y >= m) break search
    }
  }
  const removed = new Set<number>()
  const added = new Set<number>()
  let [x, y] = [n, m]
  for (let step = steps; step > 0; step--) {
    const before = trace[step]!
    const k = x - y
    const down = k === -step || (k !== step && before[most + k - 1]! < before[most + k + 1]!)
    const previous = down ? k + 1 : k - 1
    const px = before[most + previous]!
    const py = px - previous
    if (down) added.add(start + py)
    else removed.add(start + px)
    x = px
    y = py
  }
  const changes: Change[] = []
  let [i, j] = [0, 0]
  while (i < left.length || j < right.length) {
    if (!removed.has(i) && !added.has(j)) {
      i += 1
      j += 1
      continue
    }
    const [fromI, fromJ] = [i, j]
    while (removed.has(i) || added.has(j)) {
      if (removed.has(i)) i += 1
      else j += 1
    }
    changes.push({ oldFrom: fromI, oldTo: i, newFrom: fromJ, newTo: j })
  }
  return changes
}

type Side = {
  readonly name: string
  readonly lines: readonly string[]
  readonly keys: readonly string[]
  readonly bytes: Bytes
  readonly ended: boolean
  readonly stat: Stat | undefined
}

const range = (from: number, to: number): string => (to - from <= 1 ? String(to === from ? from : from + 1) : `${from + 1},${to}`)
const unifiedRange = (from: number, to: number): string =>
  to - from === 1 ? String(from + 1) : `${to === from ? from : from + 1},${to - from}`

function keyOf(line: string, args: Arguments): string {
  let key = line
  if (args.has('ignore-all-space')) key = key.replace(/\s+/g, '')
  else if (args.has('ignore-space-change')) key = key.replace(/\s+/g, ' ').replace(/ $/, '')
  else if (args.has('ignore-trailing-space')) key = key.replace(/\s+$/, '')
  return args.has('ignore-case') ? key.toLowerCase() : key
}

function* readSide(process: Process, path: string, args: Arguments): Syscall<Side | undefined> {
  const fd = yield* openInput(process, path)
  const bytes = isErrno(fd) ? fd : yield* readAll(process, fd)
  const stat = isErrno(fd) ? fd : yield* process.fstat(fd)
  if (!isErrno(fd)) yield* closeInput(process, fd)
  if (isErrno(bytes)) {
    if (args.has('new-file') && bytes.name === 'ENOENT')
      return { name: path, lines: [], keys: [], bytes: new Uint8Array(), ended: true, stat: undefined }
    yield* complain(process, path, bytes)
    return undefined
  }
  const text = decodeUtf8(bytes)
  const ended = text === '' || text.endsWith('\n')
  const lines = text === '' ? [] : (ended ? text.slice(0, -1) : text).split('\n')
  const keys = lines.map((line, index) => keyOf(line, args) + (index === lines.length - 1 && !ended ? '\0' : ''))
  return { name: path, lines, keys, bytes, ended, stat: isErrno(stat) ? undefined : stat }
}

const missingNewline = '\\ No newline at end of file\n'
const lineText = (side: Side, index: number): string =>
  `${side.lines[index]}\n${index === side.lines.length - 1 && !side.ended ? missingNewline : ''}`

function stamp(process: Process, side: Side): string {
  const usec = side.stat?.mtimeUsec ?? 0
  return strftime('%Y-%m-%d %H:%M:%S.%N %z', processLocalTime(process).localtime(Math.floor(usec / 1e6)), usec)
}

function normalText(left: Side, right: Side, changes: readonly Change[]): string {
  return changes
    .map(({ oldFrom, oldTo, newFrom, newTo }) => {
      const letter = oldFrom === oldTo ? 'a' : newFrom === newTo ? 'd' : 'c'
      let text = `${range(oldFrom, oldTo)}${letter}${range(newFrom, newTo)}\n`
      for (let index = oldFrom; index < oldTo; index++) text += `< ${lineText(left, index)}`
      if (letter === 'c') text += '---\n'
      for (let index = newFrom; index < newTo; index++) text += `> ${lineText(right, index)}`
      return text
    })
    .join('')
}

/** Changes that are near each other stand in one hunk. */
function hunksOf(changes: readonly Change[], context: number): readonly (readonly Change[])[] {
  const hunks: Change[][] = []
  for (const change of changes) {
    const last = hunks.at(-1)?.at(-1)
    if (last !== undefined && change.oldFrom - last.oldTo <= 2 * context) hunks.at(-1)!.push(change)
    else hunks.push([change])
  }
  return hunks
}

function unifiedText(left: Side, right: Side, changes: readonly Change[], context: number): string {
  return hunksOf(changes, context)
    .map((hunk) => {
      const [first, last] = [hunk[0]!, hunk.at(-1)!]
      const from = Math.max(0, first.oldFrom - context)
      const to = Math.min(left.lines.length, last.oldTo + context)
      const newFrom = first.newFrom - (first.oldFrom - from)
      const newTo = last.newTo + (to - last.oldTo)
      let text = `@@ -${unifiedRange(from, to)} +${unifiedRange(newFrom, newTo)} @@\n`
      let at = from
      for (const change of hunk) {
        for (; at < change.oldFrom; at++) text += ` ${lineText(left, at)}`
        for (; at < change.oldTo; at++) text += `-${lineText(left, at)}`
        for (let index = change.newFrom; index < change.newTo; index++) text += `+${lineText(right, index)}`
      }
      for (; at < to; at++) text += ` ${lineText(left, at)}`
      return text
    })
    .join('')
}

function contextText(left: Side, right: Side, changes: readonly Change[], context: number): string {
  return hunksOf(changes, context)
    .map((hunk) => {
      const [first, last] = [hunk[0]!, hunk.at(-1)!]
      const from = Math.max(0, first.oldFrom - context)
      const to = Math.min(left.lines.length, last.oldTo + context)
      const newFrom = first.newFrom - (first.oldFrom - from)
      const newTo = last.newTo + (to - last.oldTo)
      const span = (a: number, b: number) => (b - a <= 1 ? String(b) : `${a + 1},${b}`)
      let text = `***************\n*** ${span(from, to)} ****\n`
      if (hunk.some((change) => change.oldTo > change.oldFrom)) {
        let at = from
        for (const change of hunk) {
          for (; at < change.oldFrom; at++) text += `  ${lineText(left, at)}`
          for (; at < change.oldTo; at++) text += `${change.newTo > change.newFrom ? '!' : '-'} ${lineText(left, at)}`
        }
        for (; at < to; at++) text += `  ${lineText(left, at)}`
      }
      text += `--- ${span(newFrom, newTo)} ----\n`
      if (hunk.some((change) => change.newTo > change.newFrom)) {
        let at = newFrom
        for (const change of hunk) {
          for (; at < change.newFrom; at++) text += `  ${lineText(right, at)}`
          for (; at < change.newTo; at++) text += `${change.oldTo > change.oldFrom ? '!' : '+'} ${lineText(right, at)}`
        }
        for (; at < newTo; at++) text += `  ${lineText(right, at)}`
      }
      return text
    })
    .join('')
}

function paint(text: string, normal: boolean): string {
  return text.replace(/^.*$/gm, (line) => {
    const code = normal
      ? /^</.test(line)
        ? '31'
        : /^>/.test(line)
          ? '32'
          : /^\d/.test(line)
            ? '36'
            : ''
      : /^(?:---|\+\+\+)/.test(line)
        ? '1'
        : /^-/.test(line)
          ? '31'
          : /^\+/.test(line)
            ? '32'
            : /^@@/.test(line)
              ? '36'
              : ''
    return code === '' || line === '' ? line : `\x1b[${code}m${line}\x1b[0m`
  })
}

function* diffFiles(process: Process, args: Arguments, out: Output, left: string, right: string, header: boolean): Syscall<number> {
  const one = yield* readSide(process, left, args)
  const other = yield* readSide(process, right, args)
  if (one === undefined || other === undefined) return 2
  const same = one.bytes.length === other.bytes.length && one.bytes.every((byte, index) => byte === other.bytes[index])
  const identical = args.has('report-identical-files') ? `Files ${left} and ${right} are identical\n` : ''
  if (same) {
    yield* out.print(identical)
    return 0
  }
  if (!args.has('text') && (one.bytes.includes(0) || other.bytes.includes(0))) {
    yield* out.print(args.has('brief') ? `Files ${left} and ${right} differ\n` : `Binary files ${left} and ${right} differ\n`)
    return 1
  }
  let changes = changesBetween(one.keys, other.keys)
  if (args.has('ignore-blank-lines')) {
    changes = changes.filter(({ oldFrom, oldTo, newFrom, newTo }) =>
      [...one.lines.slice(oldFrom, oldTo), ...other.lines.slice(newFrom, newTo)].some((line) => line !== ''),
    )
  }
  if (changes.length === 0) {
    yield* out.print(identical)
    return 0
  }
  if (args.has('brief')) {
    yield* out.print(`Files ${left} and ${right} differ\n`)
    return 1
  }
  const unified = args.has('u') || args.has('unified')
  const contextual = args.has('c') || args.has('context')
  const context = Number(args.value('unified') ?? args.value('context') ?? 3)
  const labels = args.values('label')
  let text = header ? `diff ${process.argv.slice(1, -2).join(' ')}${process.argv.length > 3 ? ' ' : ''}${left} ${right}\n` : ''
  if (unified || contextual) {
    const [first, second] = unified ? ['---', '+++'] : ['***', '---']
    text += `${first} ${labels[0] ?? `${left}\t${stamp(process, one)}`}\n${second} ${labels[1] ?? `${right}\t${stamp(process, other)}`}\n`
    text += unified ? unifiedText(one, other, changes, context) : contextText(one, other, changes, context)
  } else text += normalText(one, other, changes)
  const color = args.has('color') ? (args.value('color') ?? 'auto') : 'never'
  const colored = color === 'always' || (color === 'auto' && (yield* process.isatty(1)))
  yield* out.print(colored ? paint(text, !unified && !contextual) : text)
  return 1
}

function* diffDirectories(process: Process, args: Arguments, out: Output, left: string, right: string): Syscall<number> {
  const [one, other] = [yield* process.readdir(left), yield* process.readdir(right)]
  if (isErrno(one) || isErrno(other)) return 2
  const names = [...new Set([...one, ...other].map((entry) => entry.name))].filter((name) => name !== '.' && name !== '..').sort()
  let status = 0
  for (const name of names) {
    const [a, b] = [`${left.replace(/\/$/, '')}/${name}`, `${right.replace(/\/$/, '')}/${name}`]
    const [x, y] = [yield* process.stat(a), yield* process.stat(b)]
    if ((isErrno(x) || isErrno(y)) && !args.has('new-file')) {
      yield* out.print(`Only in ${isErrno(y) ? left : right}: ${name}\n`)
      status = Math.max(status, 1)
    } else if (!isErrno(x) && !isErrno(y) && x.kind === 'directory' && y.kind === 'directory') {
      if (args.has('recursive')) status = Math.max(status, yield* diffDirectories(process, args, out, a, b))
      else yield* out.print(`Common subdirectories: ${a} and ${b}\n`)
    } else if (!isErrno(x) && !isErrno(y) && x.kind !== y.kind) {
      const kind = (stat: Stat) => (stat.kind === 'file' ? (stat.size === 0 ? 'regular empty file' : 'regular file') : stat.kind)
      yield* out.print(`File ${a} is a ${kind(x)} while file ${b} is a ${kind(y)}\n`)
      status = Math.max(status, 1)
    } else status = Math.max(status, yield* diffFiles(process, args, out, a, b, true))
  }
  return status
}

/** These tools put their name before the hint too. */
const diffHint = (name: string): string => `${name}: Try '${name} --help' for more information.\n`

function* diffUsage(process: Process, text: string): Syscall<number> {
  yield* complain(process, text)
  yield* process.write(2, diffHint(process.argv[0] ?? ''))
  return 2
}

export const diff = program({
  name: 'diff',
  path: '/usr/bin/diff',
  summary: 'show how files differ',
  synopsis: '[OPTION]... FILES',
  version: 'diff (GNU diffutils) 3.10',
  usageStatus: 2,
  usageHint: diffHint,
  options: [
    { short: 'a', long: 'text', help: 'all files are text' },
    { short: 'b', long: 'ignore-space-change', help: 'ignore changes of the amount of blanks' },
    { short: 'B', long: 'ignore-blank-lines', help: 'ignore empty lines' },
    { short: 'c', help: 'with three lines around' },
    { short: 'C', long: 'context', argument: 'required', metavar: 'NUM', help: 'with NUM lines around' },
    { long: 'color', argument: 'optional', metavar: 'WHEN', help: 'colour: always, auto, never' },
    { short: 'E', long: 'ignore-tab-expansion', help: 'ignore tabs against spaces' },
    { short: 'i', long: 'ignore-case', help: 'capitals equal small letters' },
    { long: 'label', argument: 'required', metavar: 'LABEL', help: 'the name to show' },
    { short: 'N', long: 'new-file', help: 'missing files are empty' },
    { short: 'q', long: 'brief', help: 'only whether they differ' },
    { short: 'r', long: 'recursive', help: 'directories below too' },
    { short: 's', long: 'report-identical-files', help: 'say when files are equal' },
    { short: 'u', help: 'unified, with three lines around' },
    { short: 'U', long: 'unified', argument: 'required', metavar: 'NUM', help: 'unified, with NUM lines around' },
    { short: 'w', long: 'ignore-all-space', help: 'ignore blanks' },
    { short: 'y', long: 'side-by-side', help: 'not simulated here' },
    { short: 'Z', long: 'ignore-trailing-space', help: 'ignore blanks at the end' },
  ],
  *main(process, args) {
    if (args.has('side-by-side')) {
      yield* complain(process, 'not simulated here: --side-by-side')
      return 2
    }
    const [left, right, extra] = args.operands
    if (left === undefined || right === undefined)
      return yield* diffUsage(process, `missing operand after '${left ?? process.argv.at(-1)}'`)
    if (extra !== undefined) return yield* diffUsage(process, `extra operand '${extra}'`)
    const out = new Output(process)
    const [x, y] = [yield* process.stat(left), yield* process.stat(right)]
    const isDirectory = (stat: typeof x) => !isErrno(stat) && stat.kind === 'directory'
    let status: number
    if (isDirectory(x) && isDirectory(y)) status = yield* diffDirectories(process, args, out, left, right)
    else if (isDirectory(x) && right !== '-')
      status = yield* diffFiles(process, args, out, `${left.replace(/\/$/, '')}/${baseName(right)}`, right, false)
    else if (isDirectory(y) && left !== '-')
      status = yield* diffFiles(process, args, out, left, `${right.replace(/\/$/, '')}/${baseName(left)}`, false)
    else status = yield* diffFiles(process, args, out, left, right, false)
    return yield* out.finish(status)
  },
})

export const cmp = program({
  name: 'cmp',
  path: '/usr/bin/cmp',
  summary: 'compare two files byte by byte',
  synopsis: '[OPTION]... FILE1 [FILE2]',
  usageStatus: 2,
  usageHint: diffHint,
  options: [
    { short: 'b', long: 'print-bytes', help: 'show the bytes' },
    { short: 'l', long: 'verbose', help: 'all differences' },
    { short: 'n', long: 'bytes', argument: 'required', metavar: 'LIMIT', help: 'at most LIMIT bytes' },
    { short: 's', long: 'quiet', help: 'only the exit status' },
    { long: 'silent', help: 'the same' },
  ],
  *main(process, args) {
    const [left, right = '-'] = args.operands
    if (left === undefined) return yield* diffUsage(process, `missing operand after '${process.argv.at(-1)}'`)
    const sides: Bytes[] = []
    const silent = args.has('quiet') || args.has('silent')
    for (const path of [left, right]) {
      const fd = yield* openInput(process, path)
      const bytes = isErrno(fd) ? fd : yield* readAll(process, fd)
      if (isErrno(bytes)) {
        if (!silent) yield* complain(process, path, bytes)
        return 2
      }
      sides.push(args.has('bytes') ? bytes.subarray(0, Number(args.value('bytes'))) : bytes)
    }
    const [one, other] = sides as [Bytes, Bytes]
    const length = Math.min(one.length, other.length)
    let line = 1
    let status = 0
    const octal = (byte: number) => byte.toString(8).padStart(3)
    for (let at = 0; at < length; at++) {
      if (one[at] !== other[at]) {
        status = 1
        if (silent) return 1
        if (!args.has('verbose')) {
          const bytes = args.has('print-bytes')
            ? ` is ${octal(one[at]!)} ${String.fromCharCode(one[at]!)} ${octal(other[at]!)} ${String.fromCharCode(other[at]!)}`
            : ''
          yield* process.write(1, `${left} ${right} differ: ${args.has('print-bytes') ? 'byte' : 'byte'} ${at + 1}, line ${line}${bytes}\n`)
          return 1
        }
        yield* process.write(1, `${at + 1} ${octal(one[at]!)} ${octal(other[at]!)}\n`)
      }
      if (one[at] === 10) line += 1
    }
    if (one.length === other.length) return status
    if (!silent)
      yield* complain(
        process,
        length === 0
          ? `EOF on ${one.length < other.length ? left : right} which is empty`
          : `EOF on ${one.length < other.length ? left : right} after byte ${length}, ${one[length - 1] === 10 || other[length - 1] === 10 ? `line ${line - 1}` : `in line ${line}`}`,
      )
    return 1
  },
})
