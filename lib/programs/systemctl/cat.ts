// `systemctl cat`: the files a unit is made of.
import { decodeUtf8, urlify } from '@/lib/base'
import { isErrno, type Syscall } from '@/lib/kernel'
import { booleanOf, getAllProperties, isBusError, textOf, textsOf } from '@/lib/systemd/bus'
import { highlightConfiguration } from '../highlight-configuration'
import type { Context } from './context'

const PATH = '\x1b[0;1;34m'
const WARNING = '\x1b[0;1;31m'
const NORMAL = '\x1b[0m'

export type UnitPaths = { readonly fragment: string; readonly dropIns: readonly string[]; readonly load: string; readonly changed: boolean }

export function* findUnitPaths(context: Context, name: string): Syscall<UnitPaths | number> {
  const bus = yield* context.bus()
  if (typeof bus === 'number') return bus
  const properties = yield* getAllProperties(bus, name, 'org.freedesktop.systemd1.Unit')
  if (isBusError(properties)) return yield* context.console.fail(`Failed to get properties: ${properties.message}`)
  return {
    fragment: textOf(properties, 'FragmentPath'),
    dropIns: textsOf(properties, 'DropInPaths'),
    load: textOf(properties, 'LoadState'),
    changed: booleanOf(properties, 'NeedDaemonReload'),
  }
}

export function* cat(context: Context): Syscall<number> {
  const bus = yield* context.bus()
  if (typeof bus === 'number') return bus
  const { console, process } = context
  const expanded = yield* context.expandNames(bus, context.operands)
  if (expanded === undefined) return 1
  let status = 0
  let first = true
  for (const name of expanded.names) {
    const paths = yield* findUnitPaths(context, name)
    if (typeof paths === 'number') return paths
    if (paths.fragment === '' && paths.dropIns.length === 0) {
      yield* console.log('error', `No files found for ${name}.`)
      status = 1
      continue
    }
    if (!first) yield* console.print('\n')
    first = false
    if (paths.changed) yield* printChanged(context, name)
    const files = [...(paths.fragment === '' ? [] : [paths.fragment]), ...paths.dropIns]
    for (const [index, path] of files.entries()) {
      if (index > 0) yield* console.print('\n')
      const shown = console.links ? urlify(`file://${console.hostname}${path}`, path) : path
      yield* console.print(`${console.paint(PATH, `# ${shown}`)}\n`)
      const content = process.fileReader().readFile(path)
      if (content === undefined) {
        const reason = yield* process.stat(path)
        yield* console.log('error', `Failed to open ${path}: ${isErrno(reason) ? reason.message : 'Permission denied'}`)
        status = 1
        continue
      }
      const text = decodeUtf8(content)
      yield* console.print(console.colors ? highlightConfiguration(text) : text === '' || text.endsWith('\n') ? text : `${text}\n`)
    }
  }
  return status
}

function* printChanged(context: Context, name: string): Syscall<void> {
  const lines = [
    `# Warning: ${name} changed on disk, the version systemd has loaded is outdated.`,
    "# This output shows the current version of the unit's original fragment and drop-in files.",
    '# If fragments or drop-ins were added or removed, they are not properly reflected in this output.',
    `# Run 'systemctl${context.userOption} daemon-reload' to reload units.`,
  ]
  yield* context.console.print(`${context.console.colors ? `${WARNING}${lines.join('\n')}${NORMAL}` : lines.join('\n')}\n`)
}
