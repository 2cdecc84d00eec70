// After systemd.exec(5), "Environment Variables in Spawned Processes".
import { decodeUtf8 } from '@/lib/base'
import type { Process } from '@/lib/kernel'
import type { Identity } from './accounts'
import { directoryKinds } from './directories'
import type { ExecParameters } from './parameters'

const NOBODY = 65_534

/** `some 200000 2000000` with its NUL, in base64: 200 ms of stall within two seconds. */
const MEMORY_PRESSURE_TRIGGER = 'c29tZSAyMDAwMDAgMjAwMDAwMAA='

/** The block of the new process, in the order systemd gives it. */
export function buildEnvironment(
  process: Process,
  parameters: ExecParameters,
  user: Identity | undefined,
  files: readonly string[],
  journalStream: string | undefined,
  hasCredentials: boolean,
): Record<string, string> {
  const { config, scope } = parameters
  const own = new Map<string, string>()
  if (parameters.fds.length > 0) {
    own.set('LISTEN_PID', String(process.pid))
    own.set('LISTEN_FDS', String(parameters.fds.length))
    own.set('LISTEN_FDNAMES', parameters.fds.map((one) => one.name).join(':'))
  }
  if (config.LogNamespace !== '') own.set('LOG_NAMESPACE', config.LogNamespace)
  const login = config.SetLoginEnvironment ?? (config.User !== '' || config.DynamicUser)
  if (login && user !== undefined) {
    // A home that is none, and a shell that lets nobody in, are not told (nobody and made-up users have neither).
    const none = user.uid === NOBODY
    if (!none && user.home.startsWith('/') && user.home !== '/') own.set('HOME', user.home)
    own.set('LOGNAME', user.name)
    own.set('USER', user.name)
    if (!none && !/\/(?:nologin|false|true)$/.test(user.shell) && user.shell !== '') own.set('SHELL', user.shell)
  }
  // The manager of the system tells even root's services who they are.
  else if (scope === 'system') own.set('USER', user?.name ?? 'root')
  own.set('INVOCATION_ID', parameters.invocationId)
  if (usesTerminal(parameters)) own.set('TERM', parameters.environment.get('TERM') ?? (config.TTYPath.includes('ttyS') ? 'vt220' : 'linux'))
  if (journalStream !== undefined) own.set('JOURNAL_STREAM', journalStream)
  own.set('SYSTEMD_EXEC_PID', String(process.pid))
  for (const kind of directoryKinds) {
    const paths = config[kind.directive].map((one) => `${kind.base(scope, parameters.environment)}/${one.path}`)
    if (paths.length > 0) own.set(kind.variable, paths.join(':'))
  }
  if (config.ExecSearchPath.length > 0) own.set('PATH', config.ExecSearchPath.join(':'))
  if (parameters.cgroup !== '') {
    own.set('MEMORY_PRESSURE_WATCH', `/sys/fs/cgroup${parameters.cgroup}/memory.pressure`)
    own.set('MEMORY_PRESSURE_WRITE', MEMORY_PRESSURE_TRIGGER)
  }
  if (hasCredentials) own.set('CREDENTIALS_DIRECTORY', `/run/credentials/${parameters.unit}`)
  const passed = new Map<string, string>()
  for (const name of config.PassEnvironment) {
    const value = process.env[name]
    if (value !== undefined) passed.set(name, value)
  }
  const merged = new Map<string, string>([...parameters.environment, ...own, ...passed])
  for (const assignment of [...config.Environment, ...files]) {
    const at = assignment.indexOf('=')
    merged.set(assignment.slice(0, at), assignment.slice(at + 1))
  }
  for (const name of config.UnsetEnvironment) {
    const at = name.indexOf('=')
    if (at < 0) merged.delete(name)
    else if (merged.get(name.slice(0, at)) === name.slice(at + 1)) merged.delete(name.slice(0, at))
  }
  return Object.fromEntries(merged)
}

function usesTerminal({ config }: ExecParameters): boolean {
  return (
    config.TTYPath !== '' ||
    /^tty/.test(config.StandardInput.kind) ||
    /tty|console/.test(config.StandardOutput.kind) ||
    /tty|console/.test(config.StandardError.kind)
  )
}

/** After systemd.exec(5), EnvironmentFile=: shell-like quoting, no expansion, comments with # and ;. */
export function parseEnvironmentText(text: string): readonly string[] {
  const found: string[] = []
  let at = 0
  const end = text.length
  while (at < end) {
    while (at < end && /\s/.test(text[at] ?? '')) at += 1
    if (at >= end) break
    if (text[at] === '#' || text[at] === ';') {
      for (; at < end && text[at] !== '\n'; at++) if (text[at] === '\\') at += 1
      continue
    }
    const keyStart = at
    while (at < end && text[at] !== '=' && text[at] !== '\n') at += 1
    if (text[at] !== '=') continue
    const key = text.slice(keyStart, at).trim()
    at += 1
    while (at < end && /[ \t]/.test(text[at] ?? '')) at += 1
    let value = ''
    let keep = 0
    for (; at < end && text[at] !== '\n'; at++) {
      const char = text[at] ?? ''
      if (char === "'" || char === '"') {
        for (at += 1; at < end && text[at] !== char; at++) {
          if (text[at] === '\\' && char === '"') {
            const next = text[at + 1] ?? ''
            if (next === '\n') at += 1
            else if ('"\\`$'.includes(next)) {
              value += next
              at += 1
            } else value += '\\'
          } else value += text[at] ?? ''
        }
        keep = value.length
      } else if (char === '\\') {
        at += 1
        if (text[at] !== '\n') value += text[at] ?? ''
        keep = value.length
      } else {
        value += char
        if (!/\s/.test(char)) keep = value.length
      }
    }
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) found.push(`${key}=${value.slice(0, keep)}`)
  }
  return found
}

export function readEnvironmentFile(bytes: Uint8Array): readonly string[] {
  return parseEnvironmentText(decodeUtf8(bytes).replaceAll('\r\n', '\n'))
}
