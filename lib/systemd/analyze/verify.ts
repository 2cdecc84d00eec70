// After systemd-analyze(1), "systemd-analyze verify": loads units as the manager would and says what is wrong with them.
import { encodeUtf8, type FileReader, pathSimplify } from '@/lib/base'
import { errno, type Errno, isErrno } from '@/lib/kernel'
import { cursorAt, cursorRest, extractFirstWord, type SpecifierHost } from '../directives'
import { UnitLoader, unitSearchPath } from '../fragment'
import { unitNameIsValid, unitNameKind, unitNameReplaceInstance, unitNameTemplate } from '../unit-name'
import { readProfile } from './portable-profile'
import { below, overlaid, rootFault } from './tree-views'
import { VerifyManager } from './verify-manager'
import { loadStateFault, Transaction } from './verify-transaction'
import { VerifyUnit } from './verify-unit'

export type RecursiveErrors = 'yes' | 'no' | 'one'

export type VerifyOptions = {
  readonly scope?: 'system' | 'user'
  /** `--man=`; the pages are looked for with `findMan`. */
  readonly man?: boolean
  /** As `yes`, but what a line of a file complains about has no say in the exit status, when it is not given. */
  readonly recursiveErrors?: RecursiveErrors
  readonly instance?: string
  /** `SOURCE:NAME` is a file under another name. */
  readonly aliases?: boolean
  readonly root?: string
  readonly environment?: ReadonlyMap<string, string>
  readonly workingDirectory?: string
  readonly hostname?: string
  readonly kernelRelease?: string
  readonly specifiers?: SpecifierHost
  /** The profile of a portable service that every unit gets as a piece more: its name or its path. */
  readonly profile?: string
  /** Status of `man PAGE`; 1 where there is no manual. */
  readonly showMan?: (page: string) => number
}

export type VerifyAnswer = { readonly status: number; readonly lines: readonly string[] }

const DEFAULT_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin']

/** Why a path cannot be executed. */
export function executableFault(reader: FileReader, path: string): Errno | undefined {
  const status = reader.status(path)
  if (status === undefined) {
    const parts = path.split('/').filter((part) => part !== '')
    for (let length = 1; length < parts.length; length++) {
      const directory = reader.status(`/${parts.slice(0, length).join('/')}`)
      if (directory === undefined) return errno.ENOENT
      if (directory.kind !== 'directory') return errno.ENOTDIR
    }
    return parts.some((part) => part.length > 255) ? errno.ENAMETOOLONG : errno.ENOENT
  }
  if (status.kind === 'directory') return errno.EISDIR
  if (status.kind !== 'file') return errno.EBADFD
  return (status.mode & 0o111) === 0 ? errno.EACCES : undefined
}

function commandFault(reader: FileReader, command: string): Errno | undefined {
  if (command.includes('/')) return executableFault(reader, command)
  let last: Errno = errno.ENOENT
  for (const directory of DEFAULT_PATH) {
    const fault = executableFault(reader, `${directory}/${command}`)
    if (fault === undefined) return undefined
    if (fault !== errno.EACCES) last = fault
  }
  return last
}

const absolute = (path: string, directory: string): string => (path.startsWith('/') ? path : `${directory.replace(/\/$/, '')}/${path}`)
const baseName = (path: string): string | undefined => {
  const simple = path.replace(/\/+$/, '')
  const name = simple.slice(simple.lastIndexOf('/') + 1)
  return name === '' || name === '.' || name === '..' ? undefined : name
}

const COPIES = '/tmp/systemd-analyze-XXXXXX'
const PROFILES = '/tmp/systemd-temporary-XXXXXX'

/** The units that files stand for, as a manager that follows no instructions to start has them. */
export type LoadedFiles = {
  readonly files: readonly string[]
  readonly units: readonly VerifyUnit[]
  readonly manager: VerifyManager
  /** The tree that units and commands come from. */
  readonly reader: FileReader
  /** Ids of units whose files had something to complain about. */
  readonly complained: ReadonlySet<string>
  /** One of the files could not be loaded. */
  readonly failed: boolean
}

/** Loads the units named by paths, saying what is wrong with them; or why none of them is. */
export function loadUnitFiles(
  hostReader: FileReader,
  names: readonly string[],
  options: VerifyOptions,
  say: (text: string) => void,
): LoadedFiles | string {
  const directory = options.workingDirectory ?? '/'
  const copies = new Map<string, Uint8Array>()
  const files: string[] = options.aliases ? [] : [...names]
  for (const argument of options.aliases ? names : []) {
    const fault = addFile(hostReader, argument, directory, copies, files)
    if (fault !== undefined) return `Couldn't process aliases: ${fault.message}`
  }
  const noRoot = rootFault(hostReader, options.root)
  if (noRoot !== undefined) return noRoot
  const profile = readProfile(hostReader, options.profile)
  const units = files.map((file) => ({ file, prepared: prepareName(file, directory, options.instance ?? 'test_instance') }))
  if (profile instanceof Uint8Array) {
    for (const { prepared } of units) if (!isErrno(prepared)) copies.set(`${PROFILES}/${prepared.name}.d/profile.conf`, profile)
  }
  const laid = overlaid(hostReader, copies)
  const rooted = options.root !== undefined && options.root !== '/' ? below(laid, options.root.replace(/\/+$/, '')) : laid
  const scope = options.scope ?? 'system'
  const environment = options.environment ?? new Map<string, string>()
  const own = files.map((file) => unitDirectory(laid, absolute(file, directory))).filter((one) => one !== undefined)
  if (options.profile !== undefined) own.unshift(PROFILES)
  const loader = new UnitLoader(mergedReader(laid, rooted, own), {
    scope,
    raw: true,
    paths: searchPath(scope, own, environment),
    environment,
    ...(options.hostname === undefined ? {} : { hostname: options.hostname }),
    ...(options.kernelRelease === undefined ? {} : { kernelRelease: options.kernelRelease }),
    ...(options.specifiers === undefined ? {} : { specifiers: options.specifiers }),
  })
  const complained = new Set<string>()
  const manager = new VerifyManager(loader, {
    ignoreDependencies: options.recursiveErrors === 'no',
    say,
    complained: (unit) => complained.add(unit),
  })
  let failed = false
  const loaded: VerifyUnit[] = []
  for (const { file, prepared } of units) {
    if (isErrno(prepared)) {
      say(`Failed to prepare filename ${file}: ${prepared.message}`)
      failed = true
      continue
    }
    if (typeof profile === 'string') return profile
    const unit = manager.load(prepared.name)
    if (manager.aborted) break
    if (!(unit instanceof VerifyUnit)) {
      say(`Failed to load unit file ${prepared.path}: ${unit.message}`)
      failed = true
      continue
    }
    const fault = loadStateFault(unit)
    if (fault !== undefined) {
      say(fault.message)
      failed = true
    } else loaded.push(unit)
  }
  return { files, units: loaded, manager, reader: rooted, complained, failed }
}

/** What the command prints on standard error, and its exit status. */
export function verify(hostReader: FileReader, names: readonly string[], options: VerifyOptions = {}): VerifyAnswer {
  const lines: string[] = []
  const say = (text: string) => {
    for (const line of text.split('\n')) lines.push(line)
  }
  const loaded = loadUnitFiles(hostReader, names, { ...options, aliases: true }, say)
  if (typeof loaded === 'string') return { status: 1, lines: [...lines, loaded] }
  const { files, units, manager, reader, complained } = loaded
  if (manager.aborted) return { status: 134, lines }
  let failed = loaded.failed
  for (const unit of manager.aborted ? [] : units) if (!checkUnit(unit, manager, reader, options, say)) failed = true
  if (manager.aborted) return { status: 134, lines }
  if (failed) return { status: 1, lines }
  const recursive = options.recursiveErrors
  const concerns =
    recursive === 'one' ? files.some((file) => complained.has(baseName(file) ?? '')) : recursive !== undefined && complained.size > 0
  return { status: concerns ? 1 : 0, lines }
}

/** `SOURCE:NAME` checks a copy under another name. */
function addFile(
  reader: FileReader,
  argument: string,
  directory: string,
  copies: Map<string, Uint8Array>,
  files: string[],
): Errno | undefined {
  const cursor = cursorAt(argument)
  const source = extractFirstWord(cursor, { dontCoalesce: true, retainEscape: true }, ':')
  if (isErrno(source)) return source
  if (cursor.at === undefined) {
    files.push(source ?? '')
    return undefined
  }
  const name = baseName(cursorRest(cursor))
  if (name === undefined) return errno.EINVAL
  const path = absolute(source ?? '', directory)
  const status = reader.status(path)
  if (status === undefined) return errno.ENOENT
  const bytes = status.kind === 'directory' ? undefined : reader.readFile(path)
  if (bytes === undefined) return status.kind === 'directory' ? errno.EISDIR : errno.EACCES
  const copy = `${COPIES}/${name}`
  if (copies.has(copy)) return errno.EEXIST
  copies.set(copy, bytes)
  files.push(copy)
  return undefined
}

/** Where a unit's file lies, be it as the template's. */
function unitDirectory(reader: FileReader, path: string): string | undefined {
  const parent = pathSimplify(path.replace(/\/[^/]*\/*$/, '') || '/')
  if (reader.status(path) !== undefined) return parent
  const name = baseName(path)
  if (name === undefined || unitNameKind(name) !== 'instance') return undefined
  return reader.status(`${parent}/${unitNameTemplate(name)}`) === undefined ? undefined : parent
}

function searchPath(scope: 'system' | 'user', own: readonly string[], environment: ReadonlyMap<string, string>): string[] {
  const asked = environment.get('SYSTEMD_UNIT_PATH')
  const defaults = unitSearchPath({ scope, environment })
  const more =
    asked === undefined
      ? defaults
      : asked.split(':').flatMap((one, at, all) => (one !== '' ? [one] : at === all.length - 1 && all.length > 1 ? defaults : []))
  return [...new Set([...own, ...more].map((one) => pathSimplify(one)))]
}

/** The named files come from the host, all else from below the root. */
function mergedReader(host: FileReader, rooted: FileReader, own: readonly string[]): FileReader {
  if (host === rooted) return host
  const pick = (path: string) => (own.some((one) => path === one || path.startsWith(`${one}/`)) ? host : rooted)
  return {
    readFile: (path) => pick(path).readFile(path),
    readDirectory: (path) => pick(path).readDirectory(path),
    status: (path) => pick(path).status(path),
    linkStatus: (path) => pick(path).linkStatus(path),
    readLink: (path) => pick(path).readLink(path),
  }
}

function prepareName(file: string, directory: string, instance: string): { name: string; path: string } | Errno {
  const path = absolute(file, directory)
  const name = baseName(path)
  if (name === undefined) return errno.EADDRNOTAVAIL
  if (!unitNameIsValid(name)) return errno.EINVAL
  const full = unitNameKind(name) === 'template' ? unitNameReplaceInstance(name, instance) : name
  if (full === undefined) return errno.EINVAL
  return { name: full, path: `${pathSimplify(path.slice(0, path.replace(/\/+$/, '').lastIndexOf('/')) || '/').replace(/\/$/, '')}/${full}` }
}

/** False when something is wrong. */
function checkUnit(
  unit: VerifyUnit,
  manager: VerifyManager,
  reader: FileReader,
  options: VerifyOptions,
  say: (text: string) => void,
): boolean {
  let good = true
  const complain = (message: string) => {
    say(`${unit.id}: ${message}`)
    good = false
  }
  const fault = new Transaction(say).start(unit)
  if (fault !== undefined) complain(`Failed to create ${unit.id}/start: ${fault.message}`)
  const config = unit.draft?.typed
  if (config === undefined) return good
  if (config.Socket) {
    const service = socketService(unit, manager)
    if (isErrno(service)) complain(`service unit for the socket cannot be loaded: ${service.message}`)
    else if (service.loadState !== 'loaded') complain(`service ${service.id} not loaded, socket cannot be started.`)
  }
  const { Service: service, Socket: socket } = config
  const lists = service
    ? [
        service.ExecCondition,
        service.ExecStartPre,
        service.ExecStart,
        service.ExecStartPost,
        service.ExecReload,
        service.ExecStop,
        service.ExecStopPost,
      ]
    : socket
      ? [socket.ExecStartPre, socket.ExecStartPost, socket.ExecStopPre, socket.ExecStopPost]
      : []
  for (const command of lists.flat()) {
    if (command.ignoreFailure) continue
    const error = commandFault(reader, command.path)
    if (error !== undefined) complain(`Command ${command.path} is not executable: ${error.message}`)
  }
  if (options.man ?? true) {
    for (const url of config.Unit.Documentation) {
      if (!url.startsWith('man:')) continue
      const status = (options.showMan ?? (() => 1))(url.slice(4))
      if (status !== 0) complain(`Command 'man ${url.slice(4)}' failed with code ${status}`)
    }
  }
  return good
}

function socketService(unit: VerifyUnit, manager: VerifyManager): VerifyUnit | Errno {
  if (unit.service !== undefined) return unit.service.followed
  if (!unit.draft?.typed.Socket?.Accept) return errno.ENODATA
  const other = manager.load(unit.id.replace(/(?:@.*)?\.socket$/, '@internal.service'))
  return other instanceof VerifyUnit ? other : other.error
}

/** As the command prints them. */
export const verifyText = (answer: VerifyAnswer): Uint8Array => encodeUtf8(answer.lines.map((line) => `${line}\n`).join(''))
