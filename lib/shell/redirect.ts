// Redirections after bash(1), REDIRECTION. For commands inside the shell they are undone afterwards.
import { errno, isErrno, O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } from '@/lib/kernel'
import type { Syscall } from '@/lib/kernel'
import type { Redirection, Redirect } from 'unbash'
import { encodeUtf8 } from '@/lib/base'
import type { Shell } from './shell'
import { expandHereDoc, expandToText, expandWords } from './expand'
import { assignScalar } from './assignment'

/** What to put back: a saved copy, or nothing there before. */
export type SavedFd = { readonly fd: number; readonly copy: number | undefined }

const pipeCapacity = 65536

/** A descriptor that reads this text: a pipe when it fits, else an unlinked file. */
function* openText(shell: Shell, text: string): Syscall<number | undefined> {
  const { process } = shell
  const data = encodeUtf8(text)
  if (data.length <= pipeCapacity) {
    const pipe = yield* process.pipe()
    if (isErrno(pipe)) return undefined
    if (data.length > 0) yield* process.write(pipe[1], data)
    yield* process.close(pipe[1])
    return pipe[0]
  }
  const path = `/tmp/sh-thd.${process.random.id128().slice(0, 6)}`
  const writer = yield* process.open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
  if (isErrno(writer)) return undefined
  yield* process.write(writer, data)
  yield* process.close(writer)
  const reader = yield* process.open(path, O_RDONLY)
  yield* process.unlink(path)
  return isErrno(reader) ? undefined : reader
}

function* saveFd(shell: Shell, fd: number, saved: SavedFd[] | undefined): Syscall<void> {
  if (saved === undefined || saved.some((one) => one.fd === fd)) return
  const copy = yield* shell.process.dup(fd, 10)
  if (!isErrno(copy)) yield* shell.process.setCloexec(copy, true)
  saved.push({ fd, copy: isErrno(copy) ? undefined : copy })
}

function* place(shell: Shell, opened: number, fd: number, saved: SavedFd[] | undefined): Syscall<void> {
  if (opened === fd) return
  yield* saveFd(shell, fd, saved)
  yield* shell.process.dup2(opened, fd)
  yield* shell.process.close(opened)
}

const openFlags: Readonly<Record<string, number>> = {
  '<': O_RDONLY,
  '>': O_WRONLY | O_CREAT | O_TRUNC,
  '>|': O_WRONLY | O_CREAT | O_TRUNC,
  '>>': O_WRONLY | O_CREAT | O_APPEND,
  '<>': O_RDWR | O_CREAT,
  '&>': O_WRONLY | O_CREAT | O_TRUNC,
  '&>>': O_WRONLY | O_CREAT | O_APPEND,
}

function* openTarget(shell: Shell, redirect: Redirect, path: string): Syscall<number | undefined> {
  const { process } = shell
  if ((redirect.operator === '>' || redirect.operator === '&>') && shell.options.has('noclobber')) {
    const status = yield* process.stat(path)
    if (!isErrno(status) && status.kind === 'file') {
      yield* shell.complain(shell.flavour === 'dash' ? `cannot create ${path}: File exists` : `${path}: cannot overwrite existing file`)
      return undefined
    }
  }
  for (;;) {
    const fd = yield* process.open(path, openFlags[redirect.operator] ?? O_RDONLY, 0o666)
    if (!isErrno(fd)) return fd
    if (fd === errno.EINTR && !shell.interactive && shell.pendingSignals.length === 0) continue
    if (shell.flavour === 'dash') {
      const reading = redirect.operator === '<'
      const reason = fd === errno.ENOENT ? (reading ? 'No such file' : 'Directory nonexistent') : fd.message
      yield* shell.complain(`cannot ${reading ? 'open' : 'create'} ${path}: ${reason}`)
    } else yield* shell.complain(`${path}: ${fd.message}`)
    return undefined
  }
}

function* badFd(shell: Shell, fd: string): Syscall<false> {
  yield* shell.complain(`${fd}: ${errno.EBADF.message}`)
  return false
}

function* duplicate(shell: Shell, redirect: Redirect, fd: number, word: string, saved: SavedFd[] | undefined): Syscall<boolean> {
  const { process } = shell
  if (word === '-') {
    yield* saveFd(shell, fd, saved)
    yield* process.close(fd)
    return true
  }
  const move = /^(\d+)(-?)$/.exec(word)
  if (move === null) {
    if (redirect.operator === '>&' && redirect.descriptor === undefined)
      return yield* both(shell, { ...redirect, operator: '&>' }, word, saved)
    yield* shell.complain(`${word}: ambiguous redirect`)
    return false
  }
  const from = Number(move[1])
  if (!process.listFds().some((one) => one.fd === from)) return yield* badFd(shell, move[1]!)
  if (from !== fd) {
    yield* saveFd(shell, fd, saved)
    const result = yield* process.dup2(from, fd)
    if (isErrno(result)) return yield* badFd(shell, move[1]!)
  }
  if (move[2] === '-' && from !== fd) {
    yield* saveFd(shell, from, saved)
    yield* process.close(from)
  }
  return true
}

/** &> and >& with a file: standard output and error. */
function* both(shell: Shell, redirect: Redirect, path: string, saved: SavedFd[] | undefined): Syscall<boolean> {
  const opened = yield* openTarget(shell, redirect, path)
  if (opened === undefined) return false
  yield* place(shell, opened, 1, saved)
  yield* saveFd(shell, 2, saved)
  yield* shell.process.dup2(1, 2)
  return true
}

function* apply(shell: Shell, redirect: Redirection, saved: SavedFd[] | undefined): Syscall<boolean> {
  const { process } = shell
  const { descriptor } = redirect
  const named = descriptor?.type === 'FileDescriptorVariable' ? descriptor.name : undefined
  const input = redirect.type !== 'Redirect' || redirect.operator[0] === '<'
  let fd = descriptor?.type === 'FileDescriptor' ? descriptor.value : input ? 0 : 1
  let opened: number | undefined
  if (redirect.type === 'HereDoc') {
    const body = redirect.delimiter?.quoted === true ? redirect.body.text : yield* expandHereDoc(shell, redirect.body)
    opened = yield* openText(shell, redirect.operator === '<<-' ? body.replace(/^\t+/gm, '') : body)
  } else if (redirect.type === 'HereString') {
    opened = yield* openText(shell, `${redirect.target === undefined ? '' : yield* expandToText(shell, redirect.target)}\n`)
  } else {
    if (redirect.target === undefined) return true
    const fields = yield* expandWords(shell, [redirect.target])
    if (fields.length !== 1) {
      yield* shell.complain(`${redirect.target.text}: ambiguous redirect`)
      return false
    }
    const word = fields[0]!
    if (redirect.operator === '<&' || redirect.operator === '>&') {
      if (named === undefined) return yield* duplicate(shell, redirect, fd, word, saved)
      if (word === '-') {
        yield* process.close(Number(shell.variables.get(named) ?? -1))
        return true
      }
      const copy = yield* process.dup(Number(word), 10)
      if (isErrno(copy)) return yield* badFd(shell, word)
      opened = copy
    } else if (redirect.operator === '&>' || redirect.operator === '&>>') return yield* both(shell, redirect, word, saved)
    else opened = yield* openTarget(shell, redirect, word)
  }
  if (opened === undefined) return false
  if (named !== undefined) {
    const high = opened >= 10 ? opened : yield* process.dup(opened, 10)
    if (isErrno(high)) return false
    if (high !== opened) yield* process.close(opened)
    fd = high
    yield* assignScalar(shell, named, String(fd), { append: false })
    return true
  }
  yield* place(shell, opened, fd, saved)
  return true
}

/** Performs them in order; false after a message when one fails. With `saved`, they can be undone. */
export function* applyRedirects(shell: Shell, redirects: readonly Redirection[], saved?: SavedFd[]): Syscall<boolean> {
  for (const redirect of redirects) if (!(yield* apply(shell, redirect, saved))) return false
  return true
}

export function* restoreFds(shell: Shell, saved: readonly SavedFd[]): Syscall<void> {
  for (let index = saved.length - 1; index >= 0; index--) {
    const { fd, copy } = saved[index]!
    if (copy === undefined) yield* shell.process.close(fd)
    else {
      yield* shell.process.dup2(copy, fd)
      yield* shell.process.close(copy)
    }
  }
}
