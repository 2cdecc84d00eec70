// org.freedesktop.systemd1.Manager: the properties of the manager object.
import type { Properties, Value } from '../../bus'
import type { Manager } from '../manager'
import { isActiveOrReloading } from '../unit-state'
import { SYSTEMD_FEATURES, SYSTEMD_VERSION } from '../version'
import { limitProperties } from './exec'

const levels = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug']

/** As `systemctl is-system-running` has it. */
export function systemState(manager: Manager): string {
  if (!manager.bootFinished) return manager.getUnit('basic.target')?.activeState() === 'active' ? 'starting' : 'initializing'
  const shutdown = manager.getUnit('shutdown.target')
  if (shutdown?.job?.type === 'start' || (shutdown !== undefined && isActiveOrReloading(shutdown.activeState()))) return 'stopping'
  for (const name of ['rescue.target', 'emergency.target']) {
    const unit = manager.getUnit(name)
    if (unit !== undefined && isActiveOrReloading(unit.activeState())) return 'maintenance'
  }
  return manager.failedUnits.size > 0 ? 'degraded' : 'running'
}

export function managerProperties(manager: Manager): Properties {
  const { timestamps, defaults, process } = manager
  const offset = process.realtimeUsec - process.monotonicUsec
  const stamp = (name: string, monotonic: number): Record<string, Value> => ({
    [name]: monotonic === 0 && name !== 'KernelTimestamp' ? 0 : offset + monotonic,
    [`${name}Monotonic`]: monotonic,
  })
  const limits = Object.fromEntries(Object.entries(limitProperties(undefined)).map(([name, value]) => [`Default${name}`, value]))
  return {
    Version: SYSTEMD_VERSION,
    Features: SYSTEMD_FEATURES,
    Virtualization: manager.virtualization?.id ?? '',
    ConfidentialVirtualization: '',
    Architecture: 'x86-64',
    Tainted: manager.taint.join(':'),
    ...stamp('FirmwareTimestamp', 0),
    ...stamp('LoaderTimestamp', 0),
    ...stamp('KernelTimestamp', 0),
    ...stamp('InitRDTimestamp', 0),
    ...stamp('UserspaceTimestamp', timestamps.userspace),
    ...stamp('FinishTimestamp', timestamps.finish),
    ...stamp('ShutdownStartTimestamp', timestamps.shutdownStart),
    ...stamp('SecurityStartTimestamp', timestamps.userspace),
    ...stamp('SecurityFinishTimestamp', timestamps.userspace),
    ...stamp('GeneratorsStartTimestamp', timestamps.generatorsStart),
    ...stamp('GeneratorsFinishTimestamp', timestamps.generatorsFinish),
    ...stamp('UnitsLoadStartTimestamp', timestamps.unitsLoadStart),
    ...stamp('UnitsLoadFinishTimestamp', timestamps.unitsLoadFinish),
    ...stamp('UnitsLoadTimestamp', timestamps.unitsLoad),
    ...stamp('InitRDSecurityStartTimestamp', 0),
    ...stamp('InitRDSecurityFinishTimestamp', 0),
    ...stamp('InitRDGeneratorsStartTimestamp', 0),
    ...stamp('InitRDGeneratorsFinishTimestamp', 0),
    ...stamp('InitRDUnitsLoadStartTimestamp', 0),
    ...stamp('InitRDUnitsLoadFinishTimestamp', 0),
    LogLevel: levels[manager.logger.maxLevel] ?? 'info',
    LogTarget: manager.logger.target,
    NNames: manager.units.size,
    NFailedUnits: manager.failedUnits.size,
    NJobs: manager.jobs.size,
    NInstalledJobs: manager.installedJobs,
    NFailedJobs: manager.failedJobs,
    Progress: manager.bootFinished ? 1 : manager.installedJobs === 0 ? 0 : 1 - manager.jobs.size / manager.installedJobs,
    Environment: [...new Map([...manager.environment, ...manager.clientEnvironment])].map(([name, value]) => `${name}=${value}`).sort(),
    ConfirmSpawn: false,
    ShowStatus: false,
    UnitPath: manager.searchPath(),
    DefaultStandardOutput: defaults.standardOutput,
    DefaultStandardError: defaults.standardError,
    WatchdogDevice: '',
    WatchdogLastPingTimestamp: Number.POSITIVE_INFINITY,
    WatchdogLastPingTimestampMonotonic: Number.POSITIVE_INFINITY,
    RuntimeWatchdogUSec: 0,
    RuntimeWatchdogPreUSec: 0,
    RuntimeWatchdogPreGovernor: '',
    RebootWatchdogUSec: 600_000_000,
    KExecWatchdogUSec: 0,
    ServiceWatchdogs: manager.serviceWatchdogs,
    ControlGroup: manager.cgroupRoot,
    SystemState: systemState(manager),
    ExitCode: manager.returnValue,
    DefaultTimerAccuracyUSec: defaults.timerAccuracyUsec,
    DefaultTimeoutStartUSec: defaults.timeoutStartUsec,
    DefaultTimeoutStopUSec: defaults.timeoutStopUsec,
    DefaultTimeoutAbortUSec: defaults.timeoutAbortUsec ?? defaults.timeoutStopUsec,
    DefaultDeviceTimeoutUSec: defaults.deviceTimeoutUsec,
    DefaultRestartUSec: defaults.restartUsec,
    DefaultStartLimitIntervalUSec: defaults.startLimitIntervalUsec,
    DefaultStartLimitBurst: defaults.startLimitBurst,
    DefaultCPUAccounting: true,
    DefaultBlockIOAccounting: false,
    DefaultIOAccounting: false,
    DefaultIPAccounting: false,
    DefaultMemoryAccounting: true,
    DefaultTasksAccounting: true,
    ...limits,
    DefaultTasksMax: Math.floor((manager.systemTasksMax * 15) / 100),
    DefaultMemoryPressureThresholdUSec: 200_000,
    DefaultMemoryPressureWatch: 'auto',
    TimerSlackNSec: 50000,
    DefaultOOMPolicy: defaults.oomPolicy,
    DefaultOOMScoreAdjust: 0,
    CtrlAltDelBurstAction: 'reboot-force',
    SoftRebootsCount: 0,
  }
}
