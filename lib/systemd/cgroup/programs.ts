// After systemd.resource-control(5): DeviceAllow=, IPAddressAllow=, SocketBindAllow= and their kin, as filters of the unit's cgroup.
import { decodeUtf8, globMatches } from '@/lib/base'
import { type BindRule, type Cause, type CgroupPrograms, type DeviceRule, isErrno, type Syscall } from '@/lib/kernel'
import type { CGroupSection, SocketBindItem } from '../directives'
import type { Unit } from '../manager/unit'

const ALWAYS: readonly string[] = [
  '/dev/null',
  '/dev/zero',
  '/dev/full',
  '/dev/random',
  '/dev/urandom',
  '/dev/tty',
  '/dev/ptmx',
  '/run/systemd/inaccessible/chr',
  '/run/systemd/inaccessible/blk',
]

/** The line that asks for the first of these directives. */
function causeOf(unit: Unit, ...directives: readonly string[]): Cause {
  for (const directive of directives) {
    const origin = unit.loaded?.origins.findLast((one) => one.directive === directive)
    if (origin !== undefined) return { unit: unit.id, directive, file: origin.file, line: origin.line }
  }
  return { unit: unit.id, directive: directives[0] ?? '' }
}

/** Majors of drivers by name: `char-pts`, `block-*`; the two tables of /proc/devices. */
function classRules(unit: Unit, wanted: string, access: string): readonly DeviceRule[] {
  const type = wanted.startsWith('char-') ? 'character' : 'block'
  const pattern = wanted.slice(wanted.indexOf('-') + 1)
  if (pattern === '*') return [{ type, major: '*', minor: '*', access }]
  if (/^\d+$/.test(pattern)) return [{ type, major: Number(pattern), minor: '*', access }]
  const table = unit.manager.reader.readFile('/proc/devices')
  const rules: DeviceRule[] = []
  let section = ''
  for (const line of (table === undefined ? '' : decodeUtf8(table)).split('\n')) {
    if (/^(Character|Block) devices:/.test(line)) section = line.startsWith('C') ? 'character' : 'block'
    const row = /^\s*(\d+)\s+(\S+)/.exec(line)
    if (row?.[1] !== undefined && section === type && globMatches(pattern, row[2] ?? ''))
      rules.push({ type, major: Number(row[1]), minor: '*', access })
  }
  return rules
}

function* nodeRules(unit: Unit, path: string, access: string): Syscall<readonly DeviceRule[]> {
  const status = yield* unit.manager.process.stat(path)
  if (isErrno(status) || (status.kind !== 'character-device' && status.kind !== 'block-device')) return []
  const [major, minor] = status.rdev
  return [{ type: status.kind === 'block-device' ? 'block' : 'character', major, minor, access }]
}

function* deviceProgram(unit: Unit, section: CGroupSection): Syscall<CgroupPrograms['devices']> {
  const { DevicePolicy: policy, DeviceAllow: list } = section
  if (policy === 'auto' && list.length === 0) return undefined
  const allow: DeviceRule[] = []
  for (const { path, rights } of list) {
    const access = rights === '' ? 'rwm' : rights
    allow.push(...(/^(?:char|block)-/.test(path) ? classRules(unit, path, access) : yield* nodeRules(unit, path, access)))
  }
  if (policy !== 'strict') {
    for (const path of ALWAYS) allow.push(...(yield* nodeRules(unit, path, 'rwm')))
    allow.push({ type: 'character', major: 136, minor: '*', access: 'rw' })
  }
  if (allow.length === 0 && policy === 'strict') unit.log(4, 'No devices matched by device filter.')
  return { allow, cause: causeOf(unit, 'DevicePolicy', 'DeviceAllow', 'PrivateDevices', 'ProtectClock') }
}

function bindRule({ family, protocol, ports, port }: SocketBindItem): BindRule {
  return {
    ...(family === '' ? {} : { family: family === 'ipv4' ? 'AF_INET' : 'AF_INET6' }),
    ...(protocol === '' ? {} : { protocol }),
    ...(ports === 0 ? {} : { ports: [port, port + ports - 1] as const }),
  }
}

/** Everything that the unit's settings attach to its cgroup. */
export function* programsOf(unit: Unit, section: CGroupSection): Syscall<CgroupPrograms> {
  const devices = yield* deviceProgram(unit, section)
  const { IPAddressAllow, IPAddressDeny, SocketBindAllow, SocketBindDeny, RestrictNetworkInterfaces: interfaces } = section
  return {
    ...(devices === undefined ? {} : { devices }),
    ...(IPAddressAllow.length + IPAddressDeny.length === 0
      ? {}
      : { addresses: { allow: IPAddressAllow, deny: IPAddressDeny, cause: causeOf(unit, 'IPAddressDeny', 'IPAddressAllow') } }),
    ...(SocketBindDeny.length + SocketBindAllow.length === 0
      ? {}
      : {
          binds: {
            allow: SocketBindAllow.map(bindRule),
            deny: SocketBindDeny.map(bindRule),
            cause: causeOf(unit, 'SocketBindDeny', 'SocketBindAllow'),
          },
        }),
    ...(interfaces === undefined
      ? {}
      : { interfaces: { allow: interfaces.allow, names: new Set(interfaces.names), cause: causeOf(unit, 'RestrictNetworkInterfaces') } }),
  }
}

/** What decides whether the filters have changed. */
export function programsKey(section: CGroupSection): string {
  const { DevicePolicy, DeviceAllow, IPAddressAllow, IPAddressDeny, SocketBindAllow, SocketBindDeny, RestrictNetworkInterfaces } = section
  const lists = [DeviceAllow, IPAddressAllow, IPAddressDeny, SocketBindAllow, SocketBindDeny]
  if (DevicePolicy === 'auto' && RestrictNetworkInterfaces === undefined && lists.every((list) => list.length === 0)) return ''
  return JSON.stringify([DevicePolicy, lists, RestrictNetworkInterfaces])
}
