// After printf(1).
import { formatPrintf } from '@/lib/shell'
import { processLocalTime } from '../process-time'
import { program } from '../program'
import { complain } from '../stdio'

export const printf = program({
  name: 'printf',
  path: '/usr/bin/printf',
  summary: 'write words in a format',
  synopsis: 'FORMAT [ARGUMENT]...',
  options: [],
  raw: true,
  *main(process, args) {
    const words = args.operands[0] === '--' ? args.operands.slice(1) : args.operands
    const [format, ...rest] = words
    if (format === undefined) {
      yield* process.write(2, `${process.argv[0]}: missing operand\nTry '${process.argv[0]} --help' for more information.\n`)
      return 1
    }
    const result = formatPrintf(format, rest, {
      realtimeUsec: process.realtimeUsec,
      startUsec: process.realtimeUsec,
      local: processLocalTime(process),
    })
    yield* process.write(1, result.text)
    for (const error of result.errors) {
      const invalid = /^(.*): invalid number$/s.exec(error)
      yield* complain(
        process,
        invalid === null
          ? error
          : /^\d/.test(invalid[1]!)
            ? `'${invalid[1]}': value not completely converted`
            : `'${invalid[1]}': expected a numeric value`,
      )
    }
    return result.errors.length > 0 ? 1 : 0
  },
})
