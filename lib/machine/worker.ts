// The worker's side of the border: answers requests with a host, sends its events. It knows no machine itself.
import type { Channel, FromHost, MachineEvent, MachineHost, PageHost, Request } from './protocol'

/** Serves one host on a channel (the worker's own scope, or a MessagePort in tests). */
export function serveMachine(channel: Channel, createHost: (emit: (event: MachineEvent) => void) => MachineHost | PageHost): void {
  const send = (message: FromHost): void => channel.postMessage(message)
  const host: Partial<PageHost> = createHost((event) => send({ event }))
  channel.addEventListener('message', async ({ data }: MessageEvent<Request>) => {
    const { id, method, args } = data
    try {
      const handler = host[method] as ((...args: readonly unknown[]) => unknown) | undefined
      if (typeof handler !== 'function') throw new TypeError(`the machine does not know the request ${method}`)
      send({ id, result: await handler.apply(host, [...args]) })
    } catch (error) {
      const { message, stack } = error instanceof Error ? error : new Error(String(error))
      send({ id, error: { message, ...(stack === undefined ? {} : { stack }) } })
    }
  })
}
