// After systemd-analyze(1): the verbs calendar, timestamp and timespan.
import {
  ANSI_HIGHLIGHT,
  ANSI_HIGHLIGHT_BLUE,
  ANSI_HIGHLIGHT_YELLOW,
  formatTimespan,
  formatTimestamp,
  formatTimestampRelative,
  formatVerticalTable,
  parseTime,
  parseTimeExact,
  parseTimestamp,
  parseTimestampExact,
  USEC_INFINITY,
  USEC_INFINITY_EXACT,
  USEC_PER_SEC,
  type Cell,
  type TimeError,
  type TimestampContext,
  type Usec,
} from '@/lib/base'
import { errno } from '@/lib/kernel'
import { calendarLoopWarning, formatCalendarSpec, nextElapse, parseCalendarSpec, type NextError } from '../calendar'
import type { Appearance, Output } from './output'

const message = (error: NextError | TimeError): string => errno[error === 'EDEADLK' ? 'EDEADLOCK' : error].message

/** A cell that is a function is made when the table is printed: until then the zone's names stay as they are. */
type Fields = (readonly [name: string, value: Cell | (() => Cell)])[]

function printFields(fields: Fields, look: Appearance, output: Output): void {
  const made = fields.map(([name, value]) => [name, typeof value === 'function' ? value() : value] as const)
  output.print(formatVerticalTable(made, { colors: look.colors, urlify: look.urlify, ...(look.width ? { width: look.width } : {}) }))
}

/** Points to the verb that would have understood the text. */
function hint(text: string, verbs: readonly ('calendar' | 'timestamp' | 'timespan')[], context: TimestampContext, output: Output): void {
  const understood = {
    calendar: () => typeof parseCalendarSpec(text, context.local) !== 'string',
    timestamp: () => typeof parseTimestamp(text, context) !== 'string',
    timespan: () => typeof parseTime(text, USEC_PER_SEC) !== 'string',
  }
  const nouns = { calendar: 'calendar specification', timestamp: 'timestamp', timespan: 'timespan' }
  for (const verb of verbs) {
    if (!understood[verb]()) continue
    output.log('notice', `Hint: this expression is a valid ${nouns[verb]}. Use 'systemd-analyze ${verb} "${text}"' instead?`)
  }
}

/** A point in time as the tables show it. */
const moment = (usec: Usec, context: TimestampContext, style: 'pretty' | 'utc' = 'pretty'): string =>
  formatTimestamp(usec, context.local, style) ?? '-'
const fromNow = (usec: Usec, context: TimestampContext): string => formatTimestampRelative(usec, context.nowUsec) ?? '-'

function calendarOne(text: string, base: Usec, iterations: number, context: TimestampContext, look: Appearance, output: Output): boolean {
  const spec = parseCalendarSpec(text, context.local)
  if (typeof spec === 'string') {
    output.error(`Failed to parse calendar specification '${text}': ${message(spec)}`)
    hint(text, ['timestamp', 'timespan'], context, output)
    return false
  }
  const normal = formatCalendarSpec(spec, context.local)
  const fields: Fields = []
  if (normal !== text) fields.push(['Original form', { text }])
  fields.push(['Normalized form', { text: normal }])
  let after = base
  for (let iteration = 0; iteration < iterations; iteration++) {
    const next = nextElapse(spec, after, context.local)
    if (next === 'ENOENT') {
      if (iteration === 0) fields.push(['Next elapse', { text: 'never', color: ANSI_HIGHLIGHT_YELLOW }])
      break
    }
    if (typeof next === 'string') {
      if (next === 'EDEADLK') output.log('warning', calendarLoopWarning(spec, context.local))
      output.error(`Failed to determine next elapse for '${text}': ${message(next)}`)
      return false
    }
    const name = iteration === 0 ? 'Next elapse' : `Iteration #${iteration + 1}`
    fields.push([name, () => ({ text: moment(next, context), color: ANSI_HIGHLIGHT_BLUE })])
    if (!context.local.isUtc) fields.push(['(in UTC)', { text: moment(next, context, 'utc') }])
    fields.push(['From now', { text: fromNow(next, context) }])
    after = next
  }
  printFields(fields, look, output)
  return true
}

/** Runs `one` on each argument with an empty line between; 1 when any failed. */
function each(args: readonly string[], output: Output, one: (text: string) => boolean): number {
  let status = 0
  args.forEach((text, index) => {
    if (!one(text)) status = 1
    if (index < args.length - 1) output.print('\n')
  })
  return status
}

export type CalendarOptions = { readonly baseUsec: Usec | undefined; readonly iterations: number }

export function analyzeCalendar(
  args: readonly string[],
  options: CalendarOptions,
  context: TimestampContext,
  look: Appearance,
  output: Output,
): number {
  const base = options.baseUsec ?? context.nowUsec
  return each(args, output, (text) => calendarOne(text, base, options.iterations, context, look, output))
}

function unixSeconds(usec: bigint): string {
  const second = BigInt(USEC_PER_SEC)
  const fraction = usec % second
  const whole = `@${usec / second}`
  return fraction === 0n ? whole : `${whole}.${String(fraction).padStart(6, '0')}`
}

export function analyzeTimestamp(args: readonly string[], context: TimestampContext, look: Appearance, output: Output): number {
  return each(args, output, (text) => {
    const exact = parseTimestampExact(text, context)
    if (typeof exact === 'string') {
      output.error(`Failed to parse "${text}": ${message(exact)}`)
      hint(text, ['calendar', 'timespan'], context, output)
      return false
    }
    const usec = exact === USEC_INFINITY_EXACT ? USEC_INFINITY : Number(exact)
    const fields: Fields = [
      ['Original form', { text }],
      ['Normalized form', () => ({ text: moment(usec, context), color: ANSI_HIGHLIGHT_BLUE })],
    ]
    if (!context.local.isUtc) fields.push(['(in UTC)', { text: moment(usec, context, 'utc') }])
    fields.push(['UNIX seconds', { text: unixSeconds(exact) }], ['From now', { text: fromNow(usec, context) }])
    printFields(fields, look, output)
    return true
  })
}

export function analyzeTimespan(args: readonly string[], context: TimestampContext, look: Appearance, output: Output): number {
  for (const [index, text] of args.entries()) {
    const usec = parseTimeExact(text)
    if (typeof usec === 'string') {
      output.error(`Failed to parse time span '${text}': ${message(usec)}`)
      hint(text, ['calendar', 'timestamp'], context, output)
      return 1
    }
    const fields: Fields = [
      ['Original', { text }],
      ['μs', { text: String(usec) }],
      ['Human', { text: formatTimespan(usec, 0), color: ANSI_HIGHLIGHT }],
    ]
    printFields(fields, look, output)
    if (index < args.length - 1) output.print('\n')
  }
  return 0
}
