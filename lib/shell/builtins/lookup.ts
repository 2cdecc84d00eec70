// type, command -v, hash, which name means what.
import { isErrno, X_OK } from '@/lib/kernel'
import type { Syscall } from '@/lib/kernel'
import type { Shell } from '../shell'
import { functionDefinitionText } from '../deparse'
import { builtinOf, findProgram } from '../simple-command'
import { singleQuote } from '../quote'
import { fail, print, readOptions, texts, usage } from './builtin'
import type { Builtin } from './builtin'
import { specialBuiltins } from './names'

export const keywords = new Set([
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'case',
  'esac',
  'for',
  'select',
  'while',
  'until',
  'do',
  'done',
  'in',
  'function',
  'time',
  '{',
  '}',
  '!',
  '[[',
  ']]',
  'coproc',
])

function* allPaths(shell: Shell, name: string): Syscall<readonly string[]> {
  if (name.includes('/')) return isErrno(yield* shell.process.access(name, X_OK)) ? [] : [name]
  const found: string[] = []
  for (const directory of (shell.variables.get('PATH') ?? '').split(':')) {
    const path = `${directory || '.'}/${name}`
    const status = yield* shell.process.stat(path)
    if (!isErrno(status) && status.kind !== 'directory' && (status.mode & 0o111) !== 0) found.push(path)
  }
  return found
}

function* programPath(shell: Shell, name: string): Syscall<string | undefined> {
  if (name.includes('/')) {
    const status = yield* shell.process.stat(name)
    return !isErrno(status) && status.kind !== 'directory' && !isErrno(yield* shell.process.access(name, X_OK)) ? name : undefined
  }
  const known = shell.hash.get(name)
  if (known !== undefined) return known.path
  const [first] = yield* allPaths(shell, name)
  return first
}

/** The line(s) of `type NAME` and `command -v NAME`. */
export function* describeCommand(shell: Shell, name: string, style: 'short' | 'long' | 'kind'): Syscall<string | undefined> {
  const alias = shell.aliases.get(name)
  if (alias !== undefined) {
    return style === 'kind'
      ? 'alias\n'
      : style === 'short'
        ? `alias ${name}=${singleQuote(alias.value)}\n`
        : `${name} is aliased to \`${alias.value}'\n`
  }
  if (keywords.has(name)) return style === 'kind' ? 'keyword\n' : style === 'short' ? `${name}\n` : `${name} is a shell keyword\n`
  const defined = shell.functions.get(name)
  if (defined !== undefined) {
    if (style === 'kind') return 'function\n'
    return style === 'short' ? `${name}\n` : `${name} is a function\n${functionDefinitionText(defined.source, name, defined.body)}\n`
  }
  if (builtinOf(shell, name) !== undefined) {
    if (style === 'kind') return 'builtin\n'
    if (style === 'short') return `${name}\n`
    if (shell.flavour === 'dash') return `${name} is a ${specialBuiltins.has(name) ? 'special ' : ''}shell builtin\n`
    return `${name} is a shell builtin\n`
  }
  const hashed = shell.hash.get(name)
  const path = yield* programPath(shell, name)
  if (path === undefined) return undefined
  if (style === 'kind') return 'file\n'
  if (style === 'short') return `${path}\n`
  return hashed === undefined || shell.flavour === 'dash' ? `${name} is ${path}\n` : `${name} is hashed (${path})\n`
}

const doType: Builtin = function* (shell, args) {
  const options = readOptions(texts(args), 'afptP')
  if (options.bad !== undefined) return yield* usage(shell, 'type', options.bad, 'type [-afptP] name [name ...]')
  const { flags } = options
  let status = 0
  for (const name of options.rest) {
    if (flags.has('P') || flags.has('p')) {
      const builtin = flags.has('p') && (yield* describeCommand(shell, name, 'kind')) !== 'file\n'
      const paths = builtin
        ? []
        : flags.has('a')
          ? yield* allPaths(shell, name)
          : [(yield* programPath(shell, name)) ?? ''].filter((path) => path !== '')
      if (paths.length === 0 && !builtin) status = 1
      yield* print(shell, 'type', paths.map((path) => `${path}\n`).join(''))
      continue
    }
    const style = flags.has('t') ? 'kind' : 'long'
    const text = yield* describeCommand(shell, name, style)
    if (text === undefined) {
      status = 1
      if (!flags.has('t'))
        yield* shell.flavour === 'dash' ? print(shell, 'type', `${name}: not found\n`) : fail(shell, 'type', `${name}: not found`)
      continue
    }
    yield* print(shell, 'type', text)
    if (!flags.has('a')) continue
    const isFile = text === `${name} is ${(yield* programPath(shell, name)) ?? ''}\n`
    const paths = yield* allPaths(shell, name)
    for (const path of isFile ? paths.slice(1) : paths) yield* print(shell, 'type', style === 'kind' ? 'file\n' : `${name} is ${path}\n`)
  }
  return status
}

const doHash: Builtin = function* (shell, args) {
  const options = readOptions(texts(args), 'dlrtp:')
  if (options.bad !== undefined) return yield* usage(shell, 'hash', options.bad, 'hash [-lr] [-p pathname] [-dt] [name ...]')
  if (options.flags.has('r')) shell.hash.clear()
  const path = options.values.get('p')
  if (options.rest.length === 0) {
    if (options.flags.has('r')) return 0
    if (shell.hash.size === 0) return yield* print(shell, 'hash', shell.flavour === 'dash' ? '' : 'hash: hash table empty\n')
    const rows = [...shell.hash].map(([, entry]) => `${String(entry.hits).padStart(4)}\t${entry.path}\n`)
    return yield* print(shell, 'hash', `hits\tcommand\n${rows.join('')}`)
  }
  let status = 0
  for (const name of options.rest) {
    if (path !== undefined) shell.hash.set(name, { path, hits: 0 })
    else if (options.flags.has('d')) shell.hash.delete(name)
    else if (options.flags.has('t')) {
      const known = shell.hash.get(name)
      if (known === undefined) status = yield* fail(shell, 'hash', `${name}: not found`)
      else yield* print(shell, 'hash', `${known.path}\n`)
    } else {
      shell.hash.delete(name)
      const found = yield* findProgram(shell, name)
      if ('problem' in found) status = yield* fail(shell, 'hash', `${name}: not found`)
      else {
        const entry = shell.hash.get(name)
        if (entry !== undefined) entry.hits = 0
      }
    }
  }
  return status
}

const doAlias: Builtin = function* (shell, args) {
  const words = texts(args).filter((word) => word !== '-p')
  const line = (name: string, value: string) =>
    shell.flavour === 'dash' ? `${name}=${singleQuote(value)}\n` : `alias ${name}=${singleQuote(value)}\n`
  if (words.length === 0) {
    const names = [...shell.aliases.keys()].sort()
    return yield* print(shell, 'alias', names.map((name) => line(name, shell.aliases.get(name)!.value)).join(''))
  }
  let status = 0
  for (const word of words) {
    const equals = word.indexOf('=')
    if (equals > 0) {
      shell.aliases.set(word.slice(0, equals), { value: word.slice(equals + 1) })
      continue
    }
    const alias = shell.aliases.get(word)
    if (alias === undefined) status = yield* fail(shell, 'alias', `${word}: not found`)
    else yield* print(shell, 'alias', line(word, alias.value))
  }
  return status
}

const doUnalias: Builtin = function* (shell, args) {
  const options = readOptions(texts(args), 'a')
  if (options.flags.has('a')) shell.aliases.clear()
  let status = 0
  for (const name of options.rest) if (!shell.aliases.delete(name)) status = yield* fail(shell, 'unalias', `${name}: not found`)
  return status
}

const doCaller: Builtin = function* (shell, args) {
  const [depth] = texts(args)
  const frame = shell.calls[shell.calls.length - 1 - Number(depth ?? 0)]
  if (frame === undefined) return 1
  const outer = shell.calls[shell.calls.length - 2 - Number(depth ?? 0)]
  return yield* print(
    shell,
    'caller',
    depth === undefined
      ? `${frame.line} ${outer?.file ?? 'NULL'}\n`
      : `${frame.line} ${outer?.name ?? 'main'} ${outer?.file ?? shell.name}\n`,
  )
}

export const lookupBuiltins: readonly (readonly [string, Builtin])[] = [
  ['type', doType],
  ['hash', doHash],
  ['alias', doAlias],
  ['unalias', doUnalias],
  ['caller', doCaller],
]
