// Brace expansion after bash(1): purely textual, before every other expansion; quotes and ${…} protect what they hold.

/** Index after a quoted or substituted stretch that starts at `at`, or `at` itself. */
function skipProtected(text: string, at: number): number {
  const character = text[at]
  if (character === '\\') return at + 2
  if (character === "'") {
    const end = text.indexOf("'", at + 1)
    return end < 0 ? text.length : end + 1
  }
  if (character === '"' || character === '`') {
    let index = at + 1
    while (index < text.length && text[index] !== character) index += text[index] === '\\' ? 2 : 1
    return index + 1
  }
  if (character === '$' && (text[at + 1] === '{' || text[at + 1] === '(')) {
    const open = text[at + 1]!
    const close = open === '{' ? '}' : ')'
    let depth = 1
    let index = at + 2
    while (index < text.length && depth > 0) {
      const next = skipProtected(text, index)
      if (next > index) {
        index = next
        continue
      }
      if (text[index] === open) depth += 1
      else if (text[index] === close) depth -= 1
      index += 1
    }
    return index
  }
  return at
}

function sequence(body: string): readonly string[] | undefined {
  const match = /^(-?\d+|[A-Za-z])\.\.(-?\d+|[A-Za-z])(?:\.\.(-?\d+))?$/.exec(body)
  if (match === null) return undefined
  const [, from, to] = match as unknown as [string, string, string]
  const numeric = /\d$/.test(from)
  if (numeric !== /\d$/.test(to)) return undefined
  const start = numeric ? Number(from) : from.charCodeAt(0)
  const end = numeric ? Number(to) : to.charCodeAt(0)
  const step = Math.abs(Number(match[3] ?? 1)) || 1
  const padded = numeric && (/^-?0\d/.test(from) || /^-?0\d/.test(to))
  const width = padded ? Math.max(from.length, to.length) : 0
  const result: string[] = []
  const direction = start <= end ? step : -step
  for (let value = start; direction > 0 ? value <= end : value >= end; value += direction) {
    if (!numeric) result.push(String.fromCharCode(value))
    else if (width > 0) result.push(value < 0 ? `-${String(-value).padStart(width - 1, '0')}` : String(value).padStart(width, '0'))
    else result.push(String(value))
    if (result.length > 100_000) break
  }
  return result
}

/** The braces that start at `open`: their parts and the index after them. */
function readBraces(text: string, open: number): { parts: readonly string[]; next: number } | undefined {
  const parts: string[] = []
  let start = open + 1
  let depth = 0
  let index = open + 1
  while (index < text.length) {
    const next = skipProtected(text, index)
    if (next > index) {
      index = next
      continue
    }
    const character = text[index]
    if (character === '{') depth += 1
    else if (character === '}') {
      if (depth === 0) {
        parts.push(text.slice(start, index))
        return { parts, next: index + 1 }
      }
      depth -= 1
    } else if (character === ',' && depth === 0) {
      parts.push(text.slice(start, index))
      start = index + 1
    }
    index += 1
  }
  return undefined
}

export function expandBraces(text: string): readonly string[] {
  let index = 0
  while (index < text.length) {
    const next = skipProtected(text, index)
    if (next > index) {
      index = next
      continue
    }
    if (text[index] === '{') {
      const braces = readBraces(text, index)
      if (braces !== undefined) {
        const items = braces.parts.length > 1 ? braces.parts.flatMap(expandBraces) : sequence(braces.parts[0] ?? '')
        if (items !== undefined) {
          const before = text.slice(0, index)
          const after = expandBraces(text.slice(braces.next))
          return items.flatMap((item) => after.map((tail) => before + item + tail))
        }
      }
    }
    index += 1
  }
  return [text]
}
