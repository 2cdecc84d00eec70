// The history list and its expansion after bash(1), HISTORY EXPANSION.
import { decodeUtf8 } from '@/lib/base'
import { isErrno, O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } from '@/lib/kernel'
import type { Syscall } from '@/lib/kernel'
import type { Shell } from './shell'
import { matchesPattern } from './pattern'

export function rememberLine(shell: Shell, line: string): void {
  if (!shell.options.has('history') || line.trim() === '') return
  const control = (shell.variables.get('HISTCONTROL') ?? '').split(':')
  if ((control.includes('ignorespace') || control.includes('ignoreboth')) && line.startsWith(' ')) return
  if ((control.includes('ignoredups') || control.includes('ignoreboth')) && shell.history.at(-1) === line) return
  const ignore = shell.variables.get('HISTIGNORE')
  if (ignore?.split(':').some((pattern) => pattern !== '' && matchesPattern(pattern, line)) === true) return
  if (control.includes('erasedups')) shell.history = shell.history.filter((one) => one !== line)
  shell.history.push(line)
  shell.newHistory += 1
  const limit = Number(shell.variables.get('HISTSIZE') ?? 500)
  while (limit >= 0 && shell.history.length > limit) {
    shell.history.shift()
    shell.historyBase += 1
  }
}

export function* loadHistory(shell: Shell): Syscall<void> {
  const file = shell.variables.get('HISTFILE')
  if (file === undefined || file === '') return
  const bytes = shell.process.fileReader().readFile(file)
  yield* shell.pay(0)
  if (bytes === undefined) return
  shell.history = decodeUtf8(bytes)
    .split('\n')
    .filter((line) => line !== '' && !/^#\d+$/.test(line))
  const limit = Number(shell.variables.get('HISTSIZE') ?? 500)
  if (limit >= 0 && shell.history.length > limit) shell.history = shell.history.slice(-limit)
}

export function* saveHistory(shell: Shell): Syscall<void> {
  const file = shell.variables.get('HISTFILE')
  if (file === undefined || file === '' || shell.newHistory === 0) return
  const append = shell.shopts.has('histappend')
  const lines = append ? shell.history.slice(-shell.newHistory) : shell.history
  const fd = yield* shell.process.open(file, O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC), 0o600)
  if (isErrno(fd)) return
  yield* shell.process.write(fd, lines.map((line) => `${line}\n`).join(''))
  yield* shell.process.close(fd)
}

export type Expansion = { readonly line: string; readonly changed: boolean } | { readonly problem: string }

const wordsOf = (line: string): readonly string[] => line.match(/(?:[^\s'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+/gs) ?? []

function findEvent(history: readonly string[], base: number, spec: string): string | undefined {
  if (spec === '!') return history.at(-1)
  if (/^-\d+$/.test(spec)) return history.at(Number(spec))
  if (/^\d+$/.test(spec)) return history[Number(spec) - base]
  if (spec.startsWith('?')) return history.findLast((line) => line.includes(spec.slice(1).replace(/\?$/, '')))
  return history.findLast((line) => line.startsWith(spec))
}

function designate(line: string, word: string): string | undefined {
  const words = wordsOf(line)
  const last = words.length - 1
  if (word === '^') return words[1]
  if (word === '$') return words[last]
  if (word === '*') return words.slice(1).join(' ')
  const range = /^(\d+|\^)?-(\d+|\$)?$/.exec(word)
  if (range !== null) {
    const from = range[1] === undefined ? 0 : range[1] === '^' ? 1 : Number(range[1])
    const to = range[2] === undefined ? last - 1 : range[2] === '$' ? last : Number(range[2])
    return to > last ? undefined : words.slice(from, to + 1).join(' ')
  }
  if (word.endsWith('*')) return words.slice(Number(word.slice(0, -1))).join(' ')
  return words[Number(word)]
}

function modify(text: string, modifiers: string): { text: string; printOnly: boolean } {
  let result = text
  let printOnly = false
  for (const match of modifiers.matchAll(/:(g?s(.)(.*?)\2(.*?)(?:\2|$)|[htrepqx])/g)) {
    const kind = match[1]![0] === 'g' ? 's' : match[1]![0]!
    if (kind === 'h') result = result.replace(/\/[^/]*$/, '')
    else if (kind === 't') result = result.replace(/^.*\//, '')
    else if (kind === 'r') result = result.replace(/\.[^./]*$/, '')
    else if (kind === 'e') result = /\.[^./]*$/.exec(result)?.[0] ?? ''
    else if (kind === 'p') printOnly = true
    else if (kind === 'q') result = `'${result.replaceAll("'", "'\\''")}'`
    else if (kind === 's')
      result = match[1]!.startsWith('g') ? result.replaceAll(match[3]!, match[4]!) : result.replace(match[3]!, match[4]!)
  }
  return { text: result, printOnly }
}

const reference =
  /^!(!|-?\d+|\?[^?\n]*\??|[^\s!:$^*'"=(;&|<>-][^\s:$^*'";&|<>()]*)?(?::?([$^*]|(?<=:)(?:\d+-?[\d$]*|\d+\*|-\d*)))?((?::(?:g?s(.).*?\4.*?(?:\4|$)|[htrepqx]))*)/

/** Expands `!` references; quotes protect as in bash. */
export function expandHistory(line: string, history: readonly string[], base: number): Expansion {
  const quick = /^\^([^^]+)\^([^^]*)\^?(.*)$/s.exec(line)
  if (quick !== null) {
    const last = history.at(-1)
    if (last === undefined || !last.includes(quick[1]!)) return { problem: `:s${line}: substitution failed` }
    return { line: last.replace(quick[1]!, quick[2]!) + quick[3]!, changed: true }
  }
  if (!line.includes('!')) return { line, changed: false }
  let result = ''
  let changed = false
  let inSingle = false
  let inDouble = false
  let at = 0
  while (at < line.length) {
    const character = line[at]!
    if (character === '\\' && !inSingle) {
      result += character + (line[at + 1] ?? '')
      at += 2
      continue
    }
    if (character === "'" && !inDouble) inSingle = !inSingle
    else if (character === '"' && !inSingle) inDouble = !inDouble
    const next = line[at + 1]
    if (
      character !== '!' ||
      inSingle ||
      next === undefined ||
      /[\s=(]/.test(next) ||
      (inDouble && next === '"') ||
      line[at - 1] === '$' ||
      line[at - 1] === '{' ||
      line[at - 1] === '['
    ) {
      result += character
      at += 1
      continue
    }
    const match = reference.exec(line.slice(at))
    if (match === null || match[0] === '!') {
      result += character
      at += 1
      continue
    }
    const event = match[1] === undefined ? history.at(-1) : findEvent(history, base, match[1])
    if (event === undefined) return { problem: `${match[0]}: event not found` }
    const word = match[2] === undefined ? event : designate(event, match[2])
    if (word === undefined) return { problem: `${match[0]}: bad word specifier` }
    const { text } = modify(word, match[3] ?? '')
    result += text
    changed = true
    at += match[0].length
  }
  return { line: result, changed }
}
