// What login sessions ask of logind, after org.freedesktop.login1(5): one JSON line each way over a socket of the machine.
import { encodeUtf8, type Usec } from '@/lib/base'
import { isErrno, type Process, type Syscall } from '@/lib/kernel'
import { LineBuffer } from '@/lib/systemd/bus'

export const LOGIN_SOCKET = '/run/systemd/io.systemd.Login'
export const LINGER_FOLDER = '/var/lib/systemd/linger'

export type SessionClass = 'user' | 'user-early' | 'manager' | 'manager-early'
export type SessionRow = {
  readonly id: string
  readonly uid: number
  readonly user: string
  readonly leader: number
  readonly leaderComm: string
  readonly sessionClass: SessionClass
  readonly service: string
  readonly type: 'tty' | 'unspecified'
  /** `pts/0` or ''. */
  readonly tty: string
  readonly scope: string
  readonly sinceUsec: Usec
  readonly sinceMonotonicUsec: Usec
  readonly state: 'active' | 'closing'
}
export type UserRow = {
  readonly uid: number
  readonly gid: number
  readonly name: string
  readonly linger: boolean
  readonly state: 'opening' | 'active' | 'lingering' | 'closing'
  readonly sinceUsec: Usec
  readonly sinceMonotonicUsec: Usec
  readonly sessions: readonly string[]
  readonly display: string
}

export type LoginRequest =
  | { readonly member: 'CreateSession'; readonly uid: number; readonly pid: number; readonly tty: string; readonly service: string }
  | { readonly member: 'ReleaseSession'; readonly id: string }
  | { readonly member: 'ListSessions' | 'ListUsers' }
  | { readonly member: 'SetUserLinger'; readonly uid: number; readonly on: boolean }
  | { readonly member: 'TerminateSession' | 'KillSession'; readonly id: string; readonly signal: number }
  | { readonly member: 'TerminateUser' | 'KillUser'; readonly uid: number; readonly signal: number }
export type LoginReply =
  | { readonly ok: true; readonly id?: string; readonly sessions?: readonly SessionRow[]; readonly users?: readonly UserRow[] }
  | { readonly ok: false; readonly message: string }

/** One request; undefined when logind does not run. */
export function* callLogind(process: Process, request: LoginRequest): Syscall<LoginReply | undefined> {
  const fd = yield* process.socket('AF_UNIX', 'stream')
  if (isErrno(fd)) return undefined
  const connected = yield* process.connect(fd, { domain: 'AF_UNIX', path: LOGIN_SOCKET })
  if (isErrno(connected)) {
    yield* process.close(fd)
    return undefined
  }
  yield* process.write(fd, encodeUtf8(`${JSON.stringify(request)}\n`))
  const buffer = new LineBuffer()
  for (;;) {
    const chunk = yield* process.read(fd, 65536)
    if (isErrno(chunk) && chunk.name === 'EINTR') continue
    if (isErrno(chunk) || chunk.length === 0) {
      yield* process.close(fd)
      return undefined
    }
    const line = buffer.push(chunk)[0]
    if (line === undefined) continue
    yield* process.close(fd)
    return JSON.parse(line) as LoginReply
  }
}
