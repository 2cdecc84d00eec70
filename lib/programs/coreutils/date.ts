// After date(1).
import { gmtime, strftime } from '@/lib/base'
import { isErrno } from '@/lib/kernel'
import { processLocalTime } from '../process-time'
import { program } from '../program'
import { complain, quoteWord, readText, usageError } from '../stdio'
import { parseDateText } from './date-text'

const isoFormats: Readonly<Record<string, string>> = {
  date: '%Y-%m-%d',
  hours: '%Y-%m-%dT%H%:z',
  minutes: '%Y-%m-%dT%H:%M%:z',
  seconds: '%Y-%m-%dT%H:%M:%S%:z',
  ns: '%Y-%m-%dT%H:%M:%S,%N%:z',
}
const rfc3339: Readonly<Record<string, string>> = { date: '%Y-%m-%d', seconds: '%Y-%m-%d %H:%M:%S%:z', ns: '%Y-%m-%d %H:%M:%S.%N%:z' }

/** Names may be cut short: `-Is`. */
function abbreviated(formats: Readonly<Record<string, string>>, name: string): string | undefined {
  const fitting = name === '' ? [] : Object.keys(formats).filter((one) => one.startsWith(name))
  return fitting.length === 1 ? formats[fitting[0]!] : formats[name]
}

export const date = program({
  name: 'date',
  path: '/usr/bin/date',
  summary: 'print or set the date and time',
  synopsis: '[OPTION]... [+FORMAT]',
  options: [
    { short: 'd', long: 'date', argument: 'required', metavar: 'STRING', help: 'show the time that STRING means' },
    { long: 'debug', help: 'has no effect here' },
    { short: 'f', long: 'file', argument: 'required', metavar: 'DATEFILE', help: 'like --date for each line' },
    { short: 'I', long: 'iso-8601', argument: 'optional', metavar: 'FMT', help: 'ISO 8601: date, hours, minutes, seconds, ns' },
    { short: 'R', long: 'rfc-email', help: 'RFC 5322' },
    { long: 'rfc-3339', argument: 'required', metavar: 'FMT', help: 'RFC 3339: date, seconds, ns' },
    { long: 'rfc-2822', help: 'the same as -R' },
    { short: 'r', long: 'reference', argument: 'required', metavar: 'FILE', help: 'the time FILE was changed' },
    { long: 'resolution', help: 'show the resolution of times' },
    { short: 's', long: 'set', argument: 'required', metavar: 'STRING', help: 'set the time' },
    { short: 'u', long: 'utc', help: 'in UTC' },
    { long: 'universal', help: 'in UTC' },
  ],
  *main(process, args) {
    const utc = args.has('utc') || args.has('universal')
    const local = processLocalTime(process)
    const now = process.realtimeUsec
    let format: string | undefined
    for (const operand of args.operands) {
      if (operand.startsWith('+') && format === undefined) format = operand.slice(1)
      else if (!operand.startsWith('+') && args.has('date') === false && /^\d{8}(\d{2}){0,2}(\.\d\d)?$/.test(operand)) {
        yield* complain(process, 'cannot set date: not simulated here in this form; use -s')
        return 1
      } else if (!operand.startsWith('+')) {
        yield* complain(process, `invalid date ${quoteWord(process, operand)}`)
        return 1
      } else return yield* usageError(process, `extra operand ${quoteWord(process, operand)}`)
    }
    if (args.has('iso-8601')) format = abbreviated(isoFormats, args.value('iso-8601') ?? 'date')
    else if (args.has('rfc-3339')) format = abbreviated(rfc3339, args.value('rfc-3339') ?? '')
    else if (args.has('rfc-email') || args.has('rfc-2822')) format = '%a, %d %b %Y %H:%M:%S %z'
    if (format === undefined && (args.has('iso-8601') || args.has('rfc-3339'))) {
      return yield* usageError(
        process,
        `invalid argument ${quoteWord(process, args.value('iso-8601') ?? args.value('rfc-3339') ?? '')} for ${quoteWord(process, args.has('iso-8601') ? '--iso-8601' : '--rfc-3339')}`,
      )
    }
    const lcTime = process.env['LC_ALL'] ?? process.env['LC_TIME'] ?? process.env['LANG'] ?? ''
    const english = /^en_/.test(lcTime) ? '%a %b %e %r %Z %Y' : '%a %b %e %H:%M:%S %Z %Y'
    const show = (usec: number): string => {
      const seconds = Math.floor(usec / 1e6)
      return `${strftime(format ?? english, utc ? gmtime(seconds) : local.localtime(seconds), usec)}\n`
    }
    const file = args.value('file')
    if (file !== undefined) {
      const text = yield* readText(process, file === '-' ? '/dev/stdin' : file)
      if (isErrno(text)) {
        yield* complain(process, file, text)
        return 1
      }
      let status = 0
      for (const line of text.split('\n').filter((one, index, all) => one !== '' || index < all.length - 1)) {
        const usec = parseDateText(line, now, local)
        if (usec === undefined) {
          yield* complain(process, `invalid date ${quoteWord(process, line)}`)
          status = 1
        } else yield* process.write(1, show(usec))
      }
      return status
    }
    let usec = now
    const reference = args.value('reference')
    if (reference !== undefined) {
      const stat = yield* process.stat(reference)
      if (isErrno(stat)) {
        yield* complain(process, reference, stat)
        return 1
      }
      usec = stat.mtimeUsec
    }
    const text = args.value('date') ?? args.value('set')
    if (text !== undefined) {
      const zone = utc ? `TZ="UTC" ${text}` : text
      const parsed = parseDateText(zone, now, local)
      if (parsed === undefined) {
        yield* complain(process, `invalid date ${quoteWord(process, text)}`)
        return 1
      }
      usec = parsed
    }
    let status = 0
    if (args.has('set')) {
      const result = yield* process.setRealtime(usec)
      if (isErrno(result)) {
        yield* complain(process, 'cannot set date', result)
        status = 1
      }
    }
    yield* process.write(1, show(usec))
    return status
  },
})
