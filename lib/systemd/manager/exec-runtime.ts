// What lives as long as a unit runs and its processes share: a private /tmp, a made-up user, joined namespaces.
import { isErrno, type Syscall } from '@/lib/kernel'
import type { ExecSection } from '../directives'
import { directoryKinds, findUser } from '../exec'
import { siphash24 } from '../unit-name'
import type { Unit } from './unit'

export type PrivateTmp = { readonly tmp: string; readonly varTmp: string }

export function* privateTmpOf(unit: Unit, section: ExecSection): Syscall<PrivateTmp | undefined> {
  if (section.PrivateTmp !== 'connected') return undefined
  const { manager } = unit
  for (const one of [unit, ...unit.dependencies('joins-namespace-of')])
    if (one.privateTmp !== undefined) return (unit.privateTmp = one.privateTmp)
  const suffix = () => {
    const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
    return Array.from({ length: 6 }, () => letters[manager.process.random.below(letters.length)]).join('')
  }
  const made: string[] = []
  for (const base of ['/tmp', '/var/tmp']) {
    const path = `${base}/systemd-private-${manager.bootId}-${unit.id}-${suffix()}`
    yield* manager.process.mkdir(path, 0o700)
    yield* manager.process.mkdir(`${path}/tmp`, 0o777)
    yield* manager.process.chmod(`${path}/tmp`, 0o1777)
    made.push(path)
  }
  unit.privateTmp = { tmp: made[0] ?? '', varTmp: made[1] ?? '' }
  return unit.privateTmp
}

/** A process of a unit that we share namespaces with. */
export function joinPidOf(unit: Unit): number | undefined {
  for (const other of unit.dependencies('joins-namespace-of')) {
    const { main } = other.vtable.kill?.(other) ?? { main: 0 }
    if (main > 0) return main
  }
  return undefined
}

const DYNAMIC_MIN = 61184
const DYNAMIC_MAX = 65519
const HASH_KEY = [0x37, 0x53, 0x7e, 0x31, 0xcf, 0xce, 0x48, 0xf5, 0x8a, 0xbb, 0x39, 0x57, 0x8d, 0xd9, 0xec, 0x59]

/** A number for the user of DynamicUser=: the owner of its state directory, else one by its name, else the next free. */
export function* dynamicUidOf(unit: Unit, section: ExecSection): Syscall<number | undefined> {
  if (!section.DynamicUser) return undefined
  const { manager } = unit
  const known = findUser(manager.process, section.User)
  if (known !== undefined && known.uid > 0 && !manager.dynamicUsers.has(known.uid)) return known.uid
  for (const [uid, name] of manager.dynamicUsers) if (name === section.User) return uid
  const range = DYNAMIC_MAX - DYNAMIC_MIN + 1
  let uid = DYNAMIC_MIN + Number(siphash24(section.User, HASH_KEY) % BigInt(range))
  for (let tries = 0; manager.dynamicUsers.has(uid) && tries < range; tries++) uid = DYNAMIC_MIN + ((uid - DYNAMIC_MIN + 1) % range)
  manager.dynamicUsers.set(uid, section.User)
  unit.dynamicUid = uid
  yield* manager.writeFile(`/run/systemd/dynamic-uid/${uid}`, `${section.User}\n`, 0o644)
  yield* manager.process.symlink(section.User, `/run/systemd/dynamic-uid/direct:${uid}`)
  yield* manager.process.symlink(String(uid), `/run/systemd/dynamic-uid/direct:${section.User}`)
  return uid
}

/** The unit is down. */
export function* releaseRuntime(unit: Unit, section: ExecSection, keepDirectories: boolean): Syscall<void> {
  const { manager } = unit
  if (!keepDirectories && section.RuntimeDirectory.length > 0) {
    const kind = directoryKinds.find((one) => one.directive === 'RuntimeDirectory')
    for (const { path } of section.RuntimeDirectory) {
      const base = kind?.base(manager.scope, manager.environment) ?? '/run'
      yield* removeTree(unit, `${base}/${path}`)
      if (section.DynamicUser) yield* removeTree(unit, `${base}/private/${path}`)
    }
  }
  const credentials = `/run/credentials/${unit.id}`
  if (manager.reader.linkStatus(credentials) !== undefined) {
    yield* manager.process.umount(credentials)
    yield* removeTree(unit, credentials)
  }
  const tmp = unit.privateTmp
  if (tmp !== undefined) {
    unit.privateTmp = undefined
    const shared = [...unit.dependencies('joins-namespace-of')].some((other) => other.privateTmp === tmp)
    if (!shared) {
      yield* removeTree(unit, tmp.tmp)
      yield* removeTree(unit, tmp.varTmp)
    }
  }
  if (unit.dynamicUid !== undefined) {
    const name = manager.dynamicUsers.get(unit.dynamicUid)
    manager.dynamicUsers.delete(unit.dynamicUid)
    for (const file of [`${unit.dynamicUid}`, `direct:${unit.dynamicUid}`, `direct:${name}`])
      yield* manager.process.unlink(`/run/systemd/dynamic-uid/${file}`)
    unit.dynamicUid = undefined
  }
}

export function* removeTree(unit: Unit, path: string): Syscall<void> {
  const { process, reader } = unit.manager
  const status = reader.linkStatus(path)
  if (status === undefined) return
  if (status.kind !== 'directory') {
    yield* process.unlink(path)
    return
  }
  for (const name of reader.readDirectory(path) ?? []) yield* removeTree(unit, `${path}/${name}`)
  const removed = yield* process.rmdir(path)
  if (isErrno(removed)) unit.log(7, `Failed to remove ${path}: ${removed.message}`)
}

/** `systemctl clean`. */
export function* cleanDirectories(unit: Unit, section: ExecSection, what: readonly string[]): Syscall<void> {
  const { manager } = unit
  for (const kind of directoryKinds) {
    const word = kind.directive.replace('Directory', '').toLowerCase()
    if (!what.includes(word) && !what.includes('all')) continue
    for (const { path } of section[kind.directive]) {
      const base = kind.base(manager.scope, manager.environment)
      yield* removeTree(unit, `${base}/${path}`)
      yield* removeTree(unit, `${base}/private/${path}`)
    }
  }
}
