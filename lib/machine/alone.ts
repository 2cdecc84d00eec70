// One program on a machine of its own, with no PID 1: what offline tools need.
import type { Usec } from '@/lib/base'
import { HostOutput, type Image, isErrno, Kernel, type Main } from '@/lib/kernel'
import { programTable } from '@/lib/programs'

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
  let fault: string | undefined
  kernel.events.listen((event) => {
    if (event.type === 'fault') fault = `${event.message}\n${event.stack}`
  })
  const [name = ''] = options.argv
  const folders = name.includes('/') ? [''] : (options.env.PATH ?? '').split(':').map((folder) => `${folder}/`)
  const { reader } = kernel.hostFiles
  const path = folders.map((folder) => folder + name).find((one) => reader.status(one)?.kind === 'file')
  if (path === undefined) return { status: 127, stdout: '', stderr: `${name}: command not found\n` }
  const catchOut = new HostOutput((bytes) => {
    out += stdout.decode(bytes, { stream: true })
  })
  const catchErr = new HostOutput((bytes) => {
    err += stderr.decode(bytes, { stream: true })
  })
  const task = kernel.start({ path, argv: options.argv, env: options.env, cwd: options.cwd, files: [undefined, catchOut, catchErr] })
  if (isErrno(task)) return { status: 126, stdout: '', stderr: `${name}: ${task.message}\n` }
  kernel.run({})
  const result = task.exitResult
  const status = result === undefined ? 1 : result.how === 'exited' ? result.status : -result.signal
  if (fault !== undefined) throw new Error(fault)
  return { status, stdout: out + stdout.decode(), stderr: err + stderr.decode() }
}
