// The recorded sets of the real tools' answers, as command lines with what they printed.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TreeFile } from './offline-process'

export type Expected = { readonly rc: number | string; readonly stdout: string; readonly stderr: string }
export type Case = {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly now: string
  readonly files: Readonly<Record<string, TreeFile>>
  readonly expected: Expected
}

type Recorded = {
  readonly expr?: string
  readonly tz?: string
  readonly base?: string
  readonly now?: string
  readonly argv?: readonly string[]
  readonly files?: Readonly<Record<string, string>>
  readonly result: Readonly<Record<string, { rc: number; stdout?: string; stderr?: string | string[] } | string>>
}

const FROZEN = '1768480496'
export const parseTimestampSeconds = (text: string): number => Number(text.replace('@', ''))

const conditionFiles: Readonly<Record<string, TreeFile>> = {
  '/proc': { directory: true },
  '/run': { directory: true },
  '/u/c/empty': { directory: true },
  '/u/c/full/a': 'x\n',
  '/u/c/.hid': { directory: true },
  '/u/c/file0': '',
  '/u/c/file1': 'x\n',
  '/u/c/exe': { content: '\u007fELF', mode: '0755' },
  '/u/c/link': { symlink: '/u/c/file1' },
  '/u/c/dangling': { symlink: '/nonexistent' },
  '/u/c/hidonly/.x': '',
  '/u/c/fifo': { fifo: true },
  '/u/c/sp ace': { directory: true },
  '/u/c/50%': '',
}

type Tree = {
  readonly units: Readonly<Record<string, string | { readonly symlink: string }>>
  readonly executables: readonly string[]
  readonly symlinks: Readonly<Record<string, string>>
  readonly passwd: string
  readonly group: string
}
let treeFiles: Readonly<Record<string, TreeFile>> | undefined

/** The file tree the real tools saw. */
export function recordedTree(recordings: string): Readonly<Record<string, TreeFile>> {
  if (treeFiles) return treeFiles
  const tree = JSON.parse(readFileSync(join(recordings, 'corpus/tables/root-env-257.json'), 'utf8')) as Tree
  const files: Record<string, TreeFile> = { '/etc/passwd': tree.passwd, '/etc/group': tree.group }
  for (const [path, target] of Object.entries(tree.symlinks)) files[path] = { symlink: target }
  for (const path of tree.executables) files[path] = { content: '', mode: '0755' }
  Object.assign(files, tree.units)
  files['/usr/lib/os-release'] =
    'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nNAME="Debian GNU/Linux"\nVERSION_ID="13"\nVERSION="13 (trixie)"\nVERSION_CODENAME=trixie\nID=debian\n'
  treeFiles = files
  return files
}

function made(recorded: Recorded, argv: readonly string[], more: Partial<Case> = {}): Case | undefined {
  const result = recorded.result['257']
  if (result === undefined || typeof result === 'string') return undefined
  const stderr = Array.isArray(result.stderr) ? result.stderr.map((line) => `${line}\n`).join('') : (result.stderr ?? '')
  return {
    argv,
    env: { TZ: recorded.tz ?? 'UTC' },
    now: recorded.now ?? FROZEN,
    files: {},
    expected: { rc: result.rc, stdout: result.stdout ?? '', stderr },
    ...more,
  }
}

const analyze = (...words: readonly string[]): readonly string[] => ['systemd-analyze', ...words]

export const sets: Readonly<Record<string, (recorded: Recorded, recordings: string) => Case | undefined>> = {
  escape: (r) => made(r, r.argv ?? []),
  timespan: (r) => made(r, analyze('timespan', '--', r.expr ?? '')),
  timestamp: (r) => made(r, analyze('timestamp', '--', r.expr ?? '')),
  calendar: (r) => made(r, analyze('calendar', '--iterations=5', `--base-time=${r.base}`, '--', r.expr ?? '')),
  lookups: (r) => made(r, r.argv ?? []),
  condition: (r, recordings) =>
    made(r, analyze('condition', '--', ...(r.argv ?? [])), { files: { ...recordedTree(recordings), ...conditionFiles } }),
  'security-options': (r, recordings) => {
    const files = Object.fromEntries(Object.entries(r.files ?? {}).map(([name, text]) => [`/u/${name}`, text]))
    return made(r, analyze('security', '--offline=true', '--no-pager', ...(r.argv ?? [])), {
      files: { ...recordedTree(recordings), ...files },
    })
  },
}
