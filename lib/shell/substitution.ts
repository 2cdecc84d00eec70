// Command substitution $(…) and process substitution <(…) >(…).
import { decodeUtf8, concatBytes } from '@/lib/base'
import type { Bytes } from '@/lib/base'
import { errno, isErrno, O_RDONLY } from '@/lib/kernel'
import type { Syscall } from '@/lib/kernel'
import type { ParsedScript } from 'unbash'
import type { Shell } from './shell'
import { expandWords } from './expand'
import { executeScriptTail } from './execute'
import { startShell, waitUntil, unblockChildren } from './job-control'
import { statusOf } from './job-table'
import { sourceOf, syntaxProblem } from './source'

function* readAll(shell: Shell, fd: number): Syscall<Bytes> {
  const chunks: Bytes[] = []
  for (;;) {
    const chunk = yield* shell.process.read(fd, 65536)
    if (isErrno(chunk)) {
      if (chunk === errno.EINTR) continue
      break
    }
    if (chunk.length === 0) break
    chunks.push(chunk)
  }
  return concatBytes(chunks)
}

const trimOutput = (bytes: Bytes): string => decodeUtf8(bytes).replaceAll('\0', '').replace(/\n+$/, '')

/** `$(<file)`: the file, without a process. */
function onlyInput(script: ParsedScript) {
  if (script.commands.length !== 1) return undefined
  const command = script.commands[0]!.command
  if (command.type !== 'Command' || command.name !== undefined || command.suffix.length > 0 || command.prefix.length !== 1) return undefined
  const redirect = command.prefix[0]!
  return redirect.type === 'Redirect' && redirect.operator === '<' && redirect.descriptor === undefined ? redirect.target : undefined
}

export function* substituteCommand(shell: Shell, script: ParsedScript): Syscall<string> {
  const { process } = shell
  const file = onlyInput(script)
  if (file !== undefined) {
    const [path = ''] = yield* expandWords(shell, [file])
    const fd = yield* process.open(path, O_RDONLY)
    if (isErrno(fd)) {
      yield* shell.complain(`${path}: ${fd.message}`)
      shell.substitutionStatus = 1
      return ''
    }
    const bytes = yield* readAll(shell, fd)
    yield* process.close(fd)
    shell.substitutionStatus = 0
    return trimOutput(bytes)
  }
  const pipe = yield* process.pipe()
  if (isErrno(pipe)) {
    yield* shell.complain(`cannot make pipe for command substitution: ${pipe.message}`)
    shell.substitutionStatus = 1
    return ''
  }
  const [reader, writer] = pipe
  const source = sourceOf(script, shell.source)
  const pid = yield* startShell(shell, { group: undefined, foreground: true, asynchronous: false }, function* (child) {
    yield* child.process.close(reader)
    yield* child.process.dup2(writer, 1)
    yield* child.process.close(writer)
    child.source = source
    if (!child.shopts.has('inherit_errexit') && child.flavour === 'bash') child.options.delete('errexit')
    const problem = script.source === undefined ? undefined : syntaxProblem(source)
    if (problem !== undefined) {
      yield* child.complain(problem.message)
      return 2
    }
    return yield* executeScriptTail(child, script.commands)
  })
  const job = shell.jobs.add([{ pid, text: '' }], 0, '', shell.workingDirectory)
  yield* process.close(writer)
  const bytes = yield* readAll(shell, reader)
  yield* process.close(reader)
  yield* waitUntil(shell, () => job.processes[0]!.result !== undefined, false)
  yield* unblockChildren(shell)
  shell.substitutionStatus = statusOf(job.processes[0]!.result)
  return trimOutput(bytes)
}

export function* substituteProcess(shell: Shell, script: ParsedScript, operator: '<' | '>'): Syscall<string> {
  const { process } = shell
  const pipe = yield* process.pipe()
  if (isErrno(pipe)) return '/dev/null'
  const [reader, writer] = pipe
  const ours = operator === '<' ? reader : writer
  const theirs = operator === '<' ? writer : reader
  const source = sourceOf(script, shell.source)
  const pid = yield* startShell(shell, { group: undefined, foreground: false, asynchronous: true }, function* (child) {
    yield* child.process.close(ours)
    yield* child.process.dup2(theirs, operator === '<' ? 1 : 0)
    yield* child.process.close(theirs)
    child.source = source
    return yield* executeScriptTail(child, script.commands)
  })
  shell.jobs.add([{ pid, text: '' }], 0, '', shell.workingDirectory)
  shell.lastBackgroundPid = pid
  yield* process.close(theirs)
  // High, so that it does not collide with the command's own redirections.
  const high = yield* process.dup(ours, 63)
  if (isErrno(high)) {
    shell.substitutionFds.push(ours)
    return `/dev/fd/${ours}`
  }
  yield* process.close(ours)
  shell.substitutionFds.push(high)
  return `/dev/fd/${high}`
}
