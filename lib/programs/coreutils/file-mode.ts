// After chmod(1) and ls(1): modes as symbols, and changes of them.
import type { FileKind } from '@/lib/base'

const kindLetters: Readonly<Record<FileKind, string>> = {
  file: '-',
  directory: 'd',
  symlink: 'l',
  fifo: 'p',
  socket: 's',
  'character-device': 'c',
  'block-device': 'b',
}

/** `-rwsr-xr-x` */
export function modeString(kind: FileKind, mode: number): string {
  const bits = ['r', 'w', 'x', 'r', 'w', 'x', 'r', 'w', 'x'].map((letter, index) => ((mode >> (8 - index)) & 1 ? letter : '-'))
  if (mode & 0o4000) bits[2] = bits[2] === 'x' ? 's' : 'S'
  if (mode & 0o2000) bits[5] = bits[5] === 'x' ? 's' : 'S'
  if (mode & 0o1000) bits[8] = bits[8] === 'x' ? 't' : 'T'
  return kindLetters[kind] + bits.join('')
}

/** A change of a mode: from the old mode, of a directory or not. */
export type ModeChange = (mode: number, directory: boolean) => number

/** Reads `644`, `u+x,go-w`; undefined when it is no mode. `umask` limits clauses without u, g, o, a. */
export function parseMode(text: string, umask: number): ModeChange | undefined {
  if (/^[0-7]{1,4}$|^0[0-7]{4,}$/.test(text)) {
    const value = Number.parseInt(text, 8) & 0o7777
    // Setuid and setgid of directories stay unless named.
    return (mode, directory) => (directory && text.length <= 4 ? value | (mode & 0o6000) : value)
  }
  const clauses: ModeChange[] = []
  for (const clause of text.split(',')) {
    const match = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$/.exec(clause)
    if (match === null) return undefined
    const who = match[1]!
    for (const action of match[2]!.matchAll(/([-+=])([rwxXst]*|[ugo])(?=[-+=]|$)/g))
      clauses.push(modeAction(who, action[1]!, action[2]!, umask))
  }
  return clauses.length === 0 ? undefined : (mode, directory) => clauses.reduce((value, change) => change(value, directory), mode)
}

function modeAction(who: string, operator: string, permissions: string, umask: number): ModeChange {
  const classes = who === '' || who.includes('a') ? 'ugo' : who
  const area = [...classes].reduce((sum, one) => sum | (one === 'u' ? 0o4700 : one === 'g' ? 0o2070 : 0o1007), 0)
  return (mode, directory) => {
    let bits = 0
    for (const letter of permissions) {
      if (letter === 'r') bits |= 0o444
      else if (letter === 'w') bits |= 0o222
      else if (letter === 'x') bits |= 0o111
      else if (letter === 'X') bits |= directory || (mode & 0o111) !== 0 ? 0o111 : 0
      else if (letter === 's') bits |= 0o6000
      else if (letter === 't') bits |= 0o1000
      else {
        const from = (mode >> (letter === 'u' ? 6 : letter === 'g' ? 3 : 0)) & 7
        bits |= (from << 6) | (from << 3) | from
      }
    }
    bits &= area | (classes.length === 3 || permissions.includes('t') ? 0o1000 : 0)
    if (who === '') bits &= ~umask | 0o7000
    if (operator === '+') return mode | bits
    if (operator === '-') return mode & ~bits
    const cleared = who === '' ? area & ~(umask & 0o777) & 0o777 : area & 0o777
    const special = directory ? 0 : area & 0o6000
    return (mode & ~cleared & ~special) | bits
  }
}
