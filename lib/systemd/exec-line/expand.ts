// After systemd.service(5), "Command lines": variables in the words of a command, put in when it is executed.
import { isErrno } from '@/lib/kernel'
import { splitWords } from '../directives'

export type Expanded = {
  readonly argv: readonly string[]
  /** Names that were used but are not set, in order, once each. */
  readonly unset: readonly string[]
}

export type ExpandableCommand = { readonly argv: readonly string[]; readonly noEnvironmentExpansion: boolean }

const isName = (text: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(text)

/** `${NAME}` anywhere in a word is its value; `$$` is one `$`; a `$` before anything else stands for itself. */
export function expandWord(word: string, env: Readonly<Record<string, string>>, onUnset: (name: string) => void): string {
  return word.replace(/\$\$|\$\{([^}]*)\}/g, (whole, name: string | undefined) => {
    if (name === undefined) return '$'
    if (!isName(name)) return whole
    const value = env[name]
    if (value === undefined) onUnset(name)
    return value ?? ''
  })
}

/** The final words: a word that is `$NAME` alone becomes as many words as its value has, none when it is empty or unset. */
export function expandCommand(command: ExpandableCommand, env: Readonly<Record<string, string>>): Expanded {
  if (command.noEnvironmentExpansion) return { argv: command.argv, unset: [] }
  const unset: string[] = []
  const note = (name: string): void => {
    if (!unset.includes(name)) unset.push(name)
  }
  const argv = command.argv.flatMap((word): readonly string[] => {
    if (word.startsWith('$') && word.length > 1 && word[1] !== '{' && word[1] !== '$') {
      const value = env[word.slice(1)]
      if (value === undefined) {
        note(word.slice(1))
        return []
      }
      const words = splitWords(value, { unquote: true, relax: true })
      return isErrno(words) ? [value] : words
    }
    return [expandWord(word, env, note)]
  })
  return { argv, unset }
}
