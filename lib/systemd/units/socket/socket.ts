// After systemd.socket(5): listens on behalf of a service and starts it when somebody comes.
import { USEC_INFINITY, type Usec } from '@/lib/base'
import type { Syscall } from '@/lib/kernel'
import type { Listen, SocketSection } from '../../directives'
import type { FdSource, TimerSource } from '../../manager/event-loop'
import type { Manager } from '../../manager/manager'
import { RateLimit } from '../../manager/rate-limit'
import { Unit } from '../../manager/unit'
import { defaultConfig, sectionOf } from '../../manager/unit-config'
import { unitNotify } from '../../manager/unit-notify'
import type { UnitActiveState } from '../../manager/unit-state'
import type { UnitType } from '../../manager/unit-type'
import { socketTimeout, socketType } from './type'

type Row = { readonly active: UnitActiveState; readonly open?: true; readonly control?: true; readonly timer?: true }
const rows = {
  dead: { active: 'inactive' },
  'start-pre': { active: 'activating', control: true, timer: true },
  'start-open': { active: 'activating', open: true, control: true, timer: true },
  'start-chown': { active: 'activating', open: true, control: true, timer: true },
  'start-post': { active: 'activating', open: true, control: true, timer: true },
  listening: { active: 'active', open: true },
  deferred: { active: 'active', open: true },
  running: { active: 'active', open: true },
  'stop-pre': { active: 'deactivating', open: true, control: true, timer: true },
  'stop-pre-sigterm': { active: 'deactivating', open: true, control: true, timer: true },
  'stop-pre-sigkill': { active: 'deactivating', open: true, control: true, timer: true },
  'stop-post': { active: 'deactivating', control: true, timer: true },
  'final-sigterm': { active: 'deactivating', control: true, timer: true },
  'final-sigkill': { active: 'deactivating', control: true, timer: true },
  failed: { active: 'failed' },
  cleaning: { active: 'maintenance', control: true, timer: true },
} as const satisfies Record<string, Row>
export type SocketState = keyof typeof rows
export const socketStateTable: { readonly [State in SocketState]: Row } = rows

export type SocketResult =
  | 'success'
  | 'resources'
  | 'timeout'
  | 'exit-code'
  | 'signal'
  | 'core-dump'
  | 'start-limit-hit'
  | 'trigger-limit-hit'
  | 'service-start-limit-hit'

export type Port = { readonly listen: Listen; fd: number | undefined; source: FdSource | undefined }
export const socketPhases = ['ExecStartPre', 'ExecStartPost', 'ExecStopPre', 'ExecStopPost'] as const
export type SocketPhase = (typeof socketPhases)[number]

export class Socket extends Unit {
  readonly vtable: UnitType = socketType
  state: SocketState = 'dead'
  result: SocketResult = 'success'
  ports: Port[] = []
  connections = 0
  accepted = 0
  refused = 0
  controlPid = 0
  controlPhase: SocketPhase | undefined
  controlIndex = 0
  timer: TimerSource | undefined
  triggerLimit = new RateLimit(0, 0)
  pollLimit = new RateLimit(0, 0)

  constructor(manager: Manager, id: string) {
    super(manager, 'socket', id, defaultConfig('socket'))
  }

  get section(): SocketSection {
    return sectionOf(this.config.Socket)
  }
}

export function setState(socket: Socket, state: SocketState): void {
  const { manager } = socket
  const before = rows[socket.state]
  const row: Row = rows[state]
  socket.state = state
  if (!row.timer) armTimer(socket, USEC_INFINITY)
  if (!row.control) {
    if (socket.controlPid !== 0) manager.unwatchPid(socket, socket.controlPid)
    socket.controlPid = 0
    socket.controlPhase = undefined
  }
  if (state !== 'listening') unwatchPorts(socket)
  if (!row.open) manager.defer(() => closePorts(socket))
  unitNotify(socket, before.active, row.active)
}

export function armTimer(socket: Socket, usec: Usec): void {
  const { manager } = socket
  manager.loop.cancelTimer(socket.timer)
  socket.timer =
    usec === USEC_INFINITY ? undefined : manager.loop.addTimer(manager.process.monotonicUsec + usec, () => socketTimeout(socket))
}

export function unwatchPorts(socket: Socket): void {
  for (const port of socket.ports) {
    socket.manager.loop.unwatchFd(port.source)
    port.source = undefined
  }
}

export function* closePorts(socket: Socket): Syscall<void> {
  const { process } = socket.manager
  unwatchPorts(socket)
  for (const port of socket.ports) {
    if (port.fd === undefined) continue
    yield* process.close(port.fd)
    port.fd = undefined
    const { address } = port.listen
    if (socket.section.RemoveOnStop && (address.family === 'unix' || address.family === 'file') && address.path.startsWith('/'))
      yield* process.unlink(address.path)
  }
  if (socket.section.RemoveOnStop) for (const path of socket.section.Symlinks) yield* process.unlink(path)
}

/** How an address is written in messages and in `Listen`. */
export function addressText(listen: Listen): string {
  const { address } = listen
  switch (address.family) {
    case 'unix':
    case 'file':
      return address.path
    case 'ipv4':
      return `${address.address}:${address.port}`
    case 'ipv6':
      return `[${address.address}]:${address.port}`
    case 'netlink':
      return `${address.protocol} ${address.group}`
    case 'vsock':
      return `vsock:${address.cid}:${address.port}`
  }
}
