// What every builtin is, and how it speaks.
import { isErrno } from '@/lib/kernel'
import type { Syscall } from '@/lib/kernel'
import type { Shell } from '../shell'
import type { ExpandedAssignment } from '../assignment'
import { showAssignment } from '../assignment'

export type Field = string | ExpandedAssignment
/** Arguments without the name; returns the status. */
export type Builtin = (shell: Shell, args: readonly Field[], name: string) => Syscall<number>

export const texts = (args: readonly Field[]): string[] => args.map((arg) => (typeof arg === 'string' ? arg : showAssignment(arg)))

/** Writes to standard output; 1 with a message when that fails. */
export function* print(shell: Shell, name: string, text: string): Syscall<number> {
  if (text === '') return 0
  const written = yield* shell.process.write(1, text)
  if (!isErrno(written)) return 0
  yield* shell.complain(`${name}: write error: ${written.message}`)
  return 1
}

export function* fail(shell: Shell, name: string, text: string, status = 1): Syscall<number> {
  yield* shell.complain(`${name}: ${text}`)
  return status
}

export function* usage(shell: Shell, name: string, option: string, synopsis: string): Syscall<number> {
  yield* shell.complain(`${name}: ${option}: invalid option`)
  yield* shell.process.write(2, `${name}: usage: ${synopsis}\n`)
  return 2
}

export type Options = {
  readonly flags: ReadonlySet<string>
  readonly values: ReadonlyMap<string, string>
  readonly rest: readonly string[]
  readonly bad?: string
  readonly missing?: string
}

/** Letters before operands, as internal_getopt reads them; a letter followed by `:` takes a value. */
export function readOptions(args: readonly string[], letters: string, plus = false): Options {
  const flags = new Set<string>()
  const values = new Map<string, string>()
  let index = 0
  for (; index < args.length; index++) {
    const word = args[index]!
    if (word === '--') {
      index += 1
      break
    }
    if (word.length < 2 || !(word[0] === '-' || (plus && word[0] === '+'))) break
    for (let at = 1; at < word.length; at++) {
      const letter = word[at]!
      const place = letters.indexOf(letter)
      if (place < 0 || letter === ':') return { flags, values, rest: args.slice(index), bad: `${word[0]}${letter}` }
      const key = word[0] === '+' ? `+${letter}` : letter
      flags.add(key)
      if (letters[place + 1] !== ':') continue
      let value: string | undefined = word.slice(at + 1)
      if (value === '') {
        index += 1
        value = args[index]
      }
      if (value === undefined) return { flags, values, rest: [], missing: `-${letter}` }
      values.set(key, value)
      break
    }
  }
  return { flags, values, rest: args.slice(index) }
}
