// Pathname expansion after bash(1): sorted names that a pattern matches, dot files only when asked for.
import { isErrno } from '@/lib/kernel'
import type { Syscall } from '@/lib/kernel'
import type { Shell } from './shell'
import { compilePattern, hasPattern, unquotePattern } from './pattern'
import { byByte } from './variables'

/** Splits at slashes outside of brackets and quotes; every piece keeps its quoting. */
function splitPath(pattern: string): readonly string[] {
  const parts: string[] = []
  let part = ''
  let depth = 0
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]!
    if (character === '\\') {
      part += character + (pattern[at + 1] ?? '')
      at += 1
      continue
    }
    if (character === '(') depth += 1
    if (character === ')') depth = Math.max(0, depth - 1)
    if (character === '/' && depth === 0) {
      parts.push(part)
      part = ''
    } else part += character
  }
  parts.push(part)
  return parts
}

const joinPath = (directory: string, name: string): string =>
  directory === '' || directory.endsWith('/') ? directory + name : `${directory}/${name}`

function* subdirectories(shell: Shell, directory: string): Syscall<readonly string[]> {
  const entries = yield* shell.process.readdir(directory === '' ? '.' : directory)
  if (isErrno(entries)) return []
  const result: string[] = []
  for (const entry of [...entries].sort((a, b) => byByte(a.name, b.name))) {
    if (entry.kind !== 'directory' || entry.name.startsWith('.')) continue
    const path = joinPath(directory, entry.name)
    result.push(path, ...(yield* subdirectories(shell, path)))
  }
  return result
}

export function* expandPathname(shell: Shell, pattern: string): Syscall<readonly string[]> {
  const extended = shell.shopts.has('extglob')
  const options = { extended, ignoreCase: shell.shopts.has('nocaseglob') }
  const parts = splitPath(pattern)
  let found: readonly string[] = ['']
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index]!
    const last = index === parts.length - 1
    const next: string[] = []
    if (part === '' && index === 0) {
      found = ['/']
      continue
    }
    if (part === '') {
      if (!last) continue
      for (const directory of found) {
        const status = yield* shell.process.stat(directory)
        if (!isErrno(status) && status.kind === 'directory') next.push(directory.endsWith('/') ? directory : `${directory}/`)
      }
      found = next
      continue
    }
    if (part === '**' && shell.shopts.has('globstar')) {
      for (const directory of found) {
        const below = yield* subdirectories(shell, directory)
        if (!last) next.push(directory, ...below)
        else {
          for (const one of [directory, ...below]) {
            if (one !== '') next.push(one)
            const entries = yield* shell.process.readdir(one === '' ? '.' : one)
            if (!isErrno(entries))
              next.push(
                ...entries
                  .filter((entry) => entry.kind !== 'directory' && !entry.name.startsWith('.'))
                  .map((entry) => joinPath(one, entry.name)),
              )
          }
        }
      }
      found = last ? [...new Set(next)].sort(byByte) : next
      continue
    }
    if (!hasPattern(part, extended)) {
      const name = unquotePattern(part)
      for (const directory of found) {
        const path = joinPath(directory, name)
        if (!last || index === 0) {
          next.push(path)
          continue
        }
        if (!isErrno(yield* shell.process.lstat(path))) next.push(path)
      }
      found = next
      continue
    }
    const matcher = compilePattern(part, options)
    const dots = part.startsWith('.') || part.startsWith('\\.') || shell.shopts.has('dotglob')
    for (const directory of found) {
      const entries = yield* shell.process.readdir(directory === '' ? '.' : directory)
      if (isErrno(entries)) continue
      const names = entries
        .filter((entry) => (last || entry.kind === 'directory' || entry.kind === 'symlink') && (dots || !entry.name.startsWith('.')))
        .filter((entry) => entry.name !== '.' && entry.name !== '..' && matcher.test(entry.name))
        .map((entry) => entry.name)
      names.sort(byByte)
      next.push(...names.map((name) => joinPath(directory, name)))
    }
    found = next
  }
  return found.filter((path) => path !== '').sort(byByte)
}
