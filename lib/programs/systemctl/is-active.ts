// `systemctl is-active`, is-failed, is-enabled and is-system-running: one word, and an exit status.
import type { Syscall } from '@/lib/kernel'
import { getAllProperties, getManagerProperties, isBusError, textOf } from '@/lib/systemd/bus'
import { installPaths, readerBelow, unitFileState } from '@/lib/systemd/install'
import { statusOfError, type Context } from './context'

export function* isActive(context: Context): Syscall<number> {
  return yield* checkUnits(context, ['active', 'reloading', 'refreshing'], 3)
}

export function* isFailed(context: Context): Syscall<number> {
  if (context.operands.length === 0) {
    const bus = yield* context.bus()
    if (typeof bus === 'number') return bus
    const manager = yield* getManagerProperties(bus)
    if (isBusError(manager)) return yield* context.console.fail(`Failed to query system state: ${manager.message}`)
    const state = textOf(manager, 'SystemState')
    if (!context.settings.quiet) yield* context.console.print(`${state}\n`)
    return state === 'degraded' ? 0 : 1
  }
  return yield* checkUnits(context, ['failed'], 1)
}

function* checkUnits(context: Context, good: readonly string[], bad: number): Syscall<number> {
  const bus = yield* context.bus()
  if (typeof bus === 'number') return bus
  const expanded = yield* context.expandNames(bus, context.operands)
  if (expanded === undefined) return 1
  let found = false
  let known = false
  for (const name of expanded.names) {
    const properties = yield* getAllProperties(bus, name, 'org.freedesktop.systemd1.Unit')
    const state = isBusError(properties) ? 'inactive' : textOf(properties, 'ActiveState')
    const load = isBusError(properties) ? 'not-found' : textOf(properties, 'LoadState')
    if (!context.settings.quiet) yield* context.console.print(`${state}\n`)
    if (good.includes(state)) found = true
    if (load !== 'not-found' || state !== 'inactive') known = true
  }
  return found ? 0 : known ? bad : 4
}

const enabledStates = new Set(['enabled', 'enabled-runtime', 'static', 'alias', 'indirect', 'generated'])

export function* isEnabled(context: Context): Syscall<number> {
  const { settings, console, process } = context
  let status = 1
  let missing = false
  for (const operand of context.operands) {
    const name = yield* context.mangle(operand, '.service', false)
    if (name === undefined) return 1
    let state: string
    if (settings.root !== undefined || settings.global) {
      const reader = readerBelow(process.fileReader(), settings.root ?? '')
      state = unitFileState(reader, installPaths({ scope: settings.global ? 'global' : settings.scope }), name)
    } else {
      const bus = yield* context.bus()
      if (typeof bus === 'number') return bus
      const answer = yield* bus.call('GetUnitFileState', [name])
      if (isBusError(answer)) {
        if (answer.name !== 'org.freedesktop.systemd1.NoSuchUnit' && answer.name !== 'org.freedesktop.DBus.Error.FileNotFound') {
          return yield* console.fail(`Failed to get unit file state for ${name}: ${answer.message}`, statusOfError(answer))
        }
        state = 'not-found'
      } else state = answer
    }
    if (state === 'not-found') missing = true
    else if (enabledStates.has(state)) status = 0
    if (settings.quiet) continue
    yield* console.print(`${state}\n`)
    if (settings.full && state !== 'not-found') for (const link of linksOf(context, name)) yield* console.print(`  ${link}\n`)
  }
  return status === 0 ? 0 : missing ? 4 : status
}

/** The links that enable a unit. */
function linksOf(context: Context, name: string): readonly string[] {
  const { settings, process } = context
  const reader = readerBelow(process.fileReader(), settings.root ?? '')
  const folders = installPaths({ scope: settings.scope }).searchPath
  const links: string[] = []
  for (const folder of folders) {
    for (const entry of reader.readDirectory(folder) ?? []) {
      const path = `${folder}/${entry}`
      const isFolder = /\.(wants|requires|upholds)$/.test(entry)
      if (isFolder && reader.linkStatus(`${path}/${name}`)?.kind === 'symlink') links.push(`${path}/${name}`)
      else if (entry !== name && reader.linkStatus(path)?.kind === 'symlink' && reader.readLink(path)?.endsWith(`/${name}`))
        links.push(path)
    }
  }
  return links
}

export function* isSystemRunning(context: Context): Syscall<number> {
  const bus = yield* context.bus()
  if (typeof bus === 'number') {
    if (!context.settings.quiet) yield* context.console.print('offline\n')
    return 1
  }
  let state = ''
  if (context.settings.wait) yield* bus.call('Subscribe', [])
  for (;;) {
    const manager = yield* getManagerProperties(bus)
    if (isBusError(manager)) {
      if (!context.settings.quiet) yield* context.console.print('unknown\n')
      return 1
    }
    state = textOf(manager, 'SystemState')
    if (!context.settings.wait || (state !== 'initializing' && state !== 'starting')) break
    if ((yield* bus.nextSignal(context.process.monotonicUsec + 250_000)) === undefined) yield* context.process.nanosleep(1000)
  }
  if (!context.settings.quiet) yield* context.console.print(`${state}\n`)
  return state === 'running' ? 0 : 1
}
