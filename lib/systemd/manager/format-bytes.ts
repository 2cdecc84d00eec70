// After FORMAT_BYTES() as systemd prints sizes: 568K, 1.8M, 39.6M.
const units = [
  ['E', 2 ** 60],
  ['P', 2 ** 50],
  ['T', 2 ** 40],
  ['G', 2 ** 30],
  ['M', 2 ** 20],
  ['K', 2 ** 10],
] as const

export function formatBytes(bytes: number): string {
  if (bytes === Number.POSITIVE_INFINITY) return 'infinity'
  for (const [suffix, factor] of units) {
    if (bytes < factor) continue
    const whole = Math.floor(bytes / factor)
    const tenth = Math.floor((bytes / (factor / 10)) % 10)
    return tenth === 0 ? `${whole}${suffix}` : `${whole}.${tenth}${suffix}`
  }
  return `${bytes}B`
}
