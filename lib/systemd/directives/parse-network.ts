import { errno, type Errno, isErrno } from '@/lib/kernel'
import type { DirectiveParser } from './directive'
import { byteLength, cursorAt, cursorRest, extractFirstWord, extractManyWords } from './extract-word'
import { parseAddressPrefix } from './addresses'
import { parseRange } from './numbers'
import { checkPath, PATH_SPECIFIER_MAX } from './parse-path'
import { failedToParse } from './parse-scalar'
import { expandOrWarn } from './parse-text'
import { eachWord } from './parse-words'

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
