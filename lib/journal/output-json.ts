// After the JSON modes of journalctl(1): text as strings, bytes as arrays of numbers, repeated fields as arrays.
import { encodeUtf8 } from '@/lib/base'
import type { Entry } from './entry'
import { addressFields } from './output-export'
import type { FieldValue } from './native-protocol'
import type { OutputOptions } from './output-mode'

/** Longer values are `null` unless everything is asked for. */
const JSON_THRESHOLD = 4096

type Json = string | null | readonly number[] | readonly Json[]

export function formatJson(entry: Entry, options: OutputOptions): string {
  const object = jsonFields(entry, options)
  const paint = options.colors ? painted : bare
  const compact = `{${[...object].map(([name, value]) => `${paint.text(name)}:${compactJson(value, paint)}`).join(',')}}`
  switch (options.mode) {
    case 'json-pretty':
      return `{\n${[...object].map(([name, value]) => `\t${paint.text(name)} : ${prettyJson(value, 1, paint)}`).join(',\n')}\n}\n`
    case 'json-sse':
      return `data: ${compact}\n\n`
    case 'json-seq':
      return `\x1e${compact}\n`
    default:
      return `${compact}\n`
  }
}

function jsonFields(entry: Entry, options: OutputOptions): ReadonlyMap<string, Json> {
  const values = new Map<string, FieldValue[]>(addressFields(entry).map(([name, value]) => [name, [value]]))
  for (const [name, value] of entry.fields()) {
    if (name === '_BOOT_ID') continue
    if (options.fields !== undefined && !options.fields.has(name)) continue
    const before = values.get(name)
    if (before === undefined) values.set(name, [value])
    else before.push(value)
  }
  return new Map(
    [...values].map(([name, all]) => [
      name,
      all.length === 1 ? jsonValue(name, all[0]!, options) : all.map((value) => jsonValue(name, value, options)),
    ]),
  )
}

function jsonValue(name: string, value: FieldValue, options: OutputOptions): Json {
  const size = typeof value === 'string' ? (value.length < JSON_THRESHOLD / 4 ? 0 : encodeUtf8(value).length) : value.length
  if (!options.showAll && name.length + 1 + size >= JSON_THRESHOLD) return null
  if (typeof value !== 'string') return Array.from(value)
  return /[\0-\x08\x0b-\x1f\x7f]/.test(value) ? Array.from(encodeUtf8(value)) : value
}

type Paint = { readonly text: (text: string) => string; readonly number: (value: number) => string; readonly empty: string }
const bare: Paint = { text: JSON.stringify, number: String, empty: 'null' }
const painted: Paint = {
  text: (text) => `"\x1b[0;32m${JSON.stringify(text).slice(1, -1)}\x1b[0m"`,
  number: (value) => `\x1b[0;1;34m${value}\x1b[0m`,
  empty: '\x1b[0;1;39mnull\x1b[0m',
}

function compactJson(value: Json | number, paint: Paint): string {
  if (value === null) return paint.empty
  if (typeof value === 'string') return paint.text(value)
  if (typeof value === 'number') return paint.number(value)
  return `[${value.map((one) => compactJson(one, paint)).join(',')}]`
}

function prettyJson(value: Json | number, depth: number, paint: Paint): string {
  if (value === null || typeof value === 'string' || typeof value === 'number') return compactJson(value, paint)
  const indent = '\t'.repeat(depth + 1)
  return `[\n${value.map((one) => indent + prettyJson(one, depth + 1, paint)).join(',\n')}\n${'\t'.repeat(depth)}]`
}
