// After basename(1) and dirname(1).
import { program } from '../program'
import { usageError, quoteWord } from '../stdio'

export function baseName(path: string): string {
  const trimmed = path.replace(/\/+$/, '')
  return trimmed === '' ? (path === '' ? '' : '/') : trimmed.slice(trimmed.lastIndexOf('/') + 1)
}

export function directoryName(path: string): string {
  const trimmed = path.replace(/\/+$/, '')
  const slash = trimmed.lastIndexOf('/')
  if (slash < 0) return trimmed === '' && path !== '' ? '/' : '.'
  return trimmed.slice(0, slash).replace(/\/+$/, '') || '/'
}

export const basename = program({
  name: 'basename',
  path: '/usr/bin/basename',
  summary: 'print the last part of a path',
  synopsis: 'NAME [SUFFIX]',
  stopAtOperand: true,
  options: [
    { short: 'a', long: 'multiple', help: 'every argument is a path' },
    { short: 's', long: 'suffix', argument: 'required', metavar: 'SUFFIX', help: 'take SUFFIX off; implies -a' },
    { short: 'z', long: 'zero', help: 'end with NUL, not newline' },
  ],
  *main(process, args) {
    const { operands } = args
    if (operands.length === 0) return yield* usageError(process, 'missing operand')
    const suffixOption = args.value('suffix')
    const multiple = args.has('multiple') || suffixOption !== undefined
    if (!multiple && operands.length > 2) return yield* usageError(process, `extra operand ${quoteWord(process, operands[2]!)}`)
    const suffix = suffixOption ?? (multiple ? '' : (operands[1] ?? ''))
    const end = args.has('zero') ? '\0' : '\n'
    for (const path of multiple ? operands : operands.slice(0, 1)) {
      const name = baseName(path)
      yield* process.write(1, (suffix !== '' && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name) + end)
    }
    return 0
  },
})

export const dirname = program({
  name: 'dirname',
  path: '/usr/bin/dirname',
  summary: 'print a path without its last part',
  synopsis: '[OPTION] NAME...',
  options: [{ short: 'z', long: 'zero', help: 'end with NUL, not newline' }],
  *main(process, args) {
    if (args.operands.length === 0) return yield* usageError(process, 'missing operand')
    const end = args.has('zero') ? '\0' : '\n'
    yield* process.write(1, args.operands.map((path) => directoryName(path) + end).join(''))
    return 0
  },
})
