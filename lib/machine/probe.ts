// The probe's machine: the lab with what the hardening matrix looks for, and units of one probe run on it one after another.
import { decodeUtf8, USEC_PER_SEC } from '@/lib/base'
import { executableContent, type ImageEntry, isErrno, type Kernel, type Main, MS_NODEV, MS_NOEXEC, MS_NOSUID } from '@/lib/kernel'
import { programTable } from '@/lib/programs'
import { matrixListener, matrixPrograms, matrixSleeper } from '@/lib/programs/matrix'
import { systemdMain } from '@/lib/systemd/manager'
import { labDisk } from './disks'
import { QUANTUM_USEC } from './input-log'
import { LAB_BOOT_USEC } from './lab'
import { Machine } from './machine'

export type ProbeAnswer = {
  /** What each action came to; null: the probe did not run. */
  readonly result: Readonly<Record<string, string>> | null
  readonly exit: {
    readonly LoadState: string
    readonly Result: string
    readonly ExecMainCode: string
    readonly ExecMainStatus: string
  }
}

const FOLDER = '/usr/local/lib/matrix'
const OUTPUT = '/run/matrix-out'
const TIMEOUT_USEC = 120 * USEC_PER_SEC
const LONGEST_STEP_USEC = 100_000
const TARGET = 'matrix.target'
const TARGET_FILE = `/run/systemd/system/${TARGET}`
const LEARNER = 1000
const NOBODY = 65_534
/** A fresh machine after so many units: what they leave behind must not pile up. */
const UNITS_A_MACHINE = 40
const TRUE_SIZE = 8784

function matrixEntries(): ImageEntry[] {
  const file = (path: string, content: ImageEntry['content'], mode: number, more: Partial<ImageEntry> = {}): ImageEntry => ({
    path,
    kind: 'file',
    mode,
    ...(content === undefined ? {} : { content }),
    ...more,
  })
  const probe = executableContent('matrix-probe', 0, 'static')
  const ends = executableContent('matrix-true', 0, 'static')
  return [
    { path: FOLDER, kind: 'directory', mode: 0o755 },
    file(`${FOLDER}/probe`, probe, 0o755),
    file(`${FOLDER}/suid`, probe, 0o4755),
    file(`${FOLDER}/filecap`, probe, 0o755, { xattrs: { 'security.capability': 'cap_net_raw=ep' } }),
    file(`${FOLDER}/true`, executableContent('matrix-true', TRUE_SIZE, 'static'), 0o755),
    file(`${FOLDER}/true32`, executableContent('matrix-true', 0, 'x86'), 0o755),
    { path: '/var/lib/matrix', kind: 'directory', mode: 0o755 },
    file('/var/lib/matrix/true', ends, 0o755),
    { path: '/srv/matrix-any', kind: 'directory', mode: 0o1777 },
    file('/srv/matrix-any/public.txt', 'public\n', 0o644),
    file('/root/secret.txt', 's\n', 0o600),
    file('/home/learner/secret.txt', 's\n', 0o600, { uid: LEARNER, gid: LEARNER }),
    file('/var/tmp/matrix-marker', 'm\n', 0o644),
  ]
}

const MAIN_PROGRAMS = (): ReadonlyMap<string, Main> =>
  new Map([...programTable(), ...matrixPrograms.map((one) => [one.name, one.main] as const)])

const apiMounts: readonly (readonly [path: string, type: string, flags: number, options: string])[] = [
  ['/tmp', 'tmpfs', MS_NOSUID | MS_NODEV, 'mode=1777'],
  ['/run/lock', 'tmpfs', MS_NOSUID | MS_NODEV | MS_NOEXEC, 'mode=1777'],
  ['/dev/mqueue', 'mqueue', MS_NOSUID | MS_NODEV | MS_NOEXEC, ''],
  ['/sys/kernel/debug', 'debugfs', MS_NOSUID | MS_NODEV | MS_NOEXEC, ''],
  ['/sys/kernel/tracing', 'tracefs', MS_NOSUID | MS_NODEV | MS_NOEXEC, ''],
]

const HARNESS = `[Unit]
StartLimitIntervalSec=0
[Service]
StandardOutput=truncate:${OUTPUT}/%N
TimeoutStartSec=60
`

export class ProbeMachine {
  readonly machine: Machine
  unitsRun = 0
  private readonly kept: ReadonlyMap<string, ReadonlySet<string>>

  constructor() {
    this.machine = new Machine({
      image: labDisk().with(matrixEntries(), LAB_BOOT_USEC),
      programs: (hooks) => new Map([...MAIN_PROGRAMS(), ['systemd', systemdMain(hooks)]]),
      bootUsec: LAB_BOOT_USEC,
      seed: 1,
    })
    this.machine.finishBoot()
    this.machine.openTerminal('root', 100, 50)
    this.machine.openTerminal('learner', 100, 50)
    this.machine.advanceBy(3 * USEC_PER_SEC)
    this.prepare()
    this.kept = new Map(this.leftOverPlaces().map((path) => [path, new Set(this.names(path))]))
  }

  private get kernel(): Kernel {
    return this.machine.kernel
  }

  private names(path: string): readonly string[] {
    const entries = this.kernel.hostFiles.list(path)
    return isErrno(entries) ? [] : entries.map((one) => one.name)
  }

  private prepare(): void {
    const { kernel } = this
    const files = kernel.hostFiles
    this.mountMissing()
    for (const [path, mode] of [
      [OUTPUT, 0o700],
      ['/run/matrix-any', 0o1777],
      ['/run/systemd/system/mx-.service.d', 0o755],
    ] as const) {
      files.makeDirectories(path)
      files.chmod(path, mode)
    }
    files.write('/run/systemd/system/mx-.service.d/harness.conf', HARNESS)
    files.write('/tmp/matrix-marker', 'm\n')
    files.write('/run/user/1000/secret.txt', 's\n', 0o600)
    files.chown('/run/user/1000/secret.txt', LEARNER, LEARNER)
    const start = (uid: number, main: Main, name: string): number => {
      const task = kernel.start({
        main,
        comm: name,
        argv: [name, 'infinity'],
        env: { PATH: '/usr/bin' },
        uid,
        gid: uid,
        cgroup: '/init.scope',
      })
      return isErrno(task) ? 0 : task.pid
    }
    const root = start(0, matrixSleeper, 'sleep')
    const nobody = start(NOBODY, matrixSleeper, 'sleep')
    const learner = start(LEARNER, matrixSleeper, 'sleep')
    start(0, matrixListener, 'python3')
    const links = ['mnt', 'user', 'net', 'pid', 'uts', 'ipc', 'cgroup', 'time'].map(
      (name) => files.reader.readLink(`/proc/1/ns/${name}`) ?? '',
    )
    files.write(`${FOLDER}/conf`, `${nobody} ${learner} ${root} ${links.join(' ')}\n`)
    this.machine.advanceBy(USEC_PER_SEC)
  }

  /** API file systems that the lab has mounted by now. */
  private mountMissing(): void {
    const mounted = new Set(
      decodeUtf8(this.kernel.hostFiles.read('/proc/1/mounts') ?? new Uint8Array())
        .split('\n')
        .map((line) => line.split(' ')[1]),
    )
    const task = this.kernel.start({
      comm: 'mount',
      argv: ['mount'],
      *main(process) {
        for (const [path, type, flags, options] of apiMounts) if (!mounted.has(path)) yield* process.mount(type, path, type, flags, options)
        return 0
      },
    })
    if (!isErrno(task)) this.machine.advanceBy(USEC_PER_SEC)
  }

  /** Runs the unit, whose program is the probe; its name is that of the request. */
  run(id: string, unitText: string): ProbeAnswer {
    this.unitsRun += 1
    const { machine } = this
    const files = this.kernel.hostFiles
    const unit = `${id}.service`
    const file = `/run/systemd/system/${unit}`
    files.write(file, unitText)
    // Wanted by a target that stays, the unit is not forgotten when it ends.
    files.write(TARGET_FILE, `[Unit]\nWants=${unit}\n`)
    machine.input({ kind: 'run', argv: ['systemctl', 'start', TARGET] })
    this.waitForEnd(unit)
    const output = files.read(`${OUTPUT}/${id}`)
    const exit = {
      LoadState: machine.view.property(unit, 'LoadState'),
      Result: machine.view.property(unit, 'Result'),
      ExecMainCode: machine.view.property(unit, 'ExecMainCode'),
      ExecMainStatus: machine.view.property(unit, 'ExecMainStatus'),
    }
    const result = output === undefined ? null : parseOutput(decodeUtf8(output), id)
    this.cleanUp(file, id, unit)
    return { result, exit }
  }

  private waitForEnd(unit: string): void {
    const { machine } = this
    const limit = machine.monotonicUsec + TIMEOUT_USEC
    for (let step = QUANTUM_USEC; machine.monotonicUsec < limit; step = Math.min(step * 2, LONGEST_STEP_USEC)) {
      machine.advanceBy(step)
      if (this.kernel.processes().some((one) => one.argv[0] === 'systemctl')) continue
      const state = machine.view.unit(unit).activeState
      if (!['activating', 'deactivating', 'reloading'].includes(state)) return
    }
  }

  /** Places where a unit may leave a directory of its own. */
  private leftOverPlaces(): readonly string[] {
    return ['/var/lib', '/var/cache', '/var/log', '/etc', '/run']
      .flatMap((path) => [path, `${path}/private`])
      .concat(['/root', '/srv', '/home', '/tmp', '/var/tmp', '/dev/shm'])
  }

  private cleanUp(file: string, id: string, unit: string): void {
    const files = this.kernel.hostFiles
    this.machine.input({ kind: 'run', argv: ['systemctl', 'stop', TARGET] })
    this.machine.advanceBy(USEC_PER_SEC)
    files.remove(file)
    files.remove(TARGET_FILE)
    files.remove(`${OUTPUT}/${id}`)
    for (const [path, known] of this.kept) for (const name of this.names(path)) if (!known.has(name)) files.remove(`${path}/${name}`)
    this.machine.input({ kind: 'run', argv: ['systemctl', 'reset-failed', unit] })
    this.machine.advanceBy(USEC_PER_SEC)
  }
}

/** The unit is called UNIT in what it says about itself. */
function parseOutput(text: string, id: string): Readonly<Record<string, string>> | null {
  const result: Record<string, string> = {}
  for (const line of text.split('\n'))
    if (line.startsWith('{'))
      Object.assign(result, JSON.parse(line.replaceAll(id, 'UNIT').replace(/session-\d+\.scope/g, 'session-N.scope')))
  return Object.keys(result).length === 0 ? null : result
}

let current: ProbeMachine | undefined

/** What the process of a unit may do, and how the unit ended. */
export function probeUnit(id: string, unitText: string): ProbeAnswer {
  if (current === undefined || current.unitsRun >= UNITS_A_MACHINE) current = new ProbeMachine()
  return current.run(id, unitText)
}
