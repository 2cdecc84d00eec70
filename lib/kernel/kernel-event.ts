// What a machine tells its host and its pages: typed events, never calls up.
import type { Usec } from '@/lib/base'
import type { Cause, WaitResult } from './system-calls'

/** Who refused: a directive of a unit, or the ordinary rules of Linux. */
export type DenialCause = Cause | 'file mode' | 'not root' | 'kernel default'

export type Denial = {
  readonly type: 'denial'
  readonly atUsec: Usec
  readonly process: { readonly pid: number; readonly comm: string; readonly uid: number; readonly cgroup: string }
  readonly syscall: string
  readonly argument: string
  readonly errno: string
  readonly cause: DenialCause
}

export type KernelEvent =
  | Denial
  | { readonly type: 'fork'; readonly pid: number; readonly ppid: number; readonly comm: string }
  | { readonly type: 'exec'; readonly pid: number; readonly path: string; readonly argv: readonly string[] }
  | { readonly type: 'exit'; readonly pid: number; readonly comm: string; readonly result: WaitResult }
  | { readonly type: 'syscall'; readonly pid: number; readonly name: string; readonly arguments: readonly unknown[] }
  | { readonly type: 'signal'; readonly pid: number; readonly signal: number; readonly fromPid: number }
  | { readonly type: 'oom'; readonly pid: number; readonly comm: string; readonly cgroup: string }
  | { readonly type: 'kernel-log'; readonly priority: number; readonly text: string; readonly atUsec: Usec }
  | { readonly type: 'power'; readonly how: 'restart' | 'power-off' | 'halt' | 'kexec' | 'panic' }
  /** A program or the kernel threw: a fault of ours. The process was ended with SIGSEGV. */
  | { readonly type: 'fault'; readonly pid: number; readonly comm: string; readonly message: string; readonly stack: string }
