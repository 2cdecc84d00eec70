// After systemd.resource-control(5): weights, limits, devices, delegation.
import { NAME_MAX, parseSec, pathIsNormalized, pathStartsWith, USEC_INFINITY, USEC_PER_SEC } from '@/lib/base'
import { errno, type Errno, isErrno } from '@/lib/kernel'
import { unitNameToType } from '../unit-name'
import type { DirectiveParser, ParseContext } from './directive'
import { byteLength, cursorAt, cursorRest, extractFirstWord } from './extract-word'
import { parseBoolean, parsePermyriad, parsePermyriadUnbounded, parseSize, parseUint64 } from './numbers'
import { checkPath, PATH_SPECIFIER_MAX } from './parse-path'
import { byName, failedToParse, simple, toNumber } from './parse-scalar'
import { expandOrWarn } from './parse-text'

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
