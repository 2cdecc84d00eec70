// After io.systemd.Journal: what journalctl --sync, --rotate, --flush and --relinquish-var ask for over a socket.
import type { Syscall } from '@/lib/kernel'
import type { Server } from './server'

export function* answerVarlink(server: Server, request: string): Syscall<string> {
  const method = methodOf(request)
  switch (method) {
    case 'io.systemd.Journal.Synchronize':
      yield* server.sync()
      break
    case 'io.systemd.Journal.Rotate':
      yield* server.rotate()
      break
    case 'io.systemd.Journal.FlushToVar':
      yield* server.flush()
      break
    case 'io.systemd.Journal.RelinquishVar':
      yield* server.relinquish()
      break
    default:
      return JSON.stringify({ error: 'org.varlink.service.MethodNotFound', parameters: { method: method ?? '' } })
  }
  return JSON.stringify({ parameters: {} })
}

function methodOf(request: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(request)
    if (typeof parsed !== 'object' || parsed === null || !('method' in parsed)) return undefined
    return typeof parsed.method === 'string' ? parsed.method : undefined
  } catch {
    return undefined
  }
}
