// After format_bytes() of systemd: amounts of memory and disk as its tools print and read them.
const units = [
  ['E', 2 ** 60],
  ['P', 2 ** 50],
  ['T', 2 ** 40],
  ['G', 2 ** 30],
  ['M', 2 ** 20],
  ['K', 2 ** 10],
] as const

/** `568K`, `1.2M`, `0B`: one decimal, cut off and not rounded, left out when it is zero. */
export function formatBytes(bytes: number): string {
  if (bytes === Number.POSITIVE_INFINITY) return 'infinity'
  for (const [suffix, factor] of units) {
    if (bytes < factor) continue
    const whole = Math.floor(bytes / factor)
    const smaller = factor > 1024 ? factor / 1024 : 1
    const tenth = Math.floor((Math.floor(bytes / smaller) * 10) / (factor / smaller)) % 10
    return tenth > 0 ? `${whole}.${tenth}${suffix}` : `${whole}${suffix}`
  }
  return `${bytes}B`
}

const factors: Readonly<Record<string, number>> = Object.fromEntries([...units, ['B', 1], ['', 1]])

/** `1.5G`, `100M`, `1G 512M`, `4096`, to the base 1024; undefined when it is none. */
export function parseByteSize(text: string): number | undefined {
  let rest = text.trim()
  if (rest === '') return undefined
  let total = 0
  let last = Number.POSITIVE_INFINITY
  while (rest !== '') {
    const match = /^(\d+)(?:\.(\d*))?\s*([EPTGMKB]?)\s*/.exec(rest)
    if (match === null) return undefined
    const factor = factors[match[3]!]!
    if (factor >= last) return undefined
    last = factor
    total += Number(match[1]) * factor + Math.floor(Number(`0.${match[2] || '0'}`) * factor)
    rest = rest.slice(match[0].length)
  }
  return Number.isSafeInteger(total) ? total : undefined
}
