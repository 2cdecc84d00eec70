// What every verb of systemd-analyze gets, made once from the process.
import { localTimeOf, USEC_PER_SEC, type FileReader, type TimestampContext } from '@/lib/base'
import type { Process, Syscall } from '@/lib/kernel'
import type { Appearance, Output } from '@/lib/systemd/analyze'
import type { Console } from '../systemd-console'
import type { AnalyzeOptions } from './options'

export type VerbContext = {
  readonly process: Process
  readonly reader: FileReader
  readonly time: TimestampContext
  readonly options: AnalyzeOptions
  readonly console: Console
  readonly look: Appearance
  /** Shown when the verb is done. */
  readonly output: Output
}

export type Verb = (args: readonly string[], context: VerbContext) => Syscall<number>

export function timeContext(process: Process, reader: FileReader): TimestampContext {
  const tz = process.env['TZ']
  const nowUsec = process.realtimeUsec
  const local = localTimeOf(tz, reader.readLink('/etc/localtime'), Math.floor(nowUsec / USEC_PER_SEC))
  return { local, nowUsec, tz }
}

export function* showOutput(output: Output, console: Console): Syscall<void> {
  for (const item of output.items) {
    if (item.stream === 'stdout') yield* console.print(item.text)
    else yield* console.log(item.level, item.text)
  }
  output.items.length = 0
}

/** A verb that only computes. */
export const pure = (run: (args: readonly string[], context: VerbContext) => number): Verb =>
  function* (args, context) {
    return run(args, context)
  }
