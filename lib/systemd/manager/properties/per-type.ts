// The interfaces of the unit types: what each shows beside what all units show.
import type { Properties, Value } from '../../bus'
import { findGroup, findUser } from '../../exec'
import { Automount } from '../../units/automount'
import { Device } from '../../units/device'
import { Mount } from '../../units/mount/mount'
import { Path } from '../../units/path'
import { Scope } from '../../units/scope'
import { restartUsecNext } from '../../units/service/restart'
import { Service } from '../../units/service/service'
import { watchdogUsec } from '../../units/service/enter'
import { addressText, Socket } from '../../units/socket/socket'
import { Swap } from '../../units/swap'
import { Timer } from '../../units/timer'
import { codeNumber } from '../child-exit'
import type { Unit } from '../unit'
import { commandProperties, commandValues } from './command'
import { stamp } from './unit'
import { formatCalendarSpec } from '../../calendar'

const INFINITY = Number.POSITIVE_INFINITY
const NO_ID = 4294967295

function ids(unit: Unit, user: string, group: string): Record<string, Value> {
  const found = user === '' ? undefined : findUser(unit.manager.process, user)
  return {
    UID: unit.dynamicUid ?? found?.uid ?? NO_ID,
    GID: unit.dynamicUid ?? (group === '' ? undefined : findGroup(unit.manager.process, group)) ?? found?.gid ?? NO_ID,
  }
}

export function typeProperties(unit: Unit): Properties {
  if (unit instanceof Service) return serviceProperties(unit)
  if (unit instanceof Socket) return socketProperties(unit)
  if (unit instanceof Timer) return timerProperties(unit)
  if (unit instanceof Path) return pathProperties(unit)
  if (unit instanceof Mount) return mountProperties(unit)
  if (unit instanceof Automount)
    return {
      Where: unit.section.Where,
      ExtraOptions: unit.section.ExtraOptions,
      DirectoryMode: unit.section.DirectoryMode,
      Result: unit.result,
      TimeoutIdleUSec: unit.section.TimeoutIdleSec,
    }
  if (unit instanceof Swap)
    return {
      What: unit.section.What,
      Priority: unit.section.Priority ?? -1,
      Options: unit.section.Options,
      TimeoutUSec: unit.section.TimeoutSec,
      ControlPID: 0,
      Result: unit.result,
    }
  if (unit instanceof Scope)
    return {
      Controller: unit.controller,
      TimeoutStopUSec: unit.section.TimeoutStopSec,
      Result: unit.result,
      RuntimeMaxUSec: unit.section.RuntimeMaxSec,
      RuntimeRandomizedExtraUSec: unit.section.RuntimeRandomizedExtraSec,
      OOMPolicy: unit.section.OOMPolicy || 'continue',
    }
  if (unit instanceof Device) return { SysFSPath: unit.sysfs }
  return {}
}

const exitSet = (set: { readonly status: readonly number[]; readonly signal: readonly number[] }): Value => ({
  status: set.status,
  signal: set.signal,
})

function serviceProperties(service: Service): Properties {
  const { section, mainStatus } = service
  return {
    Type: section.Type,
    ExitType: section.ExitType,
    Restart: section.Restart,
    RestartMode: section.RestartMode,
    PIDFile: section.PIDFile,
    NotifyAccess: service.notifyAccess,
    RestartUSec: section.RestartSec,
    RestartSteps: section.RestartSteps,
    RestartMaxDelayUSec: section.RestartMaxDelaySec,
    RestartUSecNext: restartUsecNext(service),
    TimeoutStartUSec: section.TimeoutStartSec,
    TimeoutStopUSec: section.TimeoutStopSec,
    TimeoutAbortUSec: service.timeoutAbortUsec,
    TimeoutStartFailureMode: section.TimeoutStartFailureMode,
    TimeoutStopFailureMode: section.TimeoutStopFailureMode,
    RuntimeMaxUSec: section.RuntimeMaxSec,
    RuntimeRandomizedExtraUSec: section.RuntimeRandomizedExtraSec,
    WatchdogUSec: service.mainPid === 0 && section.WatchdogSec === 0 ? INFINITY : section.WatchdogSec === 0 ? 0 : watchdogUsec(service),
    ...stamp('WatchdogTimestamp', service.watchdogTimestamp),
    RootDirectoryStartOnly: section.RootDirectoryStartOnly,
    RemainAfterExit: section.RemainAfterExit,
    GuessMainPID: section.GuessMainPID,
    RestartPreventExitStatus: exitSet(section.RestartPreventExitStatus),
    RestartForceExitStatus: exitSet(section.RestartForceExitStatus),
    SuccessExitStatus: exitSet(section.SuccessExitStatus),
    MainPID: service.mainPid,
    ControlPID: service.controlPid,
    BusName: section.BusName,
    FileDescriptorStoreMax: section.FileDescriptorStoreMax,
    NFileDescriptorStore: service.fdStore.length,
    FileDescriptorStorePreserve: section.FileDescriptorStorePreserve,
    StatusText: service.statusText,
    StatusErrno: service.statusErrno,
    StatusBusError: '',
    StatusVarlinkError: '',
    Result: service.result,
    ReloadResult: service.reloadResult,
    CleanResult: service.cleanResult,
    LiveMountResult: 'success',
    USBFunctionDescriptors: section.USBFunctionDescriptors,
    USBFunctionStrings: section.USBFunctionStrings,
    ...ids(service, section.User, section.Group),
    NRestarts: service.restarts,
    OOMPolicy: section.OOMPolicy || service.manager.defaults.oomPolicy,
    OpenFile: section.OpenFile.map((one) => ({ ...one })),
    ExtraFileDescriptorNames: [],
    ReloadSignal: section.ReloadSignal,
    ...stamp('ExecMainStartTimestamp', mainStatus.start),
    ...stamp('ExecMainExitTimestamp', mainStatus.exit),
    ...stamp('ExecMainHandoffTimestamp', mainStatus.handoff),
    ExecMainPID: mainStatus.pid,
    ExecMainCode: mainStatus.how === undefined ? 0 : codeNumber[mainStatus.how.code],
    ExecMainStatus: mainStatus.how?.status ?? 0,
    ...Object.assign(
      {},
      ...(['ExecCondition', 'ExecStartPre', 'ExecStart', 'ExecStartPost', 'ExecReload', 'ExecStop', 'ExecStopPost'] as const).map((phase) =>
        commandProperties(phase, section[phase], (command) => service.statuses.get(command)),
      ),
    ),
  }
}

function socketProperties(socket: Socket): Properties {
  const { section } = socket
  const none = () => undefined
  return {
    BindIPv6Only: section.BindIPv6Only,
    Backlog: section.Backlog,
    TimeoutUSec: section.TimeoutSec,
    BindToDevice: section.BindToDevice,
    SocketUser: section.SocketUser,
    SocketGroup: section.SocketGroup,
    SocketMode: section.SocketMode,
    DirectoryMode: section.DirectoryMode,
    Accept: section.Accept,
    FlushPending: section.FlushPending,
    Writable: section.Writable,
    KeepAlive: section.KeepAlive,
    KeepAliveTimeUSec: section.KeepAliveTimeSec,
    KeepAliveIntervalUSec: section.KeepAliveIntervalSec,
    KeepAliveProbes: section.KeepAliveProbes,
    DeferAcceptUSec: section.DeferAcceptSec,
    NoDelay: section.NoDelay,
    Priority: section.Priority,
    ReceiveBuffer: section.ReceiveBuffer,
    SendBuffer: section.SendBuffer,
    IPTOS: section.IPTOS === '' ? -1 : section.IPTOS,
    IPTTL: section.IPTTL,
    PipeSize: section.PipeSize,
    FreeBind: section.FreeBind,
    Transparent: section.Transparent,
    Broadcast: section.Broadcast,
    PassCredentials: section.PassCredentials,
    PassFileDescriptorsToExec: section.PassFileDescriptorsToExec,
    PassSecurity: section.PassSecurity,
    PassPacketInfo: section.PassPacketInfo,
    Timestamping: section.Timestamping,
    RemoveOnStop: section.RemoveOnStop,
    Listen: section.Listen.map((one) => ({ type: one.type, address: addressText(one) })),
    Symlinks: section.Symlinks,
    Mark: section.Mark,
    MaxConnections: section.MaxConnections,
    MaxConnectionsPerSource: section.MaxConnectionsPerSource,
    MessageQueueMaxMessages: section.MessageQueueMaxMessages,
    MessageQueueMessageSize: section.MessageQueueMessageSize,
    TCPCongestion: section.TCPCongestion,
    ReusePort: section.ReusePort,
    SmackLabel: section.SmackLabel,
    SmackLabelIPIn: section.SmackLabelIPIn,
    SmackLabelIPOut: section.SmackLabelIPOut,
    ControlPID: socket.controlPid,
    Result: socket.result,
    NConnections: socket.connections,
    NAccepted: socket.accepted,
    NRefused: socket.refused,
    FileDescriptorName: section.FileDescriptorName || socket.id,
    SocketProtocol: 0,
    TriggerLimitIntervalUSec: section.TriggerLimitIntervalSec,
    TriggerLimitBurst: section.TriggerLimitBurst,
    PollLimitIntervalUSec: section.PollLimitIntervalSec,
    PollLimitBurst: section.PollLimitBurst,
    ...ids(socket, section.SocketUser, section.SocketGroup),
    ExecStartPre: commandValues(section.ExecStartPre, none),
    ExecStartPost: commandValues(section.ExecStartPost, none),
    ExecStopPre: commandValues(section.ExecStopPre, none),
    ExecStopPost: commandValues(section.ExecStopPost, none),
  }
}

const known = (usec: number) => (usec === INFINITY ? 0 : usec)

function timerProperties(timer: Timer): Properties {
  const { section, manager } = timer
  const local = manager.localTime()
  return {
    Unit: timer.trigger()?.id ?? '',
    TimersMonotonic: timer.values
      .filter((one) => one.setting.base !== 'OnCalendar')
      .map((one) => ({ base: one.setting.base.replace(/Sec$/, 'USec'), valueUsec: one.setting.usec, nextElapseUsec: known(one.nextUsec) })),
    TimersCalendar: timer.values.flatMap((one) =>
      one.setting.calendar === undefined
        ? []
        : [{ base: 'OnCalendar', spec: formatCalendarSpec(one.setting.calendar, local), nextElapseUsec: known(one.nextUsec) }],
    ),
    OnClockChange: section.OnClockChange,
    OnTimezoneChange: section.OnTimezoneChange,
    NextElapseUSecRealtime: timer.nextRealtimeUsec === INFINITY ? 0 : timer.nextRealtimeUsec,
    NextElapseUSecMonotonic: timer.nextMonotonicUsec,
    LastTriggerUSec: timer.lastTrigger.realtimeUsec,
    LastTriggerUSecMonotonic: timer.lastTrigger.monotonicUsec,
    Result: timer.result,
    AccuracyUSec: section.AccuracySec,
    RandomizedDelayUSec: section.RandomizedDelaySec,
    FixedRandomDelay: section.FixedRandomDelay,
    Persistent: section.Persistent,
    WakeSystem: section.WakeSystem,
    RemainAfterElapse: section.RemainAfterElapse,
    DeferReactivation: section.DeferReactivation,
  }
}

function pathProperties(path: Path): Properties {
  const { section } = path
  return {
    Unit: path.trigger()?.id ?? '',
    Paths: section.Paths.map((one) => ({ type: one.type, path: one.path })),
    MakeDirectory: section.MakeDirectory,
    DirectoryMode: section.DirectoryMode,
    Result: path.result,
    TriggerLimitIntervalUSec: section.TriggerLimitIntervalSec,
    TriggerLimitBurst: section.TriggerLimitBurst,
  }
}

function mountProperties(mount: Mount): Properties {
  const { section, info } = mount
  const none = () => undefined
  return {
    Where: section.Where,
    What: info?.what ?? section.What,
    Options: info?.options ?? section.Options,
    Type: info?.type ?? section.Type,
    TimeoutUSec: section.TimeoutSec,
    ControlPID: mount.controlPid,
    DirectoryMode: section.DirectoryMode,
    SloppyOptions: section.SloppyOptions,
    LazyUnmount: section.LazyUnmount,
    ForceUnmount: section.ForceUnmount,
    ReadWriteOnly: section.ReadWriteOnly,
    Result: mount.result,
    UID: NO_ID,
    GID: NO_ID,
    ExecMount: commandValues(mount.phase === 'ExecMount' && mount.command !== undefined ? [mount.command] : [], none),
    ExecUnmount: commandValues(mount.phase === 'ExecUnmount' && mount.command !== undefined ? [mount.command] : [], none),
    ExecRemount: commandValues(mount.phase === 'ExecRemount' && mount.command !== undefined ? [mount.command] : [], none),
  }
}
