// After mkdir(1) and rmdir(1).
import { errno, isErrno, type Process, type Syscall } from '@/lib/kernel'
import { program } from '../program'
import { complain, quoteName, quoteWord, usageError } from '../stdio'
import { directoryName } from './basename'
import { parseMode } from './file-mode'

export function* currentUmask(process: Process): Syscall<number> {
  const mask = yield* process.umask(0)
  yield* process.umask(mask)
  return mask
}

export const mkdir = program({
  name: 'mkdir',
  path: '/usr/bin/mkdir',
  summary: 'make directories',
  synopsis: '[OPTION]... DIRECTORY...',
  options: [
    { short: 'm', long: 'mode', argument: 'required', metavar: 'MODE', help: 'set the mode, as chmod does' },
    { short: 'p', long: 'parents', help: 'make parents too; what exists is no error' },
    { short: 'v', long: 'verbose', help: 'say what is made' },
    { short: 'Z', help: 'has no effect here' },
  ],
  *main(process, args) {
    if (args.operands.length === 0) return yield* usageError(process, 'missing operand')
    const umask = yield* currentUmask(process)
    const modeText = args.value('mode')
    const change = modeText === undefined ? undefined : parseMode(modeText, umask)
    if (modeText !== undefined && change === undefined) {
      yield* complain(process, `invalid mode ${quoteWord(process, modeText)}`)
      return 1
    }
    let status = 0
    for (const path of args.operands) {
      const made: string[] = []
      let problem: { path: string; error: { message: string } } | undefined
      const missing: string[] = []
      if (args.has('parents')) {
        for (let parent = directoryName(path); parent !== '/' && parent !== '.'; parent = directoryName(parent)) {
          if (!isErrno(yield* process.stat(parent))) break
          missing.unshift(parent)
        }
      }
      for (const parent of missing) {
        const result = yield* process.mkdir(parent, 0o777)
        if (isErrno(result) && result !== errno.EEXIST) {
          problem = { path: parent, error: result }
          break
        }
        made.push(parent)
      }
      if (problem === undefined) {
        const result = yield* process.mkdir(path, 0o777)
        if (!isErrno(result)) {
          made.push(path)
          if (change !== undefined) yield* process.chmod(path, change(0o777 & ~umask, true))
        } else if (!args.has('parents') || result !== errno.EEXIST) problem = { path, error: result }
        else {
          const stat = yield* process.stat(path)
          if (isErrno(stat) || stat.kind !== 'directory') problem = { path, error: result }
        }
      }
      if (args.has('verbose')) yield* process.write(1, made.map((one) => `${process.argv[0]}: created directory '${one}'\n`).join(''))
      if (problem !== undefined) {
        yield* complain(process, `cannot create directory ${quoteWord(process, problem.path)}: ${problem.error.message}`)
        status = 1
      }
    }
    return status
  },
})

export const rmdir = program({
  name: 'rmdir',
  path: '/usr/bin/rmdir',
  summary: 'remove empty directories',
  synopsis: '[OPTION]... DIRECTORY...',
  options: [
    { long: 'ignore-fail-on-non-empty', help: 'a directory with content is no error' },
    { short: 'p', long: 'parents', help: 'remove parents too' },
    { short: 'v', long: 'verbose', help: 'say what is removed' },
  ],
  *main(process, args) {
    if (args.operands.length === 0) return yield* usageError(process, 'missing operand')
    let status = 0
    for (const path of args.operands) {
      for (let one = path; ; one = directoryName(one)) {
        if (args.has('verbose')) yield* process.write(1, `${process.argv[0]}: removing directory, ${quoteName(one)}\n`)
        const result = yield* process.rmdir(one)
        if (isErrno(result)) {
          if (result === errno.ENOTEMPTY && args.has('ignore-fail-on-non-empty')) break
          yield* complain(process, `failed to remove ${one === path ? '' : 'directory '}${quoteName(one)}`, result)
          status = 1
          break
        }
        if (!args.has('parents') || directoryName(one) === '.' || directoryName(one) === '/') break
      }
    }
    return status
  },
})
