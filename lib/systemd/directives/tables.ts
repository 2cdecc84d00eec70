// After systemd.directives(7): all tables by section, the types of the sections, and look-ups in them.
import type { UnitTypeName } from '../unit-name'
import { cgroupDirectives } from './block-cgroup'
import { execDirectives } from './block-exec'
import { killDirectives } from './block-kill'
import type { DirectiveRow, DirectiveTable, FieldsOf } from './directive'
import {
  automountDirectives,
  mergedPathFields,
  type MergedPathFields,
  mergedSocketFields,
  type MergedSocketFields,
  mergedTimerFields,
  type MergedTimerFields,
  mountDirectives,
  pathDirectives,
  scopeDirectives,
  socketDirectives,
  swapDirectives,
  timerDirectives,
} from './section-others'
import { serviceDirectives } from './section-service'
import { conditionDirectives, installDirectives, mergedUnitFields, type MergedUnitFields, unitDirectives } from './section-unit'
import { SINCE } from './versions'

export type ExecSection = FieldsOf<typeof execDirectives>
export type CGroupSection = FieldsOf<typeof cgroupDirectives>
export type KillSection = FieldsOf<typeof killDirectives>

export type UnitSection = FieldsOf<typeof unitDirectives> & MergedUnitFields
export type InstallSection = FieldsOf<typeof installDirectives>
export type ServiceSection = FieldsOf<typeof serviceDirectives> & ExecSection & CGroupSection & KillSection
export type SocketSection = FieldsOf<typeof socketDirectives> & MergedSocketFields & ExecSection & CGroupSection & KillSection
export type TimerSection = FieldsOf<typeof timerDirectives> & MergedTimerFields
export type PathSection = FieldsOf<typeof pathDirectives> & MergedPathFields
export type MountSection = FieldsOf<typeof mountDirectives> & ExecSection & CGroupSection & KillSection
export type AutomountSection = FieldsOf<typeof automountDirectives>
export type SwapSection = FieldsOf<typeof swapDirectives> & ExecSection & CGroupSection & KillSection
export type SliceSection = CGroupSection
export type ScopeSection = FieldsOf<typeof scopeDirectives> & CGroupSection & KillSection

/** What a unit's files come to: the sections that its type has are there, with every field. */
export type UnitConfig = {
  Unit: UnitSection
  Install: InstallSection
  Service?: ServiceSection
  Socket?: SocketSection
  Timer?: TimerSection
  Path?: PathSection
  Mount?: MountSection
  Automount?: AutomountSection
  Swap?: SwapSection
  Slice?: SliceSection
  Scope?: ScopeSection
}
export type SectionName = keyof UnitConfig

/** A row with what is known of it by its place. */
export type KnownRow = DirectiveRow<unknown> & {
  readonly name: string
  readonly section: SectionName
  /** Manual page, '' where there is none. */
  readonly man: string
  readonly since: number
}

type Block = readonly [man: string, table: DirectiveTable]
const exec: Block = ['systemd.exec', execDirectives]
const cgroup: Block = ['systemd.resource-control', cgroupDirectives]
const kill: Block = ['systemd.kill', killDirectives]

const BLOCKS: Readonly<Record<SectionName, readonly Block[]>> = {
  Unit: [
    ['systemd.unit', unitDirectives],
    ['systemd.unit', conditionDirectives],
  ],
  Install: [['systemd.unit', installDirectives]],
  Service: [['systemd.service', serviceDirectives], exec, cgroup, kill],
  Socket: [['systemd.socket', socketDirectives], exec, cgroup, kill],
  Timer: [['systemd.timer', timerDirectives]],
  Path: [['systemd.path', pathDirectives]],
  Mount: [['systemd.mount', mountDirectives], exec, cgroup, kill],
  Automount: [['systemd.automount', automountDirectives]],
  Swap: [['systemd.swap', swapDirectives], exec, cgroup, kill],
  Slice: [cgroup],
  Scope: [['systemd.scope', scopeDirectives], cgroup, kill],
}

const versionsOf = new Map(
  Object.entries(SINCE).map(([man, byVersion]) => [
    man,
    new Map(Object.entries(byVersion).flatMap(([version, names]) => names.split(' ').map((name) => [name, Number(version)] as const))),
  ]),
)

const MERGED: Readonly<Partial<Record<SectionName, object>>> = {
  Unit: mergedUnitFields,
  Socket: mergedSocketFields,
  Timer: mergedTimerFields,
  Path: mergedPathFields,
}

function rowsOf(section: SectionName): ReadonlyMap<string, KnownRow> {
  const rows = new Map<string, KnownRow>()
  for (const [page, table] of BLOCKS[section]) {
    for (const [name, row] of Object.entries(table)) {
      const man = row.man ?? page
      rows.set(name, { ...row, name, section, man, since: row.since ?? versionsOf.get(page)?.get(name) ?? 0 })
    }
  }
  return rows
}

const entries = Object.keys(BLOCKS) as SectionName[]
const ROWS = new Map<string, ReadonlyMap<string, KnownRow>>(entries.map((section) => [section, rowsOf(section)]))

export const SECTIONS: readonly SectionName[] = entries

/** All rows of a section, in the order of the tables. */
export function directivesOf(section: SectionName): ReadonlyMap<string, KnownRow> {
  return ROWS.get(section) ?? new Map()
}

export function findDirective(section: string, name: string): KnownRow | undefined {
  return ROWS.get(section)?.get(name)
}

/** Sections that know a directive. */
export function sectionsWith(name: string): readonly SectionName[] {
  return SECTIONS.filter((section) => ROWS.get(section)!.has(name))
}

const OWN_SECTION: Readonly<Record<UnitTypeName, string>> = {
  service: 'Service',
  mount: 'Mount',
  swap: 'Swap',
  socket: 'Socket',
  target: 'Target',
  device: 'Device',
  automount: 'Automount',
  timer: 'Timer',
  path: 'Path',
  slice: 'Slice',
  scope: 'Scope',
}

/** Names of the sections that a unit's files may have. */
export const sectionsOfType = (type: UnitTypeName): readonly string[] => ['Unit', OWN_SECTION[type], 'Install']

function initialFields(section: SectionName): Readonly<Record<string, unknown>> {
  const fields: Record<string, unknown> = { ...MERGED[section] }
  for (const row of directivesOf(section).values()) if (row.writes === undefined) fields[row.name] = row.initial
  return fields
}
const INITIAL = new Map(SECTIONS.map((section) => [section, initialFields(section)]))

/** Fields as plain data, for the loader. */
export type MutableSection = Record<string, unknown>
export type MutableConfig = { [Section in SectionName]?: MutableSection }

/** Where a type differs from the tables. */
const TYPE_INITIAL: Readonly<Partial<Record<UnitTypeName, Readonly<Partial<Record<SectionName, object>>>>>> = {
  service: { Service: { StandardOutput: { kind: 'inherit', target: '' }, KeyringMode: 'private' } },
  mount: { Unit: { IgnoreOnIsolate: true } },
  automount: { Unit: { IgnoreOnIsolate: true } },
  scope: { Unit: { IgnoreOnIsolate: true } },
  slice: { Unit: { IgnoreOnIsolate: true }, Slice: { TasksMax: Number.POSITIVE_INFINITY } },
  device: { Unit: { IgnoreOnIsolate: true } },
  swap: { Unit: { IgnoreOnIsolate: true } },
}

/** A unit of this type before anything is read. */
export function initialConfig(type: UnitTypeName): MutableConfig {
  const config: MutableConfig = {}
  for (const [section, defaults] of initialSections(type)) config[section] = Object.create(defaults) as MutableSection
  return config
}

const sectionsByType = new Map<UnitTypeName, readonly (readonly [SectionName, MutableSection])[]>()

/** Defaults are the prototype of what a unit sets: 170 units share them, and each holds only its own. */
function initialSections(type: UnitTypeName): readonly (readonly [SectionName, MutableSection])[] {
  const known = sectionsByType.get(type)
  if (known !== undefined) return known
  const made = sectionsOfType(type).flatMap((name) => {
    const section = SECTIONS.find((one) => one === name)
    return section === undefined ? [] : [[section, { ...INITIAL.get(section), ...TYPE_INITIAL[type]?.[section] }] as const]
  })
  sectionsByType.set(type, made)
  return made
}

/** The typed view of what the loader filled. */
export const asUnitConfig = (config: MutableConfig): UnitConfig => config as UnitConfig
