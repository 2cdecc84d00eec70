import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeUtf8 } from '@/lib/base'
import { isErrno } from '@/lib/kernel/errno'
import { O_CREAT, O_RDWR } from '@/lib/kernel/system-calls'
import {
  changeTimes,
  chmodAt,
  FileContent,
  flock,
  Image,
  type ImageChanges,
  linkAt,
  mkdirAt,
  mknodAt,
  mountAt,
  openAt,
  renameAt,
  resolve,
  rmdirAt,
  setxattrAt,
  statAt,
  statfsAt,
  symlinkAt,
  truncateAt,
  unlinkAt,
  chownAt,
  fileReader,
  Vfs,
} from '@/lib/kernel/vfs'
import { append, entries, lab, outcome, read, write } from './machine'

/** Comparing long arrays element by element is slow in the test runner. */
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.from(a).equals(b)

describe('FileContent', () => {
  const operation = fc.oneof(
    fc.record({ kind: fc.constant('write' as const), at: fc.nat(200_000), length: fc.nat(9000), byte: fc.nat(3) }),
    fc.record({ kind: fc.constant('truncate' as const), at: fc.nat(200_000) }),
    fc.record({ kind: fc.constant('read' as const), at: fc.nat(200_000), length: fc.nat(100_000) }),
  )

  test('holds what a plain array holds', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 30 }), fc.nat(80_000), fc.nat(80_000), (operations, length, more) => {
        const base = new Uint8Array(length).map((_, index) => index % 251)
        const content = new FileContent(base, length + more)
        let model = new Uint8Array(length + more)
        model.set(base)
        for (const one of operations) {
          if (one.kind === 'write') {
            const data = new Uint8Array(one.length).fill(one.byte)
            const needed = content.pagesNeeded(one.at, data.length)
            const before = content.pages
            content.write(one.at, data)
            expect(content.pages - before).toBe(needed)
            if (data.length > 0 && one.at + data.length > model.length) {
              const grown = new Uint8Array(one.at + data.length)
              grown.set(model)
              model = grown
            }
            if (data.length > 0) model.set(data, one.at)
          } else if (one.kind === 'truncate') {
            content.truncate(one.at)
            const cut = new Uint8Array(one.at)
            cut.set(model.subarray(0, one.at))
            model = cut
          } else expect(same(content.read(one.at, one.length), model.slice(one.at, one.at + one.length))).toBe(true)
          expect(content.size).toBe(model.length)
        }
        expect(same(content.read(0, model.length), model)).toBe(true)
        content.truncate(0)
        expect(content.pages).toBe(0)
      }),
      { numRuns: 150 },
    )
  })

  test('the bytes of an image are never written to', () => {
    const base = encodeUtf8('shared')
    const content = new FileContent(base)
    content.write(0, encodeUtf8('S'))
    expect(base).toEqual(encodeUtf8('shared'))
  })
})

describe('room', () => {
  test('a full tmpfs takes what fits, then says ENOSPC', () => {
    const { root } = lab()
    mountAt(root, 'tmpfs', '/mnt', 'tmpfs', 0, 'size=16k,nr_inodes=4')
    expect(write(root, '/mnt/a', 'x'.repeat(10_000))).toBe(10_000)
    expect(write(root, '/mnt/b', 'y'.repeat(10_000))).toBe(4096)
    expect(append(root, '/mnt/b', 'y')).toBe('ENOSPC')
    expect(outcome(statfsAt(root, '/mnt'))).toMatchObject({ type: 'tmpfs', blocks: 4, free: 0, inodes: 4, freeInodes: 1 })
    expect(write(root, '/mnt/c', '')).toBe(0)
    expect(write(root, '/mnt/d', '')).toBe('ENOSPC')
    unlinkAt(root, '/mnt/a')
    expect(append(root, '/mnt/b', 'y')).toBe(1)
    expect(outcome(mountAt(root, '', '/mnt', '', 32, 'size=4k'))).toBe('EINVAL')
    expect(outcome(mountAt(root, '', '/mnt', '', 32, 'size=64k'))).toBe(0)
    expect(outcome(statfsAt(root, '/mnt'))).toMatchObject({ blocks: 16 })
  })

  test('the last twentieth of the disk is kept for root', () => {
    const { root, learner } = lab({ diskBytes: 4096 * 400 })
    const big = 'x'.repeat(4096)
    let written = 0
    for (let index = 0; index < 1000; index++) {
      const answer = append(learner, '/home/learner/fill', big)
      if (answer !== 4096) break
      written += 1
    }
    expect(written).toBeGreaterThan(300)
    expect(append(learner, '/home/learner/fill', 'x')).toBe('ENOSPC')
    const status = outcome(statfsAt(learner, '/'))
    expect(status).toMatchObject({ available: 0, free: 20 })
    expect(append(root, '/home/learner/fill', big)).toBe(4096)
  })

  test('RLIMIT_FSIZE', () => {
    const { root } = lab()
    root.fileSizeLimit = 10
    expect(write(root, '/srv/f', 'x'.repeat(12))).toBe(10)
    expect(append(root, '/srv/f', 'x')).toBe('EFBIG')
    expect(outcome(truncateAt(root, '/srv/f', 11))).toBe('EFBIG')
  })

  test('blocks count pages, holes do not', () => {
    const { root } = lab()
    write(root, '/srv/f', '')
    truncateAt(root, '/srv/f', 1 << 30)
    expect(outcome(statAt(root, '/srv/f'))).toMatchObject({ size: 1 << 30, blocks: 0 })
    append(root, '/srv/f', 'x')
    expect(outcome(statAt(root, '/srv/f'))).toMatchObject({ blocks: 8 })
    expect(outcome(statAt(root, '/usr/share/big'))).toMatchObject({ size: 100_000, blocks: 200 })
  })
})

describe('images', () => {
  const tree = (vfs: Vfs): unknown => {
    const context = vfs.newContext()
    const reader = fileReader(context)
    const names = new Map<string, string>()
    const walk = (path: string): unknown => {
      const place = resolve(context, path === '' ? '/' : path, 'nofollow')
      if (isErrno(place)) return place.name
      const { inode } = place.dentry
      const { kind, mode, uid, gid, nlink, rdev, mtimeUsec, xattrs, size } = inode
      const key = String(inode.ino)
      const first = names.get(key) ?? path
      names.set(key, first)
      return {
        kind,
        mode,
        uid,
        gid,
        nlink,
        rdev,
        size,
        mtimeUsec,
        first,
        target: inode.target,
        xattrs: xattrs === undefined ? undefined : [...xattrs],
        content: kind === 'file' ? Buffer.from(reader.readFile(path) ?? []).toString('base64') : undefined,
        entries:
          kind === 'directory' ? reader.readDirectory(path === '' ? '/' : path)?.map((name) => [name, walk(`${path}/${name}`)]) : undefined,
      }
    }
    return walk('')
  }
  const open = (image: Image) => new Vfs({ image, nowUsec: () => 7, memoryBytes: 1 << 30 })

  test('a disk that nobody touched has no changes', () => {
    const { vfs, root } = lab()
    read(root, '/etc/hostname')
    outcome(statAt(root, '/usr/bin/true'))
    expect(vfs.disk.changes()).toEqual({ written: [], removed: [] })
  })

  test('machines of one image do not see each other', () => {
    const image = Image.build(entries)
    const one = lab({ image })
    const other = lab({ image })
    append(one.root, '/etc/hostname', 'more')
    unlinkAt(one.root, '/etc/shadow')
    expect(read(other.root, '/etc/hostname')).toBe('lab\n')
    expect(read(other.root, '/etc/shadow')).toBe('root:*:\n')
  })

  test('the changes of a disk bring it back', () => {
    const { vfs, root, learner } = lab()
    append(root, '/etc/hostname', 'more')
    write(learner, '/home/learner/new', 'text')
    symlinkAt(learner, '/etc', '/home/learner/link')
    mkdirAt(root, '/srv/a', 0o755)
    mkdirAt(root, '/srv/a/b', 0o700)
    write(root, '/srv/a/b/c', 'deep')
    linkAt(root, '/srv/a/b/c', '/srv/c2')
    linkAt(root, '/etc/shadow', '/etc/shadow-')
    append(root, '/usr/bin/twin', 'changed')
    renameAt(root, '/usr/share', '/srv/share')
    unlinkAt(root, '/root/secret')
    rmdirAt(root, '/root')
    mkdirAt(root, '/root', 0o700)
    chownAt(root, '/root', 1, 2)
    chmodAt(root, '/usr/bin/su', 0o755)
    setxattrAt(root, '/etc', 'user.x', 'y')
    mknodAt(root, '/srv/null', 'character-device', 0o666, [1, 3])
    mknodAt(root, '/srv/pipe', 'fifo', 0o600)
    truncateAt(root, '/srv/c2', 1 << 20)
    const changes = vfs.disk.changes()
    expect(changes.removed).toEqual(expect.arrayContaining(['/root', '/usr/share']))
    expect(changes.written.filter((entry) => entry.linkTo !== undefined).length).toBe(3)
    const saved: ImageChanges = structuredClone(changes)
    expect(tree(open(Image.build(entries).with(saved)))).toEqual(tree(vfs))
  })

  test('an image made of another shares what did not change', () => {
    const image = Image.build(entries)
    const more = image.with([{ path: '/etc/systemd/system/x.service', kind: 'file', content: '[Service]\n' }])
    expect(more.find('/usr')).toBe(image.find('/usr'))
    expect(more.find('/etc/systemd/system/x.service')?.size).toBe(10)
    expect(image.find('/etc/systemd')).toBeUndefined()
    expect(more.find('/etc')?.nlink).toBe(3)
    const less = more.with({ written: [], removed: ['/usr/bin/twin', '/etc/systemd'] })
    expect(less.find('/usr/bin/true')?.nlink).toBe(1)
    expect(more.find('/usr/bin/true')?.nlink).toBe(2)
    expect(less.find('/etc')?.nlink).toBe(2)
  })
})

describe('times', () => {
  test('reading, writing, naming', () => {
    const machine = lab()
    const { root } = machine
    const times = (path: string) => {
      const stat = statAt(root, path)
      return isErrno(stat) ? stat.name : [stat.atimeUsec, stat.mtimeUsec, stat.ctimeUsec]
    }
    machine.now = 10
    write(root, '/srv/f', 'x')
    machine.now = 20
    read(root, '/srv/f')
    expect(times('/srv/f')).toEqual([20, 10, 10])
    machine.now = 30
    read(root, '/srv/f')
    // relatime: once after a change.
    expect(times('/srv/f')).toEqual([20, 10, 10])
    chmodAt(root, '/srv/f', 0o600)
    expect(times('/srv/f')).toEqual([20, 10, 30])
    machine.now = 40
    renameAt(root, '/srv/f', '/srv/g')
    expect(times('/srv/g')).toEqual([20, 10, 40])
    expect(times('/srv')).toEqual([0, 40, 40])
    const place = resolve(root, '/srv/g')
    if (!isErrno(place)) changeTimes(root, place, { atimeUsec: 1, mtimeUsec: 'now' })
    expect(times('/srv/g')).toEqual([1, 40, 40])
  })
})

describe('flock', () => {
  test('shared locks go together, an exclusive one waits', () => {
    const { root } = lab()
    const open = () => {
      const description = openAt(root, '/srv/lock', O_CREAT | O_RDWR, 0o600)
      if (isErrno(description)) throw new Error(description.name)
      return description
    }
    const [one, two, three] = [open(), open(), open()]
    expect(outcome(flock(one, 'shared'))).toBe(0)
    expect(outcome(flock(two, 'shared'))).toBe(0)
    expect(outcome(flock(three, 'exclusive'))).toBe('EAGAIN')
    let woken = 0
    one.inode.flock!.queue = { wake: () => woken++ }
    one.release()
    expect(woken).toBe(1)
    expect(outcome(flock(two, 'exclusive'))).toBe(0)
    expect(outcome(flock(three, 'shared'))).toBe('EAGAIN')
    flock(two, 'unlock')
    expect(outcome(flock(three, 'exclusive'))).toBe(0)
  })
})
