import { describe, expect, test } from 'vitest'
import { encodeUtf8, type FileReader } from '@/lib/base'
import {
  defaultTarget,
  installPaths,
  isInstallError,
  planAddDependency,
  planDisable,
  planEnable,
  planLink,
  planMask,
  planPreset,
  planReenable,
  planSetDefault,
  planUnmask,
  type Plan,
  type InstallError,
  unitFileState,
} from '@/lib/systemd/install'

/** Path → text, or { to } for a symbolic link. */
type Tree = Readonly<Record<string, string | { readonly to: string }>>

function readerOf(tree: Tree): FileReader {
  const folders = new Set(['/'])
  for (const path of Object.keys(tree))
    for (let at = path.indexOf('/', 1); at > 0; at = path.indexOf('/', at + 1)) folders.add(path.slice(0, at))
  const follow = (path: string): string | undefined => {
    const entry = tree[path]
    if (entry === undefined) return folders.has(path) || path === '/dev/null' ? path : undefined
    return typeof entry === 'string'
      ? path
      : follow(entry.to.startsWith('/') ? entry.to : `${path.slice(0, path.lastIndexOf('/'))}/${entry.to}`)
  }
  const row = (kind: 'file' | 'directory' | 'symlink', size = 1) => ({ kind, mode: 0o644, uid: 0, gid: 0, size, mtimeUsec: 0 }) as const
  const linkStatus = (path: string) => {
    const entry = tree[path]
    if (entry === undefined) return folders.has(path) ? row('directory') : undefined
    return typeof entry === 'string' ? row('file', entry.length) : row('symlink')
  }
  return {
    readFile: (path) => {
      const real = follow(path)
      const entry = real === undefined ? undefined : tree[real]
      return typeof entry === 'string' ? encodeUtf8(entry) : undefined
    },
    readDirectory: (path) =>
      folders.has(path)
        ? [
            ...new Set(
              [...Object.keys(tree), ...folders]
                .filter((one) => one.startsWith(`${path}/`))
                .map((one) => one.slice(path.length + 1).split('/')[0] ?? ''),
            ),
          ].sort()
        : undefined,
    status: (path) => {
      const real = follow(path)
      return real === undefined ? undefined : linkStatus(real)
    },
    linkStatus,
    readLink: (path) => {
      const entry = tree[path]
      return typeof entry === 'object' ? entry.to : undefined
    },
  }
}

const paths = installPaths()
const wanted = (by = 'multi-user.target', more = '') => `[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=${by}\n${more}`
const etc = '/etc/systemd/system'

function told(plan: Plan | InstallError): readonly string[] {
  if (isInstallError(plan)) return [`error: ${plan.message}`]
  return plan.changes.map((change) =>
    change.type === 'symlink' ? `${change.path} → ${change.source}` : change.type === 'unlink' ? `removed ${change.path}` : change.type,
  )
}

describe('enable', () => {
  const tree: Tree = {
    [`${etc}/a1.service`]: wanted('multi-user.target', 'Alias=aa.service\nAlso=a2.service\n'),
    [`${etc}/a2.service`]: wanted(),
    [`${etc}/w@.service`]: wanted('multi-user.target', 'DefaultInstance=main\n'),
    [`${etc}/plain.service`]: '[Service]\nExecStart=/bin/true\n',
    [`${etc}/masked.service`]: { to: '/dev/null' },
    '/opt/link.service': wanted(),
  }
  const reader = readerOf(tree)

  test.each([
    [
      ['a1.service'],
      [
        `${etc}/aa.service → ${etc}/a1.service`,
        `${etc}/multi-user.target.wants/a1.service → ${etc}/a1.service`,
        `${etc}/multi-user.target.wants/a2.service → ${etc}/a2.service`,
      ],
    ],
    [['w@.service'], [`${etc}/multi-user.target.wants/w@main.service → ${etc}/w@.service`]],
    [['w@7.service'], [`${etc}/multi-user.target.wants/w@7.service → ${etc}/w@.service`]],
    [['/opt/link.service'], [`${etc}/link.service → /opt/link.service`, `${etc}/multi-user.target.wants/link.service → /opt/link.service`]],
    [['plain.service'], []],
    [['masked.service'], [`error: Unit ${etc}/masked.service is masked`]],
    [['nosuch.service'], ['error: Unit nosuch.service does not exist']],
  ])('%s', (names, expected) => {
    expect(told(planEnable(reader, paths, names))).toEqual(expected)
  })

  test('a unit without [Install] says that it carries none', () => {
    const plan = planEnable(reader, paths, ['plain.service'])
    expect(isInstallError(plan) ? plan : plan.carriesInstallInfo).toBe(false)
  })

  test('what is already there is not told again', () => {
    expect(
      told(
        planEnable(readerOf({ ...tree, [`${etc}/multi-user.target.wants/a2.service`]: { to: `${etc}/a2.service` } }), paths, [
          'a2.service',
        ]),
      ),
    ).toEqual([])
  })
})

describe('disable, mask, link, set-default, preset', () => {
  const tree: Tree = {
    [`${etc}/a.service`]: wanted(),
    [`${etc}/multi-user.target.wants/a.service`]: { to: `${etc}/a.service` },
    [`${etc}/link.service`]: { to: '/opt/link.service' },
    [`${etc}/multi-user.target.wants/link.service`]: { to: '/opt/link.service' },
    '/opt/link.service': wanted(),
    '/opt/other.service': wanted(),
    '/usr/lib/systemd/system/v.service': wanted(),
    '/usr/lib/systemd/system/multi-user.target': '[Unit]\nDescription=x\n',
    '/usr/lib/systemd/system/graphical.target': '[Unit]\nDescription=x\n',
    '/usr/lib/systemd/system/default.target': { to: 'graphical.target' },
    '/usr/lib/systemd/system-preset/90-systemd.preset': 'disable v.service\nenable *\n',
  }
  const reader = readerOf(tree)

  test('disable removes links in .wants folders first', () => {
    expect(told(planDisable(reader, paths, ['link.service']))).toEqual([
      `removed ${etc}/multi-user.target.wants/link.service`,
      `removed ${etc}/link.service`,
    ])
    expect(told(planReenable(reader, paths, ['a.service']))).toEqual([
      `removed ${etc}/multi-user.target.wants/a.service`,
      `${etc}/multi-user.target.wants/a.service → ${etc}/a.service`,
    ])
  })
  test('mask', () => {
    expect(told(planMask(reader, paths, ['v.service']))).toEqual([`${etc}/v.service → /dev/null`])
    expect(told(planMask(reader, paths, ['a.service']))).toEqual([`error: File '${etc}/a.service' already exists`])
    expect(told(planMask(reader, paths, ['v.service'], { runtime: true }))).toEqual(['/run/systemd/system/v.service → /dev/null'])
    expect(told(planUnmask(readerOf({ [`${etc}/v.service`]: { to: '/dev/null' } }), paths, ['v.service']))).toEqual([
      `removed ${etc}/v.service`,
    ])
  })
  test('link', () => {
    expect(told(planLink(reader, paths, ['/opt/other.service']))).toEqual([`${etc}/other.service → /opt/other.service`])
  })
  test('set-default', () => {
    expect(told(planSetDefault(reader, paths, 'multi-user.target'))).toEqual([
      `${etc}/default.target → /usr/lib/systemd/system/multi-user.target`,
    ])
    expect(told(planSetDefault(reader, paths, 'foo.service'))).toEqual(['error: Invalid argument'])
    expect(told(planSetDefault(reader, paths, 'nosuch.target'))).toEqual(['error: Unit nosuch.target does not exist'])
    expect(defaultTarget(reader, paths)).toBe('graphical.target')
  })
  test('preset follows the first rule that fits', () => {
    expect(told(planPreset(reader, paths, ['v.service']))).toEqual([])
    expect(told(planPreset(reader, paths, ['a.service']))).toEqual([])
  })
  test('add-wants', () => {
    expect(told(planAddDependency(reader, paths, ['v.service'], 'multi-user.target', 'wants'))).toEqual([
      `${etc}/multi-user.target.wants/v.service → /usr/lib/systemd/system/v.service`,
    ])
  })
  test('--root goes before every path', () => {
    const below = readerOf(Object.fromEntries(Object.entries(tree).map(([path, entry]) => [`/x${path}`, entry])))
    expect(told(planEnable(below, installPaths({ root: '/x' }), ['v.service']))).toEqual([
      `/x${etc}/multi-user.target.wants/v.service → /usr/lib/systemd/system/v.service`,
    ])
  })
})

describe('unit file states', () => {
  const tree: Tree = {
    [`${etc}/on.service`]: wanted(),
    [`${etc}/multi-user.target.wants/on.service`]: { to: `${etc}/on.service` },
    [`${etc}/off.service`]: wanted(),
    [`${etc}/static.service`]: '[Service]\n',
    [`${etc}/also.service`]: '[Install]\nAlso=on.service\n',
    [`${etc}/masked.service`]: { to: '/dev/null' },
    '/run/systemd/system/masked-runtime.service': { to: '/dev/null' },
    [`${etc}/linked.service`]: { to: '/opt/linked.service' },
    '/opt/linked.service': wanted(),
    [`${etc}/alias.service`]: { to: `${etc}/on.service` },
    [`${etc}/t@.service`]: wanted('multi-user.target', 'DefaultInstance=one\n'),
    [`${etc}/multi-user.target.wants/t@one.service`]: { to: `${etc}/t@.service` },
    [`${etc}/s@.service`]: wanted(),
    '/run/systemd/generator/getty.target.wants/s@ttyS0.service': { to: `${etc}/s@.service` },
    '/run/systemd/generator/gen.service': '[Service]\n',
  }
  const reader = readerOf(tree)
  test.each([
    ['on.service', 'enabled'],
    ['off.service', 'disabled'],
    ['static.service', 'static'],
    ['also.service', 'indirect'],
    ['masked.service', 'masked'],
    ['masked-runtime.service', 'masked-runtime'],
    ['linked.service', 'linked'],
    ['alias.service', 'alias'],
    ['t@.service', 'enabled'],
    ['t@one.service', 'enabled'],
    ['t@two.service', 'disabled'],
    ['s@.service', 'indirect'],
    ['gen.service', 'generated'],
    ['nosuch.service', 'not-found'],
  ])('%s is %s', (name, state) => {
    expect(unitFileState(reader, paths, name)).toBe(state)
  })
})
