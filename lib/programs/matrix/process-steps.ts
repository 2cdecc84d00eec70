// Steps that actions about processes share.
import { type Fallible, isErrno, type Process, signals, type Syscall } from '@/lib/kernel'
import { failedAt, outcome } from './action'

/** Sleeps until it is killed. */
export function* sleepForever(process: Process): Syscall<number> {
  for (;;) yield* process.nanosleep(5_000_000)
}

/** With a sleeping child that is killed afterwards. */
export function* withSleeper(process: Process, work: (pid: number) => Syscall<Fallible<unknown>>): Syscall<string> {
  const pid = yield* process.fork(sleepForever)
  if (isErrno(pid)) return failedAt('fork', pid)
  const result = yield* work(pid)
  yield* process.kill(pid, signals.SIGKILL.number)
  yield* process.waitpid(pid)
  return outcome(result)
}
