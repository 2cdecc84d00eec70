// After systemd.service(5), "Command lines": the words of a command line with their places, for editors and explanations.
import { cursorAt, execPrefixes, extractFirstWord, findDirective } from '@/lib/systemd/directives'

export type ScannedWord = {
  /** Offsets into the value. */
  readonly from: number
  readonly to: number
  readonly raw: string
  /** Without quotes and escapes; specifiers and variables as they stand. */
  readonly text: string
  readonly quoted: boolean
}
export type ScannedCommand = {
  /** `-@:+!` before the path. */
  readonly prefix: string
  readonly words: readonly ScannedWord[]
}
export type ScannedLine = { readonly commands: readonly ScannedCommand[]; readonly fault: string | undefined }

const isSpace = (char: string | undefined): boolean => char === ' ' || char === '\t' || char === '\n' || char === '\r'

export function scanExecLine(value: string): ScannedLine {
  const commands: { prefix: string; words: ScannedWord[] }[] = []
  let words: ScannedWord[] = []
  let fault: string | undefined
  const flush = (): void => {
    if (words.length > 0) commands.push({ prefix: words[0]!.text.slice(0, execPrefixes(words[0]!.text).length), words })
    words = []
  }
  for (let at = 0; at < value.length; ) {
    while (isSpace(value[at])) at += 1
    if (at >= value.length) break
    const alone = (length: number) => at + length >= value.length || isSpace(value[at + length])
    if (value[at] === ';' && alone(1)) {
      flush()
      at += 1
      continue
    }
    if (value.startsWith('\\;', at) && alone(2)) {
      words.push({ from: at, to: at + 2, raw: '\\;', text: ';', quoted: true })
      at += 2
      continue
    }
    const cursor = cursorAt(value)
    cursor.at = at
    let text = extractFirstWord(cursor, { unquote: true, cunescape: true })
    if (typeof text === 'object') {
      cursor.at = at
      text = extractFirstWord(cursor, { unquote: true, cunescape: true, unescapeRelax: true })
    }
    if (typeof text !== 'string') {
      fault = value.slice(at)
      words.push({ from: at, to: value.length, raw: value.slice(at), text: value.slice(at), quoted: true })
      break
    }
    let to = cursor.at ?? value.length
    while (to > at + 1 && isSpace(value[to - 1]) && value[to - 2] !== '\\') to -= 1
    const raw = value.slice(at, to)
    words.push({ from: at, to, raw, text, quoted: /["']/.test(raw) })
    if (cursor.at === undefined || cursor.at <= at) break
    at = cursor.at
  }
  flush()
  return { commands, fault }
}

export const isExecDirective = (section: string, key: string): boolean =>
  key.startsWith('Exec') && findDirective(section, key)?.parser.placeholder === 'PATH [ARGUMENT [...]]'
