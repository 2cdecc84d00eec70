// After systemd.socket(5), .timer(5), .path(5), .mount(5), .automount(5), .swap(5), .scope(5): what their sections have of their own.
import { USEC_INFINITY, USEC_PER_SEC } from '@/lib/base'
import { errno } from '@/lib/kernel'
import { into, row } from './directive'
import { ipTos } from './parse-context'
import { execCommands, type ExecCommand } from './parse-exec'
import { mountNode } from './parse-mounts'
import { path, pathList } from './parse-path'
import { boolean, iecSize, integer, long, mode, oneOf, sec, secFixZero, simple, unsigned } from './parse-scalar'
import {
  bindToDevice,
  listen,
  type Listen,
  pathSpec,
  type PathSpec,
  socketProtocol,
  swapPriority,
  timer,
  type TimerValue,
} from './parse-socket'
import { fdName, plainString, string, userOrGroup } from './parse-text'
import { socketService, triggerUnit } from './parse-unit'

const NO_COMMANDS: readonly ExecCommand[] = []
const NO_LISTEN: readonly Listen[] = []
const NO_TIMERS: readonly TimerValue[] = []
const NO_PATHS: readonly PathSpec[] = []
const NO_TEXTS: readonly string[] = []
const DEFAULT_TIMEOUT = 90 * USEC_PER_SEC
const commands = () => row(execCommands, NO_COMMANDS)
const smack = { notSimulated: 'no such security module here' }

const timestamping = simple<string>(
  'OTHER',
  (text) => {
    const words: Readonly<Record<string, string>> = { off: 'off', us: 'us', usec: 'us', µs: 'us', ns: 'ns', nsec: 'ns' }
    if (Object.hasOwn(words, text)) return words[text]!
    return /^(?:0|no|n|false|f|off)$/i.test(text) ? 'off' : /^(?:1|yes|y|true|t|on)$/i.test(text) ? 'ns' : errno.EINVAL
  },
  ['off', 'us', 'ns'],
)

export const socketDirectives = {
  ListenStream: into('Listen', listen('Stream'), NO_LISTEN),
  ListenDatagram: into('Listen', listen('Datagram'), NO_LISTEN),
  ListenSequentialPacket: into('Listen', listen('SequentialPacket'), NO_LISTEN),
  ListenFIFO: into('Listen', listen('FIFO'), NO_LISTEN),
  ListenNetlink: into('Listen', listen('Netlink'), NO_LISTEN, { notSimulated: 'no netlink sockets here' }),
  ListenSpecial: into('Listen', listen('Special'), NO_LISTEN),
  ListenMessageQueue: into('Listen', listen('MessageQueue'), NO_LISTEN, { notSimulated: 'no POSIX message queues here' }),
  ListenUSBFunction: into('Listen', listen('USBFunction'), NO_LISTEN, { notSimulated: 'no USB gadgets here' }),
  SocketProtocol: row(socketProtocol, ''),
  BindIPv6Only: row(
    oneOf(['default', 'both', 'ipv6-only'], { placeholder: 'SOCKETBIND', boolean: { yes: 'ipv6-only', no: 'both' } }),
    'default',
  ),
  Backlog: row(unsigned, 2 ** 32 - 1),
  BindToDevice: row(bindToDevice, ''),
  ExecStartPre: commands(),
  ExecStartPost: commands(),
  ExecStopPre: commands(),
  ExecStopPost: commands(),
  TimeoutSec: row(secFixZero, DEFAULT_TIMEOUT),
  SocketUser: row(userOrGroup, ''),
  SocketGroup: row(userOrGroup, ''),
  SocketMode: row(mode, 0o666),
  DirectoryMode: row(mode, 0o755),
  Accept: row(boolean, false),
  FlushPending: row(boolean, false),
  Writable: row(boolean, false),
  MaxConnections: row(unsigned, 64),
  MaxConnectionsPerSource: row(unsigned, 0),
  KeepAlive: row(boolean, false),
  KeepAliveTimeSec: row(sec, 0),
  KeepAliveIntervalSec: row(sec, 0),
  KeepAliveProbes: row(unsigned, 0),
  DeferAcceptSec: row(sec, 0),
  NoDelay: row(boolean, false),
  Priority: row(integer, -1),
  ReceiveBuffer: row(iecSize, 0),
  SendBuffer: row(iecSize, 0),
  IPTOS: row(
    { ...ipTos, parse: (value: string, current: string, context) => (value === '' ? '' : ipTos.parse(value, current, context)) },
    '',
  ),
  IPTTL: row(integer, -1),
  Mark: row(integer, -1),
  PipeSize: row(iecSize, 0),
  FreeBind: row(boolean, false),
  Transparent: row(boolean, false),
  Broadcast: row(boolean, false),
  PassCredentials: row(boolean, false),
  PassFileDescriptorsToExec: row(boolean, false),
  PassSecurity: row(boolean, false),
  PassPacketInfo: row(boolean, false),
  Timestamping: row(timestamping, 'off'),
  TCPCongestion: row(plainString, ''),
  ReusePort: row(boolean, false),
  MessageQueueMaxMessages: row(long, 0),
  MessageQueueMessageSize: row(long, 0),
  RemoveOnStop: row(boolean, false),
  Symlinks: row(pathList, NO_TEXTS),
  FileDescriptorName: row(fdName, ''),
  Service: row(socketService, ''),
  /** 0 interval and burst: 2 s and 200, or 20 with Accept=no. */
  TriggerLimitIntervalSec: row<number>(sec, USEC_INFINITY),
  TriggerLimitBurst: row(unsigned, 2 ** 32 - 1),
  PollLimitIntervalSec: row<number>(sec, USEC_INFINITY),
  PollLimitBurst: row(unsigned, 2 ** 32 - 1),
  SmackLabel: row(string, '', smack),
  SmackLabelIPIn: row(string, '', smack),
  SmackLabelIPOut: row(string, '', smack),
  SELinuxContextFromNet: row(boolean, false, smack),
}
export type MergedSocketFields = { Listen: readonly Listen[] }
export const mergedSocketFields: MergedSocketFields = { Listen: NO_LISTEN }

export const timerDirectives = {
  OnCalendar: into('Timers', timer('OnCalendar'), NO_TIMERS),
  OnActiveSec: into('Timers', timer('OnActiveSec'), NO_TIMERS),
  OnBootSec: into('Timers', timer('OnBootSec'), NO_TIMERS),
  OnStartupSec: into('Timers', timer('OnStartupSec'), NO_TIMERS),
  OnUnitActiveSec: into('Timers', timer('OnUnitActiveSec'), NO_TIMERS),
  OnUnitInactiveSec: into('Timers', timer('OnUnitInactiveSec'), NO_TIMERS),
  OnClockChange: row(boolean, false),
  OnTimezoneChange: row(boolean, false),
  Persistent: row(boolean, false),
  WakeSystem: row(boolean, false, { notSimulated: 'the machine does not sleep' }),
  RemainAfterElapse: row(boolean, true),
  FixedRandomDelay: row(boolean, false),
  DeferReactivation: row(boolean, false),
  AccuracySec: row(sec, 60 * USEC_PER_SEC),
  RandomizedDelaySec: row(sec, 0),
  Unit: row(triggerUnit, ''),
}
export type MergedTimerFields = { Timers: readonly TimerValue[] }
export const mergedTimerFields: MergedTimerFields = { Timers: NO_TIMERS }

export const pathDirectives = {
  PathExists: into('Paths', pathSpec('PathExists'), NO_PATHS),
  PathExistsGlob: into('Paths', pathSpec('PathExistsGlob'), NO_PATHS),
  PathChanged: into('Paths', pathSpec('PathChanged'), NO_PATHS),
  PathModified: into('Paths', pathSpec('PathModified'), NO_PATHS),
  DirectoryNotEmpty: into('Paths', pathSpec('DirectoryNotEmpty'), NO_PATHS),
  Unit: row(triggerUnit, ''),
  MakeDirectory: row(boolean, false),
  DirectoryMode: row(mode, 0o755),
  TriggerLimitIntervalSec: row<number>(sec, USEC_INFINITY),
  TriggerLimitBurst: row(unsigned, 2 ** 32 - 1),
}
export type MergedPathFields = { Paths: readonly PathSpec[] }
export const mergedPathFields: MergedPathFields = { Paths: NO_PATHS }

export const mountDirectives = {
  What: row(mountNode, ''),
  Where: row(path(), ''),
  Options: row(string, ''),
  Type: row(string, ''),
  TimeoutSec: row(secFixZero, DEFAULT_TIMEOUT),
  DirectoryMode: row(mode, 0o755),
  SloppyOptions: row(boolean, false),
  LazyUnmount: row(boolean, false),
  ForceUnmount: row(boolean, false),
  ReadWriteOnly: row(boolean, false),
}

export const automountDirectives = {
  Where: row(path(), ''),
  ExtraOptions: row(string, ''),
  DirectoryMode: row(mode, 0o755),
  TimeoutIdleSec: row(secFixZero, 0),
}

export const swapDirectives = {
  What: row(mountNode, ''),
  Priority: row<number | undefined>(swapPriority, undefined),
  Options: row(string, ''),
  TimeoutSec: row(secFixZero, DEFAULT_TIMEOUT),
}

export const scopeDirectives = {
  RuntimeMaxSec: row<number>(sec, USEC_INFINITY),
  RuntimeRandomizedExtraSec: row(sec, 0),
  TimeoutStopSec: row(sec, DEFAULT_TIMEOUT, { man: 'systemd.service' }),
  OOMPolicy: row<'' | 'continue' | 'stop' | 'kill'>(oneOf(['continue', 'stop', 'kill']), ''),
}
