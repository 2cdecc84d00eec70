// Tab completion: commands, paths, variables, users, and what the completer given to the shell knows.
import { decodeUtf8 } from '@/lib/base'
import { isErrno } from '@/lib/kernel'
import type { Syscall } from '@/lib/kernel'
import type { Shell } from './shell'
import { keywords } from './builtins/lookup'
import { byByte } from './variables'

export type Completion = {
  /** Where the completed word begins in the line. */
  readonly start: number
  readonly candidates: readonly string[]
  /** A file name: a directory gets a slash, special characters are quoted. */
  readonly isPath: boolean
}

const sortedUnique = (names: readonly string[]): string[] => [...new Set(names)].sort(byByte)

export function* completeCommand(shell: Shell, prefix: string): Syscall<readonly string[]> {
  const names: string[] = [...shell.aliases.keys(), ...shell.functions.keys(), ...shell.builtins.keys(), ...keywords].filter((name) =>
    name.startsWith(prefix),
  )
  for (const directory of (shell.variables.get('PATH') ?? '').split(':')) {
    const entries = yield* shell.process.readdir(directory || '.')
    if (!isErrno(entries)) names.push(...entries.map((entry) => entry.name).filter((name) => name.startsWith(prefix)))
  }
  return sortedUnique(names)
}

export function* completePath(shell: Shell, prefix: string, directoriesOnly = false): Syscall<readonly string[]> {
  const slash = prefix.lastIndexOf('/') + 1
  const shown = prefix.slice(0, slash)
  const base = prefix.slice(slash)
  let directory = shown === '' ? '.' : shown
  if (directory.startsWith('~/')) directory = (shell.variables.get('HOME') ?? '') + directory.slice(1)
  const entries = yield* shell.process.readdir(directory)
  if (isErrno(entries)) return []
  const result: string[] = []
  for (const entry of entries) {
    if (!entry.name.startsWith(base) || entry.name === '.' || entry.name === '..') continue
    if (entry.name.startsWith('.') && !base.startsWith('.')) continue
    let isDirectory = entry.kind === 'directory'
    if (entry.kind === 'symlink') {
      const status = yield* shell.process.stat(`${directory}/${entry.name}`)
      isDirectory = !isErrno(status) && status.kind === 'directory'
    }
    if (directoriesOnly && !isDirectory) continue
    result.push(`${shown}${entry.name}${isDirectory ? '/' : ''}`)
  }
  return sortedUnique(result)
}

type LineWord = { readonly text: string; readonly start: number }

/** The words of the simple command the caret stands in; quotes and backslashes are taken off. */
export function wordsBefore(line: string): { readonly words: readonly LineWord[]; readonly open: string } {
  let words: LineWord[] = []
  let text = ''
  let start = -1
  let quote = ''
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!
    if (quote !== '') {
      if (character === quote) quote = ''
      else text += character
      continue
    }
    if (character === '\\' && at + 1 < line.length) {
      if (start < 0) start = at
      at += 1
      text += line[at]
    } else if (character === '"' || character === "'") {
      if (start < 0) start = at
      quote = character
    } else if (/[\s;|&()<>]/.test(character)) {
      if (start >= 0) words.push({ text, start })
      text = ''
      start = -1
      if (/[;|&(]/.test(character)) words = []
    } else {
      if (start < 0) start = at
      text += character
    }
  }
  words.push({ text, start: start < 0 ? line.length : start })
  return { words, open: quote }
}

const prefixCommands = new Set(['sudo', 'nohup', 'env', 'nice', 'setsid', 'time', 'exec', 'command', 'watch', 'xargs', 'timeout'])

export function* completeLine(shell: Shell, line: string): Syscall<Completion> {
  const { words } = wordsBefore(line)
  const current = words.at(-1)!
  const { text, start } = current
  const variable = /\$\{?(\w*)$/.exec(text)
  if (variable !== null) {
    const brace = variable[0].startsWith('${')
    const names = shell.variables.names().filter((name) => name.startsWith(variable[1]!))
    const head = text.slice(0, variable.index)
    return { start, candidates: names.map((name) => `${head}$${brace ? '{' : ''}${name}${brace ? '}' : ''}`), isPath: false }
  }
  let first = 0
  while (
    first < words.length - 1 &&
    (/^\w+=/.test(words[first]!.text) || prefixCommands.has(words[first]!.text) || (first > 0 && words[first]!.text.startsWith('-')))
  )
    first += 1
  const redirected = /[<>]\s*$/.test(line.slice(0, start))
  if (words.length - 1 === first && !redirected) {
    if (text.includes('/')) return { start, candidates: yield* completePath(shell, text), isPath: true }
    return { start, candidates: yield* completeCommand(shell, text), isPath: false }
  }
  if (/^~[^/]*$/.test(text)) {
    const passwd = shell.process.fileReader().readFile('/etc/passwd')
    const users =
      passwd === undefined
        ? []
        : decodeUtf8(passwd)
            .split('\n')
            .map((row) => row.split(':')[0]!)
            .filter((name) => name !== '' && name.startsWith(text.slice(1)))
    return { start, candidates: sortedUnique(users).map((name) => `~${name}/`), isPath: true }
  }
  const command = words[first]!.text
  if (shell.completer !== undefined && !redirected) {
    const plain = words.slice(first).map((word) => word.text)
    const offered = yield* shell.completer(shell.process, plain, plain.length - 1)
    if (offered !== undefined) {
      const fitting = sortedUnique(offered.filter((one) => one.startsWith(text)))
      if (fitting.length > 0) return { start, candidates: fitting, isPath: false }
    }
  }
  const directoriesOnly = command === 'cd' || command === 'pushd' || command === 'rmdir'
  const equals = /^(--?[\w-]+=)(.*)$/s.exec(text)
  if (equals !== null) {
    const paths = yield* completePath(shell, equals[2]!, directoriesOnly)
    return { start, candidates: paths.map((path) => equals[1]! + path), isPath: true }
  }
  return { start, candidates: yield* completePath(shell, text, directoriesOnly), isPath: true }
}
