// After systemd.syntax(7): values that are lists of words.
import { isErrno } from '@/lib/kernel'
import type { ParseContext, ValueRange } from './directive'
import { cursorAt, extractFirstWord, type WordFlags, WHITESPACE } from './extract-word'

export type Word = { readonly text: string; readonly range: ValueRange }

/** Words in turn; a word that cannot be read ends them with `message`. */
export function* eachWord(
  value: string,
  flags: WordFlags,
  context: ParseContext,
  message: (error: string) => string,
  separators: string = WHITESPACE,
): Generator<Word, void> {
  const cursor = cursorAt(value)
  for (;;) {
    let from = cursor.at ?? value.length
    while (from < value.length && separators.includes(value[from]!)) from += 1
    const word = extractFirstWord(cursor, flags, separators)
    if (word === undefined) return
    if (isErrno(word)) {
      context.report('warning', message(word.message), [from, value.length])
      return
    }
    let to = cursor.at ?? value.length
    while (to > from && separators.includes(value[to - 1]!)) to -= 1
    yield { text: word, range: [from, to] }
  }
}
