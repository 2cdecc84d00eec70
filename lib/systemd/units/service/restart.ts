// After systemd.service(5), Restart=: which results bring a service back, and after how long.
import { USEC_INFINITY, type Usec } from '@/lib/base'
import type { ChildExit, CleanRules } from '../../manager/child-exit'
import type { Service } from './service'
import type { ServiceResult } from './state'

/** Restart= × result. */
export const restartTable = {
  no: [],
  'on-success': ['success'],
  'on-failure': ['resources', 'protocol', 'timeout', 'exit-code', 'signal', 'core-dump', 'watchdog', 'start-limit-hit', 'oom-kill'],
  'on-abnormal': ['resources', 'protocol', 'timeout', 'signal', 'core-dump', 'watchdog', 'start-limit-hit', 'oom-kill'],
  'on-watchdog': ['watchdog'],
  'on-abort': ['signal', 'core-dump'],
  always: ['success', 'resources', 'protocol', 'timeout', 'exit-code', 'signal', 'core-dump', 'watchdog', 'start-limit-hit', 'oom-kill'],
} as const satisfies Record<string, readonly ServiceResult[]>

export function statusMatches(rules: CleanRules, exit: ChildExit | undefined): boolean {
  if (exit === undefined) return false
  return exit.code === 'exited' ? rules.status.includes(exit.status) : rules.signal.includes(exit.status)
}

export function shallRestart(service: Service): boolean {
  const config = service.section
  if (service.forbidRestart) return false
  const exit = service.mainStatus.how
  if (statusMatches(config.RestartPreventExitStatus, exit)) return false
  if (statusMatches(config.RestartForceExitStatus, exit)) return !(service.kind === 'oneshot' && service.result === 'success')
  return (restartTable[config.Restart] as readonly ServiceResult[]).includes(service.result)
}

/** RestartSec=, growing to RestartMaxDelaySec= in RestartSteps= steps. */
export function restartUsecNext(service: Service): Usec {
  const { RestartSec, RestartSteps, RestartMaxDelaySec } = service.section
  const next = service.restarts + (service.state === 'auto-restart' ? 0 : 1)
  if (next <= 1 || RestartSteps === 0 || RestartSec === 0 || RestartMaxDelaySec === USEC_INFINITY || RestartSec >= RestartMaxDelaySec)
    return RestartSec
  if (next > RestartSteps) return RestartMaxDelaySec
  return Math.floor(RestartSec * (RestartMaxDelaySec / RestartSec) ** ((next - 1) / RestartSteps))
}
