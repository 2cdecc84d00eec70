// A stand-in for the kernel, for programs that only read files, write output and look at their environment.
import { concatBytes, decodeUtf8, encodeUtf8, type Bytes, type FileReader, type FileStatus, type Usec } from '@/lib/base'
import type { Program } from '@/lib/programs'
import type { Process } from '@/lib/kernel'

export type TreeFile =
  | string
  | { readonly content: string; readonly mode?: string }
  | { readonly b64: string }
  | { readonly symlink: string }
  | { readonly directory: true }
  | { readonly fifo: true }

type Node = { kind: FileStatus['kind']; mode: number; bytes: Bytes; target: string }

export class TreeReader implements FileReader {
  private readonly nodes = new Map<string, Node>()

  constructor(files: Readonly<Record<string, TreeFile>>) {
    this.add('/', { kind: 'directory', mode: 0o755, bytes: new Uint8Array(), target: '' })
    for (const [path, file] of Object.entries(files)) this.addFile(path, file)
  }

  private add(path: string, node: Node): void {
    this.nodes.set(path, node)
    const parent = path.replace(/\/[^/]*$/, '') || '/'
    if (!this.nodes.has(parent)) this.add(parent, { kind: 'directory', mode: 0o755, bytes: new Uint8Array(), target: '' })
  }

  addFile(path: string, file: TreeFile): void {
    const node: Node = { kind: 'file', mode: 0o644, bytes: new Uint8Array(), target: '' }
    if (typeof file === 'string') node.bytes = encodeUtf8(file)
    else if ('content' in file) {
      node.bytes = encodeUtf8(file.content)
      node.mode = Number.parseInt(file.mode ?? '644', 8)
    } else if ('b64' in file) node.bytes = Uint8Array.from(Buffer.from(file.b64, 'base64'))
    else if ('symlink' in file) Object.assign(node, { kind: 'symlink', target: file.symlink })
    else if ('directory' in file) Object.assign(node, { kind: 'directory', mode: 0o755 })
    else node.kind = 'fifo'
    this.add(path, node)
  }

  removeFile(path: string): void {
    this.nodes.delete(path)
  }

  private resolve(path: string, last: boolean, hops = 0): string | undefined {
    if (hops > 40) return undefined
    let at = ''
    const parts = path.split('/').filter((part) => part !== '' && part !== '.')
    for (const [index, part] of parts.entries()) {
      at = part === '..' ? at.replace(/\/[^/]*$/, '') : `${at}/${part}`
      const node = this.nodes.get(at === '' ? '/' : at)
      if (node === undefined) return undefined
      if (node.kind === 'symlink' && (last || index < parts.length - 1)) {
        const rest = parts.slice(index + 1).join('/')
        const base = node.target.startsWith('/') ? node.target : `${at.replace(/\/[^/]*$/, '')}/${node.target}`
        return this.resolve(`${base}/${rest}`, last, hops + 1)
      }
      if (index < parts.length - 1 && node.kind !== 'directory') return undefined
    }
    return at === '' ? '/' : at
  }

  private node(path: string, follow: boolean): Node | undefined {
    const real = this.resolve(path, follow)
    return real === undefined ? undefined : this.nodes.get(real)
  }

  readonly readFile = (path: string): Bytes | undefined => {
    const node = this.node(path, true)
    return node?.kind === 'file' ? node.bytes : undefined
  }
  readonly readDirectory = (path: string): readonly string[] | undefined => {
    const real = this.resolve(path, true)
    if (real === undefined || this.nodes.get(real)?.kind !== 'directory') return undefined
    const prefix = real === '/' ? '/' : `${real}/`
    return [...this.nodes.keys()]
      .filter((one) => one !== '/' && one.startsWith(prefix) && !one.slice(prefix.length).includes('/'))
      .map((one) => one.slice(prefix.length))
      .sort()
  }
  private static statusOf(node: Node | undefined): FileStatus | undefined {
    return node && { kind: node.kind, mode: node.mode, uid: 0, gid: 0, size: node.bytes.length, mtimeUsec: 0 }
  }
  readonly status = (path: string): FileStatus | undefined => TreeReader.statusOf(this.node(path, true))
  readonly linkStatus = (path: string): FileStatus | undefined => TreeReader.statusOf(this.node(path, false))
  readonly readLink = (path: string): string | undefined => {
    const node = this.node(path, false)
    return node?.kind === 'symlink' ? node.target : undefined
  }
}

export type OfflineRun = { readonly status: number; readonly stdout: string; readonly stderr: string }
export type OfflineOptions = {
  readonly env?: Readonly<Record<string, string>>
  readonly nowUsec?: Usec
  readonly reader?: FileReader
  /** Columns of a terminal on standard output and error. */
  readonly terminal?: number
}

export const recordedEnvironment: Readonly<Record<string, string>> = {
  PATH: '/usr/sbin:/usr/bin',
  LANG: 'C.UTF-8',
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC',
  HOME: '/root',
  XDG_RUNTIME_DIR: '/run/user/0',
  SYSTEMD_COLORS: '0',
  SYSTEMD_PAGER: '',
  COLUMNS: '400',
}
export const recordedNow: Usec = 1_768_480_496_000_000

/** The program ended itself with a signal. */
class Killed extends Error {
  readonly signal: number
  constructor(signal: number) {
    super(`signal ${signal}`)
    this.signal = signal
  }
}

const done = <T>(value: T) =>
  (function* (): Generator<never, T, void> {
    return value
  })()

export function runOffline(program: Program, argv: readonly string[], options: OfflineOptions = {}): OfflineRun {
  const written: Record<number, Bytes[]> = { 1: [], 2: [] }
  const process: Partial<Process> = {
    pid: 1,
    ppid: 0,
    argv,
    env: options.env ?? recordedEnvironment,
    uid: 0,
    euid: 0,
    gid: 0,
    egid: 0,
    groups: [0],
    realtimeUsec: options.nowUsec ?? recordedNow,
    monotonicUsec: 0,
    write: (fd, data) => {
      const bytes = typeof data === 'string' ? encodeUtf8(data) : data
      written[fd]?.push(bytes)
      return done(bytes.length)
    },
    isatty: () => done(options.terminal !== undefined),
    getWindowSize: () => done({ rows: 50, columns: options.terminal ?? 80 }),
    getcwd: () => done('/'),
    kill: (_pid, signal) =>
      (function* (): Generator<never, never, void> {
        throw new Killed(signal)
      })(),
    fileReader: () => options.reader ?? new TreeReader({}),
    uname: () => ({ sysname: 'Linux', nodename: 'vm', release: '6.12.63-cloud-amd64', version: '#1', machine: 'x86_64' }),
  }
  const text = (fd: 1 | 2): string => decodeUtf8(concatBytes(written[fd]!))
  const ended = (status: number): OfflineRun => ({ status, stdout: text(1), stderr: text(2) })
  try {
    const step = program.main(process as Process).next()
    if (!step.done) throw new Error('the program waits for something')
    return ended(step.value)
  } catch (error) {
    if (error instanceof Killed) return ended(-error.signal)
    throw error
  }
}
