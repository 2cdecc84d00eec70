// Prompt escapes after bash(1), PROMPTING, and the expansions that follow them.
import { type BrokenTime, decodeUtf8, localTimeOf, strftime } from '@/lib/base'
import type { Syscall } from '@/lib/kernel'
import type { Shell } from './shell'
import { expandQuotedText } from './expand'

function shellTime(shell: Shell): BrokenTime {
  const seconds = Math.floor(shell.process.realtimeUsec / 1e6)
  return localTimeOf(shell.variables.get('TZ'), shell.process.fileReader().readLink('/etc/localtime'), seconds).localtime(seconds)
}

function userName(shell: Shell): string {
  const passwd = shell.process.fileReader().readFile('/etc/passwd')
  const uid = String(shell.process.euid)
  const line =
    passwd === undefined
      ? undefined
      : decodeUtf8(passwd)
          .split('\n')
          .find((one) => one.split(':')[2] === uid)
  return line?.split(':')[0] ?? 'I have no name!'
}

function directory(shell: Shell): string {
  const home = shell.variables.get('HOME')
  const cwd = shell.variables.get('PWD') ?? shell.workingDirectory
  if (home !== undefined && home !== '' && home !== '/' && (cwd === home || cwd.startsWith(`${home}/`))) return `~${cwd.slice(home.length)}`
  return cwd
}

/** The backslash escapes only. \[ and \] become \x01 and \x02, as readline sees them. */
export function decodePrompt(shell: Shell, text: string): string {
  if (!text.includes('\\')) return text
  const usec = shell.process.realtimeUsec
  const time = (format: string) => strftime(format, shellTime(shell), usec)
  const host = shell.process.uname().nodename
  return text.replace(/\\(D\{[^}]*\}|[0-7]{1,3}|[\s\S])/g, (all: string, code: string) => {
    switch (code[0]) {
      case 'u':
        return userName(shell)
      case 'h':
        return host.split('.')[0]!
      case 'H':
        return host
      case 'w':
        return directory(shell)
      case 'W': {
        const shown = directory(shell)
        return shown === '/' || shown === '~' ? shown : shown.slice(shown.lastIndexOf('/') + 1)
      }
      case '$':
        return shell.process.euid === 0 ? '#' : '$'
      case 's':
        return shell.name.replace(/^-/, '').replace(/.*\//, '')
      case 'v':
        return '5.2'
      case 'V':
        return '5.2.37'
      case 'j':
        return String(shell.jobs.jobs.length)
      case 'l':
        return '0'
      case '!':
      case '#':
        return String(shell.historyBase + shell.history.length)
      case 'd':
        return time('%a %b %d')
      case 't':
        return time('%H:%M:%S')
      case 'T':
        return time('%I:%M:%S')
      case '@':
        return time('%I:%M %p')
      case 'A':
        return time('%H:%M')
      case 'n':
        return '\n'
      case 'r':
        return '\r'
      case 'a':
        return '\x07'
      case 'e':
        return '\x1b'
      case '[':
        return '\x01'
      case ']':
        return '\x02'
      case '\\':
        return '\\'
      case 'D':
        return time(code.slice(2, -1) || '%X')
      default:
        return /^[0-7]/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : all
    }
  })
}

/** For PS4 and ${x@P}: escapes, without the marks around unprinted text. */
export function expandPrompt(shell: Shell, text: string): string {
  return decodePrompt(shell, text).replace(/[\x01\x02]/g, '')
}

/** PS1 and PS2: escapes, then the expansions that `promptvars` asks for. */
export function* promptText(shell: Shell, name: 'PS1' | 'PS2' | 'PS0'): Syscall<string> {
  const value = shell.variables.get(name) ?? ''
  const decoded = decodePrompt(shell, value.replaceAll('\\\\$', '\\\\\\$'))
  const { status } = shell
  const text = shell.shopts.has('promptvars') ? yield* expandQuotedText(shell, decoded.replaceAll('"', '\\"')) : decoded
  shell.status = status
  return text
}
