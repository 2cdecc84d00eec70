// The layer table of CONTRIBUTING.md as a test: a folder imports only what its row names, through index.ts.
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'
import { imports, sources, type Source } from './sources'

const offlineSystemd = ['systemd/analyze', 'systemd/install', 'systemd/unit-name', 'systemd/fragment', 'systemd/calendar']
const belowMachine = ['base', 'kernel', 'journal', 'systemd', 'shell', 'programs']

/** Layer → what it may import. `systemd` means every part; `systemd/x` that part alone. */
const table: Record<string, readonly string[]> = {
  'lib/base': [],
  'lib/kernel': ['base'],
  'lib/journal': ['base', 'kernel'],
  'lib/systemd': ['base', 'kernel', 'journal'],
  'lib/shell': ['base', 'kernel'],
  'lib/programs': [
    'base',
    'kernel',
    'journal',
    'shell',
    'systemd/bus',
    ...offlineSystemd,
    'systemd/condition',
    'systemd/seccomp-groups',
    'systemd/directives',
    'systemd/exec-line',
  ],
  'lib/machine': belowMachine,
  'lib/language': [
    'base',
    'systemd/fragment',
    'systemd/directives',
    'systemd/analyze',
    'systemd/calendar',
    'systemd/exec-line',
    'systemd/unit-name',
    'systemd/seccomp-groups',
  ],
  'lib/tools': [
    'base',
    'language',
    'programs',
    ...offlineSystemd,
    'systemd/directives',
    'systemd/exec-line',
    'systemd/condition',
    'systemd/seccomp-groups',
  ],
  'lib/exercise': ['base', 'machine'],
  'lib/lesson': ['base', 'exercise'],
  components: ['machine/client', 'language', 'tools', 'exercise', 'lesson', 'base', 'components'],
  app: ['components', 'tools', 'lesson', 'exercise', 'content', 'app'],
  content: ['exercise', 'lesson', 'content'],
  bin: ['machine', 'language', 'tools', 'exercise', 'base', 'content'],
}

const layers = Object.keys(table)
const layerOf = (path: string) => layers.find((layer) => path === layer || path.startsWith(`${layer}/`))

/** `lib/kernel/vfs/inode` → ['kernel', 'vfs', 'inode']. */
const inner = (path: string) => (path.startsWith('lib/') ? path.slice(4) : path).split('/')

function target(source: Source, name: string): string | undefined {
  if (name.startsWith('@/')) return normalize(name.slice(2))
  if (name.startsWith('.')) return normalize(join(dirname(source.path), name))
  return undefined
}

/** Why an arrow may not be, or undefined. */
function refusal(from: string, to: string): string | undefined {
  const source = layerOf(from)
  const destination = layerOf(to)
  if (source === undefined || destination === undefined) return undefined
  if (source === destination) return undefined
  const [layer, part, ...rest] = inner(to)
  const allowed = table[source] ?? []
  const named = allowed.find((one) => one === layer || (part !== undefined && one === `${layer}/${part}`))
  if (named === undefined) return `${source} may not import ${layer}${part === undefined ? '' : `/${part}`}`
  if (destination === 'lib/systemd') return rest.length === 0 ? undefined : 'a part of systemd is entered by its index.ts'
  // The probe is large, and only a machine made for it carries it.
  if (destination === 'lib/programs' && part === 'matrix' && rest.length === 0) return undefined
  if (destination === 'lib/machine' && part === 'client' && rest.length === 0) return undefined
  if (destination.startsWith('lib/') && part !== undefined) return 'a layer is entered by its index.ts'
  return undefined
}

describe('layers', () => {
  for (const layer of layers) {
    test(`${layer} imports only what the table allows`, () => {
      const wrong: string[] = []
      for (const source of sources(layer))
        for (const name of imports(source)) {
          const to = target(source, name)
          const why = to === undefined ? undefined : refusal(source.path, to)
          if (why !== undefined) wrong.push(`${source.path} → ${name}: ${why}`)
        }
      expect(wrong).toEqual([])
    })
  }

  test('the rule itself refuses what it should', () => {
    expect(refusal('lib/kernel/kernel.ts', 'lib/systemd/bus')).toBe('lib/kernel may not import systemd/bus')
    expect(refusal('lib/programs/cat.ts', 'lib/systemd/manager')).toBe('lib/programs may not import systemd/manager')
    expect(refusal('lib/shell/run.ts', 'lib/kernel/vfs/inode')).toBe('a layer is entered by its index.ts')
    expect(refusal('components/editor/editor.tsx', 'lib/kernel')).toBe('components may not import kernel')
    expect(refusal('components/editor/editor.tsx', 'lib/machine/client')).toBeUndefined()
    expect(refusal('lib/programs/systemctl/start.ts', 'lib/systemd/bus')).toBeUndefined()
  })
})
