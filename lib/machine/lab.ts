// Making machines: the lab's disk, a booted lab, one program alone.
import { USEC_PER_SEC, type Usec } from '@/lib/base'
import { type Image, Kernel, type Main } from '@/lib/kernel'
import { programs, programTable } from '@/lib/programs'
import { systemdMain } from '@/lib/systemd/manager'
import { labImage } from './images/lab-image'
import { type TreeDescription, treeImage } from './images/tree-image'
import { Machine } from './machine'

/** Sun 2026-11-22 09:00:00 UTC: a quiet Sunday morning. */
export const LAB_BOOT_USEC: Usec = 1_795_338_000 * USEC_PER_SEC

let disk: Image | undefined
/** The lab's disk; made once, never written to. */
export function labDisk(): Image {
  disk ??= labImage(programs)
  return disk
}

export function treeDisk(tree: TreeDescription): Image {
  return treeImage(tree, programs)
}

export type BootOptions = {
  readonly bootUsec?: Usec
  readonly seed?: number
  /** Another disk: the lab's with changes. */
  readonly image?: Image
}

/** A lab machine that has not run yet. */
export function newLab(options: BootOptions = {}): Machine {
  return new Machine({
    image: options.image ?? labDisk(),
    programs: (hooks) => new Map([...programTable(), ['systemd', systemdMain(hooks)]]),
    bootUsec: options.bootUsec ?? LAB_BOOT_USEC,
    seed: options.seed ?? 1,
  })
}

/** A lab machine that has come up: the default target is reached, nothing is starting any more. */
export function bootLab(options: BootOptions = {}): Machine {
  const machine = newLab(options)
  machine.finishBoot()
  return machine
}

export type AloneOptions = {
  readonly image: Image
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly nowUsec: Usec
  readonly hostname?: string
}

let table: ReadonlyMap<string, Main> | undefined

/** Runs one program with nothing else on the machine; the clock stands still but for its sleeps. */
export function runAlone(options: AloneOptions): { readonly status: number; readonly stdout: string; readonly stderr: string } {
  table ??= programTable()
  const kernel = new Kernel({
    image: options.image,
    bootUsec: options.nowUsec,
    seed: 1,
    programs: table,
    hostname: options.hostname ?? 'vm',
    clockStandsStill: true,
  })
  const [stdout, stderr] = [new TextDecoder(), new TextDecoder()]
  let out = ''
  let err = ''
  let status = 127
  let fault: string | undefined
  kernel.events.listen((event) => {
    if (event.type === 'fault') fault = `${event.message}\n${event.stack}`
  })
  const [name = ''] = options.argv
  const folders = name.includes('/') ? [''] : (options.env.PATH ?? '').split(':').map((folder) => `${folder}/`)
  const reader = kernel.hostReader()
  const path = folders.map((folder) => folder + name).find((one) => reader.status(one)?.kind === 'file')
  if (path === undefined) return { status: 127, stdout: '', stderr: `${name}: command not found\n` }
  kernel.startProcess({
    path,
    argv: options.argv,
    env: options.env,
    cwd: options.cwd,
    onStdout: (bytes) => {
      out += stdout.decode(bytes, { stream: true })
    },
    onStderr: (bytes) => {
      err += stderr.decode(bytes, { stream: true })
    },
    onExit: (result) => {
      status = result.how === 'exited' ? result.status : 'signal' in result ? 128 + result.signal : 1
    },
  })
  kernel.run({})
  if (fault !== undefined) throw new Error(fault)
  return { status, stdout: out + stdout.decode(), stderr: err + stderr.decode() }
}
