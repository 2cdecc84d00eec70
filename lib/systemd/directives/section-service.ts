// After systemd.service(5): what [Service] has of its own.
import { USEC_INFINITY, USEC_PER_SEC } from '@/lib/base'
import { into, intoUnit, row } from './directive'
import { openFile, type OpenFile } from './parse-directories'
import { execCommands, type ExecCommand } from './parse-exec'
import { path, pidFile } from './parse-path'
import { boolean, oneOf, sec, secFixZero, secSaying, signal, unsigned } from './parse-scalar'
import { exitStatusSet, type ExitStatusSet, timeoutAbort } from './parse-socket'
import { busName, removed, string } from './parse-text'
import { emergencyAction, type EmergencyAction, serviceSockets } from './parse-unit'

const NO_COMMANDS: readonly ExecCommand[] = []
const NO_NAMES: readonly string[] = []
const NO_STATUS: ExitStatusSet = { status: [], signal: [] }
const NONE: EmergencyAction = 'none'
const DEFAULT_TIMEOUT = 90 * USEC_PER_SEC
const SIGHUP = 1

export const SERVICE_TYPES = ['simple', 'forking', 'oneshot', 'dbus', 'notify', 'notify-reload', 'idle', 'exec'] as const
export type ServiceType = (typeof SERVICE_TYPES)[number]
export const SERVICE_RESTARTS = ['no', 'on-success', 'on-failure', 'on-abnormal', 'on-watchdog', 'on-abort', 'always'] as const

const timeout = secSaying((value, directive) => `Failed to parse ${directive}= parameter, ignoring: ${value}`, true, 'SECONDS')
const failureMode = oneOf(['terminate', 'abort', 'kill'], { placeholder: 'TIMEOUTMODE' })
const moved = (name: string) => ({ man: '', replacedBy: name })
const USB = { notSimulated: 'no USB gadgets here' }

export const serviceDirectives = {
  PIDFile: row(pidFile, ''),
  ExecCondition: row(execCommands, NO_COMMANDS),
  ExecStartPre: row(execCommands, NO_COMMANDS),
  ExecStart: row(execCommands, NO_COMMANDS),
  ExecReload: row(execCommands, NO_COMMANDS),
  ExecStartPost: row(execCommands, NO_COMMANDS),
  ExecStop: row(execCommands, NO_COMMANDS),
  ExecStopPost: row(execCommands, NO_COMMANDS),
  RestartSec: row(sec, 100_000),
  RestartSteps: row(unsigned, 0),
  RestartMaxDelaySec: row<number>(sec, USEC_INFINITY),
  TimeoutSec: into(['TimeoutStartSec', 'TimeoutStopSec'], timeout, DEFAULT_TIMEOUT),
  /** `Type=oneshot` without a line of its own: infinity; the loader sees to it. */
  TimeoutStartSec: row(timeout, DEFAULT_TIMEOUT),
  TimeoutStopSec: row(secFixZero, DEFAULT_TIMEOUT),
  /** `undefined`: as TimeoutStopSec=. */
  TimeoutAbortSec: row<number | undefined>(timeoutAbort, undefined),
  TimeoutStartFailureMode: row(failureMode, 'terminate'),
  TimeoutStopFailureMode: row(failureMode, 'terminate'),
  RuntimeMaxSec: row<number>(sec, USEC_INFINITY),
  RuntimeRandomizedExtraSec: row(sec, 0),
  WatchdogSec: row(sec, 0),
  StartLimitInterval: intoUnit('StartLimitIntervalSec', sec, 10 * USEC_PER_SEC, moved('StartLimitIntervalSec')),
  StartLimitBurst: intoUnit('StartLimitBurst', unsigned, 5, moved('StartLimitBurst')),
  StartLimitAction: intoUnit('StartLimitAction', emergencyAction, NONE, moved('StartLimitAction')),
  FailureAction: intoUnit('FailureAction', emergencyAction, NONE, moved('FailureAction')),
  RebootArgument: intoUnit('RebootArgument', string, '', moved('RebootArgument')),
  /** `''`: simple with ExecStart=, else oneshot, or dbus with BusName=; the loader sees to it. */
  Type: row<ServiceType | ''>(oneOf(SERVICE_TYPES, { placeholder: 'SERVICETYPE' }), ''),
  ExitType: row(oneOf(['main', 'cgroup'], { placeholder: 'SERVICEEXITTYPE' }), 'main'),
  Restart: row(oneOf(SERVICE_RESTARTS, { placeholder: 'SERVICERESTART' }), 'no'),
  RestartMode: row(oneOf(['normal', 'direct', 'debug'], { placeholder: 'SERVICERESTARTMODE' }), 'normal'),
  PermissionsStartOnly: row(boolean, false, { man: '' }),
  RootDirectoryStartOnly: row(boolean, false),
  RemainAfterExit: row(boolean, false),
  GuessMainPID: row(boolean, true),
  RestartPreventExitStatus: row(exitStatusSet, NO_STATUS),
  RestartForceExitStatus: row(exitStatusSet, NO_STATUS),
  SuccessExitStatus: row(exitStatusSet, NO_STATUS),
  SysVStartPriority: into([], removed, undefined, { man: '', removed: true }),
  NonBlocking: row(boolean, false),
  BusName: row(busName, ''),
  FileDescriptorStoreMax: row(unsigned, 0),
  FileDescriptorStorePreserve: row(oneOf(['no', 'yes', 'restart'], { boolean: { yes: 'yes', no: 'no' } }), 'restart'),
  NotifyAccess: row(oneOf(['none', 'main', 'exec', 'all'], { placeholder: 'ACCESS' }), 'none'),
  Sockets: row(serviceSockets, NO_NAMES),
  BusPolicy: into([], removed, undefined, { man: '', removed: true }),
  USBFunctionDescriptors: row(path(), '', USB),
  USBFunctionStrings: row(path(), '', USB),
  /** `''`: DefaultOOMPolicy=, which is stop. */
  OOMPolicy: row<'' | 'continue' | 'stop' | 'kill'>(oneOf(['continue', 'stop', 'kill']), ''),
  OpenFile: row<readonly OpenFile[]>(openFile, []),
  ReloadSignal: row(signal, SIGHUP),
}
