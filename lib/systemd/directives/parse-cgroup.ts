// After systemd.resource-control(5): weights, limits, devices, delegation, firewalls.
import { NAME_MAX, parseSec, pathIsNormalized, pathStartsWith, USEC_INFINITY, USEC_PER_SEC } from '@/lib/base'
import { errno, type Errno, isErrno } from '@/lib/kernel'
import { unitNameToType } from '../unit-name'
import type { DirectiveParser, ParseContext } from './directive'
import { byteLength, cursorAt, cursorRest, extractFirstWord, extractManyWords } from './extract-word'
import { parseAddressPrefix } from './addresses'
import { parseBoolean, parsePermyriad, parsePermyriadUnbounded, parseRange, parseSize, parseUint64 } from './numbers'
import { checkPath, PATH_SPECIFIER_MAX } from './parse-path'
import { byName, failedToParse, simple, toNumber } from './parse-scalar'
import { expandOrWarn } from './parse-text'
import { eachWord } from './parse-words'

const INFINITY = Number.POSITIVE_INFINITY

function weightOf(text: string, minimum: number, maximum: number): number | undefined | Errno {
  if (text === '') return undefined
  const weight = parseUint64(text)
  if (isErrno(weight)) return weight
  return weight < minimum || weight > maximum ? errno.ERANGE : Number(weight)
}

/** 1 to 10000; empty unsets. */
export const weight = simple<number | undefined>('WEIGHT', (text) => weightOf(text, 1, 10000))
/** As `weight`, or `idle`, which is 0. */
export const cpuWeight = simple<number | undefined>('CPUWEIGHT', (text) => (text === 'idle' ? 0 : weightOf(text, 1, 10000)), ['idle'])
export const blockIoWeight = simple<number | undefined>('WEIGHT', (text) => weightOf(text, 10, 1000))

const sharesOnly = simple<number | undefined>('SHARES', (text) => weightOf(text, 2, 262144))
export const cpuShares: DirectiveParser<number | undefined> = {
  placeholder: 'SHARES',
  parse(value, current, context) {
    const name = context.directive
    context.report('warning', `Unit uses ${name}=; please use CPUWeight= instead. Support for ${name}= will be removed soon.`)
    return sharesOnly.parse(value, current, context)
  },
}

/** Microseconds of CPU per second. */
export const cpuQuota: DirectiveParser<number> = {
  placeholder: 'OTHER',
  parse(value, current, context) {
    if (value === '') return USEC_INFINITY
    const share = parsePermyriadUnbounded(value)
    if (!isErrno(share) && share > 0) return Math.floor((share * USEC_PER_SEC) / 10000)
    context.report('warning', `Invalid CPU quota '${value}', ignoring.`)
    return current
  },
}

/** Empty protects nothing; for the others it is no limit. */
const EMPTY_IS_ZERO: ReadonlySet<string> = new Set(['DefaultMemoryLow', 'DefaultMemoryMin', 'MemoryLow', 'StartupMemoryLow', 'MemoryMin'])
const MAY_BE_ZERO: ReadonlySet<string> = new Set([
  'MemorySwapMax',
  'StartupMemorySwapMax',
  'MemoryZSwapMax',
  'StartupMemoryZSwapMax',
  'MemoryLow',
  'StartupMemoryLow',
  'MemoryMin',
  'DefaultMemoryLow',
  'DefaultMemoryMin',
])

/** Bytes, a share of the machine's memory, or `infinity`. */
export function memoryLimit<T extends number | undefined>(): DirectiveParser<number | T> {
  return {
    placeholder: 'LIMIT',
    values: ['infinity'],
    parse(value, current, context) {
      const name = context.directive
      let bytes: number
      if (value === '') bytes = EMPTY_IS_ZERO.has(name) ? 0 : INFINITY
      else if (value === 'infinity') bytes = INFINITY
      else {
        const share = parsePermyriad(value)
        const size = isErrno(share) ? parseSize(value, 1024) : BigInt(Math.floor((context.host.memory * share) / 10000 / 4096) * 4096)
        if (isErrno(size)) {
          context.report('warning', `Invalid memory limit '${value}', ignoring: ${size.message}`)
          return current
        }
        if (size >= 2n ** 64n - 1n || (size === 0n && !MAY_BE_ZERO.has(name))) {
          context.report('warning', `Memory limit '${value}' out of range, ignoring.`)
          return current
        }
        bytes = toNumber(size)
      }
      if (name === 'MemoryLimit') {
        context.report('warning', 'Unit uses MemoryLimit=; please use MemoryMax= instead. Support for MemoryLimit= will be removed soon.')
      }
      return bytes
    },
  }
}

/** A number of tasks, or hundredths of a percent of the most that the machine allows. */
export type TasksMax = number | { readonly permyriad: number }

/** What a unit has that does not say. */
export const DEFAULT_TASKS_MAX: TasksMax = { permyriad: 1500 }

export const tasksMax: DirectiveParser<TasksMax> = {
  placeholder: 'OTHER',
  values: ['infinity'],
  parse(value, current, context) {
    if (value === '') return DEFAULT_TASKS_MAX
    if (value === 'infinity') return INFINITY
    const share = parsePermyriad(value)
    if (!isErrno(share)) return { permyriad: share }
    const number = parseUint64(value)
    if (isErrno(number)) context.report('warning', `Invalid maximum tasks value '${value}', ignoring: ${number.message}`)
    else if (number === 0n || number >= 2n ** 64n - 1n) context.report('warning', `Maximum tasks value '${value}' out of range, ignoring.`)
    else return toNumber(number)
    return current
  },
}

export const CGROUP_CONTROLLERS = [
  'cpu',
  'cpuacct',
  'cpuset',
  'io',
  'blkio',
  'memory',
  'devices',
  'pids',
  'bpf-firewall',
  'bpf-devices',
  'bpf-foreign',
  'bpf-socket-bind',
  'bpf-restrict-network-interfaces',
] as const
export type CgroupController = (typeof CGROUP_CONTROLLERS)[number]
const isController = (text: string): text is CgroupController => (CGROUP_CONTROLLERS as readonly string[]).includes(text)

/** Controllers that `Delegate=yes` hands over. */
export const DELEGATE_ALL: readonly CgroupController[] = CGROUP_CONTROLLERS.filter((one) => one !== 'devices')

const CAN_DELEGATE: ReadonlySet<string | undefined> = new Set(['service', 'scope'])
const canDelegate = (context: ParseContext): boolean => {
  if (CAN_DELEGATE.has(unitNameToType(context.unit))) return true
  context.report('warning', `${context.directive}= setting not supported for this unit type, ignoring.`)
  return false
}

/** `undefined`: not delegated; an empty list: delegated without controllers. */
export const delegate: DirectiveParser<readonly CgroupController[] | undefined> = {
  placeholder: 'OTHER',
  values: ['yes', 'no', ...CGROUP_CONTROLLERS],
  parse(value, current, context) {
    if (!canDelegate(context)) return current
    if (value === '') return []
    const truth = parseBoolean(value)
    if (truth === true) return DELEGATE_ALL
    if (truth === false) return undefined
    const added: CgroupController[] = []
    const cursor = cursorAt(value)
    for (;;) {
      const word = extractFirstWord(cursor, { unquote: true })
      if (word === undefined) break
      if (isErrno(word)) {
        context.report('warning', `Invalid syntax, ignoring: ${value}`)
        return current
      }
      if (isController(word)) added.push(word)
      else context.report('warning', `Invalid controller name '${word}', ignoring`)
    }
    const all = new Set([...(current ?? []), ...added])
    return CGROUP_CONTROLLERS.filter((one) => all.has(one))
  },
}

function needsEscape(name: string): boolean {
  if (name === '' || name === '.' || name === '..' || name.includes('/') || byteLength(name) > NAME_MAX) return true
  if (/^[_.]/.test(name) || ['notify_on_release', 'release_agent', 'tasks'].includes(name) || name.startsWith('cgroup.')) return true
  return CGROUP_CONTROLLERS.some((controller) => name.startsWith(`${controller}.`))
}

export const delegateSubgroup: DirectiveParser<string> = {
  placeholder: 'OTHER',
  parse(value, current, context) {
    if (!canDelegate(context)) return current
    if (value === '' || !needsEscape(value)) return value
    context.report('warning', `Invalid control group name, ignoring: ${value}`)
    return current
  },
}

export const disableControllers: DirectiveParser<readonly CgroupController[]> = {
  placeholder: 'OTHER',
  values: CGROUP_CONTROLLERS,
  parse(value, current, context) {
    if (value === '') return []
    const cursor = cursorAt(value)
    const named = new Set<CgroupController>()
    for (;;) {
      const word = extractFirstWord(cursor)
      if (isErrno(word)) named.clear()
      if (word === undefined || isErrno(word)) break
      if (isController(word)) named.add(word)
    }
    if (named.size > 0) return CGROUP_CONTROLLERS.filter((one) => named.has(one) || current.includes(one))
    context.report('warning', `Invalid cgroup string: ${value}, ignoring`)
    return current
  },
}

const CAN_SET_OOM: ReadonlySet<string | undefined> = new Set(['service', 'scope', 'slice'])
const canSetManagedOom = (context: ParseContext): boolean => {
  const can = CAN_SET_OOM.has(unitNameToType(context.unit))
  if (!can) context.report('warning', `${context.directive}= is not supported for this unit type, ignoring.`)
  return can
}

export const managedOomMode: DirectiveParser<'auto' | 'kill'> = {
  placeholder: 'OTHER',
  values: ['auto', 'kill'],
  parse(value, current, context) {
    if (!canSetManagedOom(context)) return current
    if (value === '' || value === 'auto') return 'auto'
    if (value === 'kill') return value
    context.report('warning', `Invalid syntax, ignoring: ${value}`)
    return current
  },
}

/** Hundredths of a percent. */
export const managedOomLimit: DirectiveParser<number> = {
  placeholder: 'OTHER',
  parse(value, current, context) {
    if (!canSetManagedOom(context)) return current
    if (value === '') return 0
    const share = parsePermyriad(value)
    if (!isErrno(share)) return share
    context.report('warning', `Failed to parse memory pressure limit value, ignoring: ${value}`)
    return current
  },
}

export const managedOomDuration: DirectiveParser<number> = {
  placeholder: 'OTHER',
  parse(value, current, context) {
    if (!canSetManagedOom(context)) return current
    if (value === '') return USEC_INFINITY
    const usec = byName<number>(parseSec(value))
    if (isErrno(usec)) failedToParse(value, context, usec)
    else if (usec < USEC_PER_SEC || usec === USEC_INFINITY) {
      context.report('warning', `${context.directive}= must be at least 1s and less than infinity, ignoring: ${value}`)
    } else return usec
    return current
  },
}

/** `''` for rights: all of them. */
export type DeviceAllow = { readonly path: string; readonly rights: string }

const isDeviceNode = (path: string): boolean =>
  ['/dev/', '/run/systemd/inaccessible/'].some((root) => pathStartsWith(path, root) !== undefined) &&
  !path.endsWith('/') &&
  pathIsNormalized(path)

export const deviceAllow: DirectiveParser<readonly DeviceAllow[]> = {
  placeholder: 'DEVICE',
  parse(value, current, context) {
    if (value === '') return []
    const cursor = cursorAt(value)
    const word = extractFirstWord(cursor, { unquote: true })
    if (word === undefined || isErrno(word)) {
      context.report('warning', `Failed to extract device path and rights from '${value}', ignoring.`)
      return current
    }
    const expanded = expandOrWarn(word, context, { maximum: PATH_SPECIFIER_MAX })
    if (expanded === undefined) return current
    const isClass = /^(?:block|char)-/.test(expanded)
    const path = isClass ? expanded : checkPath(expanded, {}, context)
    if (path === undefined) return current
    if (!isClass && !isDeviceNode(path)) {
      context.report('warning', `Invalid device node path '${path}', ignoring.`)
      return current
    }
    const rights = cursorRest(cursor)
    if (!/^[rwm]*$/.test(rights)) {
      context.report('warning', `Invalid device rights '${rights}', ignoring.`)
      return current
    }
    return [...current, { path, rights: ['r', 'w', 'm'].filter((right) => rights.includes(right)).join('') }]
  },
}

/** `PATH VALUE`: the two parts, or `undefined` once the complaint is made. */
function deviceAndRest(value: string, context: ParseContext, what: string, invalid: string): { path: string; rest: string } | undefined {
  const cursor = cursorAt(value)
  const word = extractFirstWord(cursor, { unquote: true })
  if (isErrno(word)) {
    context.report('warning', `Failed to extract ${what} from '${value}', ignoring.`)
    return undefined
  }
  const rest = cursorRest(cursor)
  if (word === undefined || rest === '') {
    context.report('warning', `Invalid ${invalid} specified in '${value}', ignoring.`)
    return undefined
  }
  const expanded = expandOrWarn(word, context, { maximum: PATH_SPECIFIER_MAX })
  const path = expanded === undefined ? undefined : checkPath(expanded, {}, context)
  return path === undefined ? undefined : { path, rest }
}

export type DeviceNumber = { readonly path: string; readonly value: number }

/** A later line for a path takes the place of an earlier one. */
const replacePath = (list: readonly DeviceNumber[], path: string, value: number): readonly DeviceNumber[] =>
  list.some((one) => one.path === path) ? list.map((one) => (one.path === path ? { path, value } : one)) : [...list, { path, value }]

export const ioDeviceWeight: DirectiveParser<readonly DeviceNumber[]> = {
  placeholder: 'DEVICEWEIGHT',
  parse(value, current, context) {
    if (value === '') return []
    const parts = deviceAndRest(value, context, 'device path and weight', 'device path or weight')
    if (parts === undefined) return current
    const number = weightOf(parts.rest, 1, 10000)
    if (!isErrno(number)) return [...current, { path: parts.path, value: number ?? 0 }]
    context.report('warning', `IO weight '${parts.rest}' invalid, ignoring: ${number.message}`)
    return current
  },
}

export const ioDeviceLatency: DirectiveParser<readonly DeviceNumber[]> = {
  placeholder: 'DEVICELATENCY',
  parse(value, current, context) {
    if (value === '') return []
    const parts = deviceAndRest(value, context, 'device path and latency', 'device path or latency')
    if (parts === undefined) return current
    const usec = byName<number>(parseSec(parts.rest))
    if (!isErrno(usec)) return [...current, { path: parts.path, value: usec }]
    context.report('warning', `Failed to parse timer value, ignoring: ${parts.rest}`)
    return current
  },
}

export const ioLimit: DirectiveParser<readonly DeviceNumber[]> = {
  placeholder: 'LIMIT',
  parse(value, current, context) {
    if (value === '') return []
    const parts = deviceAndRest(value, context, 'device node and bandwidth', 'device node or bandwidth')
    if (parts === undefined) return current
    if (parts.rest === 'infinity') return replacePath(current, parts.path, INFINITY)
    const number = parseSize(parts.rest, 1000)
    if (!isErrno(number) && number > 0n) return replacePath(current, parts.path, toNumber(number))
    context.report('warning', `Invalid IO limit '${parts.rest}', ignoring.`)
    return current
  },
}

const obsoleteBlockIo = (context: ParseContext) => {
  const name = context.directive
  context.report('warning', `Unit uses ${name}=; please use IO*= settings instead. Support for ${name}= will be removed soon.`)
}

export const blockIoDeviceWeight: DirectiveParser<readonly DeviceNumber[]> = {
  placeholder: 'DEVICEWEIGHT',
  parse(value, current, context) {
    obsoleteBlockIo(context)
    if (value === '') return []
    const parts = deviceAndRest(value, context, 'device node and weight', 'device node or weight')
    if (parts === undefined) return current
    const number = weightOf(parts.rest, 10, 1000)
    if (!isErrno(number)) return [...current, { path: parts.path, value: number ?? 0 }]
    context.report('warning', `Invalid block IO weight '${parts.rest}', ignoring: ${number.message}`)
    return current
  },
}

export const blockIoBandwidth: DirectiveParser<readonly DeviceNumber[]> = {
  placeholder: 'BANDWIDTH',
  parse(value, current, context) {
    obsoleteBlockIo(context)
    if (value === '') return []
    const parts = deviceAndRest(value, context, 'device node and bandwidth', 'device node or bandwidth')
    if (parts === undefined) return current
    const number = parseSize(parts.rest, 1000)
    if (!isErrno(number) && number > 0n) return replacePath(current, parts.path, toNumber(number))
    context.report('warning', `Invalid Block IO Bandwidth '${parts.rest}', ignoring.`)
    return current
  },
}

/** Networks: `10.0.0.0/8`, `::1/128`; the words `any`, `localhost`, `link-local`, `multicast` come as their networks. */
const NAMED_NETWORKS: Readonly<Record<string, readonly string[]>> = {
  any: ['0.0.0.0/0', '::/0'],
  localhost: ['127.0.0.0/8', '::1/128'],
  'link-local': ['169.254.0.0/16', 'fe80::/64'],
  multicast: ['224.0.0.0/4', 'ff00::/8'],
}

const isLocalhost = (word: string): boolean => {
  const name = word.toLowerCase()
  return /^(?:.*\.)?localhost\.?$|^(?:.*\.)?localhost\.localdomain\.?$/.test(name)
}

export const addressPrefixes: DirectiveParser<readonly string[]> = {
  placeholder: 'OTHER',
  values: Object.keys(NAMED_NETWORKS),
  parse(value, current, context) {
    if (value === '') return []
    const networks = [...current]
    for (const word of eachWord(value, {}, context, () => `Invalid syntax, ignoring: ${value}`)) {
      const named = isLocalhost(word.text) ? 'localhost' : word.text
      const found = Object.hasOwn(NAMED_NETWORKS, named) ? NAMED_NETWORKS[named]! : parseAddressPrefix(word.text)
      if (isErrno(found)) {
        const message = `Invalid address prefix is specified in [${context.section}] ${context.directive}=, ignoring assignment: ${word.text}`
        context.report('warning', message, word.range)
        continue
      }
      for (const network of typeof found === 'string' ? [found] : found) if (!networks.includes(network)) networks.push(network)
    }
    return networks
  },
}

export const filterPrograms: DirectiveParser<readonly string[]> = {
  placeholder: 'OTHER',
  parse(value, current, context) {
    if (value === '') return []
    const expanded = expandOrWarn(value, context, { maximum: PATH_SPECIFIER_MAX })
    const path = expanded === undefined ? undefined : checkPath(expanded, { absolute: true }, context)
    return path === undefined || current.includes(path) ? current : [...current, path]
  },
}

const ATTACH_TYPES: ReadonlySet<string> = new Set([
  'ingress',
  'egress',
  'sock_create',
  'sock_ops',
  'device',
  'bind4',
  'bind6',
  'connect4',
  'connect6',
  'post_bind4',
  'post_bind6',
  'sendmsg4',
  'sendmsg6',
  'sysctl',
  'recvmsg4',
  'recvmsg6',
  'getsockopt',
  'setsockopt',
])

export type BpfProgram = { readonly attach: string; readonly path: string }

export const bpfProgram: DirectiveParser<readonly BpfProgram[]> = {
  placeholder: 'OTHER',
  values: [...ATTACH_TYPES].map((type) => `${type}:`),
  parse(value, current, context) {
    if (value === '') return []
    const cursor = cursorAt(value)
    const attach = extractFirstWord(cursor, {}, ':')
    if (isErrno(attach)) {
      context.report('warning', `Failed to parse foreign BPF program, ignoring: ${value}`)
      return current
    }
    const rest = cursorRest(cursor)
    if (attach === undefined || rest === '') {
      context.report('warning', `Invalid syntax in ${context.directive}=, ignoring: ${value}`)
      return current
    }
    if (!ATTACH_TYPES.has(attach)) {
      context.report('warning', `Unknown BPF attach type=${attach}, ignoring: ${value}`)
      return current
    }
    const expanded = context.expand(rest, 'full', PATH_SPECIFIER_MAX)
    if (isErrno(expanded)) {
      context.report('warning', `Failed to resolve unit specifiers in '${rest}', ignoring: ${value}`)
      return current
    }
    const path = checkPath(expanded, { absolute: true }, context)
    return path === undefined ? current : [...current, { attach, path }]
  },
}

/** Port 0 with no count: any port. */
export type SocketBindItem = {
  readonly family: '' | 'ipv4' | 'ipv6'
  readonly protocol: '' | 'tcp' | 'udp'
  readonly ports: number
  readonly port: number
}

function readSocketBind(text: string): SocketBindItem | Errno {
  if (text === '') return errno.EINVAL
  const cursor = cursorAt(text)
  let family: SocketBindItem['family'] = ''
  let protocol: SocketBindItem['protocol'] = ''
  let ports = 0
  let port = 0
  let stage = 0
  let last: Errno | undefined
  while (stage < 3) {
    const token = extractFirstWord(cursor, { dontCoalesce: true }, ':')
    if (isErrno(token)) return token
    if (token === undefined) break
    if (token === '') return errno.EINVAL
    for (last = errno.EINVAL; stage < 3 && last !== undefined; stage++) {
      if (stage === 0 && (token === 'ipv4' || token === 'ipv6')) {
        family = token
        last = undefined
      } else if (stage === 1 && (token === 'tcp' || token === 'udp')) {
        protocol = token
        last = undefined
      } else if (stage === 2) {
        const range = token === 'any' ? undefined : parseRange(token)
        if (isErrno(range)) last = range
        else if (range !== undefined && (range[0] > 65535 || range[1] > 65535 || range[1] < range[0])) last = errno.EINVAL
        else {
          last = undefined
          ports = range === undefined ? 0 : range[1] - range[0] + 1
          port = range?.[0] ?? 0
        }
      }
    }
  }
  if (last !== undefined) return last
  return cursor.at === undefined ? { family, protocol, ports, port } : errno.EINVAL
}

export const socketBind: DirectiveParser<readonly SocketBindItem[]> = {
  placeholder: 'OTHER',
  values: ['any', 'ipv4:', 'ipv6:', 'tcp:', 'udp:'],
  parse(value, current, context) {
    if (value === '') return []
    const item = readSocketBind(value)
    if (!isErrno(item)) return [...current, item]
    context.report('warning', `Unable to parse ${context.directive}= assignment, ignoring: ${value}`)
    return current
  },
}

/** What interfaces may be called. */
export function interfaceNameIsValid(name: string, options: { readonly alternative?: boolean; readonly numeric?: boolean } = {}): boolean {
  if (name === '') return false
  if (/^\s*\+?0*[1-9]\d*$/.test(name) || /^0[xXbBoO][0-9a-fA-F]+$/.test(name)) return options.numeric ?? false
  if (byteLength(name) >= (options.alternative ? 128 : 16)) return false
  if (['.', '..', 'all', 'default'].includes(name)) return false
  return /^[\x21-\x7e]+$/.test(name) && !/[:/%]/.test(name) && !/^\d+$/.test(name)
}

export type NameList = { readonly allow: boolean; readonly names: readonly string[] }

/** `~` denies; the first line decides whether it is a list of what may or of what may not. */
export const networkInterfaces: DirectiveParser<NameList | undefined> = {
  placeholder: 'OTHER',
  parse(value, current, context) {
    if (value === '') return undefined
    const allow = !value.startsWith('~')
    const rest = allow ? value : value.slice(1)
    const list = current === undefined || current.names.length === 0 ? { allow, names: [] } : current
    const names = [...list.names]
    const words = eachWord(rest, { unquote: true }, context, () => `Trailing garbage in ${context.directive}, ignoring: ${rest}`)
    for (const word of words) {
      if (!interfaceNameIsValid(word.text, { alternative: true })) {
        context.report('warning', `Invalid interface name, ignoring: ${word.text}`, word.range)
        continue
      }
      const at = names.indexOf(word.text)
      if (list.allow !== allow && at >= 0) names.splice(at, 1)
      else if (list.allow === allow && at < 0) names.push(word.text)
    }
    return { allow: list.allow, names }
  },
}

export type NftSet = { readonly source: string; readonly family: string; readonly table: string; readonly set: string }
const NFT_SOURCES = ['cgroup', 'user', 'group']
const NFT_FAMILIES = ['arp', 'bridge', 'inet', 'ip', 'ip6', 'netdev']
const nftIdentifierIsValid = (text: string): boolean => /^[A-Za-z][A-Za-z0-9/\\_.]{0,30}$/.test(text)
const escapeText = (text: string): string =>
  text.replace(/[\\"'\x00-\x1f\x7f-\uffff]/gu, (char) => {
    const named: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '\\': '\\\\', '"': '\\"', "'": "\\'" }
    const plain = named[char]
    if (plain !== undefined) return plain
    return Array.from(new TextEncoder().encode(char), (byte) =>
      byte < 128 ? `\\${byte.toString(8).padStart(3, '0')}` : `\\${byte.toString(8)}`,
    ).join('')
  })

export const nftSet: DirectiveParser<readonly NftSet[]> = {
  placeholder: 'OTHER',
  values: NFT_SOURCES.map((source) => `${source}:`),
  parse(value, current, context) {
    if (value === '') return []
    const sets = [...current]
    const cursor = cursorAt(value)
    for (;;) {
      const tuple = extractFirstWord(cursor, { unquote: true, retainEscape: true })
      if (tuple === undefined) return sets
      if (isErrno(tuple)) {
        failedToParse(value, context, tuple)
        return sets
      }
      const parts = cursorAt(tuple)
      const words = extractManyWords(parts, 4, { cunescape: true }, ':')
      if (isErrno(words) || words.length !== 4 || cursorRest(parts) !== '') {
        context.report('warning', `Failed to parse NFT set ${escapeText(tuple)}, ignoring`)
        return sets
      }
      const [source = '', family = '', table = '', set = ''] = words
      const complaint = !NFT_SOURCES.includes(source)
        ? `Unknown NFT source ${escapeText(source)}, ignoring`
        : !NFT_FAMILIES.includes(family)
          ? `Unknown NFT protocol family ${escapeText(family)}, ignoring`
          : !nftIdentifierIsValid(table)
            ? `Invalid table name ${escapeText(table)}, ignoring`
            : !nftIdentifierIsValid(set)
              ? `Invalid set name ${escapeText(set)}, ignoring`
              : undefined
      if (complaint !== undefined) {
        context.report('warning', complaint)
        return sets
      }
      sets.push({ source, family, table, set })
    }
  },
}
