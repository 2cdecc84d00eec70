// After stty(1): shows and sets what the terminal's line discipline does.
import { isErrno, O_NONBLOCK, O_RDWR, type Process, type Syscall, type TerminalAttributes } from '@/lib/kernel'
import { program } from '../program'

type Flag = Exclude<keyof TerminalAttributes, 'cc'>

/** Words of stty and the attribute each switches; in the order that -a prints them. */
const flags: readonly (readonly [word: string, attribute: Flag, standard: boolean])[] = [
  ['inlcr', 'inlcr', false],
  ['igncr', 'igncr', false],
  ['icrnl', 'icrnl', true],
  ['ixon', 'ixon', true],
  ['iutf8', 'iutf8', true],
  ['opost', 'opost', true],
  ['onlcr', 'onlcr', true],
  ['isig', 'isig', true],
  ['icanon', 'icanon', true],
  ['iexten', 'iexten', true],
  ['echo', 'echo', true],
  ['echoe', 'echoe', true],
  ['echok', 'echok', true],
  ['noflsh', 'noflsh', false],
  ['tostop', 'tostop', false],
  ['echoctl', 'echoctl', true],
  ['echoke', 'echoke', true],
]

const keys: readonly (readonly [word: string, name: string, standard: number])[] = [
  ['intr', 'INTR', 3],
  ['quit', 'QUIT', 28],
  ['erase', 'ERASE', 127],
  ['kill', 'KILL', 21],
  ['eof', 'EOF', 4],
  ['start', 'START', 17],
  ['stop', 'STOP', 19],
  ['susp', 'SUSP', 26],
  ['rprnt', 'REPRINT', 18],
  ['werase', 'WERASE', 23],
  ['lnext', 'LNEXT', 22],
]

const shownKey = (code: number | undefined): string =>
  code === undefined || code === 0
    ? '<undef>'
    : code === 127
      ? '^?'
      : code < 32
        ? `^${String.fromCharCode(code + 64)}`
        : String.fromCharCode(code)
const readKey = (text: string): number =>
  text === '^?'
    ? 127
    : text === 'undef' || text === '^-'
      ? 0
      : text.startsWith('^')
        ? text.toUpperCase().charCodeAt(1) & 31
        : text.charCodeAt(0)

const sane: Partial<TerminalAttributes> = {
  ...Object.fromEntries(flags.map(([, attribute, standard]) => [attribute, standard])),
  cc: Object.fromEntries(keys.map(([, name, standard]) => [name, standard])),
}
const modes: Readonly<Record<string, Partial<TerminalAttributes>>> = {
  sane,
  cooked: { icanon: true, isig: true, icrnl: true, ixon: true, opost: true },
  '-raw': { icanon: true, isig: true, icrnl: true, ixon: true, opost: true },
  raw: { icanon: false, isig: false, icrnl: false, ixon: false, opost: false },
  '-cooked': { icanon: false, isig: false, icrnl: false, ixon: false, opost: false },
  cbreak: { icanon: false },
  '-cbreak': { icanon: true },
  nl: { icrnl: false, onlcr: false },
  '-nl': { icrnl: true, onlcr: true },
}

function* show(process: Process, fd: number, all: boolean): Syscall<number> {
  const now = yield* process.tcgetattr(fd)
  const size = yield* process.getWindowSize(fd)
  if (isErrno(now)) return 1
  const rows = isErrno(size) ? { rows: 0, columns: 0 } : size
  const word = ([name, attribute]: (typeof flags)[number]): string => (now[attribute] === true ? name : `-${name}`)
  if (!all) {
    const changed = flags.filter(([, attribute, standard]) => now[attribute] !== undefined && now[attribute] !== standard)
    const moved = keys.filter(([, name, standard]) => now.cc[name] !== undefined && now.cc[name] !== standard)
    const lines = ['speed 38400 baud; line = 0;']
    if (moved.length > 0) lines.push(moved.map(([name, key]) => `${name} = ${shownKey(now.cc[key])};`).join(' '))
    if (changed.length > 0) lines.push(changed.map(word).join(' '))
    yield* process.write(1, `${lines.join('\n')}\n`)
    return 0
  }
  const text = [
    `speed 38400 baud; rows ${rows.rows}; columns ${rows.columns}; line = 0;`,
    keys.map(([name, key]) => `${name} = ${shownKey(now.cc[key])};`).join(' '),
    flags.map(word).join(' '),
  ]
  yield* process.write(1, `${text.join('\n')}\n`)
  return 0
}

function* change(process: Process, fd: number, words: readonly string[]): Syscall<string | undefined> {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    const bare = word.replace(/^-/, '')
    const flag = flags.find(([name]) => name === bare)
    const key = keys.find(([name]) => name === word)
    const mode = modes[word]
    if (mode !== undefined) yield* process.tcsetattr(fd, mode)
    else if (flag !== undefined) yield* process.tcsetattr(fd, { [flag[1]]: bare === word })
    else if (key !== undefined) {
      at += 1
      const now = yield* process.tcgetattr(fd)
      if (!isErrno(now)) yield* process.tcsetattr(fd, { cc: { ...now.cc, [key[1]]: readKey(words[at] ?? '') } })
    } else if (['rows', 'cols', 'columns'].includes(word)) {
      at += 1
      const size = yield* process.getWindowSize(fd)
      if (!isErrno(size)) yield* process.setWindowSize(fd, { ...size, [word === 'rows' ? 'rows' : 'columns']: Number(words[at]) })
    } else if (word === 'size') {
      const size = yield* process.getWindowSize(fd)
      if (!isErrno(size)) yield* process.write(1, `${size.rows} ${size.columns}\n`)
    } else if (word === 'speed') yield* process.write(1, '38400\n')
    else if (!/^\d+$/.test(word)) return word
  }
  return undefined
}

export const stty = program({
  name: 'stty',
  path: '/usr/bin/stty',
  summary: 'shows and changes how the terminal treats lines',
  options: [],
  raw: true,
  *main(process): Syscall<number> {
    let words = process.argv.slice(1)
    let fd = 0
    let name = 'standard input'
    const device = words[0] === '-F' ? words[1] : words[0]?.startsWith('--file=') ? words[0].slice(7) : undefined
    if (device !== undefined) {
      const opened = yield* process.open(device, O_RDWR | O_NONBLOCK)
      if (isErrno(opened)) {
        yield* process.write(2, `stty: ${device}: ${opened.message}\n`)
        return 1
      }
      fd = opened
      name = device
      words = words.slice(words[0] === '-F' ? 2 : 1)
    }
    const now = yield* process.tcgetattr(fd)
    if (isErrno(now)) {
      yield* process.write(2, `stty: '${name}': ${now.message}\n`)
      return 1
    }
    if (words.length === 0 || words[0] === '-a' || words[0] === '--all') return yield* show(process, fd, words.length > 0)
    const wrong = yield* change(process, fd, words)
    if (wrong === undefined) return 0
    yield* process.write(2, `stty: invalid argument '${wrong}'\nTry 'stty --help' for more information.\n`)
    return 1
  },
})
