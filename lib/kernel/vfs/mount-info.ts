// After proc_pid_mountinfo(5) and proc_pid_mounts(5): the mounts that a process can reach from its root.
import { type Mount, MS_NOATIME, MS_NODIRATIME, MS_NOSYMFOLLOW, MS_RELATIME } from '../mount'
import { MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY } from '../system-calls'
import { Location, pathFrom } from './location'
import type { PathContext } from './path-context'

export type MountRow = {
  readonly id: number
  readonly parentId: number
  readonly device: readonly [major: number, minor: number]
  /** Which part of the file system. */
  readonly root: string
  readonly mountPoint: string
  /** Of this mount: `rw`, `nosuid`, … */
  readonly options: readonly string[]
  /** `shared:1`, `master:2`, `propagate_from:3`, `unbindable`. */
  readonly propagation: readonly string[]
  readonly type: string
  readonly source: string
  readonly superOptions: readonly string[]
}

const optionNames: readonly (readonly [flag: number, name: string])[] = [
  [MS_NOSUID, 'nosuid'],
  [MS_NODEV, 'nodev'],
  [MS_NOEXEC, 'noexec'],
  [MS_NOATIME, 'noatime'],
  [MS_NODIRATIME, 'nodiratime'],
  [MS_RELATIME, 'relatime'],
  [MS_NOSYMFOLLOW, 'nosymfollow'],
]

function optionsOf(mount: Mount): string[] {
  const names = optionNames.filter(([flag]) => (mount.flags & flag) !== 0).map(([, name]) => name)
  return [(mount.flags & MS_RDONLY) !== 0 ? 'ro' : 'rw', ...names]
}

/** The nearest group up the chain of masters that has a member this process can reach. */
function dominatingGroup(mount: Mount, context: PathContext): number | undefined {
  for (let group = mount.master; group !== undefined; ) {
    const members = [...group.members]
    if (members.some((member) => member.namespace === context.namespace && isReachable(member, context))) return group.id
    group = members[0]?.master
  }
  return undefined
}

function isReachable(mount: Mount, context: PathContext): boolean {
  return pathFrom(context.root, new Location(mount, mount.root)).reachable
}

function propagationOf(mount: Mount, context: PathContext): string[] {
  const fields: string[] = []
  if (mount.peerGroup !== undefined) fields.push(`shared:${mount.peerGroup.id}`)
  if (mount.master !== undefined) {
    fields.push(`master:${mount.master.id}`)
    const dominating = dominatingGroup(mount, context)
    if (dominating !== undefined && dominating !== mount.master.id) fields.push(`propagate_from:${dominating}`)
  }
  if (mount.unbindable) fields.push('unbindable')
  return fields
}

/** In the order of mounting. */
export function listMounts(context: PathContext): readonly MountRow[] {
  const rows: MountRow[] = []
  for (const mount of context.namespace.mounts) {
    const { path, reachable } = pathFrom(context.root, new Location(mount, mount.root))
    if (!reachable) continue
    const { fileSystem } = mount
    rows.push({
      id: mount.id,
      parentId: mount.parent?.id ?? mount.id,
      device: fileSystem.device,
      root: mount.root.path(),
      mountPoint: path,
      options: optionsOf(mount),
      propagation: propagationOf(mount, context),
      type: fileSystem.type,
      source: mount.source,
      superOptions: [fileSystem.readOnly ? 'ro' : 'rw', ...fileSystem.showOptions()],
    })
  }
  return rows
}

/** Space, tab, newline and backslash as octal. */
function escapeField(text: string): string {
  return text.replace(/[ \t\n\\]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`)
}

/** The text of /proc/PID/mountinfo. */
export function formatMountInfo(rows: readonly MountRow[]): string {
  return rows
    .map((row) => {
      const fields = row.propagation.map((field) => ` ${field}`).join('')
      const place = `${row.id} ${row.parentId} ${row.device.join(':')} ${escapeField(row.root)} ${escapeField(row.mountPoint)}`
      return `${place} ${row.options.join(',')}${fields} - ${row.type} ${escapeField(row.source)} ${row.superOptions.join(',')}\n`
    })
    .join('')
}

/** The text of /proc/PID/mounts: read-only when either is, options of both in one list. */
export function formatMounts(rows: readonly MountRow[]): string {
  return rows
    .map((row) => {
      const readOnly = row.options[0] === 'ro' || row.superOptions[0] === 'ro'
      const options = [readOnly ? 'ro' : 'rw', ...row.options.slice(1), ...row.superOptions.slice(1)]
      return `${escapeField(row.source)} ${escapeField(row.mountPoint)} ${row.type} ${options.join(',')} 0 0\n`
    })
    .join('')
}
