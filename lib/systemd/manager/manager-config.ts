// After systemd-system.conf(5): what units have that do not say otherwise.
import type { Usec } from '@/lib/base'

export type ManagerDefaults = {
  timeoutStartUsec: Usec
  timeoutStopUsec: Usec
  timeoutAbortUsec: Usec | undefined
  deviceTimeoutUsec: Usec
  restartUsec: Usec
  startLimitIntervalUsec: Usec
  startLimitBurst: number
  timerAccuracyUsec: Usec
  oomPolicy: 'continue' | 'stop' | 'kill'
  standardOutput: string
  standardError: string
}

export function builtInDefaults(): ManagerDefaults {
  return {
    timeoutStartUsec: 90_000_000,
    timeoutStopUsec: 90_000_000,
    timeoutAbortUsec: undefined,
    deviceTimeoutUsec: 90_000_000,
    restartUsec: 100_000,
    startLimitIntervalUsec: 10_000_000,
    startLimitBurst: 5,
    timerAccuracyUsec: 60_000_000,
    oomPolicy: 'stop',
    standardOutput: 'journal',
    standardError: 'inherit',
  }
}
