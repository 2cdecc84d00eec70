// After the version format specification and strverscmp_improved(): which of two version strings is newer.

const isVersionChar = (char: string): boolean => /^[0-9A-Za-z.~^-]$/.test(char)

const sign = (value: number): number => (value > 0 ? 1 : value < 0 ? -1 : 0)

/** Below 0 when `a` is older, above 0 when it is newer. */
export function compareVersions(a: string, b: string): number {
  let i = 0
  let j = 0
  for (;;) {
    while (i < a.length && !isVersionChar(a[i]!)) i += 1
    while (j < b.length && !isVersionChar(b[j]!)) j += 1
    // `~` is older than anything, the end included.
    if (a[i] === '~' || b[j] === '~') {
      if (a[i] !== b[j]) return a[i] === '~' ? -1 : 1
      i += 1
      j += 1
    }
    if (i >= a.length || j >= b.length) return sign((i < a.length ? a.charCodeAt(i) : 0) - (j < b.length ? b.charCodeAt(j) : 0))
    // Where one goes on with a separator and the other does not, the separator is older: release, patch, point.
    for (const separator of ['-', '^', '.']) {
      if (a[i] !== separator && b[j] !== separator) continue
      if (a[i] !== b[j]) return a[i] === separator ? -1 : 1
      i += 1
      j += 1
    }
    const digits = /^\d$/.test(a[i] ?? '') || /^\d$/.test(b[j] ?? '')
    const segment = digits ? /^\d*/ : /^[A-Za-z]*/
    const one = segment.exec(a.slice(i))![0]
    const other = segment.exec(b.slice(j))![0]
    i += one.length
    j += other.length
    if (digits) {
      if ((one === '') !== (other === '')) return one === '' ? -1 : 1
      const left = one.replace(/^0+/, '')
      const right = other.replace(/^0+/, '')
      if (left.length !== right.length) return sign(left.length - right.length)
      if (left !== right) return left < right ? -1 : 1
      continue
    }
    const common = Math.min(one.length, other.length)
    const left = one.slice(0, common)
    const right = other.slice(0, common)
    if (left !== right) return left < right ? -1 : 1
    if (one.length !== other.length) return sign(one.length - other.length)
  }
}

export type CompareOperator = '<' | '<=' | '=' | '!=' | '>=' | '>' | 'string-equal' | 'string-unequal' | 'glob' | 'not-glob'

export type OperatorRules = {
  /** `=` and `!=` compare letters, not versions. */
  readonly equalByString?: boolean
  /** `$=` and `!$=`. */
  readonly glob?: boolean
  /** `lt`, `le`, `eq`, `ne`, `ge`, `gt`. */
  readonly textual?: boolean
}

/** Reads an operator off the front of a text: [operator, rest]; `undefined` when there is none. */
export function readCompareOperator(text: string, rules: OperatorRules = {}): readonly [CompareOperator, string] | undefined {
  const table: readonly (readonly [string, CompareOperator, boolean])[] = [
    ['$=', 'glob', rules.glob === true],
    ['!$=', 'not-glob', rules.glob === true],
    ['<>', '!=', true],
    ['<=', '<=', true],
    ['>=', '>=', true],
    ['==', '=', true],
    ['=', rules.equalByString ? 'string-equal' : '=', true],
    ['!=', rules.equalByString ? 'string-unequal' : '!=', true],
    ['<', '<', true],
    ['>', '>', true],
    ['lt', '<', rules.textual === true],
    ['le', '<=', rules.textual === true],
    ['eq', '=', rules.textual === true],
    ['ne', '!=', rules.textual === true],
    ['ge', '>=', rules.textual === true],
    ['gt', '>', rules.textual === true],
  ]
  const row = table.find(([prefix, , allowed]) => allowed && text.startsWith(prefix))
  return row && [row[1], text.slice(row[0].length)]
}

/** Whether an order (below, at or above 0) satisfies an operator; not for the string and glob operators. */
export function orderSatisfies(order: number, operator: CompareOperator): boolean {
  switch (operator) {
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '=':
    case 'string-equal':
      return order === 0
    case '!=':
    case 'string-unequal':
      return order !== 0
    case '>=':
      return order >= 0
    case '>':
      return order > 0
    default:
      return false
  }
}
