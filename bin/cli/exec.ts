// unitlab exec: one command line on a fresh machine; exits with its status.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { type OfflineRequest, runOffline } from './offline'

type Placed = { content: string; mode: number } | { b64: string; mode: number }

function placed(path: string): Placed {
  const bytes = readFileSync(path)
  const mode = statSync(path).mode & 0o777
  const text = bytes.toString('utf8')
  return Buffer.from(text, 'utf8').equals(bytes) ? { content: text, mode } : { b64: bytes.toString('base64'), mode }
}

function wrong(message: string): number {
  process.stderr.write(`unitlab exec: ${message}\nTry 'unitlab --help'.\n`)
  return 2
}

export function exec(args: readonly string[]): number {
  const files: Record<string, Placed> = {}
  const env: Record<string, string> = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    LANG: 'C.UTF-8',
    SYSTEMD_PAGER: '',
  }
  if (process.stdout.columns) env.COLUMNS = String(process.stdout.columns)
  let tree: string | undefined
  let now: string | undefined
  let at = 0
  for (; at < args.length; at++) {
    const word = args[at] ?? ''
    if (word === '--') break
    const [name, joined] = word.includes('=') ? [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)] : [word, undefined]
    if (!['--tree', '--file', '--root', '--now', '--tz'].includes(name))
      return wrong(name.startsWith('-') ? `there is no option '${name}'` : 'put -- before the command')
    const value = joined ?? args[++at]
    if (value === undefined) return wrong(`${name} needs a value`)
    try {
      if (name === '--tree') tree = resolve(value)
      else if (name === '--now') now = value
      else if (name === '--tz') env.TZ = value
      else if (name === '--file') {
        const split = value.indexOf('=')
        if (split <= 0) return wrong('--file wants PATH=LOCALFILE')
        files[value.slice(0, split)] = placed(value.slice(split + 1))
      } else {
        const walk = (path: string): void => {
          for (const entry of readdirSync(path)) {
            const full = join(path, entry)
            if (statSync(full).isDirectory()) walk(full)
            else files[`/${relative(value, full).replaceAll('\\', '/')}`] = placed(full)
          }
        }
        walk(value)
      }
    } catch (error) {
      return wrong(error instanceof Error ? error.message : String(error))
    }
  }
  const argv = args.slice(at + 1)
  if (argv.length === 0) return wrong('no command is given')
  // Unit files that the command names are laid where the command will look: the machine's working directory stands for ours.
  for (const word of argv.slice(1)) {
    if (word.startsWith('-') || !/\.(service|socket|timer|path|mount|automount|swap|target|slice|scope|conf)$/.test(word)) continue
    const inside = word.startsWith('/') ? word : `/root/${word}`
    if (files[inside] === undefined && statSync(word, { throwIfNoEntry: false })?.isFile()) files[inside] = placed(word)
  }
  const request: OfflineRequest = {
    argv,
    files,
    env,
    cwd: '/root',
    now: now ?? `@${Math.floor(Date.now() / 1000)}`,
    ...(tree === undefined ? {} : { tree }),
  }
  const { status, stdout, stderr } = runOffline(request)
  process.stderr.write(stderr)
  process.stdout.write(stdout)
  // As a shell tells of a signal.
  return status < 0 ? 128 - status : status
}
