// After systemd.exec(5), "Sandboxing" and "System call filtering".
import { errno, type Errno, isErrno } from '@/lib/kernel'
import { CAPABILITY_LIMIT, capabilityNames, expandSyscallGroup, filesystemGroups, isKnownSyscall, syscallGroups } from '../seccomp-groups'
import type { DirectiveParser, ParseContext } from './directive'
import { cursorAt, extractFirstWord } from './extract-word'
import { parseBoolean, parseInt32 } from './numbers'
import { simple } from './parse-scalar'
import { eachWord, type Word } from './parse-words'
import type { NameList } from './parse-network'

/** A mask, as capabilities(7) numbers them. */
export type CapabilitySet = bigint
const EVERY_CAPABILITY: CapabilitySet = 2n ** 64n - 1n

/** Lines add up; `~` takes away. `bounding`: not set means all, else it means none. */
export function capabilities(bounding: boolean): DirectiveParser<CapabilitySet | undefined> {
  return {
    placeholder: 'BOUNDINGSET',
    values: capabilityNames.map((name) => name.toUpperCase()),
    parse(value, current, context) {
      const invert = value.startsWith('~')
      const cursor = cursorAt(invert ? value.slice(1) : value)
      let sum = 0n
      for (;;) {
        const word = extractFirstWord(cursor, { unquote: true, relax: true })
        if (word === undefined || isErrno(word)) break
        const number = parseInt32(word)
        const index = isErrno(number) ? capabilityNames.indexOf(word.toLowerCase()) : number <= CAPABILITY_LIMIT ? number : -1
        if (index >= 0) sum |= 1n << BigInt(index)
        else context.report('debug', `Failed to parse capability '${word}', ignoring: ${errno.EINVAL.message}`)
      }
      const fresh = current === undefined || (!bounding && current === 0n)
      if (sum === 0n || fresh) return invert ? EVERY_CAPABILITY & ~sum : sum
      return invert ? current & ~sum : current | sum
    },
  }
}

const SECURE_BITS = ['keep-caps', 'keep-caps-locked', 'no-setuid-fixup', 'no-setuid-fixup-locked', 'noroot', 'noroot-locked']

/** Words that mean nothing are passed over. */
export const secureBits: DirectiveParser<readonly string[]> = {
  placeholder: 'SECUREBITS',
  values: SECURE_BITS,
  parse(value) {
    const bits = new Set<string>()
    const cursor = cursorAt(value)
    for (;;) {
      const word = extractFirstWord(cursor, { unquote: true })
      if (word === undefined || isErrno(word)) return SECURE_BITS.filter((bit) => bits.has(bit))
      bits.add(word)
    }
  },
}

/** Errno by name, in letters of either case, or number; 0 passes here. */
export function parseErrno(text: string): string | number | Errno {
  const name = text.toUpperCase()
  if (Object.hasOwn(errno, name) || name === 'EWOULDBLOCK' || name === 'EOPNOTSUPP' || name === 'EDEADLK') return name
  const number = parseInt32(text)
  if (isErrno(number)) return number
  if (number < 0 || number > 4095) return errno.ERANGE
  return Object.values(errno).find((one) => one.code === number)?.name ?? number
}

/** Calls by name, with the errno that replaces the default action ('' for none, `kill` to end the process). */
export type SyscallFilter = { readonly allow: boolean; readonly calls: ReadonlyMap<string, string> }

function applyCalls(filter: SyscallFilter, name: string, error: string, invert: boolean, context: ParseContext, word: Word): SyscallFilter {
  const calls = new Map(filter.calls)
  let names: Iterable<string> = [name]
  if (name.startsWith('@')) {
    const group = expandSyscallGroup(name)
    if (group.size === 0) {
      context.report('warning', `Unknown system call group, ignoring: ${name}`, word.range)
      return filter
    }
    names = group
  } else if (!isKnownSyscall(name)) {
    context.report('warning', `System call ${name} is not known, ignoring.`, word.range)
    return filter
  }
  const add = !invert === filter.allow || (invert && filter.allow && error !== '')
  for (const one of names) {
    if (!add) calls.delete(one)
    else calls.set(one, error)
  }
  return { allow: filter.allow, calls }
}

export const syscallFilter: DirectiveParser<SyscallFilter | undefined> = {
  placeholder: 'SYSCALLS',
  values: [...syscallGroups.keys()],
  parse(value, current, context) {
    if (value === '') return undefined
    const invert = value.startsWith('~')
    const rest = invert ? value.slice(1) : value
    let filter: SyscallFilter = current ?? {
      allow: !invert,
      calls: invert ? new Map() : new Map([...expandSyscallGroup('@default')].map((name) => [name, ''])),
    }
    for (const word of eachWord(rest, {}, context, () => `Invalid syntax, ignoring: ${rest}`)) {
      const colon = word.text.indexOf(':')
      const name = colon < 0 ? word.text : word.text.slice(0, colon)
      const suffix = colon < 0 ? undefined : word.text.slice(colon + 1)
      const error = suffix === undefined ? '' : suffix === 'kill' ? 'kill' : parseErrno(suffix)
      if (isErrno(error) || name === '') {
        context.report('warning', `Failed to parse syscall:errno, ignoring: ${word.text}`, word.range)
      } else if (!invert && suffix !== undefined) {
        context.report('warning', `Allow-listed system calls cannot take error number, ignoring: ${word.text}`, word.range)
      } else filter = applyCalls(filter, name, `${error}`, invert, context, word)
    }
    return filter
  },
}

export const syscallLog: DirectiveParser<SyscallFilter | undefined> = {
  placeholder: 'SYSCALLS',
  values: [...syscallGroups.keys()],
  parse(value, current, context) {
    if (value === '') return undefined
    const invert = value.startsWith('~')
    const rest = invert ? value.slice(1) : value
    let filter: SyscallFilter = current ?? { allow: !invert, calls: new Map() }
    for (const word of eachWord(rest, {}, context, () => `Invalid syntax, ignoring: ${rest}`)) {
      filter = applyCalls(filter, word.text, '', invert, context, word)
    }
    return filter
  },
}

export const SYSCALL_ARCHITECTURES = [
  'native',
  'x86',
  'x86-64',
  'x32',
  'arm',
  'arm64',
  'loongarch64',
  'mips',
  'mips64',
  'mips64-n32',
  'mips-le',
  'mips64-le',
  'mips64-le-n32',
  'parisc',
  'parisc64',
  'ppc',
  'ppc64',
  'ppc64-le',
  'riscv64',
  's390',
  's390x',
] as const

export const syscallArchitectures: DirectiveParser<readonly string[]> = {
  placeholder: 'ARCHS',
  values: SYSCALL_ARCHITECTURES,
  parse(value, current, context) {
    if (value === '') return []
    const archs = [...current]
    for (const word of eachWord(value, { unquote: true }, context, () => `Invalid syntax, ignoring: ${value}`)) {
      if (!(SYSCALL_ARCHITECTURES as readonly string[]).includes(word.text)) {
        const message = `Failed to parse system call architecture "${word.text}", ignoring: ${errno.EINVAL.message}`
        context.report('warning', message, word.range)
      } else if (!archs.includes(word.text)) archs.push(word.text)
    }
    return archs
  },
}

/** `kill`, or the errno that calls outside of the filter get. */
export const syscallErrno: DirectiveParser<string> = {
  placeholder: 'ERRNO',
  values: ['kill', 'EPERM', 'EACCES', 'ENOSYS', 'EUCLEAN'],
  parse(value, current, context) {
    if (value === '' || value === 'kill') return 'kill'
    const error = parseErrno(value)
    if (isErrno(error)) context.report('warning', `Failed to parse error number, ignoring: ${value}`)
    else if (error === 0) context.report('warning', `Invalid error number, ignoring: ${value}`)
    else return `${error}`
    return current
  },
}

export const ADDRESS_FAMILIES = [
  'AF_UNIX',
  'AF_LOCAL',
  'AF_INET',
  'AF_AX25',
  'AF_IPX',
  'AF_APPLETALK',
  'AF_NETROM',
  'AF_BRIDGE',
  'AF_ATMPVC',
  'AF_X25',
  'AF_INET6',
  'AF_ROSE',
  'AF_DECnet',
  'AF_NETBEUI',
  'AF_SECURITY',
  'AF_KEY',
  'AF_NETLINK',
  'AF_ROUTE',
  'AF_PACKET',
  'AF_ASH',
  'AF_ECONET',
  'AF_ATMSVC',
  'AF_RDS',
  'AF_SNA',
  'AF_IRDA',
  'AF_PPPOX',
  'AF_WANPIPE',
  'AF_LLC',
  'AF_IB',
  'AF_MPLS',
  'AF_CAN',
  'AF_TIPC',
  'AF_BLUETOOTH',
  'AF_IUCV',
  'AF_RXRPC',
  'AF_ISDN',
  'AF_PHONET',
  'AF_IEEE802154',
  'AF_CAIF',
  'AF_ALG',
  'AF_NFC',
  'AF_VSOCK',
  'AF_KCM',
  'AF_QIPCRTR',
  'AF_SMC',
  'AF_XDP',
  'AF_MCTP',
  'AF_FILE',
]
const SAME_FAMILY: Readonly<Record<string, string>> = { AF_LOCAL: 'AF_UNIX', AF_FILE: 'AF_UNIX', AF_ROUTE: 'AF_NETLINK' }

const NO_FAMILIES: NameList = { allow: true, names: [] }

export const addressFamilies: DirectiveParser<NameList | undefined> = {
  placeholder: 'FAMILIES',
  values: ['none', ...ADDRESS_FAMILIES],
  parse(value, current, context) {
    if (value === '') return undefined
    if (value === 'none') return NO_FAMILIES
    const invert = value.startsWith('~')
    const rest = invert ? value.slice(1) : value
    // After `none` the next line decides afresh what kind of list it is.
    const allow = current === undefined || current === NO_FAMILIES ? !invert : current.allow
    const names = new Set(current?.names ?? [])
    for (const word of eachWord(rest, { unquote: true }, context, () => `Invalid syntax, ignoring: ${rest}`)) {
      const name = ADDRESS_FAMILIES.find((one) => one.toLowerCase() === word.text.toLowerCase())
      if (name === undefined) {
        context.report('warning', `Failed to parse address family, ignoring: ${word.text}`, word.range)
        continue
      }
      const family = SAME_FAMILY[name] ?? name
      if (!invert === allow) names.add(family)
      else names.delete(family)
    }
    return { allow, names: [...names] }
  },
}

export const NAMESPACES = ['cgroup', 'ipc', 'net', 'mnt', 'pid', 'user', 'uts', 'time'] as const
const ALL_NAMESPACES: readonly string[] = NAMESPACES

/** Namespaces that may be made; `undefined` where the unit does not say, so any. */
export const restrictNamespaces: DirectiveParser<readonly string[] | undefined> = {
  placeholder: 'NAMESPACES',
  values: ['yes', 'no', ...NAMESPACES],
  parse(value, current, context) {
    if (value === '') return undefined
    const truth = parseBoolean(value)
    if (truth === true) return []
    if (truth === false) return ALL_NAMESPACES
    const invert = value.startsWith('~')
    const rest = invert ? value.slice(1) : value
    const named: string[] = []
    const cursor = cursorAt(rest)
    for (;;) {
      const word = extractFirstWord(cursor)
      if (word === undefined) break
      if (isErrno(word) || !ALL_NAMESPACES.includes(word)) {
        context.report('warning', `Failed to parse namespace type string, ignoring: ${rest}`)
        return current
      }
      named.push(word)
    }
    const base = current ?? (invert ? ALL_NAMESPACES : [])
    return ALL_NAMESPACES.filter((one) => (invert ? base.includes(one) && !named.includes(one) : base.includes(one) || named.includes(one)))
  },
}

export const restrictFileSystems: DirectiveParser<NameList | undefined> = {
  placeholder: 'FILESYSTEMS',
  values: [...filesystemGroups.keys()],
  parse(value, current, context) {
    if (value === '') return undefined
    const invert = value.startsWith('~')
    const rest = invert ? value.slice(1) : value
    const list = current === undefined || current.names.length === 0 ? { allow: !invert, names: [] } : current
    const names = new Set(list.names)
    const apply = (name: string, word: Word | undefined): void => {
      const group = name.startsWith('@') ? filesystemGroups.get(name) : undefined
      if (name.startsWith('@') && group === undefined) {
        if (word) context.report('warning', `bpf-restrict-fs: Unknown filesystem group, ignoring: ${name}`, word.range)
      } else if (group !== undefined) for (const member of group) apply(member, undefined)
      else if (!invert === list.allow) names.add(name)
      else names.delete(name)
    }
    const words = eachWord(rest, { unquote: true }, context, () => `Trailing garbage in ${context.directive}, ignoring: ${rest}`)
    for (const word of words) apply(word.text, word)
    return { allow: list.allow, names: [...names] }
  },
}

const PERSONALITIES = ['x86', 'x86-64', 'arm64', 'arm64-be', 'arm', 'arm-be', 'ppc64', 'ppc64-le', 'ppc', 'ppc-le', 's390x', 's390']
/** Those of this machine. */
const OURS = ['x86', 'x86-64']

export const personality: DirectiveParser<string> = {
  placeholder: 'PERSONALITY',
  values: PERSONALITIES,
  parse(value, current, context) {
    if (value === '' || OURS.includes(value)) return value
    context.report('warning', `Failed to parse ${context.directive}=${value}, ignoring.`)
    return current
  },
}

export const mountFlags = simple<string>('MOUNTFLAG', (text) => (['', 'shared', 'slave', 'private'].includes(text) ? text : errno.EINVAL), [
  'shared',
  'slave',
  'private',
])
