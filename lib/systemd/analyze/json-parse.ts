// After sd-json: reading JSON, with where it went wrong.
import { errno } from '@/lib/kernel'
import type { Json } from './json-table'

export type JsonText = { readonly value: Json } | { readonly error: string; readonly line: number; readonly column: number }

class Refused extends Error {}

class Reader {
  private readonly text: string
  private at = 0

  constructor(text: string) {
    this.text = text
  }

  /** Line and column of the place reached, both from 1. */
  get place(): { readonly line: number; readonly column: number } {
    const before = this.text.slice(0, this.at)
    const lines = before.split('\n')
    return { line: lines.length, column: lines.at(-1)!.length + 1 }
  }

  private space(): void {
    while (' \t\n\r'.includes(this.text[this.at] ?? 'x')) this.at += 1
  }

  private take(word: string): boolean {
    if (!this.text.startsWith(word, this.at)) return false
    this.at += word.length
    return true
  }

  whole(): Json {
    const value = this.value()
    this.space()
    if (this.at < this.text.length) throw new Refused()
    return value
  }

  private value(): Json {
    this.space()
    if (this.take('{')) return this.object()
    if (this.take('[')) return this.array()
    if (this.text[this.at] === '"') return this.string()
    if (this.take('true')) return true
    if (this.take('false')) return false
    if (this.take('null')) return null
    const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/.exec(this.text.slice(this.at))
    if (number === null) throw new Refused()
    this.at += number[0].length
    return Number(number[0])
  }

  private object(): Json {
    const fields: Record<string, Json> = {}
    this.space()
    if (this.take('}')) return fields
    for (;;) {
      this.space()
      if (this.text[this.at] !== '"') throw new Refused()
      const key = this.string()
      this.space()
      if (!this.take(':')) throw new Refused()
      fields[key] = this.value()
      this.space()
      if (this.take('}')) return fields
      if (!this.take(',')) throw new Refused()
    }
  }

  private array(): Json {
    const items: Json[] = []
    this.space()
    if (this.take(']')) return items
    for (;;) {
      items.push(this.value())
      this.space()
      if (this.take(']')) return items
      if (!this.take(',')) throw new Refused()
    }
  }

  private string(): string {
    const match = /^"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/.exec(this.text.slice(this.at))
    if (match === null) throw new Refused()
    this.at += match[0].length
    return JSON.parse(match[0]) as string
  }
}

export function parseJson(text: string): JsonText {
  const reader = new Reader(text)
  try {
    return { value: reader.whole() }
  } catch (error) {
    if (error instanceof Refused) return { error: errno.EINVAL.message, ...reader.place }
    throw error
  }
}
