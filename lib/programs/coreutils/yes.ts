// After yes(1).
import { isErrno } from '@/lib/kernel'
import { program } from '../program'

export const yes = program({
  name: 'yes',
  path: '/usr/bin/yes',
  summary: 'write a line again and again',
  synopsis: '[STRING]...',
  options: [],
  *main(process, args) {
    const line = `${args.operands.length === 0 ? 'y' : args.operands.join(' ')}\n`
    const block = line.repeat(Math.max(1, Math.ceil(8192 / line.length)))
    for (;;) {
      const written = yield* process.write(1, block)
      if (isErrno(written)) {
        yield* process.write(2, `${process.argv[0]}: standard output: ${written.message}\n`)
        return 1
      }
    }
  },
})
