// systemd-analyze(1).
import { isErrno, type Process, type Syscall } from '@/lib/kernel'
import { Output } from '@/lib/systemd/analyze'
import { helpText, parseArguments, program, type ParsedArguments, type ProgramDefinition } from '../program'
import { Console, printVersion } from '../systemd-console'
import { findVerb } from '../systemd-verbs'
import { showOutput, timeContext, type VerbContext } from './context'
import { optionRows, readOptions } from './options'
import { verbs } from './verbs'

const definition: Omit<ProgramDefinition, 'main'> = {
  name: 'systemd-analyze',
  path: '/usr/bin/systemd-analyze',
  summary: 'ask about boot times, units, security, calendars and more',
  synopsis: '[OPTIONS...] COMMAND ...',
  options: optionRows,
  raw: true,
}

/** The words that could be read before an error. */
function readableFront(words: readonly string[]): ParsedArguments {
  for (let count = words.length - 1; count >= 0; count--) {
    const parsed = parseArguments(optionRows, words.slice(0, count))
    if ('args' in parsed) return parsed
  }
  return parseArguments(optionRows, [])
}

function* main(process: Process): Syscall<number> {
  const console = yield* Console.open(process)
  const words = process.argv.slice(1)
  const parsed = parseArguments(optionRows, words)
  const usable = 'args' in parsed ? parsed : readableFront(words)
  if ('error' in usable) return 1
  const reader = process.fileReader()
  const time = timeContext(process, reader)
  const directory = yield* process.getcwd()
  const outcome = readOptions(usable.args, { ...time, directory: isErrno(directory) ? '/' : directory }, 'args' in parsed)
  if (outcome.kind === 'version') return yield* printVersion(console)
  if (outcome.kind === 'help') {
    yield* console.print(helpText(definition, 'systemd-analyze'))
    yield* console.flush()
    return 0
  }
  if (outcome.kind === 'error') return outcome.message === '' ? 1 : yield* console.fail(outcome.message)
  if ('error' in parsed) {
    yield* process.write(2, `${process.argv[0] ?? 'systemd-analyze'}: ${parsed.error}\n`)
    return 1
  }
  const elsewhere = parsed.args.given.find(({ name }) => name === 'image' || name === 'host' || name === 'machine')
  if (elsewhere !== undefined) return yield* console.fail(`systemd-analyze --${elsewhere.name}=: not simulated here`)
  const { operands } = parsed.args
  const row = findVerb(verbs, operands)
  if (typeof row === 'string') return yield* console.fail(row)
  const look = { colors: console.colors, urlify: console.links, width: console.onTty ? console.columns : undefined }
  const context: VerbContext = { process, reader, time, options: outcome.options, console, look, output: new Output() }
  const status = yield* row.run(operands.slice(1), context)
  yield* showOutput(context.output, console)
  yield* console.flush()
  return status
}

export const systemdAnalyze = program({ ...definition, main })
