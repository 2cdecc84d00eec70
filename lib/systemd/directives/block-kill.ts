// After systemd.kill(5).
import { row } from './directive'
import { boolean, oneOf, signal } from './parse-scalar'
import type { DirectiveParser } from './directive'

const KILL_MODES = ['control-group', 'process', 'mixed', 'none'] as const
export type KillMode = (typeof KILL_MODES)[number]
const mode = oneOf(KILL_MODES, { empty: 'control-group' })

const killMode: DirectiveParser<KillMode> = {
  placeholder: 'KILLMODE',
  values: KILL_MODES,
  parse(value, current, context) {
    if (value !== '' && !(KILL_MODES as readonly string[]).includes(value)) {
      context.report('warning', `Failed to parse kill mode specification, ignoring: ${value}`)
      return current
    }
    if (value === 'none') {
      context.report(
        'warning',
        "Unit uses KillMode=none. This is unsafe, as it disables systemd's process lifecycle management for the service. Please update the service to use a safer KillMode=, such as 'mixed' or 'control-group'. Support for KillMode=none is deprecated and will eventually be removed.",
      )
    }
    return mode.parse(value, current, context)
  },
}

const SIGTERM = 15
const SIGKILL = 9
const SIGABRT = 6

export const killDirectives = {
  SendSIGKILL: row(boolean, true),
  SendSIGHUP: row(boolean, false),
  KillMode: row<KillMode>(killMode, 'control-group'),
  KillSignal: row(signal, SIGTERM),
  /** 0: as KillSignal=. */
  RestartKillSignal: row(signal, 0),
  FinalKillSignal: row(signal, SIGKILL),
  WatchdogSignal: row(signal, SIGABRT),
}
