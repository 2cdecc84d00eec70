// After table_print_json() of format-table.c and sd-json: rows as a JSON array.

export type JsonMode = 'off' | 'short' | 'pretty'
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** Text of a JSON string as sd-json writes it. */
function quote(text: string): string {
  let out = '"'
  for (const char of text) {
    const code = char.codePointAt(0)!
    if (char === '"' || char === '\\') out += `\\${char}`
    else if (char === '\b') out += '\\b'
    else if (char === '\f') out += '\\f'
    else if (char === '\n') out += '\\n'
    else if (char === '\r') out += '\\r'
    else if (char === '\t') out += '\\t'
    else if (code < 0x20) out += `\\u${code.toString(16).padStart(4, '0')}`
    else out += char
  }
  return `${out}"`
}

export function formatJson(value: Json, pretty: boolean, indent = ''): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return quote(value)
  const inner = `${indent}\t`
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    const items = (value as readonly Json[]).map((one) => formatJson(one, pretty, inner))
    return pretty ? `[\n${items.map((one) => inner + one).join(',\n')}\n${indent}]` : `[${items.join(',')}]`
  }
  const entries = Object.entries(value as { readonly [key: string]: Json })
  if (entries.length === 0) return '{}'
  const items = entries.map(([key, one]) => `${quote(key)}${pretty ? ' : ' : ':'}${formatJson(one, pretty, inner)}`)
  return pretty ? `{\n${items.map((one) => inner + one).join(',\n')}\n${indent}}` : `{${items.join(',')}}`
}

export function jsonTable(rows: readonly Json[], mode: Exclude<JsonMode, 'off'>): string {
  return `${formatJson(rows, mode === 'pretty')}\n`
}
