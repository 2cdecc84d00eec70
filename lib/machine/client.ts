// The page's side of a machine: typed calls into the worker, events out of it, and notice of its death.
import type { Channel, FromHost, HostMethod, MachineEvent, PageHost, Request } from './protocol'

export * from './protocol'

/** `PageHost` as seen from the page: every answer is a promise. */
export type RemoteMachine = {
  readonly [M in HostMethod]: (...args: Parameters<PageHost[M]>) => Promise<Awaited<ReturnType<PageHost[M]>>>
}

export type MachineClient = RemoteMachine & {
  /** Returns the function that stops listening. */
  listen(listener: (event: MachineEvent) => void): () => void
  /** Resolves when the worker answers within the time; false means that it is stuck. */
  answers(withinMs: number): Promise<boolean>
  /** Ends the worker at once. */
  terminate(): void
}

export class MachineFault extends Error {
  override readonly name = 'MachineFault'
}

type WorkerLike = Channel & {
  terminate?(): void
  onerror?: ((event: ErrorEvent) => void) | null
}

const methods: readonly HostMethod[] = [
  'boot',
  'observe',
  'save',
  'openTerminal',
  'closeTerminal',
  'input',
  'resize',
  'acknowledge',
  'listDirectory',
  'readFile',
  'writeFile',
  'makeDirectory',
  'rename',
  'remove',
  'setMode',
  'watch',
  'editorClosed',
  'pause',
  'resume',
  'setSpeed',
  'skipBy',
  'skipToNextEvent',
  'beginExercise',
  'followExercise',
  'check',
  'askLanguage',
]

type Pending = { readonly resolve: (value: unknown) => void; readonly reject: (reason: Error) => void }

export function connectMachine(worker: WorkerLike): MachineClient {
  const pending = new Map<number, Pending>()
  const listeners = new Set<(event: MachineEvent) => void>()
  let lastId = 0
  let dead: MachineFault | undefined

  const tell = (event: MachineEvent): void => {
    for (const listener of [...listeners]) listener(event)
  }
  const die = (message: string): void => {
    if (dead !== undefined) return
    dead = new MachineFault(message)
    for (const one of pending.values()) one.reject(dead)
    pending.clear()
  }

  worker.addEventListener('message', ({ data }: MessageEvent<FromHost>) => {
    if ('event' in data) {
      tell(data.event)
      return
    }
    const waiting = pending.get(data.id)
    if (waiting === undefined) return
    pending.delete(data.id)
    if ('error' in data) waiting.reject(new MachineFault(data.error.message))
    else waiting.resolve(data.result)
  })
  worker.onerror = (event) => {
    const message = event.message || 'the worker could not be loaded'
    die(message)
    tell({ type: 'fault', message })
  }

  const call = (method: HostMethod, args: readonly unknown[]): Promise<unknown> => {
    if (dead !== undefined) return Promise.reject(dead)
    const request: Request = { id: ++lastId, method, args }
    return new Promise((resolve, reject) => {
      pending.set(request.id, { resolve, reject })
      worker.postMessage(request)
    })
  }
  const remote = Object.fromEntries(methods.map((method) => [method, (...args: unknown[]) => call(method, args)]))

  return {
    ...(remote as RemoteMachine),
    listen(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    async answers(withinMs) {
      let timer: ReturnType<typeof setTimeout> | undefined
      const late = new Promise<boolean>((resolve) => {
        timer = setTimeout(() => resolve(false), withinMs)
      })
      const answer = call('listDirectory', ['/']).then(
        () => true,
        () => false,
      )
      const result = await Promise.race([answer, late])
      clearTimeout(timer)
      return result
    },
    terminate() {
      die('the machine was stopped')
      worker.terminate?.()
    },
  }
}
