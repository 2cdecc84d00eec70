// The disk of the lab: a Debian 13 as it was recorded, restated as data (paths, modes, unit directives) with our own texts.
import { executableContent, Image, type ImageEntry } from '@/lib/kernel'
import type { Program } from '@/lib/programs'
import files from './lab/files.json'
import links from './lab/links.json'
import units from './lab/units.json'
import { group, passwd, textLinks, texts } from './lab-text'

type FileRow = readonly [kind: string, mode: number, owner: string, group: string, sizeOrTarget: number | string, seconds: number]
type UnitText = readonly (readonly [section: string, assignments: readonly (readonly [key: string, value: string])[]])[]

const IMAGE_SECONDS = 1_795_353_060
const IMAGE_USEC = IMAGE_SECONDS * 1_000_000

const idsOf = (table: string): ReadonlyMap<string, number> =>
  new Map(
    table
      .trimEnd()
      .split('\n')
      .map((row) => row.split(':'))
      .map((row) => [row[0] ?? '', Number(row[2])] as const),
  )

/** A unit's directives as a unit file. */
export function unitFileText(unit: UnitText): string {
  return `${unit.map(([section, assignments]) => `[${section}]\n${assignments.map(([key, value]) => `${key}=${value}\n`).join('')}`).join('\n')}`
}

/** What stands in a file whose content is not modelled. */
const NOT_SIMULATED = '# The content of this file is not simulated here.\n'

function fileEntries(): ImageEntry[] {
  const uids = idsOf(passwd)
  const gids = idsOf(group)
  return Object.entries(files as unknown as Record<string, FileRow>).flatMap(
    ([path, [kind, mode, owner, groupName, rest, seconds]]): ImageEntry[] => {
      const common = { path, mode, uid: uids.get(owner) ?? 0, gid: gids.get(groupName) ?? 0, mtimeUsec: seconds * 1_000_000 }
      if (kind === 'd') return [{ ...common, kind: 'directory' as const }]
      if (kind === 'l') return [{ ...common, kind: 'symlink' as const, target: String(rest) }]
      const text = texts[path]
      if (text !== undefined) return [{ ...common, kind: 'file' as const, content: text }]
      const size = Number(rest)
      if ((mode & 0o111) !== 0)
        return [{ ...common, kind: 'file' as const, content: executableContent(path.slice(path.lastIndexOf('/') + 1)), size }]
      return [{ ...common, kind: 'file' as const, content: size === 0 ? '' : NOT_SIMULATED }]
    },
  )
}

/** Directories that the recorded listings do not reach. */
const folders: readonly (readonly [path: string, mode: number])[] = [
  ['/proc', 0o555],
  ['/sys', 0o555],
  ['/dev', 0o755],
  ['/run', 0o755],
  ['/tmp', 0o1777],
  ['/var/tmp', 0o1777],
  ['/lost+found', 0o700],
  ['/etc/sudoers.d', 0o755],
  ['/etc/skel', 0o755],
  ['/etc/profile.d', 0o755],
  ['/etc/supervisor/conf.d', 0o755],
  ['/usr/lib/lab', 0o755],
  ['/usr/lib/modules', 0o755],
  ['/usr/lib/tmpfiles.d', 0o755],
  ['/usr/lib/sysusers.d', 0o755],
  ['/usr/share/zoneinfo', 0o755],
  ['/var/lib/systemd/linger', 0o755],
]

function executables(programs: readonly Program[]): ImageEntry[] {
  const recorded = files as unknown as Record<string, FileRow>
  return programs.flatMap((program): ImageEntry[] => {
    const row = recorded[program.path]
    const size = row === undefined || row[0] !== 'f' ? undefined : Number(row[4])
    const mode = program.mode ?? (row === undefined || row[0] !== 'f' ? 0o755 : row[1])
    const own: ImageEntry = {
      path: program.path,
      kind: 'file',
      mode,
      content: executableContent(program.name),
      ...(size === undefined ? {} : { size }),
      mtimeUsec: IMAGE_USEC,
    }
    const others = (program.links ?? []).flatMap((path): ImageEntry[] =>
      recorded[path] === undefined
        ? [{ path, kind: 'symlink', target: program.path, mtimeUsec: IMAGE_USEC }]
        : recorded[path]?.[0] === 'f'
          ? [{ ...own, path }]
          : [],
    )
    return [own, ...others]
  })
}

/** Builds the image for a set of programs. Costs some 20 ms; keep the result. */
export function labImage(programs: readonly Program[]): Image {
  const entries: ImageEntry[] = [
    ...folders.map(([path, mode]) => ({ path, kind: 'directory' as const, mode, mtimeUsec: IMAGE_USEC })),
    ...fileEntries(),
    ...Object.entries(units as unknown as Record<string, UnitText>).map(([path, unit]) => ({
      path,
      kind: 'file' as const,
      content: unitFileText(unit),
      mtimeUsec: IMAGE_USEC,
    })),
    ...Object.entries(links).map(([path, target]) => ({ path, kind: 'symlink' as const, target, mtimeUsec: IMAGE_USEC })),
    ...Object.entries(texts)
      .filter(([path]) => !(path in files))
      .map(([path, content]) => ({
        path,
        kind: 'file' as const,
        content,
        mtimeUsec: IMAGE_USEC,
        ...(path === '/etc/sudoers.d/learner' ? { mode: 0o440 } : {}),
      })),
    ...Object.entries(textLinks).map(([path, target]) => ({ path, kind: 'symlink' as const, target, mtimeUsec: IMAGE_USEC })),
    ...executables(programs),
  ]
  return Image.build(entries, IMAGE_USEC)
}

export const labUnits = units as unknown as Readonly<Record<string, UnitText>>
