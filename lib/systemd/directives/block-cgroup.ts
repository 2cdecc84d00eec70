// After systemd.resource-control(5).
import { USEC_INFINITY } from '@/lib/base'
import { into, row } from './directive'
import {
  blockIoBandwidth,
  blockIoDeviceWeight,
  blockIoWeight,
  type CgroupController,
  cpuQuota,
  cpuShares,
  cpuWeight,
  DEFAULT_TASKS_MAX,
  delegate,
  delegateSubgroup,
  deviceAllow,
  type DeviceAllow,
  type DeviceNumber,
  disableControllers,
  ioDeviceLatency,
  ioDeviceWeight,
  ioLimit,
  managedOomDuration,
  managedOomLimit,
  managedOomMode,
  memoryLimit,
  type TasksMax,
  tasksMax,
  weight,
} from './parse-cgroup'
import {
  addressPrefixes,
  bpfProgram,
  type BpfProgram,
  filterPrograms,
  type NameList,
  networkInterfaces,
  nftSet,
  type NftSet,
  socketBind,
  type SocketBindItem,
} from './parse-network'
import { type CpuSet, cpuSet } from './parse-context'
import { boolean, oneOf, sec, secDefaultInfinity } from './parse-scalar'
import { removed } from './parse-text'
import { slice } from './parse-unit'

const INFINITY = Number.POSITIVE_INFINITY
const NO_CPUS: CpuSet = []
const NO_NUMBERS: readonly DeviceNumber[] = []
const NO_TEXTS: readonly string[] = []
const unset: number | undefined = undefined
const BPF = 'no BPF programs here'
const CGROUP1 = 'belongs to the old control group hierarchy, which Debian 13 does not use'
const NO_OOMD = 'systemd-oomd is not part of the machine'

const limit = memoryLimit<number>()
const optionalLimit = memoryLimit<number | undefined>()
const old = { man: '', notSimulated: CGROUP1 }

/** All of them may be in sections of units that have control groups. */
export const cgroupDirectives = {
  Slice: row(slice, ''),
  AllowedCPUs: row(cpuSet, NO_CPUS),
  StartupAllowedCPUs: row(cpuSet, NO_CPUS),
  AllowedMemoryNodes: row(cpuSet, NO_CPUS),
  StartupAllowedMemoryNodes: row(cpuSet, NO_CPUS),
  CPUAccounting: row(boolean, true),
  /** 0 is `idle`. */
  CPUWeight: row(cpuWeight, unset),
  StartupCPUWeight: row(cpuWeight, unset),
  CPUShares: row(cpuShares, unset, { ...old, replacedBy: 'CPUWeight' }),
  StartupCPUShares: row(cpuShares, unset, { ...old, replacedBy: 'StartupCPUWeight' }),
  /** Microseconds per second. */
  CPUQuota: row(cpuQuota, USEC_INFINITY),
  CPUQuotaPeriodSec: row(secDefaultInfinity, USEC_INFINITY),
  MemoryAccounting: row(boolean, true),
  MemoryMin: row(limit, 0),
  DefaultMemoryMin: row(optionalLimit, unset, { man: '' }),
  DefaultMemoryLow: row(optionalLimit, unset, { man: '' }),
  DefaultStartupMemoryLow: row(optionalLimit, unset),
  MemoryLow: row(limit, 0),
  StartupMemoryLow: row(optionalLimit, unset),
  MemoryHigh: row(limit, INFINITY),
  StartupMemoryHigh: row(optionalLimit, unset),
  MemoryMax: row(limit, INFINITY),
  StartupMemoryMax: row(optionalLimit, unset),
  MemorySwapMax: row(limit, INFINITY),
  StartupMemorySwapMax: row(optionalLimit, unset),
  MemoryZSwapMax: row(limit, INFINITY),
  StartupMemoryZSwapMax: row(optionalLimit, unset),
  MemoryZSwapWriteback: row(boolean, true),
  MemoryLimit: row(limit, INFINITY, { ...old, replacedBy: 'MemoryMax' }),
  DeviceAllow: row<readonly DeviceAllow[]>(deviceAllow, []),
  DevicePolicy: row(oneOf(['auto', 'closed', 'strict'], { placeholder: 'POLICY' }), 'auto'),
  IOAccounting: row(boolean, false),
  IOWeight: row(weight, unset),
  StartupIOWeight: row(weight, unset),
  IODeviceWeight: row(ioDeviceWeight, NO_NUMBERS),
  IOReadBandwidthMax: row(ioLimit, NO_NUMBERS),
  IOWriteBandwidthMax: row(ioLimit, NO_NUMBERS),
  IOReadIOPSMax: row(ioLimit, NO_NUMBERS),
  IOWriteIOPSMax: row(ioLimit, NO_NUMBERS),
  IODeviceLatencyTargetSec: row(ioDeviceLatency, NO_NUMBERS),
  BlockIOAccounting: row(boolean, false, { ...old, replacedBy: 'IOAccounting' }),
  BlockIOWeight: row(blockIoWeight, unset, { ...old, replacedBy: 'IOWeight' }),
  StartupBlockIOWeight: row(blockIoWeight, unset, { ...old, replacedBy: 'StartupIOWeight' }),
  BlockIODeviceWeight: row(blockIoDeviceWeight, NO_NUMBERS, { ...old, replacedBy: 'IODeviceWeight' }),
  BlockIOReadBandwidth: row(blockIoBandwidth, NO_NUMBERS, { ...old, replacedBy: 'IOReadBandwidthMax' }),
  BlockIOWriteBandwidth: row(blockIoBandwidth, NO_NUMBERS, { ...old, replacedBy: 'IOWriteBandwidthMax' }),
  TasksAccounting: row(boolean, true),
  TasksMax: row<TasksMax>(tasksMax, DEFAULT_TASKS_MAX),
  /** `undefined`: not delegated. */
  Delegate: row<readonly CgroupController[] | undefined>(delegate, undefined),
  DelegateSubgroup: row(delegateSubgroup, ''),
  DisableControllers: row<readonly CgroupController[]>(disableControllers, []),
  IPAccounting: row(boolean, false),
  IPAddressAllow: row(addressPrefixes, NO_TEXTS),
  IPAddressDeny: row(addressPrefixes, NO_TEXTS),
  IPIngressFilterPath: row(filterPrograms, NO_TEXTS, { notSimulated: BPF }),
  IPEgressFilterPath: row(filterPrograms, NO_TEXTS, { notSimulated: BPF }),
  ManagedOOMSwap: row(managedOomMode, 'auto', { notSimulated: NO_OOMD }),
  ManagedOOMMemoryPressure: row(managedOomMode, 'auto', { notSimulated: NO_OOMD }),
  ManagedOOMMemoryPressureLimit: row(managedOomLimit, 0, { notSimulated: NO_OOMD }),
  ManagedOOMMemoryPressureDurationSec: row(managedOomDuration, USEC_INFINITY, { notSimulated: NO_OOMD }),
  ManagedOOMPreference: row(oneOf(['none', 'avoid', 'omit']), 'none', { notSimulated: NO_OOMD }),
  NetClass: into([], removed, undefined, { man: '', removed: true }),
  BPFProgram: row<readonly BpfProgram[]>(bpfProgram, [], { notSimulated: BPF }),
  SocketBindAllow: row<readonly SocketBindItem[]>(socketBind, []),
  SocketBindDeny: row<readonly SocketBindItem[]>(socketBind, []),
  RestrictNetworkInterfaces: row<NameList | undefined>(networkInterfaces, undefined),
  MemoryPressureThresholdSec: row(sec, 200_000),
  MemoryPressureWatch: row(oneOf(['no', 'yes', 'auto', 'skip'], { boolean: { yes: 'yes', no: 'no' } }), 'auto'),
  NFTSet: row<readonly NftSet[]>(nftSet, [], { notSimulated: 'no packet filter here' }),
  CoredumpReceive: row(boolean, false, { notSimulated: 'systemd-coredump is not part of the machine' }),
}
