// After systemd.socket(5), systemd.timer(5), systemd.path(5), systemd.service(5): what sockets listen on, when timers elapse, exit statuses.
import { type Usec, parseSec } from '@/lib/base'
import { errno, type Errno, isErrno } from '@/lib/kernel'
import { type CalendarSpec, parseCalendarSpec } from '../calendar'
import { parseIpv4, parseIpv6, formatIpv6 } from './addresses'
import type { DirectiveParser, ParseContext } from './directive'
import { byteLength, cursorAt, cursorRest, extractFirstWord } from './extract-word'
import { interfaceNameIsValid } from './parse-network'
import { checkPath, patchVarRun, PATH_SPECIFIER_MAX } from './parse-path'
import { byName, simple, signalFromString } from './parse-scalar'
import { expandOrWarn } from './parse-text'
import { eachWord } from './parse-words'
import { parseInt32, parseIpPort, parseUint8, parseUnsigned } from './numbers'

export type SocketAddress =
  | { readonly family: 'unix'; readonly path: string }
  | { readonly family: 'ipv4'; readonly address: string; readonly port: number }
  | { readonly family: 'ipv6'; readonly address: string; readonly port: number; readonly scope: number }
  | {
      readonly family: 'vsock'
      readonly cid: number
      readonly port: number
      readonly type: '' | 'Datagram' | 'SequentialPacket' | 'Stream'
    }
  | { readonly family: 'netlink'; readonly protocol: string; readonly group: number }
  | { readonly family: 'file'; readonly path: string }

/** One `Listen…=` line. */
export type Listen = {
  readonly type: 'Stream' | 'Datagram' | 'SequentialPacket' | 'FIFO' | 'Netlink' | 'Special' | 'MessageQueue' | 'USBFunction'
  readonly address: SocketAddress
}

function vsock(text: string): SocketAddress | Errno | undefined {
  const match = /^vsock(-dgram|-seqpacket|-stream)?:([\s\S]*)$/.exec(text)
  if (match === null) return undefined
  const colon = match[2]!.indexOf(':')
  if (colon < 0) return errno.EINVAL
  const port = parseUnsigned(match[2]!.slice(colon + 1))
  if (isErrno(port)) return port
  if (port === 0xffffffff) return errno.EINVAL
  const name = match[2]!.slice(0, colon)
  const named: Readonly<Record<string, number>> = { '': 0xffffffff, hypervisor: 0, local: 1, host: 2 }
  const cid = Object.hasOwn(named, name) ? named[name]! : parseUnsigned(name)
  if (isErrno(cid)) return cid
  const type = match[1] === '-dgram' ? 'Datagram' : match[1] === '-seqpacket' ? 'SequentialPacket' : match[1] === '-stream' ? 'Stream' : ''
  return { family: 'vsock', cid, port, type }
}

/** Path, `@abstract`, `vsock:…`, a port, `ADDRESS:PORT`, `[ADDRESS]:PORT`, each with `%INTERFACE`. */
export function parseSocketAddress(text: string, interfaces: ReadonlyMap<string, number>): SocketAddress | Errno {
  if (/^[/@]/.test(text)) {
    const length = byteLength(text)
    if (length < 2) return errno.EINVAL
    // 108 bytes, one of them for the end.
    if (length > 107) return text.startsWith('@') ? errno.EINVAL : errno.ENAMETOOLONG
    return { family: 'unix', path: text }
  }
  const vm = vsock(text)
  if (vm !== undefined) return vm
  const plain = parseIpPort(text)
  if (plain === errno.ERANGE) return plain
  if (!isErrno(plain)) return { family: 'ipv6', address: '::', port: plain, scope: 0 }

  if (text.includes('#')) return errno.EINVAL
  let rest = text
  let scope = 0
  const percent = text.indexOf('%')
  if (percent >= 0) {
    const name = text.slice(percent + 1)
    if (name === '' || !interfaceNameIsValid(name, { alternative: true, numeric: true })) return errno.EINVAL
    const index = interfaces.get(name) ?? (/^\d+$/.test(name) ? Number(name) : undefined)
    if (index === undefined) return errno.ENODEV
    scope = index
    rest = text.slice(0, percent)
  }
  const colon = rest.lastIndexOf(':')
  const ipv4 = (address: string, port: number): SocketAddress | Errno => {
    const bytes = parseIpv4(address)
    return bytes === undefined ? errno.EINVAL : port === 0 ? errno.EINVAL : { family: 'ipv4', address: bytes.join('.'), port }
  }
  if (colon < 0) return ipv4(rest, 0)
  if (rest.startsWith('[')) {
    if (rest[colon - 1] !== ']') return errno.EINVAL
    const port = parseIpPort(rest.slice(colon + 1))
    if (isErrno(port)) return port
    const words = parseIpv6(rest.slice(1, colon - 1))
    return words === undefined ? errno.EINVAL : { family: 'ipv6', address: formatIpv6(words), port, scope }
  }
  if (parseIpv6(rest) !== undefined || parseIpv4(rest.slice(0, colon)) === undefined) return errno.EINVAL
  const port = parseIpPort(rest.slice(colon + 1))
  return isErrno(port) ? port : ipv4(rest.slice(0, colon), port)
}

const NETLINK_FAMILIES = [
  'route',
  'firewall',
  'inet-diag',
  'nflog',
  'xfrm',
  'selinux',
  'iscsi',
  'audit',
  'fib-lookup',
  'connector',
  'netfilter',
  'ip6-fw',
  'dnrtmsg',
  'kobject-uevent',
  'generic',
  'scsitransport',
  'ecryptfs',
  'rdma',
]

function netlink(text: string): SocketAddress | Errno {
  const cursor = cursorAt(text)
  const word = extractFirstWord(cursor)
  if (isErrno(word)) return word
  const number = word === undefined ? errno.EINVAL : parseUnsigned(word)
  if (word === undefined || (!NETLINK_FAMILIES.includes(word) && isErrno(number))) return errno.EINVAL
  if (!isErrno(number) && number > 2 ** 31 - 1) return errno.EINVAL
  const rest = cursorRest(cursor)
  const group = rest === '' ? 0 : parseUnsigned(rest)
  return isErrno(group) ? group : { family: 'netlink', protocol: word, group }
}

/** Sockets, FIFOs, devices and queues all stand in one list, in order; an empty line drops all of them. */
export function listen(type: Listen['type']): DirectiveParser<readonly Listen[]> {
  const isPath = type === 'FIFO' || type === 'Special' || type === 'MessageQueue' || type === 'USBFunction'
  return {
    placeholder: 'SOCKET [...]',
    parse(value, current, context) {
      if (value === '') return []
      const expanded = expandOrWarn(value, context, { maximum: PATH_SPECIFIER_MAX })
      if (expanded === undefined) return current
      if (isPath) {
        const checked = checkPath(expanded, { absolute: true, notApi: type !== 'Special' }, context)
        if (checked === undefined) return current
        return [...current, { type, address: { family: 'file', path: type === 'FIFO' ? patchVarRun(checked, context) : checked } }]
      }
      const text = type !== 'Netlink' && expanded.startsWith('/') ? patchVarRun(expanded, context) : expanded
      const address = type === 'Netlink' ? netlink(text) : parseSocketAddress(text, context.host.networkInterfaces)
      if (isErrno(address)) {
        context.report('warning', `Failed to parse address value in '${text}', ignoring: ${address.message}`)
        return current
      }
      if (type === 'SequentialPacket' && address.family !== 'unix') {
        context.report('warning', `Address family not supported, ignoring: ${value}`)
        return current
      }
      return [...current, { type, address }]
    },
  }
}

export const socketProtocol = simple<string>(
  'OTHER',
  (text) => {
    const numbers: Readonly<Record<string, string>> = {
      udplite: 'udplite',
      sctp: 'sctp',
      mptcp: 'mptcp',
      136: 'udplite',
      132: 'sctp',
      262: 'mptcp',
    }
    const lower = text.toLowerCase()
    const number = parseInt32(lower)
    const key = isErrno(number) ? lower : `${number}`
    if (Object.hasOwn(numbers, key)) return numbers[key]!
    if (isErrno(number)) return lower === '' || IP_PROTOCOLS.has(lower) ? errno.EPROTONOSUPPORT : number
    return number < 0 ? errno.ERANGE : errno.EPROTONOSUPPORT
  },
  ['udplite', 'sctp', 'mptcp'],
)

const IP_PROTOCOLS: ReadonlySet<string> = new Set([
  'ip',
  'hopopts',
  'icmp',
  'igmp',
  'ipip',
  'tcp',
  'egp',
  'pup',
  'udp',
  'idp',
  'tp',
  'dccp',
  'ipv6',
  'routing',
  'fragment',
  'rsvp',
  'gre',
  'esp',
  'ah',
  'icmpv6',
  'none',
  'dstopts',
  'mtp',
  'beetph',
  'encap',
  'pim',
  'comp',
  'l2tp',
  'mh',
  'mpls',
  'ethernet',
  'raw',
  'smc',
])

export const bindToDevice: DirectiveParser<string> = {
  placeholder: 'NETWORKINTERFACE',
  parse(value, current, context) {
    if (value === '' || value === '*') return ''
    if (interfaceNameIsValid(value)) return value
    context.report('warning', `Invalid interface name, ignoring: ${value}`)
    return current
  },
}

export const swapPriority: DirectiveParser<number | undefined> = {
  placeholder: 'OTHER',
  parse(value, current, context) {
    if (value === '') return undefined
    const number = parseInt32(value)
    if (isErrno(number)) context.report('warning', `Invalid swap priority '${value}', ignoring.`)
    else if (number < -1) {
      context.report('warning', `Sorry, swap priorities smaller than -1 may only be assigned by the kernel itself, ignoring: ${value}`)
    } else if (number > 32767) context.report('warning', `Swap priority out of range, ignoring: ${value}`)
    else return number
    return current
  },
}

/** One line of a timer. */
export type TimerValue = {
  readonly base: 'OnCalendar' | 'OnActiveSec' | 'OnBootSec' | 'OnStartupSec' | 'OnUnitActiveSec' | 'OnUnitInactiveSec'
  /** For all but `OnCalendar`. */
  readonly usec: Usec
  /** Of `OnCalendar`. */
  readonly calendar: CalendarSpec | undefined
}

/** All lines of a timer stand in one list; an empty one drops them all. */
export function timer(base: TimerValue['base']): DirectiveParser<readonly TimerValue[]> {
  return {
    placeholder: 'TIMER',
    ...(base === 'OnCalendar'
      ? { values: ['minutely', 'hourly', 'daily', 'monthly', 'weekly', 'yearly', 'quarterly', 'semiannually'] }
      : {}),
    parse(value, current, context) {
      if (value === '') return []
      const expanded = expandOrWarn(value, context)
      if (expanded === undefined) return current
      if (base === 'OnCalendar') {
        const calendar = parseCalendarSpec(expanded, context.host.local)
        if (typeof calendar === 'object') return [...current, { base, usec: 0, calendar }]
        context.report('warning', `Failed to parse calendar specification, ignoring: ${expanded}`)
        return current
      }
      const usec = byName<number>(parseSec(expanded))
      if (!isErrno(usec)) return [...current, { base, usec, calendar: undefined }]
      context.report('warning', `Failed to parse timer value, ignoring: ${expanded}`)
      return current
    },
  }
}

export type PathSpec = {
  readonly type: 'PathExists' | 'PathExistsGlob' | 'PathChanged' | 'PathModified' | 'DirectoryNotEmpty'
  readonly path: string
}

export function pathSpec(type: PathSpec['type']): DirectiveParser<readonly PathSpec[]> {
  return {
    placeholder: 'PATH',
    parse(value, current, context) {
      if (value === '') return []
      const expanded = expandOrWarn(value, context, { maximum: PATH_SPECIFIER_MAX, quote: '' })
      const checked = expanded === undefined ? undefined : checkPath(expanded, { absolute: true }, context)
      return checked === undefined ? current : [...current, { type, path: checked }]
    },
  }
}

/** Statuses and signals that count as something. */
export type ExitStatusSet = { readonly status: readonly number[]; readonly signal: readonly number[] }

/** Names of exit statuses, `EXIT_…` of them without their prefix, as systemd.exec(5) lists them. */
const EXIT_NAMES: Readonly<Record<string, number>> = {
  SUCCESS: 0,
  FAILURE: 1,
  CHDIR: 200,
  NICE: 201,
  FDS: 202,
  EXEC: 203,
  MEMORY: 204,
  LIMITS: 205,
  OOM_ADJUST: 206,
  SIGNAL_MASK: 207,
  STDIN: 208,
  STDOUT: 209,
  CHROOT: 210,
  IOPRIO: 211,
  TIMERSLACK: 212,
  SECUREBITS: 213,
  SETSCHEDULER: 214,
  CPUAFFINITY: 215,
  GROUP: 216,
  USER: 217,
  CAPABILITIES: 218,
  CGROUP: 219,
  SETSID: 220,
  CONFIRM: 221,
  STDERR: 222,
  PAM: 224,
  NETWORK: 225,
  NAMESPACE: 226,
  NO_NEW_PRIVILEGES: 227,
  SECCOMP: 228,
  SELINUX_CONTEXT: 229,
  PERSONALITY: 230,
  APPARMOR: 231,
  ADDRESS_FAMILIES: 232,
  RUNTIME_DIRECTORY: 233,
  CHOWN: 235,
  SMACK_PROCESS_LABEL: 236,
  KEYRING: 237,
  STATE_DIRECTORY: 238,
  CACHE_DIRECTORY: 239,
  LOGS_DIRECTORY: 240,
  CONFIGURATION_DIRECTORY: 241,
  NUMA_POLICY: 242,
  CREDENTIALS: 243,
  BPF: 244,
  KSM: 245,
  EXCEPTION: 255,
  INVALIDARGUMENT: 2,
  NOTIMPLEMENTED: 3,
  NOPERMISSION: 4,
  NOTINSTALLED: 5,
  NOTCONFIGURED: 6,
  NOTRUNNING: 7,
  USAGE: 64,
  DATAERR: 65,
  NOINPUT: 66,
  NOUSER: 67,
  NOHOST: 68,
  UNAVAILABLE: 69,
  SOFTWARE: 70,
  OSERR: 71,
  OSFILE: 72,
  CANTCREAT: 73,
  IOERR: 74,
  TEMPFAIL: 75,
  PROTOCOL: 76,
  NOPERM: 77,
  CONFIG: 78,
}

export const exitStatusSet: DirectiveParser<ExitStatusSet> = {
  placeholder: 'STATUS',
  parse(value, current, context) {
    if (value === '') return { status: [], signal: [] }
    const status = new Set(current.status)
    const signal = new Set(current.signal)
    for (const word of eachWord(value, {}, context, (error) => `Failed to parse ${context.directive}=${value}, ignoring: ${error}`)) {
      const named = Object.hasOwn(EXIT_NAMES, word.text) ? EXIT_NAMES[word.text]! : parseUint8(word.text)
      if (!isErrno(named)) {
        status.add(named)
        continue
      }
      const number = signalFromString(word.text)
      if (isErrno(number)) context.report('warning', `Failed to parse value, ignoring: ${word.text}`, word.range)
      else signal.add(number)
    }
    return { status: [...status].sort((a, b) => a - b), signal: [...signal].sort((a, b) => a - b) }
  },
}

/** `undefined`: that of the program. */
export const exitStatus: DirectiveParser<number | undefined> = {
  placeholder: 'OTHER',
  parse(value, current, context) {
    if (value === '') return undefined
    const number = parseUint8(value)
    if (!isErrno(number)) return number
    context.report('warning', `Failed to parse exit status '${value}', ignoring: ${number.message}`)
    return current
  },
}

/** Microseconds; `undefined`: as TimeoutStopSec=. */
export const timeoutAbort: DirectiveParser<Usec | undefined> = {
  placeholder: 'OTHER',
  parse(value, current, context: ParseContext) {
    if (value === '') return undefined
    const usec = byName<number>(parseSec(value))
    if (!isErrno(usec)) return usec
    context.report('warning', `Failed to parse ${context.directive}= setting, ignoring: ${value}`)
    return current
  },
}
