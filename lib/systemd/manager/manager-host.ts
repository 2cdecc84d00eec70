// The machine as the manager sees it: files, mounts, identity. Looking is synchronous; changing is a system call.
import { decodeUtf8, formatTimespan, type FileReader, type LocalTime, localTimeOf, type Usec } from '@/lib/base'
import { isErrno, type Process, type Syscall } from '@/lib/kernel'
import { conditionHost, type ConditionHost } from '../condition'
import { UnitLoader, unitSearchPath } from '../fragment'
import { unitNamePathUnescape, unitNameUnescape } from '../unit-name'
import { builtInDefaults, type ManagerDefaults } from './manager-config'
import type { Unit } from './unit'
import type { MountInfo } from '../units/mount/mount'

export class ManagerHost {
  readonly process: Process
  readonly scope: 'system' | 'user'
  readonly reader: FileReader
  readonly defaults: ManagerDefaults = builtInDefaults()
  environment = new Map<string, string>()
  clientEnvironment = new Map<string, string>()
  machineId = ''
  bootId = ''
  hostname = ''
  virtualization: { readonly id: string; readonly kind: 'vm' | 'container' } | undefined = { id: 'qemu', kind: 'vm' }
  serviceWatchdogs = true
  /** Tasks that the whole machine may have. */
  systemTasksMax = 7548
  readonly dynamicUsers = new Map<number, string>()
  private loader: UnitLoader | undefined
  private directoryStamp = ''
  private lastLookUsec = -1
  private generation = 0
  private facts: ConditionHost | undefined
  private factsUsec = -1
  private mounts = new Map<string, MountInfo>()
  private mountText = ''
  private readonly mountPlaces = new Map<string, string>()
  private placesGeneration = -1
  private readonly mountNeeds = new Map<string, Set<Unit>>()

  constructor(process: Process, scope: 'system' | 'user') {
    this.process = process
    this.scope = scope
    this.reader = process.fileReader()
  }

  readText(path: string): string | undefined {
    const content = this.reader.readFile(path)
    return content === undefined ? undefined : decodeUtf8(content)
  }

  learnIdentity(): void {
    this.machineId = this.readText('/etc/machine-id')?.trim() ?? ''
    this.bootId = (this.readText('/proc/sys/kernel/random/boot_id') ?? '').trim().replaceAll('-', '')
    this.hostname = this.process.uname().nodename
    const threads = Number(this.readText('/proc/sys/kernel/threads-max') ?? '')
    const pids = Number(this.readText('/proc/sys/kernel/pid_max') ?? '')
    if (threads > 0) this.systemTasksMax = Math.min(threads, pids > 0 ? pids : threads)
  }

  // ---------------------------------------------------------------- unit files

  searchPath(): readonly string[] {
    return unitSearchPath({ scope: this.scope, environment: this.environment })
  }

  /** Reads unit files; knows of files that came or went since. */
  unitLoader(): UnitLoader {
    const now = this.process.monotonicUsec
    if (this.loader === undefined) {
      this.loader = new UnitLoader(this.reader, {
        scope: this.scope,
        environment: this.environment,
        hostname: this.hostname,
        kernelRelease: this.process.uname().release,
        host: { cpus: 1, memory: this.memoryBytes() },
        defaults: this.sectionDefaults(),
      })
      this.directoryStamp = this.stampOfDirectories()
      this.lastLookUsec = now
    } else if (now !== this.lastLookUsec) {
      this.lastLookUsec = now
      const stamp = this.stampOfDirectories()
      if (stamp !== this.directoryStamp) {
        this.directoryStamp = stamp
        this.loader.refresh()
        this.generation += 1
      }
    }
    return this.loader
  }

  /** Everything is read anew from here on. */
  forgetUnitFiles(): void {
    this.loader = undefined
    this.generation += 1
  }

  /** Changes whenever the directories of units do. */
  cacheStamp(): number {
    this.unitLoader()
    return this.generation
  }

  private stampOfDirectories(): string {
    return this.searchPath()
      .map((path) => this.reader.status(path)?.mtimeUsec ?? 0)
      .join(' ')
  }

  private sectionDefaults(): Record<string, Record<string, unknown>> {
    const { defaults } = this
    return {
      Unit: { StartLimitIntervalSec: defaults.startLimitIntervalUsec, StartLimitBurst: defaults.startLimitBurst },
      Service: {
        TimeoutStartSec: defaults.timeoutStartUsec,
        TimeoutStopSec: defaults.timeoutStopUsec,
        RestartSec: defaults.restartUsec,
        ...(defaults.timeoutAbortUsec === undefined ? {} : { TimeoutAbortSec: defaults.timeoutAbortUsec }),
      },
      Timer: { AccuracySec: defaults.timerAccuracyUsec },
    }
  }

  /** What is not available any more, as the root slice counts it. */
  memoryUsed(): number {
    const text = this.readText('/proc/meminfo') ?? ''
    const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0)
    return (kib('MemTotal') - kib('MemAvailable')) * 1024
  }

  taskCount(): number {
    return (this.reader.readDirectory('/proc') ?? []).filter((name) => /^\d+$/.test(name)).length
  }

  memoryBytes(): number {
    const kib = /^MemTotal:\s+(\d+)/m.exec(this.readText('/proc/meminfo') ?? '')
    return kib === null ? 1 << 30 : Number(kib[1]) * 1024
  }

  /** Names of the mount units, by where they mount: those with a file, and those that were ever named. */
  mountUnitAt(where: string): string | undefined {
    const generation = this.cacheStamp()
    if (this.placesGeneration !== generation) {
      this.placesGeneration = generation
      for (const name of this.unitLoader().files.names()) if (name.endsWith('.mount')) this.mountPlaces.set(this.pathOfUnit(name), name)
    }
    return this.mountPlaces.get(where)
  }

  /** A mount unit came into memory. */
  noteMountUnit(name: string): void {
    this.mountPlaces.set(this.pathOfUnit(name), name)
  }

  /** Modification times of a unit's files. */
  stampsOf(unit: Unit): ReadonlyMap<string, number> {
    const stamps = new Map<string, number>()
    for (const path of [unit.fragmentPath, ...unit.dropInPaths])
      if (path !== '') stamps.set(path, this.reader.status(path)?.mtimeUsec ?? -1)
    return stamps
  }

  /** `/dev/ttyS0` for dev-ttyS0.device. */
  pathOfUnit(id: string): string {
    const bare = id.slice(0, id.lastIndexOf('.'))
    return bare === '-' ? '/' : (unitNamePathUnescape(bare) ?? `/${bare}`)
  }

  sliceDescription(id: string): string {
    const parts = id.slice(0, -'.slice'.length).split('-')
    return `Slice /${parts.map((part) => unitNameUnescape(part) ?? part).join('/')}`
  }

  // ---------------------------------------------------------------- conditions, times

  hostFacts(): ConditionHost {
    const now = this.process.monotonicUsec
    if (this.facts === undefined || now !== this.factsUsec) {
      this.factsUsec = now
      this.facts = conditionHost(this.reader, {
        environment: this.environment,
        virtualization: this.virtualization,
        hostname: this.hostname,
        kernelRelease: this.process.uname().release,
        uid: this.process.uid,
      })
    }
    return this.facts
  }

  localTime(): LocalTime {
    return localTimeOf(this.environment.get('TZ'), this.reader.readLink('/etc/localtime'), this.process.realtimeUsec / 1e6)
  }

  formatSpan(usec: Usec): string {
    return formatTimespan(usec, 1)
  }

  /** Wake-ups that may be late by so much fall on this machine's own points of the minute, second, quarter second. */
  coalesce(usec: Usec, accuracy: Usec): Usec {
    if (accuracy < 1000 || usec === Number.POSITIVE_INFINITY) return usec
    const seed = Number.parseInt(this.bootId.slice(0, 8) || '0', 16)
    const shift = this.process.realtimeUsec - this.process.monotonicUsec
    for (const period of [60_000_000, 10_000_000, 1_000_000, 250_000]) {
      if (accuracy < period) continue
      const offset = (seed * 1009) % period
      const real = usec + shift
      const point = Math.floor((real - offset) / period) * period + offset
      const next = (point < real ? point + period : point) - shift
      if (next <= usec + accuracy) return next
    }
    return usec
  }

  // ---------------------------------------------------------------- mounts

  mountInfoOf(where: string): MountInfo | undefined {
    return this.mounts.get(where)
  }

  /** The kernel's list of mounts; the last one on a place counts. undefined: as before. */
  readMounts(): ReadonlyMap<string, MountInfo> | undefined {
    const text = this.readText('/proc/self/mountinfo')
    if (text === undefined || text === this.mountText) return undefined
    this.mountText = text
    this.mounts = new Map()
    for (const line of text.split('\n')) {
      const [left, right] = line.split(' - ')
      const fields = left?.split(' ') ?? []
      const tail = right?.split(' ') ?? []
      const where = unescapeOctal(fields[4] ?? '')
      if (where === '') continue
      const flags = fields[5] ?? ''
      const more = (tail[2] ?? '').split(',').filter((one) => one !== 'rw' && one !== 'ro')
      this.mounts.set(where, {
        what: unescapeOctal(tail[1] ?? ''),
        where,
        type: tail[0] ?? '',
        options: [flags, ...more].filter((one) => one !== '').join(','),
      })
    }
    return this.mounts
  }

  /** A unit wants the mounts of this path, even those that come later. */
  rememberMountsFor(path: string, unit: Unit): void {
    const units = this.mountNeeds.get(path)
    if (units === undefined) this.mountNeeds.set(path, new Set([unit]))
    else units.add(unit)
  }

  *unitsNeeding(where: string): Generator<Unit> {
    const prefix = where === '/' ? '/' : `${where}/`
    for (const [path, units] of this.mountNeeds)
      if (path === where || path.startsWith(prefix)) for (const unit of units) if (!unit.gone) yield unit
  }

  // ---------------------------------------------------------------- changing

  *makeDirectories(path: string, mode: number): Syscall<void> {
    let at = ''
    for (const part of path.split('/')) {
      if (part === '') continue
      at += `/${part}`
      if (this.reader.status(at) === undefined) yield* this.process.mkdir(at, mode)
    }
  }

  *writeFile(path: string, text: string, mode = 0o644): Syscall<boolean> {
    const { process } = this
    let fd = yield* process.open(path, 0o1101, mode)
    if (isErrno(fd) && fd.name === 'ENOENT') {
      yield* this.makeDirectories(path.slice(0, path.lastIndexOf('/')), 0o755)
      fd = yield* process.open(path, 0o1101, mode)
    }
    if (isErrno(fd)) return false
    const written = yield* process.write(fd, text)
    yield* process.close(fd)
    return !isErrno(written)
  }
}

function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
