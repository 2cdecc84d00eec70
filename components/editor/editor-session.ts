// The buffers of a machine with what binds them to the page: watches, drafts and open files that outlive a reload.
import { drop, keep, kept } from '../machine/kept'
import type { MachineSession } from '../machine/session'
import { remember, remembered } from '../settings/settings'
import { Buffers, type Draft } from './buffers'
import { openInEditor } from './open-requests'

const bound = new WeakMap<MachineSession, Buffers>()

const isDrafts = (value: unknown): value is readonly Draft[] =>
  Array.isArray(value) &&
  value.every(
    (one: unknown) =>
      typeof one === 'object' &&
      one !== null &&
      ['path', 'text', 'base'].every((name) => typeof (one as Record<string, unknown>)[name] === 'string'),
  )

function rememberedPaths(key: string): { readonly paths: readonly string[]; readonly active: string | undefined } | undefined {
  try {
    const value: unknown = JSON.parse(remembered(key) ?? 'null')
    if (typeof value !== 'object' || value === null || !('paths' in value) || !Array.isArray(value.paths)) return undefined
    const paths = value.paths.filter((path): path is string => typeof path === 'string' && path.startsWith('/'))
    return { paths, active: 'active' in value && typeof value.active === 'string' ? value.active : undefined }
  } catch {
    return undefined
  }
}

/** The buffers of a machine; made at the first call, with these files open if nothing is remembered. */
export function buffersOf(session: MachineSession, open: readonly string[]): Buffers {
  const found = bound.get(session)
  if (found !== undefined) return found
  const buffers = new Buffers(() => (session.status === 'running' ? session.client : undefined))
  bound.set(session, buffers)
  const { key } = session.options
  const draftsKey = `drafts:${key}`
  const openKey = `unitlab:open:${key}`
  let timer: ReturnType<typeof setTimeout> | undefined
  let ready = false

  const firstOpen = async (): Promise<void> => {
    const before = rememberedPaths(openKey)
    const paths = before?.paths ?? open
    for (const draft of (await kept(draftsKey, isDrafts)) ?? []) await buffers.restore(draft)
    for (const path of paths) await buffers.open(path, { show: false })
    const active = before?.active ?? paths[0]
    if (active !== undefined && buffers.buffer(active) !== undefined && buffers.store.getState().active === undefined) buffers.show(active)
    ready = true
  }

  const whenRunning = (): void => {
    session.watchFor('editor', buffers.paths)
    void (ready ? buffers.refresh() : firstOpen())
  }

  session.listen((event) => {
    if (event.type === 'open-in-editor') {
      buffers.await(event.path)
      openInEditor(session, event.path, event.line === undefined ? {} : { line: event.line })
    } else void buffers.receive(event)
  })
  let status = session.status
  session.store.subscribe(({ machine }) => {
    if (machine.status === status) return
    status = machine.status
    if (status === 'running') whenRunning()
  })
  if (status === 'running') whenRunning()

  let paths = ''
  buffers.store.subscribe((state) => {
    const joined = buffers.paths.join('\0')
    if (joined !== paths) {
      paths = joined
      session.watchFor('editor', buffers.paths)
    }
    if (!ready) return
    remember(openKey, JSON.stringify({ paths: buffers.paths, active: state.active }))
    clearTimeout(timer)
    timer = setTimeout(() => {
      const drafts = buffers.drafts()
      void (drafts.length === 0 ? drop(draftsKey) : keep(draftsKey, drafts))
    }, 400)
  })
  return buffers
}
