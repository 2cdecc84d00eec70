// After systemd.unit(5), "Conditions and Asserts", and condition.c. Each test answers yes or no, or an errno when it cannot tell.
import {
  compareVersions,
  decodeUtf8,
  expandGlob,
  globMatches,
  orderSatisfies,
  pathIsAbsolute,
  readCompareOperator,
  type CompareOperator,
  type FileReader,
} from '@/lib/base'
import { errno, isErrno, type Errno } from '@/lib/kernel'
import {
  cursorAt,
  extractFirstWord,
  parseBoolean,
  parseEnvironmentFile,
  parsePermyriad,
  parseSize,
  parseUid,
  parseUint64,
  parseInt32,
  realPathOf,
  type ConditionValue,
} from '../directives'
import { ARCHITECTURES } from './architecture'
import { capabilityNumber } from '../seccomp-groups'
import { sliceNameIsValid } from '../unit-name'
import type { ConditionHost, Pressure } from './host'

type Test = (parameter: string, host: ConditionHost) => boolean | Errno

const SYSTEM_ID_MAX = 999

const exists = (reader: FileReader, path: string): boolean => reader.status(path) !== undefined
const kindOf = (reader: FileReader, path: string): string | undefined => reader.status(path)?.kind

/** Names that directories may hold and still count as empty: hidden ones and what editors and package managers leave behind. */
function isHiddenOrBackup(name: string): boolean {
  if (name.startsWith('.') || name.endsWith('~') || ['lost+found', 'aquota.user', 'aquota.group'].includes(name)) return true
  return /\.(rpmnew|rpmsave|rpmorig|dpkg-(old|new|tmp|dist|bak|backup|remove)|ucf-(new|old|dist)|swp|bak|old|new)$/.test(name)
}

function compareText(operator: CompareOperator, have: string, want: string): boolean {
  if (operator === 'string-equal') return have === want
  if (operator === 'string-unequal') return have !== want
  if (operator === 'glob') return globMatches(want, have)
  if (operator === 'not-glob') return !globMatches(want, have)
  return orderSatisfies(compareVersions(have, want), operator)
}

const WHITESPACE = /^[ \t\n\r]+/

const kernelVersion: Test = (parameter, host) => {
  const cursor = cursorAt(parameter)
  for (let first = true; ; first = false) {
    const word = extractFirstWord(cursor, { unquote: true })
    if (isErrno(word)) return word
    if (word === undefined) return true
    const stripped = word.replace(WHITESPACE, '').replace(/[ \t\n\r]+$/, '')
    // Without an operator it is a pattern.
    const [operator, rest] = readCompareOperator(stripped, { glob: true, equalByString: true }) ?? (['glob', stripped] as const)
    let want = rest.replace(WHITESPACE, '')
    if (want === '') {
      // Of old, the first operator may stand apart from its version.
      const next = first ? extractFirstWord(cursor, {}) : undefined
      if (isErrno(next)) return next
      if (next === undefined) return errno.EINVAL
      want = next
    }
    if (!compareText(operator, host.kernelRelease, want)) return false
  }
}

const osRelease: Test = (parameter, host) => {
  const bytes = host.reader.readFile('/etc/os-release') ?? host.reader.readFile('/usr/lib/os-release')
  const cursor = cursorAt(parameter)
  for (;;) {
    const word = extractFirstWord(cursor, { unquote: true })
    if (isErrno(word)) return word
    if (word === undefined) return true
    const [, key = '', rest = ''] = /^([^!<=>$]*)(.*)$/s.exec(word)!
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) return errno.EINVAL
    const found = readCompareOperator(rest, { glob: true, equalByString: true })
    if (found === undefined || found[1] === '' || WHITESPACE.test(found[1])) return errno.EINVAL
    if (bytes === undefined) return errno.ENOENT
    if (!compareText(found[0], parseEnvironmentFile(decodeUtf8(bytes)).get(key) ?? '', found[1])) return false
  }
}

/** A number with an operator before it; at least, when there is none. */
const ordered =
  (have: (host: ConditionHost) => number, parse: (text: string) => bigint | Errno): Test =>
  (parameter, host) => {
    const [operator, rest] = readCompareOperator(parameter) ?? (['>=', parameter] as const)
    const want = parse(rest)
    if (isErrno(want)) return want
    const value = BigInt(Math.floor(have(host)))
    return orderSatisfies(value < want ? -1 : value > want ? 1 : 0, operator)
  }

const memorySize = (text: string): bigint | Errno => {
  const plain = parseUint64(text)
  return isErrno(plain) ? parseSize(text, 1024) : plain
}

const virtualization: Test = (parameter, host) => {
  const found = host.virtualization
  if (parameter === 'private-users') return false
  const wanted = parseBoolean(parameter)
  if (!isErrno(wanted)) return wanted === (found !== undefined)
  if (parameter === 'vm' || parameter === 'container') return found?.kind === parameter
  return found?.id === parameter
}

const machine: Test = (parameter, host) => {
  const id = /^[0-9a-f]{32}$/i.test(parameter)
    ? parameter
    : /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(parameter)
      ? parameter.replaceAll('-', '')
      : undefined
  if (id === undefined) return globMatches(parameter, host.hostname, { casefold: true })
  return host.machineId === undefined ? errno.ENOENT : id.toLowerCase() === host.machineId
}

const kernelCommandLine: Test = (parameter, host) => {
  const cursor = cursorAt(host.kernelCommandLine)
  for (;;) {
    const word = extractFirstWord(cursor, { unquote: true, relax: true })
    if (isErrno(word)) return word
    if (word === undefined) return false
    if (word === parameter || (!parameter.includes('=') && word.startsWith(`${parameter}=`))) return true
  }
}

const environment: Test = (parameter, host) => {
  const equals = parameter.indexOf('=')
  return equals < 0 ? host.environment.has(parameter) : host.environment.get(parameter.slice(0, equals)) === parameter.slice(equals + 1)
}

const capability: Test = (parameter, host) => {
  const number = parseInt32(parameter)
  const value = isErrno(number) ? capabilityNumber(parameter) : number >= 0 && number <= 62 ? number : undefined
  if (value === undefined) return errno.EINVAL
  return (host.capabilities & (1n << BigInt(value))) !== 0n
}

/** A boolean that the fact must equal. */
const sameAs =
  (fact: (host: ConditionHost) => boolean): Test =>
  (parameter, host) => {
    const wanted = parseBoolean(parameter)
    return isErrno(wanted) ? errno.EINVAL : wanted === fact(host)
  }

const user: Test = (parameter, host) => {
  const id = parseUid(parameter)
  if (!isErrno(id)) return id === host.uid
  if (parameter === '@system') return host.uid <= SYSTEM_ID_MAX
  return parameter === host.user
}

const group: Test = (parameter, host) => {
  const id = parseUid(parameter)
  if (!isErrno(id)) return host.gids.includes(id)
  return host.groups.includes(parameter)
}

const KNOWN_CONTROLLERS = ['cpu', 'cpuacct', 'cpuset', 'io', 'blkio', 'memory', 'devices', 'pids']

const controlGroupController: Test = (parameter, host) => {
  if (host.cgroupControllers === undefined) return errno.ENOENT
  if (parameter === 'v2') return true
  if (parameter === 'v1') return false
  const wanted = parameter.split(/\s+/).filter((name) => KNOWN_CONTROLLERS.includes(name))
  // A name that nobody knows is taken to be there.
  return wanted.every((name) => host.cgroupControllers!.has(name) || name === 'devices')
}

const needsUpdate: Test = (parameter, host) => {
  const { reader } = host
  const forced = /(?:^|\s)systemd\.condition[-_]needs[-_]update(?:=(\S+))?(?:\s|$)/.exec(host.kernelCommandLine)
  if (forced !== null) {
    const asked = parseBoolean(forced[1] ?? 'yes')
    if (!isErrno(asked)) return asked
  }
  if (!pathIsAbsolute(parameter)) return true
  if (reader.status(parameter) !== undefined && host.isReadOnlyFileSystem(parameter)) return false
  const usr = reader.linkStatus('/usr')
  const stamp = reader.linkStatus(`${parameter.replace(/\/+$/, '')}/.updated`)
  if (usr === undefined || stamp === undefined) return true
  return usr.mtimeUsec > stamp.mtimeUsec
}

const firstBoot: Test = (parameter, host) => {
  const wanted = parseBoolean(parameter)
  if (isErrno(wanted)) return errno.EINVAL
  const forced = /(?:^|\s)systemd\.condition[-_]first[-_]boot(?:=(\S+))?(?:\s|$)/.exec(host.kernelCommandLine)
  const asked = forced === null ? errno.EINVAL : parseBoolean(forced[1] ?? 'yes')
  return wanted === (isErrno(asked) ? host.isFirstBoot : asked)
}

const firmware: Test = (parameter, host) => {
  if (parameter === 'uefi') return host.isUefi
  const tree = '/sys/firmware/devicetree'
  if (parameter === 'device-tree') return exists(host.reader, tree)
  const compatible = /^device-tree-compatible\((.*)\)$/.exec(parameter)
  if (compatible !== null) {
    const list = host.reader.readFile(`${tree}/base/compatible`)
    return list !== undefined && decodeUtf8(list).split('\0').includes(compatible[1]!)
  }
  const field = /^smbios-field\(\s*([A-Za-z0-9_]+)\s*(.*?)\s*\)$/.exec(parameter)
  if (field === null) return false
  const found = readCompareOperator(field[2]!, { glob: true, equalByString: true })
  const value = host.reader.readFile(`/sys/class/dmi/id/${field[1]}`)
  if (found === undefined || value === undefined) return false
  return compareText(found[0], decodeUtf8(value).replace(/\n$/, ''), found[1].trim())
}

const credential: Test = (parameter, host) =>
  /^[^/]+$/.test(parameter) && host.credentialsDirectories.some((directory) => exists(host.reader, `${directory}/${parameter}`))

const INTERVALS: readonly (readonly [prefix: string, field: keyof Pressure])[] = [
  ['10sec', 'avg10'],
  ['1min', 'avg60'],
  ['5min', 'avg300'],
]

const pressure =
  (resource: 'memory' | 'cpu' | 'io'): Test =>
  (parameter, host) => {
    const words = parameter.split(':').filter((word) => word !== '')
    const [first, second] = words
    if (first === undefined) return errno.EINVAL
    let slice: string | undefined
    if (second !== undefined) {
      if (host.cgroupControllers === undefined) return errno.ENOENT
      slice = first.trim()
      if (!sliceNameIsValid(slice)) return errno.EINVAL
    }
    const [limit = '', span] = (second ?? first).split('/')
    const interval = span === undefined ? INTERVALS[2] : INTERVALS.find(([prefix]) => span.replace(WHITESPACE, '').startsWith(prefix))
    if (interval === undefined) return errno.EINVAL
    const share = parsePermyriad(limit.trim())
    if (isErrno(share)) return share
    const now = host.pressure(resource, slice)
    return now === undefined || now[interval[1]] <= share / 100
  }

/** Every condition by its name, without `Condition` or `Assert`, in systemd's order. */
const TESTS = {
  Architecture: (parameter, host) => {
    const wanted = parameter === 'native' ? host.architecture : ARCHITECTURES.includes(parameter) ? parameter : undefined
    return wanted === host.architecture
  },
  Firmware: firmware,
  Virtualization: virtualization,
  Host: machine,
  KernelCommandLine: kernelCommandLine,
  KernelVersion: kernelVersion,
  Credential: credential,
  Security: (parameter, host) => host.security.has(parameter),
  Capability: capability,
  ACPower: sameAs((host) => host.onAcPower),
  NeedsUpdate: needsUpdate,
  FirstBoot: firstBoot,
  PathExists: (path, { reader }) => exists(reader, path),
  PathExistsGlob: (pattern, { reader }) => expandGlob(reader, pattern).length > 0,
  PathIsDirectory: (path, { reader }) => kindOf(reader, path) === 'directory',
  PathIsSymbolicLink: (path, { reader }) => reader.linkStatus(path)?.kind === 'symlink',
  PathIsMountPoint: (path, host) => {
    const real = realPathOf(host.reader, path)
    return real !== undefined && host.isMountPoint(real)
  },
  PathIsReadWrite: (path, host) => {
    const real = realPathOf(host.reader, path)
    return real !== undefined && !host.isReadOnlyFileSystem(real)
  },
  PathIsEncrypted: (path, host) => exists(host.reader, path) && host.isEncrypted(path),
  DirectoryNotEmpty: (path, { reader }) => (reader.readDirectory(path) ?? []).some((name) => !isHiddenOrBackup(name)),
  FileNotEmpty: (path, { reader }) => kindOf(reader, path) === 'file' && reader.status(path)!.size > 0,
  FileIsExecutable: (path, { reader }) => kindOf(reader, path) === 'file' && (reader.status(path)!.mode & 0o111) !== 0,
  User: user,
  Group: group,
  ControlGroupController: controlGroupController,
  Memory: ordered((host) => host.memory, memorySize),
  CPUs: ordered((host) => host.cpus, parseUint64),
  Environment: environment,
  CPUFeature: (parameter, host) => host.cpuFeatures.has(parameter.toLowerCase()),
  OSRelease: osRelease,
  MemoryPressure: pressure('memory'),
  CPUPressure: pressure('cpu'),
  IOPressure: pressure('io'),
} as const satisfies Readonly<Record<string, Test>>

export const CONDITION_TYPES: readonly string[] = Object.keys(TESTS)

/** Whether the condition holds, its `!` counted; an errno when that cannot be told. */
export function testCondition(condition: ConditionValue, host: ConditionHost): boolean | Errno {
  const test: Test | undefined = (TESTS as Readonly<Record<string, Test>>)[condition.type]
  if (test === undefined) return errno.EINVAL
  const result = test(condition.parameter, host)
  return isErrno(result) ? result : result !== condition.negate
}

/** As `testCondition`; what cannot be told does not hold. */
export function evaluateCondition(condition: ConditionValue, host: ConditionHost): boolean {
  return testCondition(condition, host) === true
}

export type ConditionOutcome = { readonly condition: ConditionValue; readonly result: boolean | Errno }

/**
 * All plain conditions must hold, and one of the `|` ones if there are any. systemd keeps the list newest first and looks in that
 * order, up to the first plain one that does not hold.
 * @param conditions in the order written
 */
export function testConditionList(
  conditions: readonly ConditionValue[],
  host: ConditionHost,
  onResult: (outcome: ConditionOutcome) => void = () => {},
): boolean {
  let triggered: boolean | undefined
  for (const condition of conditions.toReversed()) {
    const result = testCondition(condition, host)
    onResult({ condition, result })
    if (!condition.trigger && result !== true) return false
    if (condition.trigger) triggered = triggered === true || result === true
  }
  return triggered !== false
}

/** `|!/etc/fstab`. */
export function conditionText({ trigger, negate, parameter }: ConditionValue): string {
  return `${trigger ? '|' : ''}${negate ? '!' : ''}${parameter}`
}
