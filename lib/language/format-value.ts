// Values as a person would write them: what a directive starts with, and what a value comes to.
import { formatBytes, formatTimespan, parseByteSize, parseSec, USEC_INFINITY } from '@/lib/base'
import type { KnownRow } from '@/lib/systemd/directives'

const isTime = (row: KnownRow): boolean => row.name.endsWith('Sec') && row.name !== 'CPUQuotaPerSec'

/** '' where nothing is set. */
export function formatInitial(row: KnownRow): string {
  const { initial } = row
  if (initial === undefined || initial === '' || initial === null) return ''
  if (typeof initial === 'boolean') return initial ? 'yes' : 'no'
  if (typeof initial === 'string') return initial
  if (typeof initial === 'number') {
    if (isTime(row) || row.name === 'CPUQuota')
      return initial === USEC_INFINITY || initial === Number.POSITIVE_INFINITY ? 'infinity' : formatTimespan(initial)
    if (/Mode$|^UMask$/.test(row.name)) return initial.toString(8).padStart(4, '0')
    if (row.name.endsWith('Signal')) return SIGNALS[initial] ?? `${initial}`
    if (initial === Number.POSITIVE_INFINITY) return 'infinity'
    return initial < 0 || initial >= 2 ** 32 - 1 ? '' : `${initial}`
  }
  if (Array.isArray(initial)) return initial.join(' ')
  return ''
}
const SIGNALS: Readonly<Record<number, string>> = { 1: 'SIGHUP', 6: 'SIGABRT', 9: 'SIGKILL', 15: 'SIGTERM' }

const SIZES =
  /^(?:Memory\w*(?:Max|High|Low|Min)|Startup\w*(?:Max|High|Low)|Limit(?:FSIZE|DATA|STACK|CORE|RSS|AS|MEMLOCK|MSGQUEUE)|ReceiveBuffer|SendBuffer|PipeSize)$/

/** What a value is in plain terms, where that says more than the value: `90` → `1min 30s`. */
export function normalised(row: KnownRow, value: string): string | undefined {
  if (value === '') return undefined
  if (isTime(row)) {
    const usec = parseSec(value)
    if (typeof usec === 'string' || usec === USEC_INFINITY) return undefined
    const text = formatTimespan(usec)
    return text === value || text.replaceAll(' ', '') === value.replaceAll(' ', '') ? undefined : text
  }
  if (SIZES.test(row.name) && /^\d+$/.test(value)) {
    const bytes = parseByteSize(value)
    return bytes === undefined || bytes < 1024 ? undefined : formatBytes(bytes)
  }
  return undefined
}
