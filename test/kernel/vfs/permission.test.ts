import { describe, expect, test } from 'vitest'
import { O_CREAT, O_RDONLY, O_RDWR, O_WRONLY, R_OK, W_OK, X_OK } from '@/lib/kernel/system-calls'
import { capabilityBits } from '@/lib/kernel/capability'
import {
  afterSetuid,
  type Credentials,
  credentialsAfterExec,
  parseFileCapabilities,
  rootCredentials,
  userCredentials,
} from '@/lib/kernel/credentials'
import {
  accessAt,
  checkExecutable,
  chmodAt,
  chownAt,
  getxattrAt,
  linkAt,
  mkdirAt,
  mknodAt,
  openAt,
  readdirAt,
  renameAt,
  resolve,
  rmdirAt,
  setxattrAt,
  statAt,
  symlinkAt,
  truncateAt,
  unlinkAt,
  utimesAt,
} from '@/lib/kernel/vfs'
import { append, create, lab, LEARNER, outcome, read, write } from './machine'

const withCapabilities = (base: Credentials, bits: bigint): Credentials => ({
  ...base,
  capabilities: { ...base.capabilities, effective: bits, permitted: bits },
})

const open = (context: Parameters<typeof openAt>[0], path: string, flags: number): string => {
  const description = openAt(context, path, flags)
  return 'name' in description ? description.name : 'ok'
}

describe('mode bits', () => {
  test('owner, group and others are looked at one after another', () => {
    const { root, learner, vfs } = lab()
    write(root, '/srv/f', 'x')
    chownAt(root, '/srv/f', LEARNER, 27)
    chmodAt(root, '/srv/f', 0o074)
    // The owner has nothing though the group may read.
    expect(open(learner, '/srv/f', O_RDONLY)).toBe('EACCES')
    const member = vfs.newContext(userCredentials(1001, 1001, [27]))
    const other = vfs.newContext(userCredentials(1002, 1002))
    expect(open(member, '/srv/f', O_RDWR)).toBe('ok')
    expect(open(other, '/srv/f', O_RDONLY)).toBe('ok')
    expect(open(other, '/srv/f', O_WRONLY)).toBe('EACCES')
    expect(open(root, '/srv/f', O_RDWR)).toBe('ok')
  })

  test('capabilities step in where the mode refuses', () => {
    const { vfs, root } = lab()
    const as = (bits: bigint) => vfs.newContext(withCapabilities(userCredentials(1001, 1001), bits))
    expect(read(as(0n), '/root/secret')).toBe('EACCES')
    expect(read(as(capabilityBits.CAP_DAC_READ_SEARCH), '/root/secret')).toBe('secret')
    expect(open(as(capabilityBits.CAP_DAC_READ_SEARCH), '/root/secret', O_RDWR)).toBe('EACCES')
    expect(open(as(capabilityBits.CAP_DAC_OVERRIDE), '/root/secret', O_RDWR)).toBe('ok')
    // Nobody may execute what nobody may execute.
    expect(outcome(accessAt(root, '/root/secret', X_OK))).toBe('EACCES')
    expect(outcome(accessAt(root, '/root/secret', R_OK | W_OK))).toBe(0)
    const powerless = vfs.newContext(withCapabilities(rootCredentials, 0n))
    expect(open(powerless, '/home/learner/notes', O_RDONLY)).toBe('EACCES')
  })

  test('a sticky directory keeps the names of others', () => {
    const { root, learner } = lab()
    create(root, '/tmp/of-root')
    create(learner, '/tmp/mine')
    expect(outcome(unlinkAt(learner, '/tmp/of-root'))).toBe('EPERM')
    expect(outcome(renameAt(learner, '/tmp/of-root', '/tmp/x'))).toBe('EPERM')
    expect(outcome(renameAt(learner, '/tmp/mine', '/tmp/of-root'))).toBe('EPERM')
    expect(outcome(unlinkAt(learner, '/tmp/mine'))).toBe(0)
    expect(outcome(unlinkAt(learner, '/etc/hostname'))).toBe('EACCES')
  })

  test('protected links', () => {
    const { root, learner, vfs } = lab()
    symlinkAt(learner, '/etc/hostname', '/tmp/link')
    expect(read(learner, '/tmp/link')).toBe('lab\n')
    expect(read(root, '/tmp/link')).toBe('EACCES')
    vfs.sysctl.protectedSymlinks = false
    expect(read(root, '/tmp/link')).toBe('lab\n')
    expect(outcome(linkAt(learner, '/etc/hostname', '/tmp/hard'))).toBe('EPERM')
    expect(outcome(linkAt(learner, '/home/learner/notes', '/tmp/hard'))).toBe(0)
    vfs.sysctl.protectedHardlinks = false
    expect(outcome(linkAt(learner, '/etc/hostname', '/tmp/harder'))).toBe(0)
    expect(read(learner, '/tmp/harder')).toBe('lab\n')
  })
})

describe('owners', () => {
  test('chown is for root; the owner may hand a file to a group of his', () => {
    const { root, learner } = lab()
    expect(outcome(chownAt(learner, '/home/learner/notes', 0, -1))).toBe('EPERM')
    expect(outcome(chownAt(learner, '/home/learner/notes', -1, 27))).toBe(0)
    expect(outcome(chownAt(learner, '/home/learner/notes', -1, 0))).toBe('EPERM')
    expect(outcome(chownAt(learner, '/etc/hostname', -1, LEARNER))).toBe('EPERM')
    expect(outcome(chownAt(root, '/home/learner/notes', 0, 0))).toBe(0)
    expect(outcome(chmodAt(learner, '/home/learner/notes', 0o600))).toBe('EPERM')
  })

  test('chown takes setuid and file capabilities away', () => {
    const { root } = lab()
    chownAt(root, '/usr/bin/su', LEARNER, -1)
    expect(outcome(statAt(root, '/usr/bin/su'))).toMatchObject({ mode: 0o755 })
    expect(outcome(getxattrAt(root, '/usr/bin/ping', 'security.capability'))).toBe('cap_net_raw=ep')
    chownAt(root, '/usr/bin/ping', LEARNER, -1)
    expect(outcome(getxattrAt(root, '/usr/bin/ping', 'security.capability'))).toBe('ENODATA')
  })

  test('a write by another takes setuid away, by root it does not', () => {
    const { root, learner } = lab()
    create(learner, '/tmp/f', 0o700)
    chmodAt(learner, '/tmp/f', 0o6777)
    append(root, '/tmp/f', 'x')
    expect(outcome(statAt(root, '/tmp/f'))).toMatchObject({ mode: 0o6777 })
    append(learner, '/tmp/f', 'x')
    expect(outcome(statAt(root, '/tmp/f'))).toMatchObject({ mode: 0o777 })
  })

  test('setgid stays away from groups one is not in', () => {
    const { root, learner } = lab()
    create(learner, '/tmp/f')
    chownAt(root, '/tmp/f', -1, 5)
    expect(outcome(chmodAt(learner, '/tmp/f', 0o2755))).toBe(0)
    expect(outcome(statAt(root, '/tmp/f'))).toMatchObject({ mode: 0o755 })
  })

  test('setgid directories hand their group down', () => {
    const { root } = lab()
    mkdirAt(root, '/srv/shared', 0o755)
    chownAt(root, '/srv/shared', -1, 27)
    chmodAt(root, '/srv/shared', 0o2775)
    mkdirAt(root, '/srv/shared/d', 0o777)
    create(root, '/srv/shared/f')
    expect(outcome(statAt(root, '/srv/shared/d'))).toMatchObject({ gid: 27, mode: 0o2755 })
    expect(outcome(statAt(root, '/srv/shared/f'))).toMatchObject({ gid: 27, mode: 0o600 })
  })

  test('times: the owner sets any, a writer only now', () => {
    const { root, learner } = lab()
    write(root, '/srv/f', 'x')
    chmodAt(root, '/srv/f', 0o666)
    expect(outcome(utimesAt(learner, '/srv/f', { mtimeUsec: 5 }))).toBe('EPERM')
    expect(outcome(utimesAt(learner, '/srv/f', { atimeUsec: 'now', mtimeUsec: 'now' }))).toBe(0)
    chmodAt(root, '/srv/f', 0o644)
    expect(outcome(utimesAt(learner, '/srv/f', { atimeUsec: 'now', mtimeUsec: 'now' }))).toBe('EACCES')
    utimesAt(root, '/srv/f', { mtimeUsec: 5 })
    expect(outcome(statAt(root, '/srv/f'))).toMatchObject({ mtimeUsec: 5 })
  })

  test('devices need CAP_MKNOD, fifos do not', () => {
    const { root, learner } = lab()
    expect(outcome(mknodAt(learner, '/tmp/null', 'character-device', 0o666, [1, 3]))).toBe('EPERM')
    expect(learner.lastRefusal).toBe('not root')
    expect(outcome(mknodAt(learner, '/tmp/pipe', 'fifo', 0o600))).toMatchObject({ kind: 'fifo' })
    expect(outcome(mknodAt(root, '/tmp/null', 'character-device', 0o666, [1, 3]))).toMatchObject({ rdev: [1, 3], mode: 0o644 })
    expect(outcome(mknodAt(learner, '/srv/null', 'character-device', 0o666, [1, 3]))).toBe('EACCES')
  })

  test('extended attributes', () => {
    const { root, learner } = lab()
    expect(outcome(setxattrAt(learner, '/home/learner/notes', 'user.a', 'b'))).toBe(0)
    expect(outcome(getxattrAt(learner, '/home/learner/notes', 'user.a'))).toBe('b')
    expect(outcome(getxattrAt(learner, '/etc/hostname', 'user.a'))).toBe('ENODATA')
    expect(outcome(setxattrAt(learner, '/etc/hostname', 'user.a', 'b'))).toBe('EACCES')
    expect(outcome(setxattrAt(learner, '/home/learner/notes', 'trusted.a', 'b'))).toBe('EPERM')
    expect(outcome(setxattrAt(learner, '/home/learner/notes', 'security.capability', 'cap_chown=ep'))).toBe('EPERM')
    expect(outcome(setxattrAt(root, '/etc/hostname', 'nonsense', 'b'))).toBe('ENOTSUP')
  })
})

describe('names', () => {
  test('errors of making and taking names away', () => {
    const { root } = lab()
    const cases: readonly (readonly [unknown, string | number])[] = [
      [mkdirAt(root, '/etc', 0o755), 'EEXIST'],
      [mkdirAt(root, '/', 0o755), 'EEXIST'],
      [mkdirAt(root, '/etc/.', 0o755), 'EEXIST'],
      [mkdirAt(root, '/etc/loop', 0o755), 'EEXIST'],
      [mkdirAt(root, '/srv/d/', 0o755), 0],
      [mkdirAt(root, '/srv/d/e', 0o755), 0],
      [rmdirAt(root, '/srv/d'), 'ENOTEMPTY'],
      [rmdirAt(root, '/srv/d/.'), 'EINVAL'],
      [rmdirAt(root, '/srv/d/..'), 'ENOTEMPTY'],
      [rmdirAt(root, '/etc/hostname'), 'ENOTDIR'],
      [rmdirAt(root, '/'), 'EBUSY'],
      [unlinkAt(root, '/srv/d'), 'EISDIR'],
      [unlinkAt(root, '/etc/hostname/'), 'ENOTDIR'],
      [unlinkAt(root, '/etc/none'), 'ENOENT'],
      [renameAt(root, '/srv/d', '/srv/d/e/f'), 'EINVAL'],
      [renameAt(root, '/srv/d/e', '/srv/d'), 'ENOTEMPTY'],
      [renameAt(root, '/etc/hostname', '/srv/d'), 'EISDIR'],
      [renameAt(root, '/srv/d', '/etc/hostname'), 'ENOTDIR'],
      [renameAt(root, '/etc/hostname', '/srv/new/'), 'ENOTDIR'],
      [renameAt(root, '/etc/none', '/srv/x'), 'ENOENT'],
      [renameAt(root, '/etc', '/'), 'EBUSY'],
      [renameAt(root, '/usr/bin/true', '/usr/bin/twin'), 0],
      [linkAt(root, '/srv', '/etc/x'), 'EPERM'],
      [linkAt(root, '/etc/hostname', '/etc/link'), 'EEXIST'],
      [symlinkAt(root, '', '/srv/s'), 'ENOENT'],
      [truncateAt(root, '/etc', 0), 'EISDIR'],
      [truncateAt(root, '/etc/hostname', -1), 'EINVAL'],
    ]
    expect(cases.map(([answer]) => outcome(answer as never))).toEqual(cases.map(([, expected]) => expected))
    // Two names of one file: rename does nothing.
    expect(outcome(statAt(root, '/usr/bin/true'))).toMatchObject({ nlink: 2 })
  })

  test('directories count their subdirectories', () => {
    const { root } = lab()
    const links = () => (statAt(root, '/srv') as { nlink: number }).nlink
    const before = links()
    mkdirAt(root, '/srv/a', 0o755)
    mkdirAt(root, '/srv/b', 0o755)
    expect(links()).toBe(before + 2)
    renameAt(root, '/srv/a', '/srv/b/a')
    expect(links()).toBe(before + 1)
    rmdirAt(root, '/srv/b/a')
    rmdirAt(root, '/srv/b')
    expect(links()).toBe(before)
  })

  test('a file that is open outlives its name', () => {
    const { root, vfs } = lab()
    write(root, '/srv/f', 'still here')
    const used = vfs.disk.usedBlocks
    const description = openAt(root, '/srv/f', O_RDONLY)
    if ('name' in description) throw new Error(description.name)
    unlinkAt(root, '/srv/f')
    expect(description.describe(root)).toBe('/srv/f (deleted)')
    expect(vfs.disk.usedBlocks).toBe(used)
    const bytes = description.read(100, root)
    expect('length' in bytes && bytes.length).toBe(10)
    description.release()
    expect(vfs.disk.usedBlocks).toBe(used - 1)
  })

  test('a program that runs is not written to, one that is written to does not run', () => {
    const { root } = lab()
    const place = resolve(root, '/usr/bin/su')
    if ('name' in place) throw new Error(place.name)
    place.dentry.inode.executors += 1
    expect(open(root, '/usr/bin/su', O_WRONLY)).toBe('ETXTBSY')
    expect(write(root, '/usr/bin/su', 'x')).toBe('ETXTBSY')
    expect(outcome(truncateAt(root, '/usr/bin/su', 0))).toBe('ETXTBSY')
    expect(open(root, '/usr/bin/su', O_RDONLY)).toBe('ok')
    // Another file may take its name.
    write(root, '/usr/bin/su.new', 'x')
    expect(outcome(renameAt(root, '/usr/bin/su.new', '/usr/bin/su'))).toBe(0)
    const writing = openAt(root, '/usr/bin/true', O_WRONLY)
    const program = resolve(root, '/usr/bin/true')
    if ('name' in writing || 'name' in program) throw new Error('no program')
    expect(checkExecutable(root, program)?.name).toBe('ETXTBSY')
    writing.release()
    expect(checkExecutable(root, program)).toBeUndefined()
  })

  test('no name can be made in a directory that is gone', () => {
    const { root } = lab()
    mkdirAt(root, '/srv/d', 0o755)
    const inside = root.copy()
    const place = openAt(root, '/srv/d', O_RDONLY)
    if ('name' in place) throw new Error(place.name)
    inside.cwd = place.location
    rmdirAt(root, '/srv/d')
    expect(write(inside, 'f', 'x', O_WRONLY | O_CREAT)).toBe('ENOENT')
    expect(outcome(readdirAt(inside, '.'))).toBe('ENOENT')
  })
})

describe('credentials', () => {
  const file = { mode: 0o755, uid: 0, gid: 0, capabilities: undefined, nosuid: false }
  const user = userCredentials(LEARNER, LEARNER)

  test('setuid root gives all capabilities, but not under no_new_privs or nosuid', () => {
    const granted = credentialsAfterExec(user, { ...file, mode: 0o4755 })
    expect(granted).toMatchObject({ secure: true, credentials: { uid: LEARNER, euid: 0, suid: 0 } })
    expect(granted !== 'EPERM' && granted.credentials.capabilities.effective).toBe(rootCredentials.capabilities.bounding)
    const kept = credentialsAfterExec({ ...user, noNewPrivileges: true }, { ...file, mode: 0o4755 })
    expect(kept).toMatchObject({ secure: false, credentials: { euid: LEARNER, capabilities: { effective: 0n } } })
    expect(credentialsAfterExec(user, { ...file, mode: 0o4755, nosuid: true })).toMatchObject({ credentials: { euid: LEARNER } })
  })

  test('file capabilities, limited by the bounding set', () => {
    const capabilities = parseFileCapabilities('cap_net_raw,cap_net_admin=ep')
    const granted = credentialsAfterExec(user, { ...file, capabilities })
    const both = capabilityBits.CAP_NET_RAW | capabilityBits.CAP_NET_ADMIN
    expect(granted).toMatchObject({ credentials: { euid: LEARNER, capabilities: { effective: both, permitted: both } } })
    const bounded = { ...user, capabilities: { ...user.capabilities, bounding: capabilityBits.CAP_NET_RAW } }
    expect(credentialsAfterExec(bounded, { ...file, capabilities })).toBe('EPERM')
  })

  test('ambient capabilities survive an ordinary program and no setuid one', () => {
    const bit = capabilityBits.CAP_NET_BIND_SERVICE
    const sets = { ...user.capabilities, permitted: bit, effective: bit, inheritable: bit, ambient: bit }
    const ambient = { ...user, capabilities: sets }
    expect(credentialsAfterExec(ambient, file)).toMatchObject({
      secure: false,
      credentials: { capabilities: { effective: bit, ambient: bit } },
    })
    expect(credentialsAfterExec(ambient, { ...file, mode: 0o4755, uid: 7 })).toMatchObject({
      credentials: { capabilities: { ambient: 0n, effective: 0n } },
    })
  })

  test('root that becomes a user loses its capabilities, unless told to keep them', () => {
    const dropped = { ...rootCredentials, uid: 1, euid: 1, suid: 1, fsuid: 1 }
    expect(afterSetuid(rootCredentials, dropped).capabilities.permitted).toBe(0n)
    const keeping = { ...rootCredentials, securebits: 16 }
    const kept = afterSetuid(keeping, { ...dropped, securebits: 16 })
    expect(kept.capabilities.permitted).toBe(rootCredentials.capabilities.permitted)
    expect(kept.capabilities.effective).toBe(0n)
  })
})
