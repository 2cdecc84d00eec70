// "Open this file in the editor": from programs on the machine, links in a text, the tree. The editor may not be loaded yet.
import type { MachineSession } from '../machine/session'

export type OpenRequest = { readonly path: string; readonly line?: number; readonly reveal: boolean; readonly show: boolean }
type Listener = (request: OpenRequest) => void

const listeners = new WeakMap<MachineSession, Set<Listener>>()
const waiting = new WeakMap<MachineSession, OpenRequest[]>()

type Options = { readonly line?: number; readonly reveal?: boolean; readonly show?: boolean }

/** `reveal`: also bring up the editor's pane where only one pane fits. `show: false`: open behind the others. */
export function openInEditor(session: MachineSession, path: string, options: Options = {}): void {
  if (!path.startsWith('/')) return
  const request: OpenRequest = {
    path,
    reveal: options.reveal ?? true,
    show: options.show ?? true,
    ...(options.line === undefined ? {} : { line: options.line }),
  }
  const all = listeners.get(session)
  if (all === undefined || all.size === 0) waiting.set(session, [...(waiting.get(session) ?? []), request])
  else for (const listener of all) listener(request)
}

export function onOpenRequest(session: MachineSession, listener: Listener): () => void {
  const all = listeners.get(session) ?? new Set()
  listeners.set(session, all)
  all.add(listener)
  const early = waiting.get(session) ?? []
  waiting.delete(session)
  for (const request of early) listener(request)
  return () => {
    all.delete(listener)
  }
}
