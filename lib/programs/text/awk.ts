// After mawk(1), Debian's awk.
import { isErrno } from '@/lib/kernel'
import { program } from '../program'
import { complain, readText } from '../stdio'
import { AwkFatal, AwkRun } from './awk-run'
import { AwkProblem, type AwkProgram, parseAwk } from './awk-syntax'

export const awk = program({
  name: 'mawk',
  path: '/usr/bin/mawk',
  links: ['/usr/bin/awk', '/usr/bin/nawk'],
  summary: 'work on text by patterns and actions',
  synopsis: "[OPTION]... [-v VAR=VALUE] [--] 'program text' [FILE]...",
  usageStatus: 2,
  stopAtOperand: true,
  options: [
    { short: 'F', argument: 'required', metavar: 'VALUE', help: 'what stands between fields' },
    { short: 'f', argument: 'required', metavar: 'FILE', help: 'the program is in FILE' },
    { short: 'v', argument: 'required', metavar: 'VAR=VALUE', help: 'set a variable first' },
    { short: 'W', argument: 'required', metavar: 'OPTION', help: 'has no effect here' },
  ],
  *main(process, args) {
    const operands = [...args.operands]
    const texts: string[] = []
    for (const file of args.values('f')) {
      const text = yield* readText(process, file === '-' ? '/dev/stdin' : file)
      if (isErrno(text)) {
        yield* complain(process, `cannot open ${file} (${text.message})`)
        return 2
      }
      texts.push(text)
    }
    if (texts.length === 0) {
      const text = operands.shift()
      if (text === undefined) {
        yield* process.write(2, `Usage: ${process.argv[0]} [Options] [Program] [file ...]\n`)
        return 2
      }
      texts.push(text)
    }
    let tree: AwkProgram
    try {
      tree = parseAwk(texts.join('\n'))
    } catch (error) {
      if (!(error instanceof AwkProblem)) throw error
      yield* complain(process, error.message)
      return 2
    }
    const run = new AwkRun(process, tree)
    const separator = args.value('F')
    if (separator !== undefined) run.assignText('FS', separator === 't' ? '\t' : separator)
    for (const text of args.values('v')) {
      const equals = text.indexOf('=')
      if (equals <= 0) {
        yield* complain(process, `improper assignment: -v ${text}`)
        return 2
      }
      run.assignText(text.slice(0, equals), text.slice(equals + 1))
    }
    run.setArguments([process.argv[0] ?? 'awk', ...operands])
    try {
      return yield* run.run()
    } catch (error) {
      if (!(error instanceof AwkFatal)) throw error
      yield* run.flush()
      yield* complain(process, error.message)
      return error.status
    }
  },
})
