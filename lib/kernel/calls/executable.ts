// After execve(2): what a file is (a program of the machine, a script), and who the process is afterwards.
import { decodeUtf8, encodeUtf8, type Bytes } from '@/lib/base'
import { type Credentials, credentialsAfterExec, parseFileCapabilities } from '../credentials'
import { type Errno, errno, isErrno } from '../errno'
import type { DenialCause } from '../kernel-event'
import { type Fallible, type Main, MS_NOSUID } from '../system-calls'
import type { Task } from '../task'
import { checkExecutable, describePath, type Location, resolve } from '../vfs'
import { refuse } from './entry'

const MARK = '\u007fELF\nunitlab:'
/** An i386 program. */
const MARK_32 = '\u007fELF32\nunitlab:'
/** A program without shared libraries. */
const MARK_STATIC = '\u007fELF static\nunitlab:'
const HEAD = 256
const SCRIPT_DEPTH = 4
const DYNAMIC_LOADER = '/lib64/ld-linux-x86-64.so.2'
const ARG_MAX = 2_097_152

export type ExecutableKind = 'dynamic' | 'static' | 'x86'

const markOf: Readonly<Record<ExecutableKind, string>> = { dynamic: MARK, static: MARK_STATIC, x86: MARK_32 }

/** The content of a program's file in an image. `x86` is a static program for 32 bits. */
export function executableContent(name: string, size = 0, kind: ExecutableKind = 'dynamic'): Bytes {
  const head = encodeUtf8(`${markOf[kind]}${name}\n`)
  if (size <= head.length) return head
  const whole = new Uint8Array(size)
  whole.set(head)
  return whole
}

/** The program that a file holds; undefined: it is none. */
export function programName(head: Bytes): { readonly name: string; readonly kind: ExecutableKind } | undefined {
  const text = decodeUtf8(head.subarray(0, HEAD))
  for (const kind of ['dynamic', 'static', 'x86'] as const) {
    const mark = markOf[kind]
    if (!text.startsWith(mark)) continue
    const end = text.indexOf('\n', mark.length)
    return { name: text.slice(mark.length, end < 0 ? undefined : end), kind }
  }
  return undefined
}

export type LoadedExecutable = {
  readonly main: Main
  readonly argv: readonly string[]
  readonly exe: string
  readonly place: Location
  readonly credentials: Credentials
  readonly secure: boolean
  readonly kind: ExecutableKind
}

export function loadExecutable(task: Task, path: string, argv: readonly string[]): LoadedExecutable | Errno {
  let total = 0
  for (const one of argv) total += one.length + 9
  if (total > ARG_MAX) return errno.E2BIG
  let file = path
  let args = argv.length === 0 ? [''] : argv
  for (let depth = 0; ; depth++) {
    const place = openExecutable(task, file)
    if (isErrno(place)) return place
    const head = readHead(task, place)
    if (head[0] !== 0x23 || head[1] !== 0x21) return load(task, place, head, args)
    if (depth > SCRIPT_DEPTH) return errno.ELOOP
    const script = parseShebang(head)
    if (isErrno(script)) return script
    args = [script.interpreter, ...(script.argument === undefined ? [] : [script.argument]), file, ...args.slice(1)]
    file = script.interpreter
  }
}

function openExecutable(task: Task, path: string): Fallible<Location> {
  const context = task.fs
  context.lastRefusal = undefined
  const place = resolve(context, path)
  if (isErrno(place)) {
    return place === errno.EACCES ? refuse(task, 'execve', path, place, lastRefusal(task) ?? 'file mode') : place
  }
  const refused = checkExecutable(context, place)
  return refused === undefined ? place : refuse(task, 'execve', path, refused, lastRefusal(task) ?? 'file mode')
}

/** Through a function: the compiler believes that it is still what was assigned. */
function lastRefusal(task: Task): DenialCause | undefined {
  return task.fs.lastRefusal
}

function readHead(task: Task, place: Location): Bytes {
  const { inode } = place.dentry
  if (inode.content !== undefined) return inode.content.read(0, HEAD)
  const opened = inode.operations?.open?.(inode, 0, task.fs)
  if (opened === undefined || isErrno(opened)) return new Uint8Array(0)
  const head = opened.read?.(HEAD, 0, task.fs)
  opened.release?.()
  return head === undefined || isErrno(head) ? new Uint8Array(0) : head
}

/** One optional argument: all that follows the interpreter. */
function parseShebang(head: Bytes): Fallible<{ readonly interpreter: string; readonly argument: string | undefined }> {
  const text = decodeUtf8(head)
  const end = text.indexOf('\n')
  const line = (end < 0 ? text : text.slice(0, end)).slice(2)
  const match = /^[ \t]*([^ \t]+)(?:[ \t]+(.*?))?[ \t]*$/.exec(line)
  const interpreter = match?.[1]
  // A first line that was cut in the middle of the interpreter's name is no script.
  if (interpreter === undefined || (end < 0 && head.length >= HEAD && !/^[ \t]*[^ \t]+[ \t]/.test(line))) return errno.ENOEXEC
  const argument = match?.[2]
  return { interpreter, argument: argument === '' ? undefined : argument }
}

function load(task: Task, place: Location, head: Bytes, argv: readonly string[]): LoadedExecutable | Errno {
  const program = programName(head)
  if (program === undefined) return errno.ENOEXEC
  const main = task.kernel.programs.get(program.name)
  if (main === undefined) return errno.ENOEXEC
  if (program.kind === 'dynamic') {
    const loader = openExecutable(task, DYNAMIC_LOADER)
    // An image may lack it; one that may not be executed is another matter.
    if (isErrno(loader) && loader !== errno.ENOENT) return loader
  }
  const { inode } = place.dentry
  const text = inode.xattrs?.get('security.capability')
  const after = credentialsAfterExec(task.credentials, {
    mode: inode.mode,
    uid: inode.uid,
    gid: inode.gid,
    capabilities: text === undefined ? undefined : parseFileCapabilities(text),
    nosuid: (place.mount.flags & MS_NOSUID) !== 0 || !isTrusted(task, place),
  })
  if (after === 'EPERM') return refuse(task, 'execve', place.dentry.path(), errno.EPERM, task.capabilityCause ?? 'kernel default')
  return { main, argv, place, exe: describePath(task.fs.root, place), kind: program.kind, ...after }
}

/** A mount of another user namespace gives no privileges. */
function isTrusted(task: Task, place: Location): boolean {
  const owner = place.mount.namespace?.userNamespace
  for (let at = task.credentials.userNamespace; ; at = at.parent) {
    if (at === owner || owner === undefined) return true
    if (at.parent === undefined) return false
  }
}
