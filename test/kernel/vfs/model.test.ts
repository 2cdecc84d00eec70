// The file tree against a plain map, and the promise of private mount namespaces.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isErrno } from '@/lib/kernel/errno'
import { MS_BIND, MS_PRIVATE, MS_RDONLY, MS_REC, MS_REMOUNT, MS_SHARED, MS_SLAVE } from '@/lib/kernel/system-calls'
import {
  fileReader,
  Image,
  listMounts,
  mkdirAt,
  mountAt,
  type PathContext,
  renameAt,
  rmdirAt,
  umountAt,
  unlinkAt,
  Vfs,
} from '@/lib/kernel/vfs'
import { lab, outcome, write } from './machine'

/** Path → text, or `undefined` for a directory. */
type Model = Map<string, string | undefined>

const parent = (path: string): string => path.slice(0, path.lastIndexOf('/'))
const isDirectory = (model: Model, path: string): boolean => path === '' || (model.has(path) && model.get(path) === undefined)
const below = (model: Model, path: string): string[] => [...model.keys()].filter((key) => key.startsWith(`${path}/`))

/** Why a path cannot be reached, if it cannot. */
function reach(model: Model, path: string): string | undefined {
  const up = parent(path)
  if (up === '') return undefined
  const above = reach(model, up)
  if (above !== undefined) return above
  if (!model.has(up)) return 'ENOENT'
  return isDirectory(model, up) ? undefined : 'ENOTDIR'
}

const expected = {
  mkdir(model: Model, path: string): string | 0 {
    const why = reach(model, path) ?? (model.has(path) ? 'EEXIST' : undefined)
    if (why !== undefined) return why
    model.set(path, undefined)
    return 0
  },
  write(model: Model, path: string, text: string): string | number {
    const why = reach(model, path) ?? (isDirectory(model, path) ? 'EISDIR' : undefined)
    if (why !== undefined) return why
    model.set(path, text)
    return text.length
  },
  unlink(model: Model, path: string): string | 0 {
    const why = reach(model, path) ?? (!model.has(path) ? 'ENOENT' : isDirectory(model, path) ? 'EISDIR' : undefined)
    if (why !== undefined) return why
    model.delete(path)
    return 0
  },
  rmdir(model: Model, path: string): string | 0 {
    const why = reach(model, path) ?? (!model.has(path) ? 'ENOENT' : !isDirectory(model, path) ? 'ENOTDIR' : undefined)
    if (why !== undefined) return why
    if (below(model, path).length > 0) return 'ENOTEMPTY'
    model.delete(path)
    return 0
  },
  rename(model: Model, from: string, to: string): string | 0 {
    const why = reach(model, from) ?? reach(model, to) ?? (model.has(from) ? undefined : 'ENOENT')
    if (why !== undefined) return why
    if (to.startsWith(`${from}/`)) return 'EINVAL'
    if (from.startsWith(`${to}/`)) return 'ENOTEMPTY'
    if (from === to) return 0
    if (model.has(to)) {
      if (isDirectory(model, from) !== isDirectory(model, to)) return isDirectory(model, from) ? 'ENOTDIR' : 'EISDIR'
      if (isDirectory(model, to) && below(model, to).length > 0) return 'ENOTEMPTY'
    }
    const text = model.get(from)
    const moved = below(model, from).map((key) => [key, model.get(key)] as const)
    for (const [key] of moved) model.delete(key)
    model.delete(from)
    model.set(to, text)
    for (const [key, value] of moved) model.set(to + key.slice(from.length), value)
    return 0
  },
}

function contentOf(context: PathContext): Model {
  const reader = fileReader(context)
  const model: Model = new Map()
  const walk = (path: string): void => {
    for (const name of reader.readDirectory(path === '' ? '/' : path) ?? []) {
      const child = `${path}/${name}`
      const isFile = reader.linkStatus(child)?.kind === 'file'
      model.set(child, isFile ? new TextDecoder().decode(reader.readFile(child)) : undefined)
      if (!isFile) walk(child)
    }
  }
  walk('')
  return model
}

const sorted = (model: Model) => [...model].sort(([a], [b]) => (a < b ? -1 : 1))

const path = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`)
const operation = fc.oneof(
  fc.record({ kind: fc.constant('mkdir' as const), path }),
  fc.record({ kind: fc.constant('write' as const), path, text: fc.stringMatching(/^[a-z]{0,5}$/) }),
  fc.record({ kind: fc.constant('unlink' as const), path }),
  fc.record({ kind: fc.constant('rmdir' as const), path }),
  fc.record({ kind: fc.constant('rename' as const), path, to: path }),
)

describe('the tree', () => {
  test('does what a plain map does, and its changes give it back', () => {
    const initial: Model = new Map([
      ['/a', undefined],
      ['/a/b', undefined],
      ['/a/b/c', 'deep'],
      ['/b', 'text'],
    ])
    const image = Image.build(
      [...initial].map(([at, text]) => ({
        path: at,
        ...(text === undefined ? { kind: 'directory' as const } : { kind: 'file' as const, content: text }),
      })),
    )
    const open = (of: Image) => new Vfs({ image: of, nowUsec: () => 0, memoryBytes: 1 << 30 })
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
        const model: Model = new Map(initial)
        const vfs = open(image)
        const context = vfs.newContext()
        for (const one of operations) {
          if (one.kind === 'mkdir') expect(outcome(mkdirAt(context, one.path, 0o755))).toBe(expected.mkdir(model, one.path))
          else if (one.kind === 'write') expect(write(context, one.path, one.text)).toBe(expected.write(model, one.path, one.text))
          else if (one.kind === 'unlink') expect(outcome(unlinkAt(context, one.path))).toBe(expected.unlink(model, one.path))
          else if (one.kind === 'rmdir') expect(outcome(rmdirAt(context, one.path))).toBe(expected.rmdir(model, one.path))
          else expect(outcome(renameAt(context, one.path, one.to))).toBe(expected.rename(model, one.path, one.to))
        }
        expect(sorted(contentOf(context))).toEqual(sorted(model))
        const again = image.with(vfs.disk.changes())
        expect(sorted(contentOf(open(again).newContext()))).toEqual(sorted(model))
        // What a fresh disk of the saved image counts is what this one counted on the way.
        expect([vfs.disk.usedBlocks, vfs.disk.usedInodes]).toEqual([again.blocks, again.inodes])
      }),
      { numRuns: 300 },
    )
  })
})

describe('namespaces', () => {
  const place = fc.constantFrom('/srv', '/mnt', '/etc', '/usr', '/', '/srv/d', '/home')
  const act = fc.oneof(
    fc.record({ kind: fc.constant('tmpfs' as const), place }),
    fc.record({ kind: fc.constant('bind' as const), place, from: place, recursive: fc.boolean() }),
    fc.record({ kind: fc.constant('read-only' as const), place }),
    fc.record({ kind: fc.constant('umount' as const), place, lazy: fc.boolean() }),
    fc.record({
      kind: fc.constant('type' as const),
      place,
      flags: fc.constantFrom(MS_SHARED, MS_SLAVE, MS_PRIVATE),
      recursive: fc.boolean(),
    }),
  )

  const run = (context: PathContext, one: typeof act extends fc.Arbitrary<infer T> ? T : never): void => {
    if (one.kind === 'tmpfs') mountAt(context, 'tmpfs', one.place, 'tmpfs', 0)
    else if (one.kind === 'bind') mountAt(context, one.from, one.place, '', MS_BIND | (one.recursive ? MS_REC : 0))
    else if (one.kind === 'read-only') mountAt(context, '', one.place, '', MS_BIND | MS_REMOUNT | MS_RDONLY)
    // umount / of one's own root makes the disk read-only for everybody, as Linux does.
    else if (one.kind === 'umount' && one.place !== '/') umountAt(context, one.place, one.lazy ? 2 : 0)
    else if (one.kind === 'type') mountAt(context, '', one.place, '', one.flags | (one.recursive ? MS_REC : 0))
  }

  test('nothing mounted in a slave or private copy is seen outside', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(act, { maxLength: 4 }), fc.array(act, { maxLength: 12 }), (slave, before, within) => {
        const { root } = lab()
        mkdirAt(root, '/srv/d', 0o755)
        if (slave) mountAt(root, '', '/', '', MS_REC | MS_SHARED)
        for (const one of before) run(root, one)
        const service = root.copy()
        service.unshareMounts()
        for (const row of listMounts(service)) mountAt(service, '', row.mountPoint, '', MS_REC | (slave ? MS_SLAVE : MS_PRIVATE))
        const seen = JSON.stringify(listMounts(root))
        for (const one of within) run(service, one)
        expect(JSON.stringify(listMounts(root))).toBe(seen)
        service.release()
        expect(JSON.stringify(listMounts(root))).toBe(seen)
      }),
      { numRuns: 300 },
    )
  })

  test('a namespace that ends leaves no mount behind', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 12 }), (within) => {
        const { root, vfs } = lab()
        const service = root.copy()
        service.unshareMounts()
        const { namespace } = service
        for (const one of within) run(service, one)
        for (const mount of namespace.mounts) {
          expect(mount.namespace).toBe(namespace)
          if (mount.parent !== undefined && mount.mountPoint !== undefined) {
            expect(mount.parent.children.get(mount.mountPoint)).toBe(mount)
            expect(mount.mountPoint.mounts?.has(mount)).toBe(true)
          }
        }
        service.release()
        expect(namespace.mounts.size).toBe(0)
        expect(vfs.disk.root.mounts).toBeUndefined()
        expect(isErrno(mountAt(root, 'tmpfs', '/srv', 'tmpfs', 0))).toBe(false)
      }),
      { numRuns: 200 },
    )
  })
})
