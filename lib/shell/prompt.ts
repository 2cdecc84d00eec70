// Prompt escapes after bash(1), PROMPTING, and the expansions that follow them.
import { decodeUtf8 } from '@/lib/base'
import type { Syscall } from '@/lib/kernel'
import type { Shell } from './shell'
import { expandQuotedText } from './expand'

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const two = (value: number): string => String(value).padStart(2, '0')

/** Hours, minutes and the like of a time in UTC, without the host's Date. */
export function civilTime(usec: number): {
  year: number
  month: number
  day: number
  weekday: number
  hour: number
  minute: number
  second: number
} {
  const seconds = Math.floor(usec / 1e6)
  const dayNumber = Math.floor(seconds / 86400)
  const rest = seconds - dayNumber * 86400
  const shifted = dayNumber + 719468
  const era = Math.floor(shifted / 146097)
  const dayOfEra = shifted - era * 146097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const month = shiftedMonth < 10 ? shiftedMonth + 2 : shiftedMonth - 10
  return {
    year: yearOfEra + era * 400 + (month <= 1 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
    weekday: (((dayNumber + 4) % 7) + 7) % 7,
    hour: Math.floor(rest / 3600),
    minute: Math.floor((rest % 3600) / 60),
    second: rest % 60,
  }
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
  const time = civilTime(shell.process.realtimeUsec)
  const host = shell.process.uname().nodename
  const hour12 = time.hour % 12 === 0 ? 12 : time.hour % 12
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
        return `${days[time.weekday]} ${months[time.month]} ${two(time.day)}`
      case 't':
        return `${two(time.hour)}:${two(time.minute)}:${two(time.second)}`
      case 'T':
        return `${two(hour12)}:${two(time.minute)}:${two(time.second)}`
      case '@':
        return `${two(hour12)}:${two(time.minute)} ${time.hour < 12 ? 'AM' : 'PM'}`
      case 'A':
        return `${two(time.hour)}:${two(time.minute)}`
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
        return `${two(time.hour)}:${two(time.minute)}:${two(time.second)}`
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
