import { describe, expect, test } from 'vitest'
import { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_PATH, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } from '@/lib/kernel/system-calls'
import { chdirAt, chrootAt, getcwd, openAt, readlinkAt, statAt, symlinkAt } from '@/lib/kernel/vfs'
import { lab, outcome, read, write } from './machine'

const { root, learner } = lab()

describe('path resolution', () => {
  const cases: readonly (readonly [path: string, stat: string])[] = [
    ['/etc/hostname', 'file'],
    ['/etc//hostname', 'file'],
    ['//etc/./../etc/hostname', 'file'],
    ['/../../etc/hostname', 'file'],
    ['/etc/link', 'file'],
    ['/bin/true', 'file'],
    ['/bin', 'directory'],
    ['/bin/', 'directory'],
    ['/', 'directory'],
    ['', 'ENOENT'],
    ['/etc/loop', 'ELOOP'],
    ['/etc/dangling', 'ENOENT'],
    ['/etc/hostname/', 'ENOTDIR'],
    ['/etc/hostname/x', 'ENOTDIR'],
    ['/etc/hostname/..', 'ENOTDIR'],
    ['/etc/nothing', 'ENOENT'],
    ['/etc/nothing/x', 'ENOENT'],
    [`/${'n'.repeat(255)}`, 'ENOENT'],
    [`/${'n'.repeat(256)}`, 'ENAMETOOLONG'],
    [`/${'가'.repeat(86)}`, 'ENAMETOOLONG'],
    [`/${'가'.repeat(85)}`, 'ENOENT'],
    [`/${'d/'.repeat(2048)}`, 'ENAMETOOLONG'],
  ]
  for (const [path, expected] of cases)
    test(`stat ${path.slice(0, 40)} is ${expected}`, () => {
      const stat = outcome(statAt(root, path))
      expect(typeof stat === 'string' ? stat : stat.kind).toBe(expected)
    })

  test('lstat and a trailing slash', () => {
    expect(outcome(statAt(root, '/bin', { nofollow: true }))).toMatchObject({ kind: 'symlink', size: 7 })
    expect(outcome(statAt(root, '/bin/', { nofollow: true }))).toMatchObject({ kind: 'directory' })
    expect(outcome(readlinkAt(root, '/bin'))).toBe('usr/bin')
    expect(outcome(readlinkAt(root, '/etc/hostname'))).toBe('EINVAL')
  })

  test('41 links are one too many', () => {
    const { root: own } = lab()
    symlinkAt(own, '/etc/hostname', '/srv/l0')
    for (let index = 1; index <= 40; index++) symlinkAt(own, `/srv/l${index - 1}`, `/srv/l${index}`)
    expect(outcome(statAt(own, '/srv/l39'))).toMatchObject({ kind: 'file' })
    expect(outcome(statAt(own, '/srv/l40'))).toBe('ELOOP')
  })

  test('search permission is asked of every directory', () => {
    expect(outcome(statAt(learner, '/root/secret'))).toBe('EACCES')
    expect(outcome(statAt(learner, '/root/nothing'))).toBe('EACCES')
    expect(outcome(statAt(learner, '/root'))).toMatchObject({ mode: 0o700 })
    expect(learner.lastRefusal).toBeUndefined()
    statAt(learner, '/root/secret')
    expect(learner.lastRefusal).toBe('file mode')
  })

  test('a working directory and a root of its own', () => {
    const own = lab().root
    expect(outcome(chdirAt(own, '/usr/bin'))).toBe(0)
    expect(outcome(getcwd(own))).toBe('/usr/bin')
    expect(outcome(statAt(own, 'true'))).toMatchObject({ kind: 'file' })
    expect(outcome(chrootAt(own, '/usr'))).toBe(0)
    expect(outcome(getcwd(own))).toBe('/bin')
    chdirAt(own, '/')
    expect(outcome(statAt(own, '../../bin/true'))).toMatchObject({ kind: 'file' })
    expect(outcome(statAt(own, '/etc'))).toBe('ENOENT')
    expect(outcome(chrootAt(learner, '/'))).toBe('EPERM')
  })
})

describe('open', () => {
  const cases: readonly (readonly [name: string, path: string, flags: number, expected: string])[] = [
    ['reads', '/etc/hostname', O_RDONLY, 'ok'],
    ['a directory for writing', '/etc', O_WRONLY, 'EISDIR'],
    ['a directory with O_CREAT', '/etc', O_CREAT, 'EISDIR'],
    ['a file as a directory', '/etc/hostname', O_DIRECTORY, 'ENOTDIR'],
    ['a link with O_NOFOLLOW', '/etc/link', O_NOFOLLOW, 'ELOOP'],
    ['a link with O_NOFOLLOW and O_PATH', '/etc/link', O_NOFOLLOW | O_PATH, 'ok'],
    ['what exists with O_EXCL', '/etc/hostname', O_CREAT | O_EXCL, 'EEXIST'],
    ['a dangling link with O_EXCL', '/etc/dangling', O_CREAT | O_EXCL, 'EEXIST'],
    ['a new name with a slash behind', '/srv/new/', O_CREAT, 'EISDIR'],
    ['a new name in nothing', '/nothing/new', O_CREAT, 'ENOENT'],
    ['nothing', '/nothing', O_RDWR, 'ENOENT'],
  ]
  for (const [name, path, flags, expected] of cases)
    test(`${name}: ${expected}`, () => {
      const description = openAt(root, path, flags, 0o644)
      expect('name' in description ? description.name : 'ok').toBe(expected)
    })

  test('O_CREAT goes through a dangling link', () => {
    const { root: own } = lab()
    expect(write(own, '/etc/dangling', 'made')).toBe(4)
    expect(read(own, '/srv/made')).toBe('made')
  })

  test('a new file obeys the umask and setgid directories', () => {
    const { root: own } = lab()
    own.umask = 0o027
    write(own, '/srv/file', '', O_WRONLY | O_CREAT, 0o666)
    expect(outcome(statAt(own, '/srv/file'))).toMatchObject({ mode: 0o640, uid: 0, gid: 0 })
  })

  test('O_TRUNC empties, O_APPEND writes at the end', () => {
    const { root: own } = lab()
    write(own, '/srv/f', 'long text')
    write(own, '/srv/f', 'ab', O_WRONLY | O_TRUNC)
    write(own, '/srv/f', 'cd', O_WRONLY | 0o2000)
    expect(read(own, '/srv/f')).toBe('abcd')
  })
})
