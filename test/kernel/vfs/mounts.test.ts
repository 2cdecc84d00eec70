import { describe, expect, test } from 'vitest'
import {
  type Cause,
  MNT_DETACH,
  MS_BIND,
  MS_MOVE,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_PRIVATE,
  MS_RDONLY,
  MS_REC,
  MS_REMOUNT,
  MS_SHARED,
  MS_SLAVE,
  MS_UNBINDABLE,
  O_CREAT,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
  W_OK,
  X_OK,
} from '@/lib/kernel/system-calls'
import {
  accessAt,
  chdirAt,
  checkExecutable,
  chmodAt,
  chrootAt,
  formatMountInfo,
  formatMounts,
  getcwd,
  linkAt,
  listMounts,
  mkdirAt,
  mknodAt,
  mountAt,
  openAt,
  type PathContext,
  pivotRoot,
  readdirAt,
  renameAt,
  resolve,
  rmdirAt,
  statAt,
  statfsAt,
  umountAt,
  unlinkAt,
} from '@/lib/kernel/vfs'
import { create, lab, outcome, read, write } from './machine'

const mount = (context: PathContext, source: string, target: string, type: string, flags: number, data?: string, cause?: Cause) =>
  outcome(mountAt(context, source, target, type, flags, data, cause))
const bind = (context: PathContext, source: string, target: string, flags = 0) => mount(context, source, target, '', MS_BIND | flags)
const points = (context: PathContext) => listMounts(context).map((row) => row.mountPoint)
const propagation = (context: PathContext, point: string) =>
  listMounts(context)
    .filter((row) => row.mountPoint === point)
    .map((row) => row.propagation.join(' '))
    .at(-1)

describe('mount and umount', () => {
  test('tmpfs with options; what it hides comes back', () => {
    const { root } = lab()
    write(root, '/srv/below', 'x')
    expect(mount(root, 'tmpfs', '/srv', 'tmpfs', MS_NODEV, 'mode=0750,size=8k,nr_inodes=10,uid=5,gid=6')).toBe(0)
    expect(outcome(statAt(root, '/srv'))).toMatchObject({ mode: 0o750, uid: 5, gid: 6, size: 40 })
    expect(outcome(readdirAt(root, '/srv'))).toEqual([])
    expect(listMounts(root).at(-1)).toMatchObject({
      mountPoint: '/srv',
      options: ['rw', 'nodev', 'relatime'],
      superOptions: ['rw', 'size=8k', 'nr_inodes=10', 'mode=750', 'uid=5', 'gid=6', 'inode64'],
    })
    expect(outcome(umountAt(root, '/srv'))).toBe(0)
    expect(read(root, '/srv/below')).toBe('x')
  })

  test('who may and what is refused', () => {
    const { root, learner } = lab()
    expect(mount(learner, 'tmpfs', '/mnt', 'tmpfs', 0)).toBe('EPERM')
    expect(mount(learner, 'tmpfs', '/nothing', 'tmpfs', 0)).toBe('ENOENT')
    expect(outcome(umountAt(learner, '/mnt'))).toBe('EPERM')
    expect(outcome(umountAt(root, '/mnt'))).toBe('EINVAL')
    expect(mount(root, 'x', '/mnt', 'nosuchfs', 0)).toBe('ENODEV')
    expect(mount(root, 'tmpfs', '/mnt', 'tmpfs', 0, 'sise=5')).toBe('EINVAL')
    expect(mount(root, 'tmpfs', '/etc/hostname', 'tmpfs', 0)).toBe('ENOTDIR')
    expect(mount(root, '', '/usr', '', MS_REMOUNT | MS_BIND)).toBe('EINVAL')
    expect(outcome(pivotRoot(root, '/none', '/none'))).toBe('ENOENT')
    expect(outcome(pivotRoot(learner, '/none', '/none'))).toBe('EPERM')
  })

  test('binds of directories and files, and their own flags', () => {
    const { root } = lab()
    expect(bind(root, '/etc', '/mnt')).toBe(0)
    expect(read(root, '/mnt/hostname')).toBe('lab\n')
    write(root, '/mnt/new', 'both')
    expect(read(root, '/etc/new')).toBe('both')
    expect(mount(root, '', '/mnt', '', MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOEXEC)).toBe(0)
    expect(create(root, '/mnt/other')).toBe('EROFS')
    expect(create(root, '/etc/other')).toBe(1)
    expect(bind(root, '/etc/hostname', '/etc/new')).toBe(0)
    expect(read(root, '/etc/new')).toBe('lab\n')
    expect(read(root, '/mnt/new')).toBe('both')
    expect(outcome(unlinkAt(root, '/etc/new'))).toBe('EBUSY')
    expect(outcome(renameAt(root, '/etc/new', '/etc/newer'))).toBe('EBUSY')
    expect(outcome(rmdirAt(root, '/mnt'))).toBe('EBUSY')
    expect(bind(root, '/etc', '/etc/hostname')).toBe('ENOTDIR')
    expect(outcome(linkAt(root, '/mnt/hostname', '/srv/x'))).toBe('EXDEV')
  })

  test('busy while something is open or somebody stands there', () => {
    const { root } = lab()
    mount(root, 'tmpfs', '/mnt', 'tmpfs', 0)
    const description = openAt(root, '/mnt/f', O_CREAT | O_RDWR, 0o600)
    if ('name' in description) throw new Error(description.name)
    expect(outcome(umountAt(root, '/mnt'))).toBe('EBUSY')
    expect(mount(root, '', '/mnt', '', MS_REMOUNT | MS_RDONLY)).toBe('EBUSY')
    description.release()
    const other = root.copy()
    chdirAt(other, '/mnt')
    expect(outcome(umountAt(root, '/mnt'))).toBe('EBUSY')
    expect(outcome(umountAt(root, '/mnt', MNT_DETACH))).toBe(0)
    expect(points(root)).toEqual(['/'])
    expect(outcome(getcwd(other))).toBe('(unreachable)/')
  })

  test('mounts over each other come off one by one', () => {
    const { root } = lab()
    mount(root, 'a', '/mnt', 'tmpfs', 0)
    write(root, '/mnt/a', 'a')
    mount(root, 'b', '/mnt', 'tmpfs', 0)
    expect(outcome(statAt(root, '/mnt/a'))).toBe('ENOENT')
    umountAt(root, '/mnt')
    expect(read(root, '/mnt/a')).toBe('a')
  })

  test('noexec, nodev, nosuid', () => {
    const { root, vfs } = lab()
    const cause: Cause = { unit: 'x.service', directive: 'NoExecPaths=' }
    bind(root, '/usr', '/usr')
    mount(root, '', '/usr', '', MS_REMOUNT | MS_BIND | MS_NOEXEC | MS_NODEV | MS_NOSUID, '', cause)
    expect(outcome(accessAt(root, '/usr/bin/true', X_OK))).toBe('EACCES')
    const place = resolve(root, '/usr/bin/true')
    if ('name' in place) throw new Error(place.name)
    expect(checkExecutable(root, place)?.name).toBe('EACCES')
    expect(root.lastRefusal).toBe(cause)
    mknodAt(root, '/usr/null', 'character-device', 0o666, [1, 3])
    expect(outcome(openAt(root, '/usr/null', O_RDONLY))).toBe('EACCES')
    expect(outcome(statfsAt(root, '/usr'))).toMatchObject({ type: 'ext4', flags: 2 | 4 | 8 | 4096 })
    expect(vfs.disk.readOnly).toBe(false)
  })
})

describe('read-only', () => {
  const readOnly = (how: 'mount' | 'file system') => {
    const { root, learner } = lab()
    write(root, '/srv/file', 'x')
    if (how === 'mount') {
      bind(root, '/srv', '/srv')
      mount(root, '', '/srv', '', MS_REMOUNT | MS_BIND | MS_RDONLY)
    } else mount(root, '', '/', '', MS_REMOUNT | MS_RDONLY)
    return { root, learner }
  }
  for (const how of ['mount', 'file system'] as const)
    test(`of a ${how}: EROFS comes before EACCES, EEXIST before EROFS`, () => {
      const { root, learner } = readOnly(how)
      for (const context of [root, learner]) {
        expect(create(context, '/srv/new')).toBe('EROFS')
        expect(outcome(mkdirAt(context, '/srv/new', 0o755))).toBe('EROFS')
        expect(outcome(mkdirAt(context, '/srv/file', 0o755))).toBe('EEXIST')
        expect(outcome(unlinkAt(context, '/srv/file'))).toBe('EROFS')
        expect(outcome(unlinkAt(context, '/srv/none'))).toBe('EROFS')
        expect(outcome(chmodAt(context, '/srv/file', 0o777))).toBe('EROFS')
        expect(write(context, '/srv/file', 'y', O_WRONLY | O_TRUNC)).toBe('EROFS')
      }
      // Of a mount that is read-only, open() asks the mode first.
      expect(write(learner, '/srv/file', 'y', O_WRONLY)).toBe(how === 'mount' ? 'EACCES' : 'EROFS')
      expect(write(root, '/srv/file', 'y', O_WRONLY)).toBe('EROFS')
      expect(write(root, '/srv/file', 'y', O_WRONLY | O_CREAT)).toBe('EROFS')
      expect(outcome(accessAt(root, '/srv/file', W_OK))).toBe('EROFS')
      expect(read(root, '/srv/file', O_RDONLY | O_CREAT)).toBe('x')
    })

  test('the cause is told', () => {
    const { root } = lab()
    const cause: Cause = { unit: 'x.service', directive: 'ReadOnlyPaths=', file: '/etc/systemd/system/x.service', line: 7 }
    bind(root, '/srv', '/srv')
    mount(root, '', '/srv', '', MS_REMOUNT | MS_BIND | MS_RDONLY, '', cause)
    expect(create(root, '/srv/new')).toBe('EROFS')
    expect(root.lastRefusal).toBe(cause)
    mount(root, '', '/srv', '', MS_REMOUNT | MS_BIND)
    expect(create(root, '/srv/new')).toBe(1)
    mount(root, 'tmpfs', '/srv', 'tmpfs', MS_RDONLY, '', { unit: 'x.service', directive: 'TemporaryFileSystem=' })
    expect(outcome(statAt(root, '/srv/new'))).toBe('ENOENT')
    expect(root.lastRefusal).toMatchObject({ directive: 'TemporaryFileSystem=' })
    for (const path of ['/etc/none', '/srv/none']) {
      expect(outcome(statAt(root, path))).toBe('ENOENT')
      expect(root.lastRefusal).toBeUndefined()
    }
  })

  test('a mask says whose it is, what lies in a mount does not', () => {
    const { root, learner } = lab()
    const cause: Cause = { unit: 'x.service', directive: 'InaccessiblePaths=' }
    mkdirAt(root, '/run/mask', 0)
    mount(root, '/run/mask', '/home', '', MS_BIND, '', cause)
    expect(outcome(statAt(learner, '/home/learner'))).toBe('EACCES')
    expect(learner.lastRefusal).toBe(cause)
    mount(root, '/root', '/mnt', '', MS_BIND, '', cause)
    chmodAt(root, '/root', 0o755)
    expect(read(learner, '/mnt/secret')).toBe('EACCES')
    expect(learner.lastRefusal).toBe('file mode')
  })
})

describe('namespaces and propagation', () => {
  const shared = () => {
    const machine = lab()
    mount(machine.root, '', '/', '', MS_REC | MS_SHARED)
    const service = machine.root.copy()
    service.unshareMounts()
    return { ...machine, service }
  }

  test('a copy of a private tree is on its own', () => {
    const { root } = lab()
    const service = root.copy()
    service.unshareMounts()
    mount(service, 'tmpfs', '/srv', 'tmpfs', 0)
    mount(root, 'tmpfs', '/mnt', 'tmpfs', 0)
    expect(points(root)).toEqual(['/', '/mnt'])
    expect(points(service)).toEqual(['/', '/srv'])
  })

  test('peers see each other, slaves only hear', () => {
    const { root, service } = shared()
    expect(propagation(root, '/')).toBe('shared:1')
    mount(root, 'tmpfs', '/mnt', 'tmpfs', 0)
    expect(points(service)).toEqual(['/', '/mnt'])
    expect(mount(service, '', '/', '', MS_REC | MS_SLAVE)).toBe(0)
    expect(propagation(service, '/')).toBe('master:1')
    mount(service, 'tmpfs', '/srv', 'tmpfs', 0)
    expect(points(root)).toEqual(['/', '/mnt'])
    mount(root, 'tmpfs', '/run', 'tmpfs', 0)
    expect(points(service)).toEqual(['/', '/mnt', '/srv', '/run'])
    expect(propagation(service, '/run')).toMatch(/^master:\d+$/)
    umountAt(root, '/run')
    expect(points(service)).toEqual(['/', '/mnt', '/srv'])
  })

  test('a slave that shares again hands on', () => {
    const { root, service } = shared()
    mount(service, '', '/', '', MS_REC | MS_SLAVE)
    mount(service, '', '/', '', MS_REC | MS_SHARED)
    expect(propagation(service, '/')).toMatch(/^shared:\d+ master:1$/)
    const grandchild = service.copy()
    grandchild.unshareMounts()
    mount(root, 'tmpfs', '/mnt', 'tmpfs', 0)
    expect(points(service)).toEqual(['/', '/mnt'])
    expect(points(grandchild)).toEqual(['/', '/mnt'])
    mount(grandchild, 'tmpfs', '/srv', 'tmpfs', 0)
    expect(points(service)).toEqual(['/', '/mnt', '/srv'])
    expect(points(root)).toEqual(['/', '/mnt'])
    expect(propagation(service, '/mnt')).toBe(propagation(grandchild, '/mnt'))
  })

  test('binds join the group of what they show', () => {
    const { root } = lab()
    mount(root, '', '/', '', MS_SHARED)
    bind(root, '/srv', '/mnt')
    mkdirAt(root, '/srv/d', 0o755)
    mount(root, 'tmpfs', '/srv/d', 'tmpfs', 0)
    expect(points(root)).toEqual(['/', '/mnt', '/mnt/d', '/srv/d'])
    umountAt(root, '/mnt/d')
    expect(points(root)).toEqual(['/', '/mnt'])
  })

  test('private and unbindable', () => {
    const { root } = lab()
    mount(root, 'tmpfs', '/srv', 'tmpfs', 0)
    expect(mount(root, '', '/srv', '', MS_UNBINDABLE)).toBe(0)
    expect(propagation(root, '/srv')).toBe('unbindable')
    expect(bind(root, '/srv', '/mnt')).toBe('EINVAL')
    expect(bind(root, '/', '/mnt', MS_REC)).toBe(0)
    expect(points(root)).toEqual(['/', '/srv', '/mnt'])
    expect(mount(root, '', '/srv', '', MS_SHARED | MS_PRIVATE)).toBe('EINVAL')
    expect(mount(root, '', '/etc', '', MS_PRIVATE)).toBe('EINVAL')
  })

  test('what a service mounts ends with its namespace', () => {
    const { root, service } = shared()
    mount(service, '', '/', '', MS_REC | MS_SLAVE)
    mount(service, 'tmpfs', '/srv', 'tmpfs', 0)
    const place = resolve(root, '/srv')
    if ('name' in place) throw new Error(place.name)
    expect(place.dentry.mounts?.size).toBe(1)
    service.release()
    expect(place.dentry.mounts).toBeUndefined()
    expect(outcome(rmdirAt(root, '/srv'))).toBe(0)
  })

  test('a directory removed outside takes the mounts of others on it along', () => {
    const { root } = lab()
    const service = root.copy()
    service.unshareMounts()
    mkdirAt(root, '/srv/d', 0o755)
    mount(service, 'tmpfs', '/srv/d', 'tmpfs', 0)
    expect(outcome(rmdirAt(service, '/srv/d'))).toBe('EBUSY')
    expect(outcome(rmdirAt(root, '/srv/d'))).toBe(0)
    expect(points(service)).toEqual(['/'])
  })

  test('a directory moved out of a bind is out of reach', () => {
    const { root } = lab()
    mkdirAt(root, '/srv/in', 0o755)
    mkdirAt(root, '/srv/in/d', 0o755)
    bind(root, '/srv/in', '/mnt')
    const inside = root.copy()
    chdirAt(inside, '/mnt/d')
    renameAt(root, '/srv/in/d', '/srv/out')
    expect(outcome(getcwd(inside))).toBe('(unreachable)/srv/out')
    expect(outcome(statAt(inside, '..'))).toBe('ENOENT')
    expect(outcome(statAt(inside, '.'))).toMatchObject({ kind: 'directory' })
  })

  test('moving a mount', () => {
    const { root } = lab()
    mount(root, 'tmpfs', '/srv', 'tmpfs', 0)
    write(root, '/srv/f', 'moved')
    expect(mount(root, '/srv', '/mnt', '', MS_MOVE)).toBe(0)
    expect(read(root, '/mnt/f')).toBe('moved')
    mkdirAt(root, '/mnt/d', 0o755)
    expect(mount(root, '/mnt', '/mnt/d', '', MS_MOVE)).toBe('ELOOP')
    expect(mount(root, '/etc', '/srv', '', MS_MOVE)).toBe('EINVAL')
  })

  test('pivot_root(".", ".") and a lazy umount leave only the new root', () => {
    const { root, service } = shared()
    mount(service, '', '/', '', MS_REC | MS_SLAVE)
    mkdirAt(service, '/srv/usr', 0o755)
    bind(service, '/srv', '/mnt')
    bind(service, '/usr', '/mnt/usr')
    chdirAt(service, '/mnt')
    expect(outcome(pivotRoot(service, '.', '.'))).toBe(0)
    expect(outcome(umountAt(service, '.', MNT_DETACH))).toBe(0)
    expect(outcome(statAt(service, '/etc'))).toBe('ENOENT')
    expect(outcome(statAt(service, '/usr/bin/true'))).toMatchObject({ kind: 'file' })
    expect(points(service)).toEqual(['/', '/usr'])
    expect(outcome(statAt(root, '/etc'))).toMatchObject({ kind: 'directory' })
    expect(points(root)).toEqual(['/'])
  })

  test('moving a root over / and chroot', () => {
    const { root, service } = shared()
    mount(service, '', '/', '', MS_REC | MS_SLAVE)
    bind(service, '/usr', '/mnt')
    chdirAt(service, '/mnt')
    expect(mount(service, '/mnt', '/', '', MS_MOVE)).toBe(0)
    expect(outcome(chrootAt(service, '.'))).toBe(0)
    expect(outcome(statAt(service, '/bin/true'))).toMatchObject({ kind: 'file' })
    expect(outcome(statAt(service, '/etc'))).toBe('ENOENT')
    expect(outcome(statAt(service, '/../etc'))).toBe('ENOENT')
    expect(outcome(statAt(root, '/etc'))).toMatchObject({ kind: 'directory' })
  })
})

describe('mountinfo', () => {
  test('texts', () => {
    const { root } = lab()
    mount(root, '', '/', '', MS_SHARED)
    mkdirAt(root, '/srv/a b', 0o755)
    mount(root, 'tmpfs', '/srv/a b', 'tmpfs', MS_NOSUID | MS_RDONLY, 'mode=755')
    const rows = listMounts(root)
    const [disk, tmpfs] = rows
    expect(formatMountInfo(rows)).toBe(
      `${disk?.id} ${disk?.parentId} 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,errors=remount-ro\n` +
        `${tmpfs?.id} ${disk?.id} 0:2 / /srv/a\\040b ro,nosuid,relatime shared:2 - tmpfs tmpfs ro,mode=755,inode64\n`,
    )
    expect(formatMounts(rows)).toBe(
      '/dev/vda / ext4 rw,relatime,errors=remount-ro 0 0\ntmpfs /srv/a\\040b tmpfs ro,nosuid,relatime,mode=755,inode64 0 0\n',
    )
  })
})
