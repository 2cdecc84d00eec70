// After systemd.service(5), "Command lines": variables in the words of a command, put in when it is executed.
import { isErrno } from '@/lib/kernel'
import { splitWords } from '../directives'

export type Environment = Readonly<Record<string, string>>

export type Expanded = {
  readonly argv: readonly string[]
  /** Names that were used but are not set, sorted, once each. */
  readonly unset: readonly string[]
  /** What was used as a name but cannot be one, sorted, once each. */
  readonly invalid: readonly string[]
}

export type ExpandableCommand = { readonly argv: readonly string[]; readonly noEnvironmentExpansion: boolean }

/** Looks a name up and takes note of those without a value. */
type Lookup = (name: string) => string | undefined

const isName = (text: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(text)
const sorted = (names: ReadonlySet<string>): string[] => [...names].sort()

/**
 * `${NAME}` anywhere in a word is its value; `$$` is one `$`; a `$` before anything else stands for itself, as do `${NAME:…}`
 * and a brace that stays open.
 */
function expandWord(word: string, lookup: Lookup): string {
  return word.replace(/\$\$|\$\{([^}:]*)(\}|:|$)/g, (whole, name: string | undefined, end: string) => {
    if (name === undefined) return '$'
    return end === '}' ? (lookup(name) ?? '') : whole
  })
}

/** The final words: a word that is `$NAME` alone becomes as many words as its value has, none when it is empty or unset. */
export function expandCommand(command: ExpandableCommand, env: Environment): Expanded {
  if (command.noEnvironmentExpansion) return { argv: command.argv, unset: [], invalid: [] }
  const unset = new Set<string>()
  const invalid = new Set<string>()
  const lookup: Lookup = (name) => {
    if (!isName(name)) invalid.add(name)
    else if (Object.hasOwn(env, name)) return env[name]
    else unset.add(name)
    return undefined
  }
  const argv = command.argv.flatMap((word): readonly string[] => {
    if (!/^\$(?![{$])/.test(word)) return [expandWord(word, lookup)]
    const value = lookup(word.slice(1))
    if (value === undefined) return []
    const words = splitWords(value, { unquote: true, relax: true })
    return isErrno(words) ? [value] : words
  })
  return { argv, unset: sorted(unset), invalid: sorted(invalid) }
}
