// After touch(1).
import { errno, isErrno, O_CREAT, O_NOCTTY, O_NONBLOCK, O_WRONLY } from '@/lib/kernel'
import { processLocalTime } from '../process-time'
import { program } from '../program'
import { complain, quoteName, quoteWord, usageError } from '../stdio'
import { parseDateText } from './date-text'

export const touch = program({
  name: 'touch',
  path: '/usr/bin/touch',
  summary: 'set the times of files; make those that are missing',
  synopsis: '[OPTION]... FILE...',
  options: [
    { short: 'a', help: 'change only the access time' },
    { short: 'c', long: 'no-create', help: 'make no files' },
    { short: 'd', long: 'date', argument: 'required', metavar: 'STRING', help: 'use this time, not now' },
    { short: 'f', help: 'has no effect' },
    { short: 'h', long: 'no-dereference', help: 'act on symbolic links' },
    { short: 'm', help: 'change only the modification time' },
    { short: 'r', long: 'reference', argument: 'required', metavar: 'FILE', help: 'use the times of FILE' },
    { short: 't', argument: 'required', metavar: '[[CC]YY]MMDDhhmm[.ss]', help: 'use this time, not now' },
    { long: 'time', argument: 'required', metavar: 'WORD', help: 'which time: access or modify' },
  ],
  *main(process, args) {
    if (args.operands.length === 0) return yield* usageError(process, 'missing file operand')
    let atime: number | undefined = process.realtimeUsec
    let mtime: number | undefined = process.realtimeUsec
    const reference = args.value('reference')
    const dateText = args.value('date')
    const stamp = args.value('t')
    if (reference !== undefined) {
      const stat = yield* process.stat(reference)
      if (isErrno(stat)) {
        yield* complain(process, `failed to get attributes of ${quoteName(reference)}`, stat)
        return 1
      }
      atime = stat.atimeUsec
      mtime = stat.mtimeUsec
    }
    if (dateText !== undefined || stamp !== undefined) {
      const local = processLocalTime(process)
      const fields = stamp === undefined ? null : /^(\d\d)?(\d\d)?(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d\d))?$/.exec(stamp)
      const year =
        fields === null
          ? ''
          : fields[1] === undefined
            ? ''
            : fields[2] === undefined
              ? `${Number(fields[1]) < 69 ? '20' : '19'}${fields[1]}`
              : `${fields[1]}${fields[2]}`
      const text =
        stamp === undefined
          ? dateText!
          : fields === null
            ? 'bad'
            : `${year === '' ? local.localtime(process.realtimeUsec / 1e6).year + 1900 : year}-${fields[3]}-${fields[4]} ${fields[5]}:${fields[6]}:${fields[7] ?? '00'}`
      const usec = parseDateText(text, process.realtimeUsec, local)
      if (usec === undefined) {
        yield* complain(process, `invalid date format ${quoteWord(process, stamp ?? dateText ?? '')}`)
        return 1
      }
      atime = usec
      mtime = usec
    }
    const which = args.value('time')
    const onlyAccess = args.has('a') || which?.startsWith('a') === true || which === 'use'
    const onlyModify = args.has('m') || which?.startsWith('m') === true
    if (onlyAccess && !onlyModify) mtime = undefined
    if (onlyModify && !onlyAccess) atime = undefined
    let status = 0
    for (const path of args.operands) {
      if (path === '-') continue
      if (!args.has('no-create') && !args.has('no-dereference')) {
        const fd = yield* process.open(path, O_WRONLY | O_CREAT | O_NONBLOCK | O_NOCTTY, 0o666)
        if (!isErrno(fd)) yield* process.close(fd)
        else if (fd !== errno.EISDIR && fd !== errno.EACCES && fd !== errno.EPERM && fd !== errno.ENXIO) {
          yield* complain(process, `cannot touch ${quoteName(path)}`, fd)
          status = 1
          continue
        } else if (fd === errno.EACCES && isErrno(yield* process.stat(path))) {
          yield* complain(process, `cannot touch ${quoteName(path)}`, fd)
          status = 1
          continue
        }
      }
      const result = yield* process.utimes(path, atime, mtime)
      if (isErrno(result) && !(result === errno.ENOENT && args.has('no-create'))) {
        yield* complain(
          process,
          result === errno.ENOENT ? `cannot touch ${quoteName(path)}` : `setting times of ${quoteName(path)}`,
          result,
        )
        status = 1
      }
    }
    return status
  },
})
