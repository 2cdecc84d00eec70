// The local time of a program: of its TZ=, or of /etc/localtime.
import { type LocalTime, localTimeOf } from '@/lib/base'
import type { Process } from '@/lib/kernel'

export function processLocalTime(process: Process): LocalTime {
  return localTimeOf(process.env['TZ'], process.fileReader().readLink('/etc/localtime'), Math.floor(process.realtimeUsec / 1e6))
}
