// After seq(1).
import { formatPrintf } from '@/lib/shell'
import { program } from '../program'
import { Output, usageError, quoteWord } from '../stdio'

const decimals = (text: string): number => text.replace(/e.*$/i, '').split('.')[1]?.length ?? 0

export const seq = program({
  name: 'seq',
  path: '/usr/bin/seq',
  summary: 'print a sequence of numbers',
  synopsis: '[OPTION]... [FIRST [INCREMENT]] LAST',
  stopAtOperand: true,
  options: [
    { short: 'f', long: 'format', argument: 'required', metavar: 'FORMAT', help: 'print with this printf format' },
    { short: 's', long: 'separator', argument: 'required', metavar: 'STRING', help: 'what stands between numbers' },
    { short: 'w', long: 'equal-width', help: 'pad with zeroes' },
  ],
  rewrite: (words) => {
    const index = words.findIndex((word) => /^-[.\d]/.test(word))
    return index < 0 || words.includes('--') ? words : [...words.slice(0, index), '--', ...words.slice(index)]
  },
  *main(process, args) {
    const { operands } = args
    if (operands.length === 0) return yield* usageError(process, 'missing operand')
    if (operands.length > 3) return yield* usageError(process, `extra operand ${quoteWord(process, operands[3]!)}`)
    for (const text of operands) {
      if (text.trim() === '' || Number.isNaN(Number(text)))
        return yield* usageError(process, `invalid floating point argument: ${quoteWord(process, text)}`)
    }
    const first = operands.length > 1 ? operands[0]! : '1'
    const step = operands.length > 2 ? operands[1]! : '1'
    const last = operands.at(-1)!
    if (Number(step) === 0) return yield* usageError(process, `invalid Zero increment value: ${quoteWord(process, step)}`)
    const digits = Math.max(decimals(first), decimals(step))
    const separator = args.value('separator') ?? '\n'
    const format = args.value('format')
    const width = args.has('equal-width') ? Math.max(Number(first).toFixed(digits).length, Number(last).toFixed(digits).length) : 0
    const out = new Output(process)
    const count = Math.floor((Number(last) - Number(first)) / Number(step) + 1e-10)
    for (let index = 0; index <= count; index++) {
      const value = Number(first) + index * Number(step)
      let text =
        format === undefined ? value.toFixed(digits) : formatPrintf(format, [String(value)], { realtimeUsec: 0, startUsec: 0 }).text
      if (width > 0) text = value < 0 ? `-${text.slice(1).padStart(width - 1, '0')}` : text.padStart(width, '0')
      yield* out.print(index === 0 ? text : separator + text)
      if (out.failure !== undefined) break
    }
    if (count >= 0) yield* out.print('\n')
    return yield* out.finish()
  },
})
