// `systemctl list-units`, list-unit-files and list-jobs.
import { ANSI_GREY, ANSI_HIGHLIGHT, ANSI_HIGHLIGHT_GREEN, ANSI_HIGHLIGHT_RED, ANSI_HIGHLIGHT_YELLOW } from '@/lib/base'
import type { Syscall } from '@/lib/kernel'
import { getAllProperties, isBusError, textOf, textsOf, type Bus, type ListedUnit } from '@/lib/systemd/bus'
import { installPaths, listUnitFiles as filesBelow, presetOf, readPresets, readerBelow } from '@/lib/systemd/install'
import { globPattern } from '../journalctl'
import type { Context } from './context'
import { printTable, type TableCell } from './table-output'

const suffixOf = (id: string) => id.slice(id.lastIndexOf('.') + 1)
const compareText = (a: string, b: string) => {
  const [one, other] = [a.toLowerCase(), b.toLowerCase()]
  return one < other ? -1 : one > other ? 1 : 0
}

/** By type, then by name, as all lists of units are. */
export function compareUnits(a: { readonly id: string }, b: { readonly id: string }): number {
  return compareText(suffixOf(a.id), suffixOf(b.id)) || compareText(a.id, b.id)
}

/** Units that fit states, patterns and types; without --all the dead ones are left out. */
export function* selectUnits(
  context: Context,
  bus: Bus,
  patterns: readonly string[],
  suffix?: string,
): Syscall<readonly ListedUnit[] | number> {
  const { settings } = context
  const mangled: string[] = []
  for (const pattern of patterns) {
    const name = yield* context.mangle(pattern, suffix === undefined ? '.service' : `.${suffix}`)
    if (name === undefined) return yield* context.console.fail('Failed to expand names: Invalid argument')
    mangled.push(name)
  }
  const wanted = settings.withDependencies ? yield* withDependencies(bus, mangled) : mangled
  const units = yield* bus.call('ListUnitsByPatterns', [settings.states, wanted])
  if (isBusError(units)) return yield* context.console.fail(`Failed to list units: ${units.message}`)
  const types = suffix === undefined ? settings.types : [suffix]
  return units.filter((unit) => (types.length === 0 || types.includes(suffixOf(unit.id))) && isShown(context, unit)).sort(compareUnits)
}

function isShown(context: Context, unit: ListedUnit): boolean {
  const { settings } = context
  if (settings.all) return true
  if (unit.following !== '') return false
  if (settings.states.length > 0) return true
  return unit.jobId > 0 || unit.activeState !== 'inactive'
}

function* withDependencies(bus: Bus, names: readonly string[]): Syscall<readonly string[]> {
  const found = new Set<string>()
  const queue = [...names]
  while (queue.length > 0) {
    const name = queue.shift()!
    if (found.has(name)) continue
    found.add(name)
    const properties = yield* getAllProperties(bus, name, 'org.freedesktop.systemd1.Unit')
    if (isBusError(properties)) continue
    for (const property of ['Requires', 'Requisite', 'Wants', 'ConsistsOf', 'BindsTo', 'Upholds'])
      queue.push(...textsOf(properties, property))
  }
  return [...found]
}

export function* listUnits(context: Context): Syscall<number> {
  const bus = yield* context.bus()
  if (typeof bus === 'number') return bus
  const units = yield* selectUnits(context, bus, context.operands)
  if (typeof units === 'number') return units
  const { settings } = context
  const hasJobs = units.some((unit) => unit.jobId > 0)
  const rows = units.map((unit, index): TableCell[] => {
    const next = units[index + 1]
    const last = next !== undefined && suffixOf(next.id) !== suffixOf(unit.id)
    const look = unitColors(unit)
    const cell = (text: string, color = ''): TableCell => ({
      text,
      ...(color === '' ? {} : { color }),
      ...(last ? { underline: 'grey', rgapUnderline: 'grey' } : {}),
    })
    return [
      cell(look.circle === '' ? ' ' : '●', look.circle),
      { ...cell(unit.id, look.name), minimumWidth: 1 },
      cell(unit.loadState, look.load),
      cell(unit.activeState, look.active),
      cell(unit.subState, look.sub),
      { ...cell(unit.jobType), json: unit.jobType },
      cell(unit.description),
    ]
  })
  const columns = [
    { title: '', hidden: settings.plain },
    { title: 'UNIT' },
    { title: 'LOAD' },
    { title: 'ACTIVE' },
    { title: 'SUB' },
    { title: 'JOB', hidden: !hasJobs },
    { title: 'DESCRIPTION' },
  ]
  const withTitle = columns.map((column, index) => (index === 0 ? { ...column, title: ' ' } : column))
  yield* printTable(context, withTitle, rows, ['', 'unit', 'load', 'active', 'sub', 'job', 'description'])
  if (settings.legend) yield* printLegend(context, units.length, hasJobs)
  return 0
}

type UnitColors = { readonly circle: string; readonly name: string; readonly load: string; readonly active: string; readonly sub: string }

function unitColors(unit: ListedUnit): UnitColors {
  if (['error', 'not-found', 'bad-setting', 'masked'].includes(unit.loadState)) {
    return { circle: ANSI_HIGHLIGHT_YELLOW, name: '', load: ANSI_HIGHLIGHT_RED, active: '', sub: quietSub(unit) }
  }
  if (unit.activeState === 'failed') {
    return { circle: ANSI_HIGHLIGHT_RED, name: ANSI_HIGHLIGHT_RED, load: '', active: ANSI_HIGHLIGHT_RED, sub: ANSI_HIGHLIGHT_RED }
  }
  if (unit.subState.startsWith('auto-restart')) {
    return { circle: ANSI_HIGHLIGHT, name: ANSI_HIGHLIGHT, load: '', active: ANSI_HIGHLIGHT, sub: ANSI_HIGHLIGHT }
  }
  const inactive = unit.activeState === 'inactive' ? ANSI_GREY : ''
  return { circle: '', name: inactive, load: '', active: inactive, sub: quietSub(unit) }
}

/** What needs no attention is grey. */
function quietSub(unit: ListedUnit): string {
  return ['dead', 'exited'].includes(unit.subState) ? ANSI_GREY : ''
}

function* printLegend(context: Context, count: number, hasJobs: boolean): Syscall<void> {
  const { console, settings } = context
  const grey = (text: string) => `${console.paint(ANSI_GREY, text)}\n`
  let out = '\n'
  if (count > 0) {
    out += grey('Legend: LOAD   → Reflects whether the unit definition was properly loaded.')
    out += grey('        ACTIVE → The high-level unit activation state, i.e. generalization of SUB.')
    out += grey('        SUB    → The low-level unit activation state, values depend on unit type.')
    if (hasJobs) out += grey('        JOB    → Pending job for the unit.')
    out += '\n'
  }
  const listed = `${count} loaded units listed.`
  const color = count > 0 ? ANSI_HIGHLIGHT : ANSI_HIGHLIGHT_RED
  if (settings.all || settings.states.includes('inactive')) {
    out += `${console.paint(color, listed)}\n${grey("To show all installed unit files use 'systemctl list-unit-files'.")}`
  } else if (settings.states.length === 0) {
    out += `${console.paint(color, listed)} ${grey('Pass --all to see loaded but inactive units, too.')}${grey("To show all installed unit files use 'systemctl list-unit-files'.")}`
  } else out += `${listed}\n`
  yield* console.print(out)
}

// ---------------------------------------------------------------- unit files

export function* listUnitFiles(context: Context): Syscall<number> {
  const { settings, console, process } = context
  const files = yield* unitFiles(context)
  if (typeof files === 'number') return files
  const reader = settings.root === undefined ? process.fileReader() : readerBelow(process.fileReader(), settings.root)
  const paths = installPaths({ scope: settings.global ? 'global' : settings.scope })
  const rules = readPresets(reader, paths)
  const rows = files.map((file, index): TableCell[] => {
    const next = files[index + 1]
    const last = next !== undefined && suffixOf(next.id) !== suffixOf(file.id)
    const color = (base: string) => (last ? underlined(base) : base)
    const state = color(fileColor(file.state))
    const preset = hasPreset(file.state) ? presetText(presetOf(rules, file.id).action) : undefined
    const both = (text: string, own: string): TableCell => ({ text, ...(own === '' ? {} : { color: own, rgapColor: own }) })
    return [
      both(file.id, color('')),
      both(file.state, state),
      preset === undefined
        ? { text: '-', color: last ? '\x1b[0;4;38:5:245m' : ANSI_GREY, json: null }
        : both(preset, color(preset === 'enabled' ? ANSI_HIGHLIGHT_GREEN : preset === 'disabled' ? ANSI_HIGHLIGHT_RED : '')),
    ]
  })
  yield* printTable(context, [{ title: 'UNIT FILE' }, { title: 'STATE' }, { title: 'PRESET' }], rows, ['unit_file', 'state', 'preset'])
  if (settings.legend) yield* console.print(`\n${files.length} unit files listed.\n`)
  return files.length === 0 && context.operands.length > 0 ? 1 : 0
}

const underlined = (color: string) => (color === '' ? '\x1b[0;4m' : color.replace('[0;1;', '[0;1;4;'))
const hasPreset = (state: string) => !['alias', 'static', 'generated', 'transient', 'bad'].includes(state) && state !== ''
const presetText = (action: string | undefined) =>
  action === 'enable' ? 'enabled' : action === 'disable' ? 'disabled' : action === 'ignore' ? 'ignored' : undefined

function fileColor(state: string): string {
  if (['masked', 'masked-runtime', 'disabled', 'bad'].includes(state)) return ANSI_HIGHLIGHT_RED
  return ['enabled', 'alias'].includes(state) ? ANSI_HIGHLIGHT_GREEN : ''
}

function* unitFiles(context: Context): Syscall<readonly { readonly id: string; readonly state: string }[] | number> {
  const { settings, process } = context
  const patterns = context.operands.map(globPattern)
  const wanted = (file: { readonly id: string; readonly state: string }) =>
    (patterns.length === 0 || patterns.some((pattern) => pattern.test(file.id))) &&
    (settings.types.length === 0 || settings.types.includes(suffixOf(file.id))) &&
    (settings.states.length === 0 || settings.states.includes(file.state))
  if (settings.root !== undefined || settings.global) {
    const reader = readerBelow(process.fileReader(), settings.root ?? '')
    const files = filesBelow(reader, installPaths({ scope: settings.global ? 'global' : settings.scope }))
    return files
      .map((file) => ({ id: file.path.slice(file.path.lastIndexOf('/') + 1), state: file.state }))
      .filter(wanted)
      .sort(compareUnits)
  }
  const bus = yield* context.bus()
  if (typeof bus === 'number') return bus
  const files = yield* bus.call('ListUnitFilesByPatterns', [settings.states, context.operands])
  if (isBusError(files)) return yield* context.console.fail(`Failed to list unit files: ${files.message}`)
  return files
    .map((file) => ({ id: file.path.slice(file.path.lastIndexOf('/') + 1), state: file.state }))
    .filter(wanted)
    .sort(compareUnits)
}

// ---------------------------------------------------------------- jobs

export function* listJobs(context: Context): Syscall<number> {
  const bus = yield* context.bus()
  if (typeof bus === 'number') return bus
  const { settings, console } = context
  const jobs = yield* bus.call('ListJobs', [])
  if (isBusError(jobs)) return yield* console.fail(`Failed to list jobs: ${jobs.message}`)
  const patterns = context.operands.map(globPattern)
  const shown = jobs.filter((job) => patterns.length === 0 || patterns.some((pattern) => pattern.test(job.unit)))
  const skipped = shown.length < jobs.length
  if (shown.length === 0) {
    if (settings.legend) yield* console.print(`${console.paint(ANSI_HIGHLIGHT_GREEN, `No jobs ${skipped ? 'listed' : 'running'}.`)}\n`)
    return 0
  }
  const rows: TableCell[][] = []
  for (const job of [...shown].sort((a, b) => a.id - b.id)) {
    const running = job.state === 'running'
    const cell = (text: string): TableCell => (running ? { text, color: ANSI_HIGHLIGHT } : { text })
    rows.push([{ text: String(job.id), alignPercent: 100, json: job.id }, cell(job.unit), { text: job.type }, cell(job.state)])
    if (settings.after) rows.push(...(yield* relatedJobs(bus, 'GetJobAfter', job.id, 'waiting for job')))
    if (settings.before) rows.push(...(yield* relatedJobs(bus, 'GetJobBefore', job.id, 'blocking job')))
  }
  yield* printTable(context, [{ title: 'JOB' }, { title: 'UNIT' }, { title: 'TYPE' }, { title: 'STATE' }], rows, [
    'job',
    'unit',
    'type',
    'state',
  ])
  if (settings.legend) yield* console.print(`\n${console.paint(ANSI_HIGHLIGHT, `${shown.length} jobs listed`)}.\n`)
  return 0
}

function* relatedJobs(bus: Bus, method: 'GetJobAfter' | 'GetJobBefore', id: number, words: string): Syscall<TableCell[][]> {
  const jobs = yield* bus.call(method, [id])
  if (isBusError(jobs)) return []
  return jobs.map((job) => [{ text: '' }, { text: `└─ ${words} ${job.id} (${job.unit}/${job.type})` }, { text: '' }, { text: '' }])
}

// ---------------------------------------------------------------- machines

/** Only this machine: there are no containers. */
export function* listMachines(context: Context): Syscall<number> {
  const bus = yield* context.bus()
  if (typeof bus === 'number') return bus
  const { console, settings } = context
  const manager = yield* getAllProperties(bus, '', 'org.freedesktop.systemd1.Manager')
  if (isBusError(manager)) return yield* console.fail(`Failed to get machine names: ${manager.message}`)
  const state = textOf(manager, 'SystemState')
  const number = (name: string): TableCell => ({ text: String(manager[name] ?? 0), json: Number(manager[name] ?? 0) })
  const failed = number('NFailedUnits')
  const row: TableCell[] = [
    state === 'degraded' ? { text: '●', color: ANSI_HIGHLIGHT_RED } : { text: ' ' },
    { text: `${console.hostname} (host)` },
    state === 'degraded' ? { text: state, color: ANSI_HIGHLIGHT_RED } : { text: state },
    failed.json === 0 ? failed : { ...failed, color: ANSI_HIGHLIGHT_RED },
    number('NJobs'),
  ]
  yield* printTable(
    context,
    [{ title: ' ', hidden: settings.plain }, { title: 'NAME' }, { title: 'STATE' }, { title: 'FAILED' }, { title: 'JOBS' }],
    [row],
    ['', 'name', 'state', 'failed', 'jobs'],
  )
  if (settings.legend) yield* console.print('\n1 machines listed.\n')
  return 0
}
