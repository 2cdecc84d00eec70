// After systemd.exec(5), "Paths" and "Sandboxing": bind mounts, temporary file systems, disk images; and systemd.mount(5).
import { errno, type Errno, isErrno } from '@/lib/kernel'
import type { DirectiveParser, ParseContext, ValueRange } from './directive'
import { byteLength, cursorAt, cursorRest, extractFirstWord, extractManyWords, splitWords, WHITESPACE } from './extract-word'
import { checkPath, PATH_SPECIFIER_MAX } from './parse-path'
import { expandOrWarn } from './parse-text'
import { eachWord } from './parse-words'

export type BindMount = {
  readonly source: string
  readonly destination: string
  readonly readOnly: boolean
  readonly recursive: boolean
  /** `-`: no harm when the source is not there. */
  readonly ignoreMissing: boolean
}

const BIND_WORD = { unquote: true, dontCoalesce: true }
const BIND_SEPARATORS = `:${WHITESPACE}`

/** `[-]SOURCE[:DESTINATION[:rbind|norbind]] …` */
export function bindPaths(readOnly: boolean): DirectiveParser<readonly BindMount[]> {
  return {
    placeholder: 'PATH[:PATH[:OPTIONS]] [...]',
    parse(value, current, context) {
      if (value === '') return []
      const mounts = [...current]
      const cursor = cursorAt(value)
      const colonBefore = () => cursor.at !== undefined && value[cursor.at - 1] === ':'
      for (;;) {
        const from = cursor.at ?? value.length
        const here = (): ValueRange => [from, cursor.at ?? value.length]
        const source = extractFirstWord(cursor, BIND_WORD, BIND_SEPARATORS)
        if (source === undefined) return mounts
        if (isErrno(source)) {
          context.report('warning', `Failed to parse ${context.directive}, ignoring: ${value}`)
          return mounts
        }
        const expanded = expandOrWarn(source, context, { maximum: PATH_SPECIFIER_MAX, quote: '"', range: here() })
        if (expanded === undefined) continue
        const ignoreMissing = expanded.startsWith('-')
        const path = checkPath(ignoreMissing ? expanded.slice(1) : expanded, { absolute: true }, context, here())
        if (path === undefined) continue
        let destination = path
        let recursive = true
        if (colonBefore()) {
          const word = extractFirstWord(cursor, BIND_WORD, BIND_SEPARATORS)
          if (isErrno(word)) {
            context.report('warning', `Failed to parse ${context.directive}, ignoring: ${value}`)
            return mounts
          }
          if (word === undefined) {
            context.report('warning', `Missing argument after ':', ignoring: ${path}`)
            continue
          }
          const resolved = context.expand(word, 'full', PATH_SPECIFIER_MAX)
          if (isErrno(resolved)) {
            context.report('warning', `Failed to resolve specifiers in "${word}", ignoring: ${resolved.message}`, here())
            continue
          }
          const checked = checkPath(resolved, { absolute: true }, context, here())
          if (checked === undefined) continue
          destination = checked
          if (colonBefore()) {
            const options = extractFirstWord(cursor, { unquote: true })
            if (isErrno(options)) {
              context.report('warning', `Failed to parse ${context.directive}=, ignoring: ${value}`)
              return mounts
            }
            if (options !== undefined && options !== '' && options !== 'rbind' && options !== 'norbind') {
              context.report('warning', `Invalid option string, ignoring setting: ${options}`, here())
              continue
            }
            recursive = options !== 'norbind'
          }
        }
        mounts.push({ source: path, destination, readOnly, recursive, ignoreMissing })
      }
    },
  }
}

export type TemporaryFileSystem = { readonly path: string; readonly options: string }

export const temporaryFileSystems: DirectiveParser<readonly TemporaryFileSystem[]> = {
  placeholder: 'OTHER',
  parse(value, current, context) {
    if (value === '') return []
    const systems = [...current]
    for (const word of eachWord(value, { unquote: true }, context, () => `Failed to extract first word, ignoring: ${value}`)) {
      const cursor = cursorAt(word.text)
      const path = extractFirstWord(cursor, { dontCoalesce: true }, ':')
      if (isErrno(path)) {
        context.report('warning', `Failed to extract first word, ignoring: ${word.text}`, word.range)
        continue
      }
      if (path === undefined) {
        context.report('warning', `Invalid syntax, ignoring: ${word.text}`, word.range)
        continue
      }
      const expanded = expandOrWarn(path, context, { maximum: PATH_SPECIFIER_MAX, quote: '', range: word.range })
      const checked = expanded === undefined ? undefined : checkPath(expanded, { absolute: true }, context, word.range)
      if (checked !== undefined) systems.push({ path: checked, options: cursorRest(cursor) })
    }
    return systems
  },
}

const PARTITIONS = [
  'root',
  'usr',
  'home',
  'srv',
  'esp',
  'xbootldr',
  'swap',
  'root-verity',
  'usr-verity',
  'root-verity-sig',
  'usr-verity-sig',
  'tmp',
  'var',
]

/** Options for one partition of an image. */
export type PartitionOptions = { readonly partition: string; readonly options: string }

export const rootImageOptions: DirectiveParser<readonly PartitionOptions[]> = {
  placeholder: 'OTHER',
  parse(value, current, context) {
    if (value === '') return []
    const tuples = splitWords(value, { unquote: true, retainEscape: true })
    const fail = () => {
      context.report('warning', `Failed to parse ${context.directive}, ignoring: ${value}`)
      return current
    }
    if (isErrno(tuples)) return fail()
    const made: PartitionOptions[] = []
    for (const tuple of tuples) {
      const cursor = cursorAt(tuple)
      const parts = extractManyWords(cursor, 2, { cunescape: true, unescapeSeparators: true }, ':')
      if (isErrno(parts) || (parts.length > 0 && cursorRest(cursor) !== '')) return fail()
      if (parts.length === 0) continue
      const [first = '', second = ''] = parts
      const partition = second === '' ? 'root' : first
      if (!PARTITIONS.includes(partition)) {
        context.report('warning', `Invalid partition name ${partition}, ignoring`)
        continue
      }
      const options = expandOrWarn(second === '' ? first : second, context, { quote: '' })
      if (options !== undefined) made.push({ partition, options })
    }
    return made.length > 0 ? [...current, ...made] : []
  },
}

export type ImageMount = {
  readonly source: string
  /** '' for extensions, which lie over the whole tree. */
  readonly destination: string
  readonly ignoreMissing: boolean
  readonly options: readonly PartitionOptions[]
}

const TUPLE = { unquote: true, retainEscape: true }
const PART = { cunescape: true, unescapeSeparators: true }

/** Options in pairs, or once without a partition; `undefined` when the whole line is given up. */
function partitionOptions(
  cursor: { text: string; at: number | undefined },
  first: string,
  context: ParseContext,
): PartitionOptions[] | undefined {
  const options: PartitionOptions[] = []
  for (;;) {
    const parts = extractManyWords(cursor, 2, PART, ':')
    if (isErrno(parts)) {
      context.report('warning', `Invalid syntax, ignoring: ${cursorRest(cursor)}`)
      return undefined
    }
    if (parts.length === 0) return options
    if (parts.length === 1) {
      const expanded = context.expand(parts[0]!, 'full', PATH_SPECIFIER_MAX * 256)
      if (isErrno(expanded)) {
        context.report('warning', `Failed to resolve unit specifiers in ${first}, ignoring: ${expanded.message}`)
        continue
      }
      return [...options, { partition: 'root', options: expanded }]
    }
    const [partition = '', text = ''] = parts
    if (!PARTITIONS.includes(partition)) {
      context.report('warning', `Invalid partition name ${partition}, ignoring`)
      continue
    }
    const expanded = expandOrWarn(text, context, { quote: '' })
    if (expanded !== undefined) options.push({ partition, options: expanded })
  }
}

export function imageMounts(kind: 'mount' | 'extension'): DirectiveParser<readonly ImageMount[]> {
  return {
    placeholder: 'OTHER',
    parse(value, current, context) {
      if (value === '') return []
      const name = context.directive
      const mounts = [...current]
      for (const word of eachWord(value, TUPLE, context, (error) => `Invalid syntax ${name}=${value}, ignoring: ${error}`)) {
        const cursor = cursorAt(word.text)
        const parts = extractManyWords(cursor, kind === 'mount' ? 2 : 1, PART, ':')
        if (isErrno(parts)) {
          context.report('warning', `Invalid syntax in ${name}=, ignoring: ${word.text}`, word.range)
          return mounts
        }
        if (parts.length === 0) continue
        const [first = '', second = ''] = parts
        const ignoreMissing = first.startsWith('-')
        const source = expandOrWarn(ignoreMissing ? first.slice(1) : first, context, {
          maximum: PATH_SPECIFIER_MAX,
          quote: '"',
          range: word.range,
        })
        if (source === undefined) continue
        const check = kind === 'mount' ? { absolute: true, notApiButDev: true } : { absolute: true, notApi: true }
        const path = checkPath(source, check, context, word.range)
        if (path === undefined) continue
        let destination = ''
        if (kind === 'mount') {
          if (second === '') {
            context.report('warning', `Missing destination in ${name}, ignoring: ${value}`, word.range)
            continue
          }
          const expanded = context.expand(second, 'full', PATH_SPECIFIER_MAX)
          if (isErrno(expanded)) {
            context.report('warning', `Failed to resolve specifiers in "${second}", ignoring: ${expanded.message}`, word.range)
            continue
          }
          const checked = checkPath(expanded, check, context, word.range)
          if (checked === undefined) continue
          destination = checked
        }
        const options = partitionOptions(cursor, first, context)
        if (options === undefined) return mounts
        mounts.push({ source: path, destination, ignoreMissing, options })
      }
      return mounts
    },
  }
}

/** `LABEL=x` and its like name a device by what udev knows of it. */
export function fstabNodeToUdevNode(what: string): string {
  const tag = /^(LABEL|UUID|PARTUUID|PARTLABEL)=([\s\S]*)$/.exec(what)
  if (tag === null) return what
  const quoted = /^(["'])([\s\S]*)\1$/.exec(tag[2]!)
  const text = quoted === null ? tag[2]! : quoted[2]!
  let encoded = ''
  for (const char of text) {
    if (char.codePointAt(0)! > 127 || /[A-Za-z0-9#+\-.:=@_]/.test(char)) encoded += char
    else encoded += `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`
  }
  return `/dev/disk/by-${tag[1]!.toLowerCase()}/${encoded}`
}

export const mountNode: DirectiveParser<string> = {
  placeholder: 'NODE',
  parse(value, current, context) {
    const expanded = expandOrWarn(value, context)
    if (expanded === undefined) return current
    const path = fstabNodeToUdevNode(expanded)
    if (byteLength(path) < 4096) return path
    context.report('warning', `Resolved mount path '${path}' too long, ignoring.`)
    return current
  },
}

const IMAGE_FLAGS: ReadonlySet<string> = new Set([
  'verity',
  'signed',
  'encrypted',
  'unprotected',
  'unused',
  'absent',
  'open',
  'ignore',
  'read-only-on',
  'read-only-off',
  'growfs-on',
  'growfs-off',
])

/** What is wrong with an image policy: ENOTUNIQ, EBADSLT, EBADRQC or EINVAL; `undefined` when nothing is. */
export function imagePolicyFault(text: string): Errno | undefined {
  if (['', '-', '*', '~'].includes(text)) return undefined
  const seen = new Set<string>()
  const cursor = cursorAt(text)
  for (;;) {
    const rule = extractFirstWord(cursor, { dontCoalesce: true }, ':')
    if (rule === undefined) return undefined
    if (isErrno(rule)) return rule
    const halves = cursorAt(rule)
    const name = extractFirstWord(halves, { dontCoalesce: true }, '=')
    if (isErrno(name)) return name
    if (name === undefined || halves.at === undefined) return errno.EINVAL
    const partition = name.trim()
    if (partition !== '' && !PARTITIONS.includes(partition)) return errno.EBADSLT
    if (seen.has(partition)) return errno.ENOTUNIQ
    seen.add(partition)
    const flags = cursorRest(halves).trim()
    const words = flags === '' || flags === '-' ? [] : splitWords(flags, { dontCoalesce: true }, '+')
    if (isErrno(words)) return words
    if (words.some((word) => !IMAGE_FLAGS.has(word.trim()))) return errno.EBADRQC
  }
}

/** `root=verity+signed:…`: which partitions of an image are taken, and how protected. A bad one ends the loading of the unit. */
export const imagePolicy: DirectiveParser<string> = {
  placeholder: 'OTHER',
  parse(value, current, context) {
    const fault = imagePolicyFault(value)
    if (fault === undefined) return value
    const what =
      fault === errno.ENOTUNIQ
        ? 'Duplicate rule in image policy'
        : fault === errno.EBADSLT
          ? 'Unknown partition type in image policy'
          : fault === errno.EBADRQC
            ? 'Unknown partition policy flag in image policy'
            : 'Failed to parse image policy'
    context.report('error', `${what}, refusing: ${value}`)
    context.refuse(fault)
    return current
  },
}
