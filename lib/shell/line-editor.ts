// Line editing on a raw terminal after readline(3), emacs keys. The terminal's own editing is used instead under `set +o emacs`.
import { errno, isErrno } from '@/lib/kernel'
import type { Process, Syscall, TerminalAttributes } from '@/lib/kernel'
import { characterWidth, textWidth } from './display-width'

export type EditorHost = {
  readonly process: Process
  readonly fd: number
  readonly history: readonly string[]
  readonly complete: (line: string) => Syscall<{ readonly start: number; readonly candidates: readonly string[]; readonly isPath: boolean }>
  /** Whether Ctrl-C arrived. */
  readonly interrupted: () => boolean
  /** Keys typed ahead, kept between lines. */
  readonly pending: { text: string }
  /** Kill ring, kept between lines. */
  readonly killed: { text: string }
}

export type EditedLine = { readonly kind: 'line'; readonly text: string } | { readonly kind: 'end' | 'interrupted' }

const decoder = () => new TextDecoder('utf-8')

/** Columns that text takes, and where the caret stands after it on a terminal this wide. */
function place(text: string, columns: number, from: { row: number; column: number }): { row: number; column: number } {
  let { row, column } = from
  for (const character of text) {
    if (character === '\n') {
      row += 1
      column = 0
      continue
    }
    const width = shownWidth(character)
    if (column + width > columns) {
      row += 1
      column = 0
    }
    column += width
  }
  if (column >= columns) {
    row += 1
    column = 0
  }
  return { row, column }
}

function shownWidth(character: string): number {
  const code = character.codePointAt(0)!
  return code < 32 || code === 127 ? 2 : characterWidth(code)
}

/** Control characters are shown as ^X. */
const shown = (text: string): string =>
  text.replace(/[\x00-\x09\x0b-\x1f\x7f]/g, (one) => `^${String.fromCharCode(one.charCodeAt(0) ^ 64)}`)

/** The prompt's width without what stands between \x01 and \x02 or in escape sequences. */
const visible = (prompt: string): string =>
  prompt.replace(/\x01[^\x02]*\x02/g, '').replace(/\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07/g, '')

class LineEditor {
  private readonly host: EditorHost
  private readonly prompt: string
  private readonly columns: number
  private characters: string[] = []
  private caret = 0
  /** Row of the caret below the first row of the prompt. */
  private caretRow = 0
  private historyAt: number
  private edited = new Map<number, string>()
  private undo: { characters: string[]; caret: number }[] = []
  private lastKey = ''
  private out = ''
  private mark = 0

  constructor(host: EditorHost, prompt: string, columns: number) {
    this.host = host
    this.prompt = prompt
    this.columns = columns
    this.historyAt = host.history.length
  }

  private *flush(): Syscall<void> {
    if (this.out === '') return
    const text = this.out
    this.out = ''
    yield* this.host.process.write(this.host.fd, text)
  }

  // ------------------------------------------------------------ input

  private *key(): Syscall<string | 'end' | 'interrupted'> {
    const { pending, process, fd } = this.host
    const utf8 = decoder()
    while (pending.text === '') {
      yield* this.flush()
      if (this.host.interrupted()) return 'interrupted'
      const chunk = yield* process.read(fd, 4096)
      if (isErrno(chunk)) {
        if (chunk === errno.EINTR) {
          if (this.host.interrupted()) return 'interrupted'
          continue
        }
        return 'end'
      }
      if (chunk.length === 0) return 'end'
      pending.text += utf8.decode(chunk, { stream: true })
    }
    const sequence = /^\x1b(?:\[[0-9;?]*[A-Za-z~]|O[A-Za-z]|[\s\S])/u.exec(pending.text)
    const key = sequence?.[0] ?? [...pending.text][0]!
    pending.text = pending.text.slice(key.length)
    return key
  }

  // ------------------------------------------------------------ drawing

  private promptEnd(): { row: number; column: number } {
    return place(visible(this.prompt), this.columns, { row: 0, column: 0 })
  }

  /** Draws prompt and line again from the first row. */
  private redraw(): void {
    if (this.caretRow > 0) this.out += `\x1b[${this.caretRow}A`
    this.out += `\r\x1b[J${this.prompt.replace(/[\x01\x02]/g, '')}`
    this.drawLine()
  }

  private drawLine(): void {
    const start = this.promptEnd()
    const text = this.characters.join('')
    this.out += shown(text)
    const end = place(text, this.columns, start)
    // A line that ends at the margin: make the terminal wrap.
    if (end.column === 0 && end.row > 0 && text !== '' && !text.endsWith('\n')) this.out += ' \r'
    const caret = place(this.characters.slice(0, this.caret).join(''), this.columns, start)
    if (end.row > caret.row) this.out += `\x1b[${end.row - caret.row}A`
    if (end.row !== caret.row || end.column !== caret.column) this.out += caret.column === 0 ? '\r' : `\r\x1b[${caret.column}C`
    this.caretRow = caret.row
  }

  private insert(text: string): void {
    const added = [...text]
    const atEnd = this.caret === this.characters.length
    const before = place(this.characters.join(''), this.columns, this.promptEnd())
    this.characters.splice(this.caret, 0, ...added)
    this.caret += added.length
    const after = place(this.characters.join(''), this.columns, this.promptEnd())
    if (atEnd && after.row === before.row && after.column > 0) this.out += shown(text)
    else this.redraw()
  }

  private remember(): void {
    this.undo.push({ characters: [...this.characters], caret: this.caret })
    if (this.undo.length > 200) this.undo.shift()
  }

  private remove(from: number, to: number, kill: 'no' | 'forward' | 'backward' = 'no'): void {
    if (to <= from) return
    this.remember()
    const text = this.characters.splice(from, to - from).join('')
    this.caret = from
    if (kill !== 'no') {
      const joined = this.lastKey === 'kill'
      const before = joined ? this.host.killed.text : ''
      this.host.killed.text = kill === 'backward' ? text + before : before + text
    }
    this.redraw()
  }

  private replaceLine(text: string): void {
    this.characters = [...text]
    this.caret = this.characters.length
    this.redraw()
  }

  private moveTo(position: number): void {
    const target = Math.max(0, Math.min(this.characters.length, position))
    if (target === this.caret) return
    const start = this.promptEnd()
    const from = place(this.characters.slice(0, this.caret).join(''), this.columns, start)
    this.caret = target
    const to = place(this.characters.slice(0, target).join(''), this.columns, start)
    if (to.row < from.row) this.out += `\x1b[${from.row - to.row}A`
    if (to.row > from.row) this.out += `\x1b[${to.row - from.row}B`
    if (to.row === from.row && to.column < from.column && from.column - to.column < 4) this.out += '\b'.repeat(from.column - to.column)
    else this.out += to.column === 0 ? '\r' : `\r\x1b[${to.column}C`
    this.caretRow = to.row
  }

  // ------------------------------------------------------------ words

  private wordStart(from: number): number {
    let at = from
    while (at > 0 && !/[\p{L}\p{N}]/u.test(this.characters[at - 1]!)) at -= 1
    while (at > 0 && /[\p{L}\p{N}]/u.test(this.characters[at - 1]!)) at -= 1
    return at
  }

  private wordEnd(from: number): number {
    let at = from
    while (at < this.characters.length && !/[\p{L}\p{N}]/u.test(this.characters[at]!)) at += 1
    while (at < this.characters.length && /[\p{L}\p{N}]/u.test(this.characters[at]!)) at += 1
    return at
  }

  private blankStart(from: number): number {
    let at = from
    while (at > 0 && /\s/.test(this.characters[at - 1]!)) at -= 1
    while (at > 0 && !/\s/.test(this.characters[at - 1]!)) at -= 1
    return at
  }

  private changeWord(change: (word: string) => string): void {
    const end = this.wordEnd(this.caret)
    this.remember()
    const text = change(this.characters.slice(this.caret, end).join(''))
    this.characters.splice(this.caret, end - this.caret, ...text)
    this.caret = end
    this.redraw()
  }

  // ------------------------------------------------------------ history

  private recall(to: number): void {
    const { history } = this.host
    if (to < 0 || to > history.length) {
      this.out += '\x07'
      return
    }
    this.edited.set(this.historyAt, this.characters.join(''))
    this.historyAt = to
    this.undo = []
    this.replaceLine(this.edited.get(to) ?? history[to] ?? '')
  }

  /** Ctrl-R and Ctrl-S. Returns the key that ended the search. */
  private *search(backward: boolean): Syscall<string | 'end' | 'interrupted'> {
    const { history } = this.host
    const before = { characters: [...this.characters], caret: this.caret, at: this.historyAt }
    let text = ''
    let at = this.historyAt
    let back = backward
    let failed = false
    const show = () => {
      if (this.caretRow > 0) this.out += `\x1b[${this.caretRow}A`
      const head = `(${failed ? 'failed ' : ''}${back ? 'reverse-' : ''}i-search)\`${text}': `
      this.out += `\r\x1b[J${head}${shown(this.characters.join(''))}`
      const start = place(head, this.columns, { row: 0, column: 0 })
      const end = place(this.characters.join(''), this.columns, start)
      const caret = place(this.characters.slice(0, this.caret).join(''), this.columns, start)
      if (end.row > caret.row) this.out += `\x1b[${end.row - caret.row}A`
      this.out += caret.column === 0 ? '\r' : `\r\x1b[${caret.column}C`
      this.caretRow = caret.row
    }
    const find = (from: number) => {
      for (let index = from; index >= 0 && index < history.length; index += back ? -1 : 1) {
        const found = history[index]!.indexOf(text)
        if (found < 0) continue
        failed = false
        at = index
        this.characters = [...history[index]!]
        this.caret = [...history[index]!.slice(0, found)].length
        return
      }
      failed = text !== ''
      if (failed) this.out += '\x07'
    }
    for (;;) {
      show()
      const key = yield* this.key()
      if (key === 'end' || key === 'interrupted') return key
      if (key === '\x12' || key === '\x13') {
        back = key === '\x12'
        if (text === '') text = this.lastSearch
        find(at + (back ? -1 : 1))
      } else if (key === '\x7f' || key === '\b') {
        text = [...text].slice(0, -1).join('')
        find(back ? history.length - 1 : 0)
      } else if (key === '\x07') {
        this.characters = before.characters
        this.caret = before.caret
        this.historyAt = before.at
        this.redraw()
        return ''
      } else if (key.length === 1 && key >= ' ') {
        text += key
        find(Math.min(at, history.length - 1))
      } else {
        if (text !== '') this.lastSearch = text
        this.historyAt = Math.min(at, history.length)
        this.redraw()
        return key === '\x1b' ? '' : key
      }
    }
  }
  private lastSearch = ''

  // ------------------------------------------------------------ completion

  private *completeWord(again: boolean): Syscall<void> {
    const before = this.characters.slice(0, this.caret).join('')
    const { start, candidates, isPath } = yield* this.host.complete(before)
    const typed = before.slice(start)
    if (candidates.length === 0) {
      this.out += '\x07'
      return
    }
    const common = candidates.reduce((a, b) => {
      let length = 0
      while (length < a.length && length < b.length && a[length] === b[length]) length += 1
      return a.slice(0, length)
    })
    const quote = /^["']/.exec(typed)?.[0] ?? ''
    const quoted = (text: string) => (quote !== '' ? quote + text : isPath ? text.replace(/[\s'"\\|&;<>()$`*?[\]{}!#]/g, '\\$&') : text)
    if (candidates.length === 1) {
      const finished = !common.endsWith('/') && !common.endsWith('=')
      const text = quoted(common) + (finished ? `${quote} ` : '')
      this.substitute(start, text)
      return
    }
    const plain = typed.replace(/^["']/, '').replace(/\\(.)/g, '$1')
    if (common.length > plain.length) {
      this.substitute(start, quoted(common))
      if (!again) return
    }
    this.out += again ? '' : '\x07'
    if (again) yield* this.list(candidates, isPath)
  }

  private substitute(start: number, text: string): void {
    this.remember()
    const before = [...this.characters.slice(0, this.caret).join('').slice(0, start)]
    const typed = this.characters.slice(before.length, this.caret).join('')
    if (text.startsWith(typed)) {
      this.insert(text.slice(typed.length))
      return
    }
    const after = this.characters.slice(this.caret)
    this.characters = [...before, ...text, ...after]
    this.caret = before.length + [...text].length
    this.redraw()
  }

  private *list(candidates: readonly string[], isPath: boolean): Syscall<void> {
    const names = isPath ? candidates.map((path) => path.replace(/^.*\/(?=[^/]+\/?$)/, '')) : candidates
    const end = place(this.characters.join(''), this.columns, this.promptEnd())
    if (end.row > this.caretRow) this.out += `\x1b[${end.row - this.caretRow}B`
    this.out += '\n'
    if (names.length > 100) {
      this.out += `Display all ${names.length} possibilities? (y or n)`
      for (;;) {
        const key = yield* this.key()
        if (key === 'y' || key === 'Y' || key === ' ' || key === '\t') break
        if (key === 'n' || key === 'N' || key === '\x7f' || key === 'end' || key === 'interrupted' || key === '\x07') {
          this.out += '\n'
          this.caretRow = 0
          this.redraw()
          return
        }
      }
      this.out += '\n'
    }
    const width = Math.max(...names.map(textWidth)) + 2
    const perRow = Math.max(1, Math.floor(this.columns / width))
    const rows = Math.ceil(names.length / perRow)
    for (let row = 0; row < rows; row++) {
      let line = ''
      for (let column = 0; column < perRow; column++) {
        const name = names[column * rows + row]
        if (name === undefined) continue
        const last = names[(column + 1) * rows + row] === undefined
        line += last ? name : name + ' '.repeat(width - textWidth(name))
      }
      this.out += `${line}\n`
    }
    this.caretRow = 0
    this.redraw()
  }

  // ------------------------------------------------------------ the loop

  *read(): Syscall<EditedLine> {
    this.out += `\x1b[?2004h${this.prompt.replace(/[\x01\x02]/g, '')}`
    this.caretRow = this.promptEnd().row
    let key: string = yield* this.key()
    for (;;) {
      if (key === 'end' || key === 'interrupted') {
        if (key === 'interrupted') this.out += '^C'
        yield* this.finish()
        return { kind: key }
      }
      if (key === '\r' || key === '\n') {
        this.moveTo(this.characters.length)
        yield* this.finish()
        return { kind: 'line', text: this.characters.join('') }
      }
      if (key === '\x04' && this.characters.length === 0) {
        this.out += '\x1b[?2004l\r'
        yield* this.flush()
        return { kind: 'end' }
      }
      const next = yield* this.handle(key)
      key = next === undefined || next === '' ? yield* this.key() : next
    }
  }

  private *finish(): Syscall<void> {
    this.out += '\n\x1b[?2004l\r'
    yield* this.flush()
  }

  private *handle(key: string): Syscall<string | undefined> {
    const { length } = this.characters
    let name = ''
    switch (key) {
      case '\x01':
      case '\x1b[H':
      case '\x1bOH':
      case '\x1b[1~':
        this.moveTo(0)
        break
      case '\x05':
      case '\x1b[F':
      case '\x1bOF':
      case '\x1b[4~':
        this.moveTo(length)
        break
      case '\x02':
      case '\x1b[D':
      case '\x1bOD':
        this.moveTo(this.caret - 1)
        break
      case '\x06':
      case '\x1b[C':
      case '\x1bOC':
        this.moveTo(this.caret + 1)
        break
      case '\x1bb':
      case '\x1b[1;5D':
      case '\x1b[1;3D':
        this.moveTo(this.wordStart(this.caret))
        break
      case '\x1bf':
      case '\x1b[1;5C':
      case '\x1b[1;3C':
        this.moveTo(this.wordEnd(this.caret))
        break
      case '\x7f':
      case '\b':
        if (this.caret === 0) this.out += '\x07'
        else this.eraseBefore()
        break
      case '\x04':
      case '\x1b[3~':
        if (this.caret < length) this.remove(this.caret, this.caret + 1)
        else this.out += '\x07'
        break
      case '\x0b':
        this.remove(this.caret, length, 'forward')
        name = 'kill'
        break
      case '\x15':
        this.remove(0, this.caret, 'backward')
        name = 'kill'
        break
      case '\x17':
        this.remove(this.blankStart(this.caret), this.caret, 'backward')
        name = 'kill'
        break
      case '\x1b\x7f':
      case '\x1b\b':
        this.remove(this.wordStart(this.caret), this.caret, 'backward')
        name = 'kill'
        break
      case '\x1bd':
      case '\x1b[3;5~':
        this.remove(this.caret, this.wordEnd(this.caret), 'forward')
        name = 'kill'
        break
      case '\x19':
        this.remember()
        this.insert(this.host.killed.text)
        break
      case '\x14':
        this.transpose()
        break
      case '\x1f':
        this.undoOne()
        break
      case '\x0c':
        this.out += '\x1b[H\x1b[2J'
        this.caretRow = 0
        this.redraw()
        break
      case '\x10':
      case '\x1b[A':
      case '\x1bOA':
        this.recall(this.historyAt - 1)
        break
      case '\x0e':
      case '\x1b[B':
      case '\x1bOB':
        this.recall(this.historyAt + 1)
        break
      case '\x1b<':
        this.recall(0)
        break
      case '\x1b>':
        this.recall(this.host.history.length)
        break
      case '\x12':
      case '\x13':
        return yield* this.search(key === '\x12')
      case '\t':
        name = 'complete'
        yield* this.completeWord(this.lastKey === 'complete')
        break
      case '\x1b.':
      case '\x1b_':
        name = 'last-argument'
        this.lastArgument()
        break
      case '\x1bu':
        this.changeWord((word) => word.toUpperCase())
        break
      case '\x1bl':
        this.changeWord((word) => word.toLowerCase())
        break
      case '\x1bc':
        this.changeWord((word) => word.toLowerCase().replace(/[\p{L}\p{N}]/u, (letter) => letter.toUpperCase()))
        break
      case '\x1b#':
        this.characters.unshift('#')
        this.caret += 1
        this.redraw()
        return '\r'
      case '\x1b\\': {
        let from = this.caret
        let to = this.caret
        while (from > 0 && /\s/.test(this.characters[from - 1]!)) from -= 1
        while (to < length && /\s/.test(this.characters[to]!)) to += 1
        this.remove(from, to)
        break
      }
      case '\x00':
        this.mark = this.caret
        break
      case '\x18': {
        const second = yield* this.key()
        if (second === '\x18') {
          const { mark } = this
          this.mark = this.caret
          this.moveTo(mark)
        } else if (second === '\x15') this.undoOne()
        break
      }
      case '\x16': {
        const next = yield* this.key()
        if (next === 'end' || next === 'interrupted') return next
        this.insert(next)
        break
      }
      case '\x1b[200~':
        yield* this.paste()
        break
      default:
        if (key[0] === '\x1b' || (key < ' ' && key !== '')) break
        if (this.lastKey !== 'insert') this.remember()
        name = 'insert'
        this.insert(key + this.takePlain())
    }
    this.lastKey = name
    return undefined
  }

  /** Further ordinary characters that are already there: one redraw for all. */
  private takePlain(): string {
    const plain = /^[^\x00-\x1f\x7f]+/.exec(this.host.pending.text)?.[0] ?? ''
    this.host.pending.text = this.host.pending.text.slice(plain.length)
    return plain
  }

  private eraseBefore(): void {
    const width = shownWidth(this.characters[this.caret - 1]!)
    const at = place(this.characters.slice(0, this.caret).join(''), this.columns, this.promptEnd())
    if (this.caret === this.characters.length && at.column > width) {
      this.remember()
      this.characters.pop()
      this.caret -= 1
      this.out += `${'\b'.repeat(width)}\x1b[K`
      return
    }
    this.remove(this.caret - 1, this.caret)
  }

  private transpose(): void {
    const at = this.caret === this.characters.length ? this.caret - 1 : this.caret
    if (at < 1) {
      this.out += '\x07'
      return
    }
    this.remember()
    const [a, b] = [this.characters[at - 1]!, this.characters[at]!]
    this.characters[at - 1] = b
    this.characters[at] = a
    this.caret = at + 1
    this.redraw()
  }

  private undoOne(): void {
    const state = this.undo.pop()
    if (state === undefined) {
      this.out += '\x07'
      return
    }
    this.characters = state.characters
    this.caret = state.caret
    this.redraw()
  }

  private lastArgument(): void {
    const { history } = this.host
    if (this.lastKey === 'last-argument') {
      this.characters.splice(this.caret - this.argumentLength, this.argumentLength)
      this.caret -= this.argumentLength
      this.argumentAt -= 1
    } else this.argumentAt = history.length - 1
    const line = history[this.argumentAt]
    const word = line?.trim().match(/(?:[^\s'"]|'[^']*'|"[^"]*")+$/)?.[0] ?? ''
    this.argumentLength = [...word].length
    this.characters.splice(this.caret, 0, ...word)
    this.caret += this.argumentLength
    this.redraw()
  }
  private argumentAt = 0
  private argumentLength = 0

  /** Bracketed paste: taken as text, newlines too. */
  private *paste(): Syscall<void> {
    const { pending } = this.host
    let text = ''
    for (;;) {
      const end = pending.text.indexOf('\x1b[201~')
      if (end >= 0) {
        text += pending.text.slice(0, end)
        pending.text = pending.text.slice(end + 6)
        break
      }
      const key = yield* this.key()
      if (key === 'end' || key === 'interrupted') break
      text += key
    }
    this.remember()
    this.insert(text.replace(/\r\n?/g, '\n'))
    this.redraw()
  }
}

/** Reads one line with editing; the terminal is put back as it was. */
export function* editLine(host: EditorHost, prompt: string): Syscall<EditedLine> {
  const { process, fd } = host
  const size = yield* process.getWindowSize(fd)
  const columns = isErrno(size) || size.columns === 0 ? 80 : size.columns
  const before = yield* process.tcgetattr(fd)
  const rows = prompt.split('\n')
  if (rows.length > 1)
    yield* process.write(
      fd,
      `${rows
        .slice(0, -1)
        .join('\n')
        .replace(/[\x01\x02]/g, '')}\n`,
    )
  const raw: Partial<TerminalAttributes> = { icanon: false, echo: false, icrnl: false, ixon: false }
  yield* process.tcsetattr(fd, raw)
  const editor = new LineEditor(host, rows.at(-1)!, columns)
  const line = yield* editor.read()
  if (!isErrno(before)) yield* process.tcsetattr(fd, before)
  return line
}
