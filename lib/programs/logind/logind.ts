// After systemd-logind.service(8): keeps track of sessions and users, makes session scopes, starts user managers.
import { encodeUtf8, USEC_PER_SEC, type Usec } from '@/lib/base'
import { type Fallible, isErrno, POLLIN, type Process, type Syscall } from '@/lib/kernel'
import { encodeNative, messageId, NATIVE_SOCKET } from '@/lib/journal'
import { type Bus, connectBus, isBusError, LineBuffer, waitForJobs } from '@/lib/systemd/bus'
import { program } from '../program'
import { sdNotify } from '../sd-notify'
import { findAccount } from './accounts'
import { installHandlers, watchdogUsec } from '../boot/daemon'
import { LINGER_FOLDER, LOGIN_SOCKET, type LoginReply, type LoginRequest, type SessionRow, type UserRow } from './protocol'

type Session = { -readonly [K in keyof SessionRow]: SessionRow[K] }
type User = {
  readonly uid: number
  readonly gid: number
  readonly name: string
  readonly sinceUsec: Usec
  readonly sinceMonotonicUsec: Usec
  linger: boolean
  /** The user manager was started and runs. */
  ready: boolean
  /** When a user without sessions is let go (monotonic); infinity while wanted. */
  stopUsec: Usec
}

/** UserStopDelaySec= of logind.conf(5), its default. */
const STOP_DELAY_USEC = 10 * USEC_PER_SEC

type PollAnswer = Fallible<readonly { readonly fd: number; readonly revents: number }[]>

class Logind {
  private readonly process: Process
  private readonly sessions = new Map<string, Session>()
  private readonly users = new Map<number, User>()
  private lastId = 0

  constructor(process: Process) {
    this.process = process
  }

  *log(message: string, fields: readonly (readonly [string, string])[]): Syscall<void> {
    const fd = yield* this.process.socket('AF_UNIX', 'dgram')
    if (isErrno(fd)) return
    const entry = encodeNative([
      ['MESSAGE', message],
      ['PRIORITY', '6'],
      ['SYSLOG_FACILITY', '4'],
      ['SYSLOG_IDENTIFIER', 'systemd-logind'],
      ...fields,
    ])
    yield* this.process.send(fd, entry, { to: { domain: 'AF_UNIX', path: NATIVE_SOCKET } })
    yield* this.process.close(fd)
  }

  /** Monotonic time of the next thing to do by itself. */
  nextUsec(): Usec {
    return Math.min(...[...this.users.values()].map((user) => user.stopUsec), Number.POSITIVE_INFINITY)
  }

  private rowOf(user: User): UserRow {
    const sessions = [...this.sessions.values()].filter((one) => one.uid === user.uid)
    const own = sessions.filter((one) => one.sessionClass.startsWith('user'))
    const state = !user.ready
      ? 'opening'
      : own.some((one) => one.state === 'active')
        ? 'active'
        : user.linger && own.length === 0
          ? 'lingering'
          : 'closing'
    return {
      uid: user.uid,
      gid: user.gid,
      name: user.name,
      linger: user.linger,
      state,
      sinceUsec: user.sinceUsec,
      sinceMonotonicUsec: user.sinceMonotonicUsec,
      sessions: sessions.map((one) => one.id).reverse(),
      display: own.at(0)?.id ?? '',
    }
  }

  private *record(
    sessionClass: Session['sessionClass'],
    uid: number,
    name: string,
    leader: number,
    more: Partial<Session>,
  ): Syscall<Session> {
    this.lastId += 1
    const id = String(this.lastId)
    const session: Session = {
      id,
      uid,
      user: name,
      leader,
      leaderComm: '',
      sessionClass,
      service: 'login',
      type: 'tty',
      tty: '',
      scope: '',
      sinceUsec: this.process.realtimeUsec,
      sinceMonotonicUsec: this.process.monotonicUsec,
      state: 'active',
      ...more,
    }
    this.sessions.set(id, session)
    yield* this.log(`New session ${id} of user ${name}.`, [
      ['MESSAGE_ID', messageId.sessionStart],
      ['SESSION_ID', id],
      ['USER_ID', name],
      ['LEADER', String(leader)],
    ])
    return session
  }

  /** Starts the user's manager (and with it slice and runtime directory) and waits for it. */
  private *startUser(uid: number): Syscall<User | undefined> {
    const known = this.users.get(uid)
    if (known !== undefined) {
      known.stopUsec = Number.POSITIVE_INFINITY
      if (known.ready) return known
    }
    const account = findAccount(this.process, uid)
    if (account === undefined) return undefined
    const user: User = known ?? {
      uid,
      gid: account.gid,
      name: account.name,
      sinceUsec: this.process.realtimeUsec,
      sinceMonotonicUsec: this.process.monotonicUsec,
      linger: this.process.fileReader().status(`${LINGER_FOLDER}/${account.name}`) !== undefined,
      ready: false,
      stopUsec: Number.POSITIVE_INFINITY,
    }
    this.users.set(uid, user)
    return user
  }

  private *managerSession(bus: Bus, user: User): Syscall<void> {
    if (user.ready) return
    const job = yield* bus.call('StartUnit', [`user@${user.uid}.service`, 'fail'])
    if (!isBusError(job)) yield* waitForJobs(bus, new Set([job]))
    user.ready = true
    const properties = yield* bus.call('GetAll', [`user@${user.uid}.service`, 'org.freedesktop.systemd1.Service'])
    const leader = isBusError(properties) ? 0 : Number(properties.MainPID ?? 0)
    if (leader === 0) return
    yield* this.record(user.uid === 0 ? 'manager-early' : 'manager', user.uid, user.name, leader, {
      leaderComm: 'systemd',
      service: 'systemd-user',
      type: 'unspecified',
    })
  }

  *createSession(bus: Bus, request: Extract<LoginRequest, { member: 'CreateSession' }>): Syscall<LoginReply> {
    const user = yield* this.startUser(request.uid)
    if (user === undefined) return { ok: false, message: 'No such user' }
    const sessionClass = request.uid === 0 ? 'user-early' : 'user'
    const session = yield* this.record(sessionClass, user.uid, user.name, request.pid, {
      leaderComm: request.service,
      service: request.service,
      tty: request.tty,
    })
    session.scope = `session-${session.id}.scope`
    yield* this.managerSession(bus, user)
    const settings = [
      ['Slice', `user-${user.uid}.slice`],
      ['Description', `Session ${session.id} of User ${user.name}`],
      ['Wants', `user-runtime-dir@${user.uid}.service`],
      ['After', `user-runtime-dir@${user.uid}.service`],
      ['Wants', `user@${user.uid}.service`],
      ['After', `user@${user.uid}.service`],
      ['After', 'systemd-logind.service'],
      ['SendSIGHUP', 'yes'],
      ['OOMPolicy', 'continue'],
      ['TasksMax', 'infinity'],
      ['PIDs', String(request.pid)],
    ].map(([name, value]) => ({ name: name ?? '', value: value ?? '' }))
    const job = yield* bus.call('StartTransientUnit', [session.scope, 'fail', settings, []])
    if (!isBusError(job)) yield* waitForJobs(bus, new Set([job]))
    return { ok: true, id: session.id }
  }

  /** The session's process tree: does any of its scope still run? */
  private scopeIsEmpty(session: Session): boolean {
    const procs = this.process.fileReader().readFile(`/sys/fs/cgroup/user.slice/user-${session.uid}.slice/${session.scope}/cgroup.procs`)
    return procs === undefined || procs.length === 0
  }

  *releaseSession(bus: Bus, id: string): Syscall<void> {
    const session = this.sessions.get(id)
    if (session === undefined) return
    session.state = 'closing'
    yield* this.collect(bus)
  }

  private *remove(id: string): Syscall<void> {
    const session = this.sessions.get(id)
    if (session === undefined) return
    this.sessions.delete(id)
    yield* this.log(`Removed session ${id}.`, [
      ['MESSAGE_ID', messageId.sessionStop],
      ['SESSION_ID', id],
      ['USER_ID', session.user],
      ['LEADER', String(session.leader)],
    ])
  }

  /** Drops closing sessions whose processes are gone and users nobody wants any more. */
  *collect(bus: Bus): Syscall<void> {
    for (const session of [...this.sessions.values()]) {
      const leaderGone = this.process.fileReader().status(`/proc/${session.leader}`) === undefined
      if (leaderGone) session.state = 'closing'
      if (session.state === 'closing' && session.sessionClass.startsWith('user') && this.scopeIsEmpty(session))
        yield* this.remove(session.id)
    }
    for (const user of [...this.users.values()]) {
      const wanted = user.linger || [...this.sessions.values()].some((one) => one.uid === user.uid && one.sessionClass.startsWith('user'))
      if (wanted) user.stopUsec = Number.POSITIVE_INFINITY
      else if (user.stopUsec === Number.POSITIVE_INFINITY) user.stopUsec = this.process.monotonicUsec + STOP_DELAY_USEC
      else if (user.stopUsec <= this.process.monotonicUsec) yield* this.stopUser(bus, user)
    }
  }

  private *stopUser(bus: Bus, user: User): Syscall<void> {
    this.users.delete(user.uid)
    const job = yield* bus.call('StopUnit', [`user@${user.uid}.service`, 'replace'])
    if (!isBusError(job)) yield* waitForJobs(bus, new Set([job]))
    for (const session of [...this.sessions.values()]) if (session.uid === user.uid) yield* this.remove(session.id)
    yield* bus.call('StopUnit', [`user-runtime-dir@${user.uid}.service`, 'replace'])
    yield* bus.call('StopUnit', [`user-${user.uid}.slice`, 'replace'])
  }

  *setLinger(bus: Bus, uid: number, on: boolean): Syscall<LoginReply> {
    const account = findAccount(this.process, uid)
    if (account === undefined) return { ok: false, message: 'No such user' }
    const path = `${LINGER_FOLDER}/${account.name}`
    yield* this.process.mkdir(LINGER_FOLDER, 0o755)
    if (!on) {
      yield* this.process.unlink(path)
      const user = this.users.get(uid)
      if (user !== undefined) user.linger = false
      yield* this.collect(bus)
      return { ok: true }
    }
    const fd = yield* this.process.open(path, 0o101, 0o644)
    if (isErrno(fd)) return { ok: false, message: fd.message }
    yield* this.process.close(fd)
    const user = yield* this.startUser(uid)
    if (user === undefined) return { ok: false, message: 'No such user' }
    user.linger = true
    yield* this.managerSession(bus, user)
    return { ok: true }
  }

  *startLingering(bus: Bus): Syscall<void> {
    for (const name of this.process.fileReader().readDirectory(LINGER_FOLDER) ?? []) {
      const account = findAccount(this.process, name)
      if (account !== undefined) yield* this.setLinger(bus, account.uid, true)
    }
  }

  *answer(bus: Bus, request: LoginRequest): Syscall<LoginReply> {
    switch (request.member) {
      case 'CreateSession':
        return yield* this.createSession(bus, request)
      case 'ReleaseSession':
        yield* this.releaseSession(bus, request.id)
        return { ok: true }
      case 'ListSessions':
        yield* this.collect(bus)
        return { ok: true, sessions: [...this.sessions.values()] }
      case 'ListUsers':
        yield* this.collect(bus)
        return {
          ok: true,
          users: [...this.users.values()].map((user) => this.rowOf(user)).sort((a, b) => a.uid - b.uid),
          sessions: [...this.sessions.values()],
        }
      case 'SetUserLinger':
        return yield* this.setLinger(bus, request.uid, request.on)
      case 'TerminateSession':
      case 'KillSession': {
        const session = this.sessions.get(request.id)
        if (session === undefined) return { ok: false, message: `No session '${request.id}' known` }
        if (request.member === 'KillSession') yield* bus.call('KillUnit', [session.scope, 'all', request.signal])
        else yield* bus.call('StopUnit', [session.scope, 'replace'])
        return { ok: true }
      }
      case 'TerminateUser':
      case 'KillUser': {
        const user = this.users.get(request.uid)
        if (user === undefined) return { ok: false, message: `User ID ${request.uid} is not logged in or lingering` }
        if (request.member === 'KillUser') yield* bus.call('KillUnit', [`user-${user.uid}.slice`, 'all', request.signal])
        else yield* bus.call('StopUnit', [`user-${user.uid}.slice`, 'replace'])
        return { ok: true }
      }
    }
  }
}

function* listen(process: Process): Syscall<number | undefined> {
  for (const path of ['/run/systemd/seats', '/run/systemd/sessions', '/run/systemd/users']) yield* process.mkdir(path, 0o755)
  yield* process.unlink(LOGIN_SOCKET)
  const fd = yield* process.socket('AF_UNIX', 'stream')
  if (isErrno(fd)) return undefined
  yield* process.bind(fd, { domain: 'AF_UNIX', path: LOGIN_SOCKET })
  yield* process.chmod(LOGIN_SOCKET, 0o666)
  yield* process.listen(fd, 4096)
  return fd
}

export const systemdLogind = program({
  name: 'systemd-logind',
  path: '/usr/lib/systemd/systemd-logind',
  summary: 'keeps track of login sessions and users',
  options: [],
  raw: true,
  *main(process): Syscall<number> {
    const state = yield* installHandlers(process)
    const socket = yield* listen(process)
    const bus = yield* connectBus(process)
    if (socket === undefined || isBusError(bus)) return 1
    yield* bus.call('Subscribe', [])
    const logind = new Logind(process)
    yield* logind.log('New seat seat0.', [
      ['MESSAGE_ID', messageId.seatStart],
      ['SEAT_ID', 'seat0'],
    ])
    yield* sdNotify(process, 'READY=1\nSTATUS=Processing requests...')
    yield* logind.startLingering(bus)
    const watchdog = watchdogUsec(process)
    const clients = new Map<number, LineBuffer>()
    while (!state.stopping) {
      const wait = Math.min((watchdog ?? Number.POSITIVE_INFINITY) / 2, Math.max(0, logind.nextUsec() - process.monotonicUsec))
      const ready: PollAnswer = yield* process.poll(
        [socket, ...clients.keys()].map((fd) => ({ fd, events: POLLIN })),
        wait,
      )
      if (isErrno(ready)) continue
      if (ready.length === 0) {
        if (watchdog !== undefined) yield* sdNotify(process, 'WATCHDOG=1')
        yield* logind.collect(bus)
      }
      for (const { fd } of ready) {
        if (fd === socket) {
          const client = yield* process.accept(socket)
          if (!isErrno(client)) clients.set(client, new LineBuffer())
          continue
        }
        const chunk = yield* process.read(fd, 65536)
        if (isErrno(chunk) || chunk.length === 0) {
          clients.delete(fd)
          yield* process.close(fd)
          yield* logind.collect(bus)
          continue
        }
        for (const line of clients.get(fd)?.push(chunk) ?? []) {
          const reply = yield* logind.answer(bus, JSON.parse(line) as LoginRequest)
          yield* process.write(fd, encodeUtf8(`${JSON.stringify(reply)}\n`))
        }
      }
    }
    yield* sdNotify(process, 'STOPPING=1')
    return 0
  },
})
