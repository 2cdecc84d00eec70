// After find(1).
import { isErrno, type Process, type Stat, type Syscall, X_OK, R_OK, W_OK } from '@/lib/kernel'
import { decodeEscapes, extendedRegex, matchesPattern } from '@/lib/shell'
import { strftime } from '@/lib/base'
import { basicToExtended } from '../coreutils/expr'
import { baseName, directoryName } from '../coreutils/basename'
import { execvp } from '../coreutils/env'
import { modeString, parseMode } from '../coreutils/file-mode'
import { blocksOf } from '../coreutils/ls'
import { askYes } from '../coreutils/rm'
import { parseDateText } from '../coreutils/date-text'
import { processLocalTime } from '../process-time'
import { program } from '../program'
import { complain, Output, quoteWord } from '../stdio'
import { groupByName, nameTables, userByName } from '../user-table'

type Found = { readonly path: string; readonly name: string; readonly depth: number; readonly start: string; readonly stat: Stat }
type Test = (found: Found) => Syscall<boolean>

class FindProblem extends Error {}

const typeLetters: Readonly<Record<Stat['kind'], string>> = {
  file: 'f',
  directory: 'd',
  symlink: 'l',
  fifo: 'p',
  socket: 's',
  'character-device': 'c',
  'block-device': 'b',
}

class Finder {
  readonly process: Process
  readonly out: Output
  private readonly words: readonly string[]
  private at = 0
  minDepth = 0
  maxDepth = Number.POSITIVE_INFINITY
  depthFirst = false
  oneFileSystem = false
  follow: 'never' | 'named' | 'always' = 'never'
  private acted = false
  private pruned = false
  private quit = false
  status = 0
  private readonly collected = new Map<readonly string[], string[]>()
  private readonly started: number

  constructor(process: Process, words: readonly string[]) {
    this.process = process
    this.words = words
    this.out = new Output(process)
    this.started = process.realtimeUsec
  }

  private argument(option: string): string {
    const word = this.words[this.at++]
    if (word === undefined) throw new FindProblem(`missing argument to \`${option}'`)
    return word
  }

  // ------------------------------------------------------------ the expression

  parse(): Test {
    if (this.words.length === 0) return this.printed(simple(() => true))
    const test = this.list()
    if (this.at < this.words.length)
      throw new FindProblem("invalid expression; you have used a binary operator '...' with nothing before it.")
    return this.acted ? test : this.printed(test)
  }

  private printed(test: Test): Test {
    const self = this
    return function* (found) {
      if (!(yield* test(found))) return false
      yield* self.out.print(`${found.path}\n`)
      return true
    }
  }

  private list(): Test {
    let left = this.or()
    while (this.words[this.at] === ',') {
      this.at += 1
      const [first, second] = [left, this.or()]
      left = function* (found) {
        yield* first(found)
        return yield* second(found)
      }
    }
    return left
  }

  private or(): Test {
    let left = this.and()
    while (this.words[this.at] === '-o' || this.words[this.at] === '-or') {
      this.at += 1
      const [first, second] = [left, this.and()]
      left = function* (found) {
        return (yield* first(found)) || (yield* second(found))
      }
    }
    return left
  }

  private and(): Test {
    let left = this.not()
    for (;;) {
      const word = this.words[this.at]
      if (word === undefined || word === ')' || word === ',' || word === '-o' || word === '-or') return left
      if (word === '-a' || word === '-and') this.at += 1
      const [first, second] = [left, this.not()]
      left = function* (found) {
        return (yield* first(found)) && (yield* second(found))
      }
    }
  }

  private not(): Test {
    const word = this.words[this.at]
    if (word === '!' || word === '-not') {
      this.at += 1
      const inner = this.not()
      return function* (found) {
        return !(yield* inner(found))
      }
    }
    if (word === '(') {
      this.at += 1
      const inner = this.list()
      if (this.words[this.at] !== ')')
        throw new FindProblem("invalid expression; I was expecting to find a ')' somewhere but did not see one.")
      this.at += 1
      return inner
    }
    return this.primary()
  }

  private numeric(option: string): (value: number) => boolean {
    const text = this.argument(option)
    const match = /^([-+]?)(\d+(?:\.\d+)?)$/.exec(text)
    if (match === null) throw new FindProblem(`invalid argument \`${text}' to \`${option}'`)
    const wanted = Number(match[2])
    return (value) => (match[1] === '+' ? value > wanted : match[1] === '-' ? value < wanted : value === wanted)
  }

  private age(option: string, unitUsec: number, of: (stat: Stat) => number): Test {
    const fits = this.numeric(option)
    return simple(({ stat }) => fits(Math.floor((this.started - of(stat)) / unitUsec)))
  }

  private primary(): Test {
    const { process } = this
    const word = this.words[this.at++]
    const self = this
    switch (word) {
      case undefined:
        throw new FindProblem("expected an expression after '!'")
      case '-name':
      case '-iname': {
        const pattern = this.argument(word)
        return simple(({ name }) => matchesPattern(pattern, name, { extended: false, ignoreCase: word === '-iname' }))
      }
      case '-path':
      case '-wholename':
      case '-ipath': {
        const pattern = this.argument(word)
        return simple(({ path }) => matchesPattern(pattern, path, { extended: false, ignoreCase: word === '-ipath' }))
      }
      case '-regex':
      case '-iregex': {
        const text = this.argument(word)
        const regex = extendedRegex(`^(?:${this.extended ? text : basicToExtended(text)})$`, word === '-iregex' ? 'i' : '')
        return simple(({ path }) => regex?.test(path) ?? false)
      }
      case '-regextype':
        this.extended = /extended|egrep|awk/.test(this.argument(word))
        return simple(() => true)
      case '-lname': {
        const pattern = this.argument(word)
        return function* ({ path, stat }) {
          if (stat.kind !== 'symlink') return false
          const target = yield* process.readlink(path)
          return !isErrno(target) && matchesPattern(pattern, target, { extended: false })
        }
      }
      case '-type':
      case '-xtype': {
        const letters = this.argument(word).split(',')
        for (const letter of letters)
          if (!/^[bcdpfls]$/.test(letter))
            throw new FindProblem(
              letter.length === 1 ? `Unknown argument to ${word}: ${letter}` : `Must separate multiple arguments to ${word} using: ','`,
            )
        if (word === '-type') return simple(({ stat }) => letters.includes(typeLetters[stat.kind]))
        return function* ({ path, stat }) {
          const real = yield* process.stat(path)
          return letters.includes(typeLetters[isErrno(real) ? stat.kind : real.kind])
        }
      }
      case '-size': {
        const text = this.argument(word)
        const match = /^([-+]?)(\d+)([bcwkMG]?)$/.exec(text)
        if (match === null) throw new FindProblem(`Invalid argument \`${text}' to -size`)
        const unit = { '': 512, b: 512, c: 1, w: 2, k: 1024, M: 1048576, G: 1073741824 }[match[3]!]!
        const wanted = Number(match[2])
        return simple(({ stat }) => {
          const blocks = Math.ceil(stat.size / unit)
          return match[1] === '+' ? blocks > wanted : match[1] === '-' ? blocks < wanted : blocks === wanted
        })
      }
      case '-empty':
        return function* ({ path, stat }) {
          if (stat.kind === 'file') return stat.size === 0
          if (stat.kind !== 'directory') return false
          const entries = yield* process.readdir(path)
          return !isErrno(entries) && entries.every((entry) => entry.name === '.' || entry.name === '..')
        }
      case '-mtime':
        return this.age(word, 86400e6, (stat) => stat.mtimeUsec)
      case '-atime':
        return this.age(word, 86400e6, (stat) => stat.atimeUsec)
      case '-ctime':
        return this.age(word, 86400e6, (stat) => stat.ctimeUsec)
      case '-mmin':
        return this.minutes(word, (stat) => stat.mtimeUsec)
      case '-amin':
        return this.minutes(word, (stat) => stat.atimeUsec)
      case '-cmin':
        return this.minutes(word, (stat) => stat.ctimeUsec)
      case '-newer':
      case '-newermt': {
        const path = this.argument(word)
        if (word === '-newermt') {
          const usec = parseDateText(path, process.realtimeUsec, processLocalTime(process))
          if (usec === undefined) throw new FindProblem(`I cannot figure out how to interpret ‘${path}’ as a date or time`)
          return simple(({ stat }) => stat.mtimeUsec > usec)
        }
        return function* ({ stat }) {
          const other = yield* process.stat(path)
          return !isErrno(other) && stat.mtimeUsec > other.mtimeUsec
        }
      }
      case '-perm': {
        const text = this.argument(word)
        const change = parseMode(text.replace(/^[-/]/, ''), 0)
        if (change === undefined) throw new FindProblem(`invalid mode ${quoteWord(process, text)}`)
        const bits = change(0, false)
        return simple(({ stat }) =>
          text.startsWith('-')
            ? (stat.mode & bits) === bits
            : text.startsWith('/')
              ? bits === 0 || (stat.mode & bits) !== 0
              : stat.mode === bits,
        )
      }
      case '-user':
      case '-group': {
        const name = this.argument(word)
        const id = word === '-user' ? userByName(process, name)?.uid : groupByName(process, name)?.gid
        const number = id ?? (/^\d+$/.test(name) ? Number(name) : undefined)
        if (number === undefined)
          throw new FindProblem(
            word === '-user'
              ? `${quoteWord(process, name)} is not the name of a known user`
              : `${quoteWord(process, name)} is not the name of an existing group`,
          )
        return simple(({ stat }) => (word === '-user' ? stat.uid : stat.gid) === number)
      }
      case '-uid':
      case '-gid': {
        const fits = this.numeric(word)
        return simple(({ stat }) => fits(word === '-uid' ? stat.uid : stat.gid))
      }
      case '-nouser':
      case '-nogroup': {
        const names = nameTables(process)
        return simple(({ stat }) =>
          word === '-nouser' ? names.user(stat.uid) === String(stat.uid) : names.group(stat.gid) === String(stat.gid),
        )
      }
      case '-links': {
        const fits = this.numeric(word)
        return simple(({ stat }) => fits(stat.nlink))
      }
      case '-inum': {
        const fits = this.numeric(word)
        return simple(({ stat }) => fits(stat.ino))
      }
      case '-samefile': {
        const path = this.argument(word)
        return function* ({ stat }) {
          const other = yield* process.stat(path)
          return !isErrno(other) && other.ino === stat.ino && other.dev === stat.dev
        }
      }
      case '-readable':
      case '-writable':
      case '-executable': {
        const mode = word === '-readable' ? R_OK : word === '-writable' ? W_OK : X_OK
        return function* ({ path }) {
          return !isErrno(yield* process.access(path, mode))
        }
      }
      case '-true':
        return simple(() => true)
      case '-false':
        return simple(() => false)
      case '-maxdepth':
      case '-mindepth': {
        const value = Number(this.argument(word))
        if (word === '-maxdepth') this.maxDepth = value
        else this.minDepth = value
        return simple(() => true)
      }
      case '-depth':
      case '-d':
        this.depthFirst = true
        return simple(() => true)
      case '-xdev':
      case '-mount':
        this.oneFileSystem = true
        return simple(() => true)
      case '-follow':
        this.follow = 'always'
        return simple(() => true)
      case '-noleaf':
      case '-ignore_readdir_race':
      case '-warn':
      case '-nowarn':
        return simple(() => true)
      case '-prune':
        return simple(() => {
          this.pruned = true
          return true
        })
      case '-quit':
        this.acted = true
        return simple(() => {
          this.quit = true
          return true
        })
      case '-print':
      case '-print0': {
        this.acted = true
        const end = word === '-print0' ? '\0' : '\n'
        return function* ({ path }) {
          yield* self.out.print(path + end)
          return true
        }
      }
      case '-printf': {
        this.acted = true
        const format = decodeEscapes(this.argument(word), 'printf').text
        return function* (found) {
          yield* self.out.print(yield* self.format(format, found))
          return true
        }
      }
      case '-ls':
        this.acted = true
        return function* (found) {
          yield* self.out.print(yield* self.format('%9i %6k %M %3n %-8u %-8g %8s %Tb %Td %TH:%TM %p', found))
          const link = found.stat.kind === 'symlink' ? yield* process.readlink(found.path) : undefined
          yield* self.out.print(link === undefined || isErrno(link) ? '\n' : ` -> ${link}\n`)
          return true
        }
      case '-delete':
        this.acted = true
        this.depthFirst = true
        return function* ({ path, stat }) {
          if (path === '.') return true
          const result = stat.kind === 'directory' ? yield* process.rmdir(path) : yield* process.unlink(path)
          if (!isErrno(result)) return true
          yield* self.out.flush()
          yield* complain(process, `cannot delete ${quoteWord(process, path)}`, result)
          self.status = 1
          return false
        }
      case '-exec':
      case '-execdir':
      case '-ok':
        return this.execution(word)
      default:
        throw new FindProblem(word.startsWith('-') ? `unknown predicate \`${word}'` : `paths must precede expression: \`${word}'`)
    }
  }
  private extended = false

  private minutes(option: string, of: (stat: Stat) => number): Test {
    const fits = this.numeric(option)
    return simple(({ stat }) => fits(Math.ceil((this.started - of(stat)) / 60e6)))
  }

  private execution(option: string): Test {
    this.acted = true
    const words: string[] = []
    let many = false
    for (;;) {
      const word = this.words[this.at++]
      if (word === undefined) throw new FindProblem(`missing argument to \`${option}'`)
      if (word === ';') break
      if (word === '+' && words.at(-1) === '{}') {
        many = true
        words.pop()
        break
      }
      words.push(word)
    }
    const self = this
    if (many) {
      this.collected.set(words, [])
      return simple(({ path, name }) => {
        this.collected.get(words)!.push(option === '-execdir' ? `./${name}` : path)
        return true
      })
    }
    return function* ({ path, name }) {
      const shown = option === '-execdir' ? `./${name}` : path
      if (option === '-ok' && !(yield* askYes(self.process, `< ${words[0]} ... ${path} > ?`))) return false
      return (
        (yield* self.runCommand(
          words.map((word) => word.replaceAll('{}', shown)),
          option === '-execdir' ? directoryName(path) : undefined,
        )) === 0
      )
    }
  }

  private *runCommand(words: readonly string[], directory: string | undefined): Syscall<number> {
    yield* this.out.flush()
    const pid = yield* this.process.fork(function* (child) {
      if (directory !== undefined) yield* child.chdir(directory)
      const error = yield* execvp(child, words, child.env)
      yield* complain(child, quoteWord(child, words[0] ?? ''), error)
      return 1
    })
    if (isErrno(pid)) return 1
    for (;;) {
      const result = yield* this.process.waitpid(pid)
      if (result === undefined || isErrno(result)) {
        if (result !== undefined && result.name !== 'EINTR') return 1
        continue
      }
      return result.how === 'exited' ? result.status : 1
    }
  }

  private *format(format: string, { path, name, depth, start, stat }: Found): Syscall<string> {
    const names = nameTables(this.process)
    const local = processLocalTime(this.process)
    const link = stat.kind === 'symlink' ? yield* this.process.readlink(path) : ''
    const time = (usec: number, letter: string) => {
      const broken = local.localtime(Math.floor(usec / 1e6))
      const fraction = `.${String(usec % 1e6).padStart(6, '0')}0000`
      if (letter === '@') return `${Math.floor(usec / 1e6)}${fraction}`
      if (letter === 'S') return strftime('%S', broken, usec) + fraction
      if (letter === '+') return strftime('%Y-%m-%d+%H:%M:%S', broken, usec) + fraction
      if (letter === 'T' || letter === 'X') return strftime('%H:%M:%S', broken, usec) + fraction
      return strftime(`%${letter}`, broken, usec)
    }
    return format.replace(
      /%([-0]?)(\d*)(?:\.\d+)?([ACT])?([a-zA-Z@+%])/g,
      (all: string, flag: string, width: string, clock: string | undefined, code: string) => {
        const value =
          clock !== undefined
            ? time(clock === 'A' ? stat.atimeUsec : clock === 'C' ? stat.ctimeUsec : stat.mtimeUsec, code)
            : this.directive(code, { path, name, depth, start, stat }, names, isErrno(link) ? '' : link, local)
        if (value === undefined) return all
        return flag === '-' ? value.padEnd(Number(width || 0)) : value.padStart(Number(width || 0), flag === '0' ? '0' : ' ')
      },
    )
  }

  private directive(
    code: string,
    found: Found,
    names: ReturnType<typeof nameTables>,
    link: string,
    local: ReturnType<typeof processLocalTime>,
  ): string | undefined {
    const { path, name, depth, start, stat } = found
    const date = (usec: number) =>
      `${strftime('%a %b %e %H:%M:%S', local.localtime(Math.floor(usec / 1e6)), usec)}.${String(usec % 1e6).padStart(6, '0')}0000 ${strftime('%Y', local.localtime(Math.floor(usec / 1e6)), usec)}`
    switch (code) {
      case 'p':
        return path
      case 'f':
        return name
      case 'h':
        return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.'
      case 'P':
        return path === start ? '' : path.slice(start.length).replace(/^\//, '')
      case 'H':
        return start
      case 'd':
        return String(depth)
      case 's':
        return String(stat.size)
      case 'k':
        return String(Math.ceil(blocksOf(stat) / 2))
      case 'b':
        return String(blocksOf(stat))
      case 'm':
        return stat.mode.toString(8)
      case 'M':
        return modeString(stat.kind, stat.mode)
      case 'u':
        return names.user(stat.uid)
      case 'g':
        return names.group(stat.gid)
      case 'U':
        return String(stat.uid)
      case 'G':
        return String(stat.gid)
      case 'i':
        return String(stat.ino)
      case 'n':
        return String(stat.nlink)
      case 'l':
        return link
      case 'y':
        return typeLetters[stat.kind]
      case 'D':
        return String(stat.dev)
      case 't':
        return date(stat.mtimeUsec)
      case 'a':
        return date(stat.atimeUsec)
      case 'c':
        return date(stat.ctimeUsec)
      case '%':
        return '%'
      default:
        return undefined
    }
  }

  // ------------------------------------------------------------ walking

  *walk(path: string, start: string, depth: number, device: number | undefined, test: Test): Syscall<void> {
    const { process } = this
    let stat = this.follow === 'always' || (this.follow === 'named' && depth === 0) ? yield* process.stat(path) : yield* process.lstat(path)
    if (isErrno(stat)) stat = yield* process.lstat(path)
    if (isErrno(stat)) {
      yield* this.out.flush()
      yield* complain(process, quoteWord(process, path), stat)
      this.status = 1
      return
    }
    const found: Found = { path, name: baseName(path), depth, start, stat }
    this.pruned = false
    if (!this.depthFirst && depth >= this.minDepth) yield* test(found)
    const pruned = this.pruned && !this.depthFirst
    if (
      !this.quit &&
      !pruned &&
      stat.kind === 'directory' &&
      depth < this.maxDepth &&
      !(this.oneFileSystem && device !== undefined && stat.dev !== device)
    ) {
      const entries = yield* process.readdir(path)
      if (isErrno(entries)) {
        yield* this.out.flush()
        yield* complain(process, quoteWord(process, path), entries)
        this.status = 1
      } else {
        for (const entry of entries) {
          if (this.quit || this.out.failure !== undefined) break
          if (entry.name === '.' || entry.name === '..') continue
          yield* this.walk(path.endsWith('/') ? path + entry.name : `${path}/${entry.name}`, start, depth + 1, stat.dev, test)
        }
      }
    }
    if (this.depthFirst && depth >= this.minDepth && !this.quit) yield* test(found)
  }

  *finish(): Syscall<number> {
    for (const [words, paths] of this.collected) {
      if (paths.length > 0 && (yield* this.runCommand([...words, ...paths], undefined)) !== 0) this.status = 1
    }
    return yield* this.out.finish(this.status)
  }
  get stopped(): boolean {
    return this.quit
  }
}

const simple = (test: (found: Found) => boolean): Test =>
  function* (found) {
    return test(found)
  }

export const find = program({
  name: 'find',
  path: '/usr/bin/find',
  summary: 'look for files in directory trees',
  synopsis: '[-H] [-L] [-P] [path...] [expression]',
  options: [],
  raw: true,
  *main(process, args) {
    const words = [...args.operands]
    let follow: Finder['follow'] = 'never'
    while (words[0] !== undefined && /^-[HLP]$|^-O\d$/.test(words[0])) {
      const word = words.shift()!
      if (word === '-H') follow = 'named'
      else if (word === '-L') follow = 'always'
      else if (word === '-P') follow = 'never'
    }
    if (words[0] === '--version' || words[0] === '-version') {
      yield* process.write(1, 'find (GNU findutils) 4.10.0\n')
      return 0
    }
    if (words[0] === '--help' || words[0] === '-help') {
      yield* process.write(
        1,
        `Usage: ${process.argv[0]} [-H] [-L] [-P] [path...] [expression]\nLooks for files; tests like -name, -type, -size, -mtime, -user, -perm and actions like -print, -exec, -delete.\n`,
      )
      return 0
    }
    const first = words.findIndex((word) => /^(?:-.|\(|!|,$)/.test(word))
    const paths = first < 0 ? words : words.slice(0, first)
    const finder = new Finder(process, first < 0 ? [] : words.slice(first))
    finder.follow = follow
    let test: Test
    try {
      test = finder.parse()
    } catch (error) {
      if (!(error instanceof FindProblem)) throw error
      yield* complain(process, error.message)
      return 1
    }
    for (const path of paths.length === 0 ? ['.'] : paths) {
      yield* finder.walk(path, path, 0, undefined, test)
      if (finder.stopped) break
    }
    return yield* finder.finish()
  },
})
