// coproc NAME command: a background child with pipes to and from it in NAME[1] and NAME[0].
import { isErrno } from '@/lib/kernel'
import type { Syscall } from '@/lib/kernel'
import type { Coproc } from 'unbash'
import type { Shell } from './shell'
import { assignArray, assignScalar } from './assignment'
import { commandText } from './deparse'
import { executeStatements, executeTail } from './execute'
import { newPlacement, startShell } from './job-control'

export function* openCoproc(shell: Shell, node: Coproc): Syscall<number> {
  const name = node.name?.value ?? 'COPROC'
  const down = yield* shell.process.pipe()
  const up = yield* shell.process.pipe()
  if (isErrno(down) || isErrno(up)) return (shell.status = 1)
  const placement = newPlacement(shell, false)
  const { body } = node
  const text = commandText(shell.source, node)
  const pid = yield* startShell(shell, placement, function* (child) {
    yield* child.process.dup2(down[0], 0)
    yield* child.process.dup2(up[1], 1)
    for (const fd of [...down, ...up]) yield* child.process.close(fd)
    return body.type === 'CompoundList' ? yield* executeStatements(child, body.commands) : yield* executeTail(child, body)
  })
  yield* shell.process.close(down[0])
  yield* shell.process.close(up[1])
  const job = shell.jobs.add([{ pid, text }], placement.group?.pgid ?? 0, text, shell.workingDirectory)
  job.background = true
  shell.jobs.enter(job)
  shell.lastBackgroundPid = pid
  const reader = yield* shell.process.dup(up[0], 63)
  const writer = yield* shell.process.dup(down[1], 60)
  for (const fd of [reader, writer]) if (!isErrno(fd)) yield* shell.process.setCloexec(fd, true)
  yield* shell.process.close(up[0])
  yield* shell.process.close(down[1])
  yield* assignArray(
    shell,
    name,
    [reader, writer].map((fd) => ({ key: undefined, value: isErrno(fd) ? '-1' : String(fd), append: false })),
    false,
  )
  yield* assignScalar(shell, `${name}_PID`, String(pid), { append: false })
  if (shell.interactive) yield* shell.process.write(2, `[${job.number}] ${pid}\n`)
  return (shell.status = 0)
}
