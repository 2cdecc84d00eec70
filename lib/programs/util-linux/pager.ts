// After less(1), more(1), clear(1), reset(1), man(1), and the editors: a file is opened in the page's editor.
import { decodeUtf8 } from '@/lib/base'
import { errno, isErrno, O_RDONLY, type Process, type Syscall } from '@/lib/kernel'
import { type Program, program } from '../program'
import { closeInput, complain, openInput, Output, readAll } from '../stdio'
import { canonicalize } from '../coreutils/readlink'

function* readLines(process: Process, paths: readonly string[]): Syscall<{ readonly lines: string[]; readonly failed: boolean }> {
  let text = ''
  let failed = false
  for (const path of paths.length === 0 ? ['-'] : paths) {
    const fd = yield* openInput(process, path)
    const bytes = isErrno(fd) ? fd : yield* readAll(process, fd)
    if (!isErrno(fd)) yield* closeInput(process, fd)
    if (isErrno(bytes)) {
      if (bytes === errno.EISDIR) yield* process.write(2, `${path} is a directory\n`)
      else yield* process.write(2, `${path}: ${bytes.message}\n`)
      failed = true
    } else text += decodeUtf8(bytes)
  }
  return { lines: text === '' ? [] : text.replace(/\n$/, '').split('\n'), failed }
}

/** Pages through lines on a terminal. */
function* page(process: Process, lines: readonly string[], title: string, more: boolean, quitAtEnd: boolean): Syscall<number> {
  const size = yield* process.getWindowSize(1)
  const [rows, columns] = isErrno(size) || size.rows === 0 ? [24, 80] : [size.rows, size.columns]
  const shown = lines.flatMap((line) => {
    const plain = [...line.replaceAll('\t', '        ')]
    if (plain.length <= columns || line.includes('\x1b')) return [line]
    const parts: string[] = []
    for (let at = 0; at < plain.length; at += columns) parts.push(plain.slice(at, at + columns).join(''))
    return parts
  })
  const height = rows - 1
  if (quitAtEnd && shown.length <= height) {
    yield* process.write(1, shown.map((line) => `${line}\n`).join(''))
    return 0
  }
  const opened = yield* process.open('/dev/tty', O_RDONLY)
  const keys = isErrno(opened) ? 2 : opened
  const saved = yield* process.tcgetattr(keys)
  if (!isErrno(saved)) yield* process.tcsetattr(keys, { icanon: false, echo: false, isig: true })
  let top = 0
  let search = ''
  let message = ''
  const last = Math.max(0, shown.length - height)
  if (!more) yield* process.write(1, '\x1b[?1049h')
  const draw = function* (): Syscall<void> {
    const body = shown.slice(top, top + height)
    const rest = Array.from({ length: height - body.length }, () => '~')
    const mark = search === '' ? undefined : new RegExp(search.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'g')
    const text = [...body.map((line) => (mark === undefined ? line : line.replace(mark, (found) => `\x1b[7m${found}\x1b[27m`))), ...rest]
      .map((line) => `${line}\x1b[K`)
      .join('\n')
    const prompt =
      message !== ''
        ? `\x1b[7m${message}\x1b[27m`
        : top >= last
          ? '\x1b[7m(END)\x1b[27m'
          : top === 0 && title !== ''
            ? `\x1b[7m${title}\x1b[27m`
            : ':'
    message = ''
    yield* process.write(1, `\x1b[H${text}\n\x1b[K${prompt}`)
  }
  const find = (from: number, step: number) => {
    for (let index = from; index >= 0 && index < shown.length; index += step) if (shown[index]!.includes(search)) return index
    return undefined
  }
  for (;;) {
    yield* draw()
    const bytes = yield* process.read(keys, 64)
    if (bytes === errno.EINTR) continue
    if (isErrno(bytes) || bytes.length === 0) break
    const key = decodeUtf8(bytes)
    if (key === 'q' || key === 'Q' || key === '\x03' || key === ':q') break
    if (key === ' ' || key === 'f' || key === '\x06' || key === '\x1b[6~') {
      if (top >= last && more) break
      top = Math.min(last, top + height)
    } else if (key === 'b' || key === '\x02' || key === '\x1b[5~') top = Math.max(0, top - height)
    else if (key === '\r' || key === '\n' || key === 'j' || key === 'e' || key === '\x1b[B' || key === '\x1bOB')
      top = Math.min(last, top + 1)
    else if (key === 'k' || key === 'y' || key === '\x1b[A' || key === '\x1bOA') top = Math.max(0, top - 1)
    else if (key === 'd' || key === '\x04') top = Math.min(last, top + (height >> 1))
    else if (key === 'u' || key === '\x15') top = Math.max(0, top - (height >> 1))
    else if (key === 'g' || key === '<' || key === '\x1b[H') top = 0
    else if (key === 'G' || key === '>' || key === '\x1b[F') top = last
    else if (key === '/' || key === '?') {
      let typed = ''
      for (;;) {
        yield* process.write(1, `\r\x1b[K${key}${typed}`)
        const next = yield* process.read(keys, 64)
        if (isErrno(next) || next.length === 0) break
        const one = decodeUtf8(next)
        if (one === '\r' || one === '\n') break
        typed = one === '\x7f' || one === '\b' ? [...typed].slice(0, -1).join('') : typed + one
      }
      if (typed !== '') search = typed
      const found = find(key === '/' ? top + (typed === '' ? 1 : 0) : top - 1, key === '/' ? 1 : -1)
      if (found === undefined) message = 'Pattern not found  (press RETURN)'
      else top = Math.min(last, found)
    } else if ((key === 'n' || key === 'N') && search !== '') {
      const found = find(top + (key === 'n' ? 1 : -1), key === 'n' ? 1 : -1)
      if (found === undefined) message = 'Pattern not found  (press RETURN)'
      else top = Math.min(last, found)
    } else if (key === 'h' || key === 'H') message = 'SPACE next, b back, / search, g top, G end, q quit'
  }
  yield* process.write(1, more ? '\r\x1b[K' : '\r\x1b[K\x1b[?1049l')
  if (!isErrno(saved)) yield* process.tcsetattr(keys, saved)
  return 0
}

function pagerProgram(name: string, path: string, links: readonly string[], more: boolean): Program {
  return program({
    name,
    path,
    links,
    summary: 'show text page by page',
    synopsis: '[options] [file]...',
    options: [
      { short: 'E', long: 'QUIT-AT-EOF', help: 'leave at the end' },
      { short: 'e', long: 'quit-at-eof', help: 'leave at the second end' },
      { short: 'F', long: 'quit-if-one-screen', help: 'leave at once when it fits' },
      { short: 'i', long: 'ignore-case', help: 'has no effect here' },
      { short: 'K', long: 'quit-on-intr', help: 'leave at Ctrl-C' },
      { short: 'M', long: 'LONG-PROMPT', help: 'has no effect here' },
      { short: 'N', long: 'LINE-NUMBERS', help: 'number lines' },
      { short: 'n', long: 'line-numbers', help: 'has no effect here' },
      { short: 'R', long: 'RAW-CONTROL-CHARS', help: 'colours' },
      { short: 'r', long: 'raw-control-chars', help: 'colours' },
      { short: 'S', long: 'chop-long-lines', help: 'has no effect here' },
      { short: 's', long: 'squeeze-blank-lines', help: 'one empty line' },
      { short: 'X', long: 'no-init', help: 'leave the text there' },
    ],
    rewrite: (words) => words.filter((word) => !/^\+/.test(word)),
    *main(process, args) {
      if (args.operands.length === 0 && (yield* process.isatty(0))) {
        yield* process.write(
          2,
          more ? `more: bad usage\nTry 'more --help' for more information.\n` : 'Missing filename ("less --help" for help)\n',
        )
        return 1
      }
      const { lines, failed } = yield* readLines(process, args.operands)
      const numbered = args.has('LINE-NUMBERS') ? lines.map((line, index) => `${String(index + 1).padStart(7)} ${line}`) : lines
      if (failed && lines.length === 0) return 1
      if (!(yield* process.isatty(1))) {
        const out = new Output(process)
        for (const line of numbered) yield* out.print(`${line}\n`)
        return yield* out.finish()
      }
      return yield* page(
        process,
        numbered,
        args.operands[0] ?? '',
        more || args.has('no-init'),
        more || args.has('quit-if-one-screen') || (process.env['LESS'] ?? '').includes('F'),
      )
    },
  })
}

export const less = pagerProgram('less', '/usr/bin/less', ['/usr/bin/pager'], false)
export const more = pagerProgram('more', '/usr/bin/more', [], true)

export const clear = program({
  name: 'clear',
  path: '/usr/bin/clear',
  summary: 'empty the screen',
  options: [
    { short: 'x', help: 'keep what was scrolled away' },
    { short: 'T', argument: 'required', metavar: 'TERM', help: 'has no effect here' },
    { short: 'V', help: 'the version' },
  ],
  *main(process, args) {
    if (process.env['TERM'] === undefined) {
      yield* process.write(2, 'TERM environment variable not set.\n')
      return 1
    }
    yield* process.write(1, args.has('x') ? '\x1b[H\x1b[2J' : '\x1b[H\x1b[2J\x1b[3J')
    return 0
  },
})

export const reset = program({
  name: 'tset',
  path: '/usr/bin/tset',
  links: ['/usr/bin/reset'],
  summary: 'put the terminal in order again',
  options: [],
  *main(process) {
    for (const fd of [0, 1, 2]) {
      if (!(yield* process.isatty(fd))) continue
      yield* process.tcsetattr(fd, { icanon: true, echo: true, isig: true, icrnl: true, opost: true, ixon: true })
      break
    }
    yield* process.write(2, '\x1bc\x1b[!p\x1b[?3;4l\x1b[4l\x1b>\r')
    return 0
  },
})

export const man = program({
  name: 'man',
  path: '/usr/bin/man',
  summary: 'where to read about something',
  synopsis: '[SECTION] PAGE...',
  options: [
    { short: 'k', long: 'apropos', help: 'not simulated here' },
    { short: 'f', long: 'whatis', help: 'not simulated here' },
  ],
  *main(process, args) {
    const names = args.operands.filter((word, index) => !(index === 0 && /^\d[a-z]*$/.test(word) && args.operands.length > 1))
    if (names.length === 0) {
      yield* process.write(2, "What manual page do you want?\nFor example, try 'man man'.\n")
      return 1
    }
    for (const name of names) {
      const directive = /^[A-Z][A-Za-z]+=?$/.test(name)
      yield* process.write(
        1,
        directive
          ? `${name.replace(/=$/, '')}= is explained on the page of this site: reference/${name.replace(/=$/, '')}\n`
          : `The manual page of ${name} is not on this machine.\nRead it at https://manpages.debian.org/trixie/${encodeURIComponent(name)}; directives of unit files are on the reference pages of this site.\n`,
      )
    }
    return 0
  },
})

/** The host opens the file in its editor when it sees this sequence on the terminal. */
function editorProgram(name: string, path: string, links: readonly string[]): Program {
  return program({
    name,
    path,
    links,
    summary: 'open a file in the editor of the page',
    synopsis: '[FILE]...',
    options: [],
    raw: true,
    *main(process, args) {
      const files = args.operands.filter((word) => !/^[-+]/.test(word))
      if (!(yield* process.isatty(1))) {
        yield* process.write(2, `${name}: standard output is not a terminal\n`)
        return 1
      }
      if (files.length === 0) {
        yield* process.write(2, `${name}: give the name of a file; it opens in the editor beside the terminal\n`)
        return 1
      }
      for (const file of files) {
        const full = yield* canonicalize(process, file, 'all')
        if (isErrno(full)) {
          yield* complain(process, file, full)
          return 1
        }
        yield* process.write(1, `\x1b]777;open;${full}\x07`)
      }
      return 0
    },
  })
}

export const pagerPrograms: readonly Program[] = [
  less,
  more,
  clear,
  reset,
  man,
  editorProgram('nano', '/usr/bin/nano', ['/usr/bin/editor', '/usr/bin/pico', '/usr/bin/rnano', '/usr/bin/sensible-editor']),
  editorProgram('vi', '/usr/bin/vi', ['/usr/bin/vim', '/usr/bin/view']),
]
