// After sleep(1).
import { errno } from '@/lib/kernel'
import { program } from '../program'
import { usageError, quoteWord } from '../stdio'

const units: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86400 }

/** Seconds of `1.5m`; undefined when it is no interval. */
export function parseInterval(text: string): number | undefined {
  if (/^inf(inity)?$/i.test(text)) return Number.POSITIVE_INFINITY
  const match = /^\+?((?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)([smhd]?)$/.exec(text)
  return match === null ? undefined : Number(match[1]) * units[match[2]!]!
}

export const sleep = program({
  name: 'sleep',
  path: '/usr/bin/sleep',
  summary: 'wait for a time',
  synopsis: 'NUMBER[SUFFIX]...',
  options: [],
  *main(process, args) {
    if (args.operands.length === 0) return yield* usageError(process, 'missing operand')
    let seconds = 0
    for (const text of args.operands) {
      const interval = parseInterval(text)
      if (interval === undefined) return yield* usageError(process, `invalid time interval ${quoteWord(process, text)}`)
      seconds += interval
    }
    const endUsec = process.monotonicUsec + seconds * 1e6
    for (;;) {
      const left = endUsec - process.monotonicUsec
      if (left <= 0) return 0
      if ((yield* process.nanosleep(left)) !== errno.EINTR) return 0
    }
  },
})
