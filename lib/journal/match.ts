// After sd_journal_add_match(3): the same field twice means either, different fields mean both; `+` is "or" between groups.
import { encodeUtf8 } from '@/lib/base'
import { isFieldName, type FieldValue } from './native-protocol'
import type { JournalFile } from './journal-file'

/** A field with the values that will do. */
type Term = { readonly name: string; readonly values: string[] }
/** Every term must hold. */
type Group = Term[]
/** One group must hold. */
type Alternatives = Group[]

/** Built as the C interface builds it: matches, then `addDisjunction` or `addConjunction`, then more. */
export class Match {
  private readonly conjunction: Alternatives[] = [[[]]]

  get isEmpty(): boolean {
    return this.conjunction.every((alternatives) => alternatives.every((group) => group.length === 0))
  }

  add(name: string, value: string): this {
    const alternatives = this.conjunction.at(-1)!
    const group = alternatives.at(-1)!
    const term = group.find((one) => one.name === name)
    if (term === undefined) group.push({ name, values: [value] })
    else if (!term.values.includes(value)) term.values.push(value)
    return this
  }

  addDisjunction(): this {
    const alternatives = this.conjunction.at(-1)!
    if (alternatives.at(-1)!.length > 0) alternatives.push([])
    return this
  }

  addConjunction(): this {
    if (this.conjunction.at(-1)!.some((group) => group.length > 0)) this.conjunction.push([[]])
    return this
  }

  matches(get: (name: string) => readonly FieldValue[]): boolean {
    return this.wanted().every((alternatives) =>
      alternatives.some((group) =>
        group.every((term) => get(term.name).some((value) => typeof value === 'string' && term.values.includes(value))),
      ),
    )
  }

  /** A test of an entry's number in this file; looks the values up once. undefined: nothing in the file can match. */
  compile(file: JournalFile): ((index: number) => boolean) | undefined {
    const conjunction = this.wanted().map((alternatives) =>
      alternatives
        .map((group) =>
          group.map((term) =>
            term.values.flatMap((value) => {
              const number = file.numberOf(encodeUtf8(`${term.name}=${value}`))
              return number === undefined ? [] : [number]
            }),
          ),
        )
        .filter((group) => group.every((numbers) => numbers.length > 0)),
    )
    if (conjunction.some((alternatives) => alternatives.length === 0)) return undefined
    return (index) => {
      const items = file.itemsOf(index)
      return conjunction.every((alternatives) =>
        alternatives.some((group) => group.every((numbers) => numbers.some((number) => items.includes(number)))),
      )
    }
  }

  private wanted(): Alternatives[] {
    return this.conjunction
      .map((alternatives) => alternatives.filter((group) => group.length > 0))
      .filter((alternatives) => alternatives.length > 0)
  }
}

/** `FIELD=value` as a person types it; undefined when it is none. */
export function parseMatch(text: string): { readonly name: string; readonly value: string } | undefined {
  const equals = text.indexOf('=')
  if (equals < 1) return undefined
  const name = text.slice(0, equals)
  if (name.startsWith('__') || !isFieldName(name, true)) return undefined
  return { name, value: text.slice(equals + 1) }
}
