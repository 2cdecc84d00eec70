import type { Service } from '../service/service'
import { Socket } from './socket'

/** A connection's service is over: there is room for another. */
export function connectionClosed(service: Service): void {
  const socket = service.acceptSocket
  service.acceptSocket = undefined
  if (!(socket instanceof Socket)) return
  socket.connections -= 1
  socket.manager.addToBusQueue(socket)
}
