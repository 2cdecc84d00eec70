// What conditions ask of the machine. The manager and the offline tools each fill it in.
import { decodeUtf8, type FileReader } from '@/lib/base'

/** Shares of time in percent, as /proc/pressure tells them. */
export type Pressure = { readonly avg10: number; readonly avg60: number; readonly avg300: number }

export type ConditionHost = {
  readonly reader: FileReader
  /** Of the manager, or of the tool. */
  readonly environment: ReadonlyMap<string, string>
  /** As ConditionArchitecture= calls it: `x86-64`. */
  readonly architecture: string
  /** `kvm`, `docker` …; `undefined` on bare metal. */
  readonly virtualization: { readonly id: string; readonly kind: 'vm' | 'container' } | undefined
  readonly hostname: string
  readonly machineId: string | undefined
  readonly kernelRelease: string
  readonly kernelCommandLine: string
  /** Capabilities that may be had at all (bounding set). */
  readonly capabilities: bigint
  /** Of `selinux apparmor tomoyo ima smack audit uefi-secureboot tpm2 cvm measured-uki`. */
  readonly security: ReadonlySet<string>
  readonly isUefi: boolean
  /** Bytes of physical memory. */
  readonly memory: number
  readonly cpus: number
  /** Lower case, as in /proc/cpuinfo. */
  readonly cpuFeatures: ReadonlySet<string>
  readonly onAcPower: boolean
  readonly isFirstBoot: boolean
  readonly uid: number
  readonly user: string
  /** Groups the manager is in, by id and by name. */
  readonly gids: readonly number[]
  readonly groups: readonly string[]
  /** Controllers of the unified hierarchy; `undefined` when there is no control group tree. */
  readonly cgroupControllers: ReadonlySet<string> | undefined
  readonly credentialsDirectories: readonly string[]
  /** `resource` is memory, cpu or io; with a slice, that of its control group. `undefined`: no such file. */
  readonly pressure: (resource: string, slice: string | undefined) => Pressure | undefined
  readonly isMountPoint: (path: string) => boolean
  readonly isReadOnlyFileSystem: (path: string) => boolean
  readonly isEncrypted: (path: string) => boolean
}

/** Features that a usual x86-64 machine has; for hosts that tell nothing better. */
export const COMMON_CPU_FEATURES: ReadonlySet<string> = new Set(
  'fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx fxsr sse sse2 ht syscall nx pdpe1gb rdtscp lm constant_tsc rep_good nopl cpuid pni pclmulqdq ssse3 fma cx16 pcid sse4_1 sse4_2 x2apic movbe popcnt aes xsave osxsave avx f16c rdrand hypervisor lahf_lm abm fsgsbase bmi1 avx2 smep bmi2 erms invpcid'.split(
    ' ',
  ),
)

/** The mount points of /proc/self/mountinfo, with whether they are read-only. */
function readMounts(reader: FileReader): ReadonlyMap<string, boolean> {
  const bytes = reader.readFile('/proc/self/mountinfo')
  const mounts = new Map<string, boolean>()
  if (bytes === undefined) return mounts
  for (const line of decodeUtf8(bytes).split('\n')) {
    const fields = line.split(' ')
    const path = fields[4]?.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
    if (path !== undefined) mounts.set(path, (fields[5] ?? '').split(',').includes('ro'))
  }
  return mounts
}

const WHEREVER = ['/', '/proc']

/** A host told by its files alone; what they do not say is taken from `facts`, or is that of an ordinary virtual machine. */
export function conditionHost(reader: FileReader, facts: Partial<ConditionHost> = {}): ConditionHost {
  const text = (path: string): string | undefined => {
    const bytes = reader.readFile(path)
    return bytes && decodeUtf8(bytes)
  }
  const machineId = text('/etc/machine-id')?.trim()
  let mounts: ReadonlyMap<string, boolean> | undefined
  const mountsNow = (): ReadonlyMap<string, boolean> => (mounts ??= readMounts(reader))
  const mountOf = (path: string): boolean => {
    let best = ''
    for (const point of mountsNow().keys()) {
      const inside = point === '/' || path === point || path.startsWith(`${point}/`)
      if (inside && point.length > best.length) best = point
    }
    return mountsNow().get(best) ?? false
  }
  return {
    reader,
    environment: new Map(),
    architecture: 'x86-64',
    virtualization: { id: 'kvm', kind: 'vm' },
    hostname: text('/etc/hostname')?.trim() ?? 'localhost',
    machineId: machineId !== undefined && /^[0-9a-f]{32}$/.test(machineId) ? machineId : undefined,
    kernelRelease: text('/proc/sys/kernel/osrelease')?.trim() ?? '6.12.0',
    kernelCommandLine: text('/proc/cmdline')?.trim() ?? '',
    capabilities: (1n << 41n) - 1n,
    security: new Set(['audit']),
    isUefi: reader.status('/sys/firmware/efi') !== undefined,
    memory: 2 * 1024 ** 3,
    cpus: 1,
    cpuFeatures: COMMON_CPU_FEATURES,
    onAcPower: true,
    isFirstBoot: reader.status('/run/systemd/first-boot') !== undefined,
    uid: 0,
    user: 'root',
    gids: [0],
    groups: ['root'],
    cgroupControllers: controllersOf(text('/sys/fs/cgroup/cgroup.controllers')),
    credentialsDirectories: ['/run/credentials/@system', '/run/credentials/@encrypted'],
    pressure: (resource, slice) => {
      if (slice !== undefined) return undefined
      const shown = text(`/proc/pressure/${resource}`)
      const match = shown && /^some avg10=([\d.]+) avg60=([\d.]+) avg300=([\d.]+)/.exec(shown)
      return match ? { avg10: Number(match[1]), avg60: Number(match[2]), avg300: Number(match[3]) } : { avg10: 0, avg60: 0, avg300: 0 }
    },
    isMountPoint: (path) => (mountsNow().size > 0 ? mountsNow().has(path) : WHEREVER.includes(path)),
    isReadOnlyFileSystem: mountOf,
    isEncrypted: () => false,
    ...facts,
  }
}

function controllersOf(text: string | undefined): ReadonlySet<string> | undefined {
  return text === undefined ? undefined : new Set(text.split(/\s+/).filter(Boolean))
}
