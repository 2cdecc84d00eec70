import { describe, expect, test } from 'vitest'
import { isErrno } from '@/lib/kernel/errno'
import { O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY } from '@/lib/kernel/system-calls'
import * as vfs from '@/lib/kernel/vfs'
import { append, lab, outcome, read, write } from './machine'

const names = Object.entries(vfs).flatMap(([word, bit]): [string, number][] =>
  /^IN_[A-Z_]+$/.test(word) && typeof bit === 'number' ? [[word, bit]] : [],
)

function watching(...paths: readonly string[]) {
  const machine = lab()
  const { root } = machine
  write(root, '/srv/old', 'x')
  const instance = new vfs.InotifyInstance()
  const watch = (path: string, mask = vfs.IN_ALL_EVENTS) => {
    const place = vfs.resolve(root, path)
    if (isErrno(place)) throw new Error(place.name)
    return instance.add(place.dentry.inode, mask)
  }
  for (const path of paths) watch(path)
  const taken = (): string[] =>
    instance.take().map(({ watch: descriptor, mask, name }) => {
      const words = names.filter(([word, bit]) => word !== 'IN_ALL_EVENTS' && (mask & bit) !== 0).map(([word]) => word.slice(3))
      return `${descriptor} ${words.join('|')} ${name}`.trim()
    })
  return { ...machine, instance, watch, taken }
}

describe('events in a directory', () => {
  const cases: readonly (readonly [name: string, act: (root: vfs.PathContext) => unknown, events: readonly string[]])[] = [
    ['a new file', (root) => write(root, '/srv/f', 'x'), ['1 CREATE f', '1 OPEN f', '1 MODIFY f', '1 CLOSE_WRITE f']],
    ['a read', (root) => read(root, '/srv/old'), ['1 OPEN old', '1 ACCESS old', '1 CLOSE_NOWRITE old']],
    [
      'a rewrite',
      (root) => write(root, '/srv/old', 'y', O_WRONLY | O_TRUNC),
      ['1 MODIFY old', '1 OPEN old', '1 MODIFY old', '1 CLOSE_WRITE old'],
    ],
    ['a mode', (root) => vfs.chmodAt(root, '/srv/old', 0o600), ['1 ATTRIB old']],
    ['a directory', (root) => vfs.mkdirAt(root, '/srv/d', 0o755), ['1 CREATE|ISDIR d']],
    ['a removal', (root) => vfs.unlinkAt(root, '/srv/old'), ['1 DELETE old']],
    ['a rename', (root) => vfs.renameAt(root, '/srv/old', '/srv/new'), ['1 MOVED_FROM old', '1 MOVED_TO new']],
    ['a move away', (root) => vfs.renameAt(root, '/srv/old', '/tmp/new'), ['1 MOVED_FROM old']],
    ['a link', (root) => vfs.linkAt(root, '/srv/old', '/srv/also'), ['1 CREATE also']],
    ['a symbolic link', (root) => vfs.symlinkAt(root, 'x', '/srv/s'), ['1 CREATE s']],
    ['what failed', (root) => vfs.unlinkAt(root, '/srv/none'), []],
  ]
  for (const [name, act, events] of cases)
    test(name, () => {
      const { root, taken } = watching('/srv')
      act(root)
      expect(taken()).toEqual(events)
    })

  test('the two halves of a rename share a cookie', () => {
    const { root, instance } = watching('/srv')
    vfs.renameAt(root, '/srv/old', '/srv/new')
    const [from, to] = instance.take()
    expect(from?.cookie).toBeGreaterThan(0)
    expect(to?.cookie).toBe(from?.cookie)
  })
})

describe('a file of its own', () => {
  test('ends when the last name and the last opening are gone', () => {
    const { root, taken } = watching('/srv/old')
    const description = vfs.openAt(root, '/srv/old', O_RDONLY)
    vfs.unlinkAt(root, '/srv/old')
    expect(taken()).toEqual(['1 OPEN', '1 ATTRIB'])
    if (!isErrno(description)) description.release()
    expect(taken()).toEqual(['1 CLOSE_NOWRITE', '1 DELETE_SELF', '1 IGNORED'])
  })

  test('replaced by a rename', () => {
    const { root, taken, watch } = watching('/srv/old')
    write(root, '/srv/next', 'y')
    watch('/srv/next')
    vfs.renameAt(root, '/srv/next', '/srv/old')
    expect(taken()).toEqual(['1 ATTRIB', '1 DELETE_SELF', '1 IGNORED', '2 MOVE_SELF'])
  })

  test('the directory hears first, by name', () => {
    const { root, taken } = watching('/srv', '/srv/old')
    append(root, '/srv/old', 'x')
    expect(taken().slice(0, 2)).toEqual(['1 OPEN old', '2 OPEN'])
  })
})

describe('watches', () => {
  test('masks, merging, removal', () => {
    const { root, taken, watch, instance } = watching()
    expect(watch('/srv', vfs.IN_CREATE)).toBe(1)
    expect(watch('/srv', vfs.IN_MASK_ADD | vfs.IN_DELETE)).toBe(1)
    write(root, '/srv/f', 'x')
    vfs.unlinkAt(root, '/srv/f')
    expect(taken()).toEqual(['1 CREATE f', '1 DELETE f'])
    expect(outcome(watch('/srv', 0))).toBe('EINVAL')
    expect(outcome(instance.remove(5))).toBe('EINVAL')
    expect(outcome(instance.remove(1))).toBe(0)
    write(root, '/srv/f', 'x')
    expect(taken()).toEqual(['1 IGNORED'])
  })

  test('the path must be readable, and a directory when asked', () => {
    const { learner, instance } = watching()
    expect(outcome(vfs.addWatchAt(learner, instance, '/etc', vfs.IN_CREATE))).toBe(1)
    expect(outcome(vfs.addWatchAt(learner, instance, '/root', vfs.IN_CREATE))).toBe('EACCES')
    expect(outcome(vfs.addWatchAt(learner, instance, '/etc/hostname', vfs.IN_MODIFY | vfs.IN_ONLYDIR))).toBe('ENOTDIR')
    expect(outcome(vfs.addWatchAt(learner, instance, '/etc/none', vfs.IN_MODIFY))).toBe('ENOENT')
  })

  test('a file system that goes says so once, with its last mount', () => {
    const { root, taken, watch } = watching()
    vfs.mountAt(root, 'tmpfs', '/mnt', 'tmpfs', 0)
    vfs.mountAt(root, '/mnt', '/srv', '', 4096)
    watch('/mnt')
    vfs.umountAt(root, '/srv')
    expect(taken()).toEqual([])
    vfs.umountAt(root, '/mnt')
    expect(taken()).toEqual(['1 UNMOUNT', '1 IGNORED'])
  })

  test('one shot', () => {
    const { root, taken, watch } = watching()
    watch('/srv', vfs.IN_CREATE | vfs.IN_ONESHOT)
    write(root, '/srv/f', 'x')
    write(root, '/srv/g', 'x')
    expect(taken()).toEqual(['1 CREATE f', '1 IGNORED'])
  })

  test('equal events in a row are one', () => {
    const { root, taken } = watching('/srv/old')
    const description = vfs.openAt(root, '/srv/old', O_WRONLY)
    if (isErrno(description)) throw new Error(description.name)
    for (let index = 0; index < 5; index++) description.write(new Uint8Array(1), root)
    expect(taken()).toEqual(['1 OPEN', '1 MODIFY'])
  })

  test('too many events overflow', () => {
    const { root, instance } = watching('/srv')
    for (let index = 0; index < 9000; index++) vfs.mknodAt(root, `/srv/${index}`, 'file', 0o600)
    for (let index = 0; index < 9000; index++) vfs.unlinkAt(root, `/srv/${index}`)
    const events = instance.take()
    expect(events.length).toBe(16_385)
    expect(events.at(-1)).toMatchObject({ watch: -1, mask: vfs.IN_Q_OVERFLOW })
  })

  test('wakes whoever sleeps on it', () => {
    const { root, instance } = watching('/srv')
    let woken = 0
    instance.queue = { wake: () => woken++ }
    vfs.openAt(root, '/srv/f', O_CREAT, 0o600)
    expect(woken).toBeGreaterThan(0)
    expect(instance.hasEvents).toBe(true)
    instance.release()
    expect(instance.hasEvents).toBe(false)
  })
})
