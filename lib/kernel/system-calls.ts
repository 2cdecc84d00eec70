// The system calls: the only door between a program and the kernel. Names and behaviour after section 2 of the manual.
// Each is a generator: `const chunk = yield* process.read(0, 4096)`. What Linux reports as -errno comes back as an
// `Errno` value, never as an exception. A program is ended by the scheduler with `generator.return()`, so a `finally`
// in a program must not yield.
import type { Bytes, FileKind, FileReader, Usec } from '@/lib/base'
import type { Errno } from './errno'
import type { SeccompFilter } from './seccomp'
import type { Wait } from './wait'

/** A running system call or any part of a program: yields to the scheduler, returns T. */
export type Syscall<T> = Generator<Wait, T, void>
export type Fallible<T> = T | Errno
/** The code of a program. What it returns is its exit status (0–255). */
export type Main = (process: Process) => Syscall<number>
export type SignalHandler = (process: Process, signal: number) => Syscall<void>

/** Why a restriction is there; kept beside it in the kernel and quoted by the denial record. */
export type Cause = { readonly unit: string; readonly directive: string; readonly file?: string; readonly line?: number }

// ---------------------------------------------------------------- files

/** open(2) flags, as numbers of x86-64. */
export const O_RDONLY = 0
export const O_WRONLY = 1
export const O_RDWR = 2
export const O_CREAT = 0o100
export const O_EXCL = 0o200
export const O_NOCTTY = 0o400
export const O_TRUNC = 0o1000
export const O_APPEND = 0o2000
export const O_NONBLOCK = 0o4000
export const O_DIRECTORY = 0o200000
export const O_NOFOLLOW = 0o400000
export const O_CLOEXEC = 0o2000000
export const O_PATH = 0o10000000

export const R_OK = 4
export const W_OK = 2
export const X_OK = 1
export const F_OK = 0

export type Stat = {
  readonly kind: FileKind
  readonly dev: number
  readonly ino: number
  /** Permission bits with setuid, setgid, sticky (07777). */
  readonly mode: number
  readonly nlink: number
  readonly uid: number
  readonly gid: number
  /** Device number as [major, minor]; [0, 0] for others. */
  readonly rdev: readonly [number, number]
  readonly size: number
  /** Room taken, in units of 512 bytes. */
  readonly blocks?: number
  readonly atimeUsec: Usec
  readonly mtimeUsec: Usec
  readonly ctimeUsec: Usec
}
export type DirectoryEntry = { readonly name: string; readonly ino: number; readonly kind: FileKind }
export type PollRequest = { readonly fd: number; readonly events: number }
export const POLLIN = 1
export const POLLOUT = 4
export const POLLERR = 8
export const POLLHUP = 16

/** mount(2) flags. */
export const MS_RDONLY = 1
export const MS_NOSUID = 2
export const MS_NODEV = 4
export const MS_NOEXEC = 8
export const MS_REMOUNT = 32
export const MS_BIND = 4096
export const MS_MOVE = 8192
export const MS_REC = 16384
export const MS_UNBINDABLE = 1 << 17
export const MS_PRIVATE = 1 << 18
export const MS_SLAVE = 1 << 19
export const MS_SHARED = 1 << 20
export const MNT_DETACH = 2

/** clone(2)/unshare(2) flags of namespaces. */
export const CLONE_NEWTIME = 0x80
export const CLONE_NEWNS = 0x20000
export const CLONE_NEWCGROUP = 0x2000000
export const CLONE_NEWUTS = 0x4000000
export const CLONE_NEWIPC = 0x8000000
export const CLONE_NEWUSER = 0x10000000
export const CLONE_NEWPID = 0x20000000
export const CLONE_NEWNET = 0x40000000

/** `cookie` ties the two halves of a rename; 0 for others. */
export type InotifyEvent = { readonly watch: number; readonly mask: number; readonly name: string; readonly cookie?: number }

// ---------------------------------------------------------------- processes

export type WaitResult = { readonly pid: number; readonly uid: number } & (
  | { readonly how: 'exited'; readonly status: number }
  | { readonly how: 'killed' | 'dumped'; readonly signal: number }
  | { readonly how: 'stopped' | 'continued'; readonly signal: number }
)
export const WNOHANG = 1
export const WUNTRACED = 2
export const WCONTINUED = 8
/** waitid(): leaves the child in the table. */
export const WNOWAIT = 0x01000000

export type Limit = { readonly soft: number; readonly hard: number }
export type LimitName =
  | 'CPU'
  | 'FSIZE'
  | 'DATA'
  | 'STACK'
  | 'CORE'
  | 'RSS'
  | 'NPROC'
  | 'NOFILE'
  | 'MEMLOCK'
  | 'AS'
  | 'LOCKS'
  | 'SIGPENDING'
  | 'MSGQUEUE'
  | 'NICE'
  | 'RTPRIO'
  | 'RTTIME'
export type Disposition = 'default' | 'ignore' | SignalHandler
export type CapabilitySets = {
  readonly inheritable: bigint
  readonly permitted: bigint
  readonly effective: bigint
  readonly bounding: bigint
  readonly ambient: bigint
}
export type SchedulingPolicy = 'other' | 'fifo' | 'rr' | 'batch' | 'idle'

// ---------------------------------------------------------------- sockets

export type SocketDomain = 'AF_UNIX' | 'AF_INET' | 'AF_INET6' | 'AF_NETLINK' | 'AF_PACKET' | (string & {})
export type SocketType = 'stream' | 'dgram' | 'seqpacket' | 'raw'
/** `@name` is an abstract UNIX address. */
export type SocketAddress =
  | { readonly domain: 'AF_UNIX'; readonly path: string }
  | { readonly domain: 'AF_INET' | 'AF_INET6'; readonly address: string; readonly port: number }
  | { readonly domain: 'AF_NETLINK'; readonly pid: number; readonly groups: number }
export type PeerCredentials = { readonly pid: number; readonly uid: number; readonly gid: number }
export type ReceivedMessage = {
  readonly data: Bytes
  readonly from: SocketAddress | undefined
  /** File descriptors passed along (SCM_RIGHTS), already open in the receiver. */
  readonly fds: readonly number[]
  /** Of the sender (SCM_CREDENTIALS); on UNIX sockets only. */
  readonly credentials: PeerCredentials | undefined
  /** When it was sent, on the wall clock (SCM_TIMESTAMP); on UNIX sockets only. */
  readonly sentUsec: number | undefined
}

// ---------------------------------------------------------------- terminals

export type TerminalAttributes = {
  readonly icanon: boolean
  readonly echo: boolean
  readonly isig: boolean
  readonly icrnl: boolean
  readonly opost: boolean
  readonly ixon: boolean
  readonly echoe?: boolean
  readonly echok?: boolean
  readonly echoctl?: boolean
  readonly echoke?: boolean
  readonly onlcr?: boolean
  readonly iexten?: boolean
  readonly tostop?: boolean
  readonly noflsh?: boolean
  readonly inlcr?: boolean
  readonly igncr?: boolean
  readonly iutf8?: boolean
  /** Control characters by name: `INTR`, `EOF`, `SUSP`, `QUIT`, `ERASE`, `KILL`, `WERASE`. */
  readonly cc: Readonly<Record<string, number>>
}
export type WindowSize = { readonly rows: number; readonly columns: number }

export interface Process {
  // -------- identity: plain reads, as from the vDSO
  readonly pid: number
  readonly ppid: number
  readonly argv: readonly string[]
  /** The environment that execve() passed; a program keeps its own copy if it changes it. */
  readonly env: Readonly<Record<string, string>>
  readonly uid: number
  readonly euid: number
  readonly gid: number
  readonly egid: number
  readonly groups: readonly number[]
  /** Realtime, µs since the epoch. */
  readonly realtimeUsec: Usec
  /** µs since boot. */
  readonly monotonicUsec: Usec
  /** Seeded chance of this machine (getrandom(2) without the copying). */
  readonly random: { next32(): number; below(limit: number): number; id128(): string }

  // -------- files
  open(path: string, flags: number, mode?: number): Syscall<Fallible<number>>
  /** Bytes read; empty at end of file. */
  read(fd: number, count?: number): Syscall<Fallible<Bytes>>
  pread(fd: number, count: number, offset: number): Syscall<Fallible<Bytes>>
  /** Bytes taken; a blocking descriptor takes all. A string is written as UTF-8. */
  write(fd: number, data: Bytes | string): Syscall<Fallible<number>>
  lseek(fd: number, offset: number, whence: 'set' | 'current' | 'end'): Syscall<Fallible<number>>
  close(fd: number): Syscall<Fallible<0>>
  dup(fd: number, atLeast?: number): Syscall<Fallible<number>>
  dup2(from: number, to: number): Syscall<Fallible<number>>
  pipe(flags?: number): Syscall<Fallible<readonly [read: number, write: number]>>
  setCloexec(fd: number, on: boolean): Syscall<Fallible<0>>
  setNonblock(fd: number, on: boolean): Syscall<Fallible<0>>
  /** Descriptors that are open, ascending, with what /proc/PID/fd would show. */
  listFds(): readonly { readonly fd: number; readonly target: string; readonly cloexec: boolean }[]
  poll(
    requests: readonly PollRequest[],
    timeoutUsec?: Usec,
  ): Syscall<Fallible<readonly { readonly fd: number; readonly revents: number }[]>>
  flock(fd: number, operation: 'shared' | 'exclusive' | 'unlock', nonblock?: boolean): Syscall<Fallible<0>>
  fsync(fd: number): Syscall<Fallible<0>>
  stat(path: string): Syscall<Fallible<Stat>>
  lstat(path: string): Syscall<Fallible<Stat>>
  fstat(fd: number): Syscall<Fallible<Stat>>
  statfs(
    path: string,
  ): Syscall<
    Fallible<{ readonly type: string; readonly blocks: number; readonly free: number; readonly blockSize: number; readonly flags: number }>
  >
  /** With the effective ids, as faccessat(AT_EACCESS). */
  access(path: string, mode: number): Syscall<Fallible<0>>
  readdir(path: string): Syscall<Fallible<readonly DirectoryEntry[]>>
  mkdir(path: string, mode?: number): Syscall<Fallible<0>>
  rmdir(path: string): Syscall<Fallible<0>>
  unlink(path: string): Syscall<Fallible<0>>
  rename(from: string, to: string): Syscall<Fallible<0>>
  link(from: string, to: string): Syscall<Fallible<0>>
  symlink(target: string, path: string): Syscall<Fallible<0>>
  readlink(path: string): Syscall<Fallible<string>>
  chmod(path: string, mode: number): Syscall<Fallible<0>>
  fchmod(fd: number, mode: number): Syscall<Fallible<0>>
  chown(path: string, uid: number, gid: number, options?: { readonly nofollow?: boolean }): Syscall<Fallible<0>>
  fchown(fd: number, uid: number, gid: number): Syscall<Fallible<0>>
  utimes(path: string, atimeUsec: Usec | undefined, mtimeUsec: Usec | undefined): Syscall<Fallible<0>>
  truncate(path: string, size: number): Syscall<Fallible<0>>
  ftruncate(fd: number, size: number): Syscall<Fallible<0>>
  mknod(
    path: string,
    kind: 'fifo' | 'character-device' | 'block-device' | 'file',
    mode: number,
    rdev?: readonly [number, number],
  ): Syscall<Fallible<0>>
  setxattr(path: string, name: string, value: string): Syscall<Fallible<0>>
  getxattr(path: string, name: string): Syscall<Fallible<string>>
  chdir(path: string): Syscall<Fallible<0>>
  getcwd(): Syscall<Fallible<string>>
  chroot(path: string): Syscall<Fallible<0>>
  umask(mask: number): Syscall<number>
  inotifyInit(): Syscall<Fallible<number>>
  inotifyAddWatch(fd: number, path: string, mask: number): Syscall<Fallible<number>>
  inotifyRemoveWatch(fd: number, watch: number): Syscall<Fallible<0>>
  inotifyRead(fd: number): Syscall<Fallible<readonly InotifyEvent[]>>
  /** This process's view of the file tree (its root, mounts and permissions) for parsers that read many files. */
  fileReader(): FileReader

  // -------- mounts and namespaces
  mount(source: string, target: string, type: string, flags: number, data?: string, cause?: Cause): Syscall<Fallible<0>>
  umount(target: string, flags?: number): Syscall<Fallible<0>>
  pivotRoot(newRoot: string, putOld: string): Syscall<Fallible<0>>
  unshare(flags: number, cause?: Cause): Syscall<Fallible<0>>
  /** Joins the namespaces of another process named by flags. */
  setns(pid: number, flags: number): Syscall<Fallible<0>>
  sethostname(name: string): Syscall<Fallible<0>>
  uname(): {
    readonly sysname: string
    readonly nodename: string
    readonly release: string
    readonly version: string
    readonly machine: string
  }

  // -------- processes
  /** fork(2) with the child's code given: it inherits everything but pending signals. Returns the child's pid. */
  fork(
    child: Main,
    options?: {
      readonly namespaces?: number
      readonly cgroup?: string
      readonly comm?: string
      /** Which call it is to filters and traces. */
      readonly call?: 'clone' | 'clone3'
    },
  ): Syscall<Fallible<number>>
  /** Replaces the program. Returns only when it fails. */
  exec(path: string, argv: readonly string[], env: Readonly<Record<string, string>>): Syscall<Errno>
  /** Never returns. */
  exit(status: number): Syscall<never>
  /** pid > 0 that child; -1 any child; 0 own process group; < -1 that group. `undefined`: WNOHANG and nothing yet. */
  waitpid(pid: number, options?: number): Syscall<Fallible<WaitResult | undefined>>
  /** pid > 0, 0 own group, -1 all, < -1 a group. Signal 0 only checks. */
  kill(pid: number, signal: number): Syscall<Fallible<0>>
  /** Returns the earlier disposition. A handler interrupts a blocking call (EINTR) unless `restart`. */
  sigaction(signal: number, disposition: Disposition, options?: { readonly restart?: boolean }): Syscall<Fallible<Disposition>>
  sigprocmask(how: 'block' | 'unblock' | 'set', signals: readonly number[]): Syscall<readonly number[]>
  /** Sleeps until a handler has run. */
  pause(): Syscall<Errno>
  /** A descriptor that becomes readable when one of these (blocked) signals is pending; see `signalfdRead`. */
  signalfd(signals: readonly number[]): Syscall<Fallible<number>>
  signalfdRead(fd: number): Syscall<Fallible<readonly { readonly signal: number; readonly pid: number; readonly uid: number }[]>>
  /** Sleeps; EINTR when a handler ran. */
  nanosleep(usec: Usec): Syscall<Fallible<0>>
  /** Uses this much processor time (competes for it, obeys quota and nice). */
  compute(usec: Usec): Syscall<0>
  /** SIGALRM after this time; 0 cancels. */
  alarm(usec: Usec): Syscall<0>
  setpgid(pid: number, pgid: number): Syscall<Fallible<0>>
  getpgid(pid?: number): Syscall<Fallible<number>>
  setsid(): Syscall<Fallible<number>>
  getsid(pid?: number): Syscall<Fallible<number>>
  getpriority(pid?: number): Syscall<Fallible<number>>
  setpriority(pid: number, nice: number): Syscall<Fallible<0>>
  setScheduler(pid: number, policy: SchedulingPolicy, priority: number, resetOnFork?: boolean): Syscall<Fallible<0>>
  setAffinity(pid: number, cpus: readonly number[]): Syscall<Fallible<0>>
  getrlimit(name: LimitName, pid?: number): Syscall<Fallible<Limit>>
  setrlimit(name: LimitName, limit: Limit, pid?: number): Syscall<Fallible<0>>
  /** Name shown by ps (15 bytes). */
  setComm(name: string): Syscall<0>
  setChildSubreaper(on: boolean): Syscall<0>
  setParentDeathSignal(signal: number): Syscall<0>
  /** Memory the program holds, in bytes (the model of brk/mmap); ENOMEM or an OOM kill by the cgroup's limit. */
  setMemory(bytes: number): Syscall<Fallible<0>>

  // -------- credentials
  setresuid(ruid: number, euid: number, suid: number): Syscall<Fallible<0>>
  setresgid(rgid: number, egid: number, sgid: number): Syscall<Fallible<0>>
  setgroups(groups: readonly number[]): Syscall<Fallible<0>>
  capget(): Syscall<CapabilitySets>
  capset(sets: Partial<CapabilitySets>, cause?: Cause): Syscall<Fallible<0>>
  setSecurebits(bits: number): Syscall<Fallible<0>>
  setNoNewPrivileges(cause?: Cause): Syscall<Fallible<0>>
  /** Adds a seccomp filter; it stays through fork and exec. */
  seccomp(filter: SeccompFilter): Syscall<Fallible<0>>
  /** prctl(PR_SET_MDWE): memory may not be writable and executable. */
  denyWriteExecute(cause?: Cause): Syscall<Fallible<0>>

  // -------- sockets
  socket(domain: SocketDomain, type: SocketType, protocol?: number, flags?: number): Syscall<Fallible<number>>
  socketpair(type: SocketType): Syscall<Fallible<readonly [number, number]>>
  bind(fd: number, address: SocketAddress): Syscall<Fallible<0>>
  listen(fd: number, backlog: number): Syscall<Fallible<0>>
  accept(fd: number, flags?: number): Syscall<Fallible<number>>
  connect(fd: number, address: SocketAddress): Syscall<Fallible<0>>
  send(
    fd: number,
    data: Bytes | string,
    options?: { readonly to?: SocketAddress; readonly fds?: readonly number[] },
  ): Syscall<Fallible<number>>
  recv(fd: number, count?: number): Syscall<Fallible<ReceivedMessage>>
  shutdown(fd: number, how: 'read' | 'write' | 'both'): Syscall<Fallible<0>>
  getsockname(fd: number): Syscall<Fallible<SocketAddress>>
  getpeername(fd: number): Syscall<Fallible<SocketAddress>>
  getPeerCredentials(fd: number): Syscall<Fallible<PeerCredentials>>
  setsockopt(fd: number, option: string, value: number | string): Syscall<Fallible<0>>

  // -------- terminals
  isatty(fd: number): Syscall<boolean>
  ttyname(fd: number): Syscall<Fallible<string>>
  tcgetattr(fd: number): Syscall<Fallible<TerminalAttributes>>
  tcsetattr(fd: number, attributes: Partial<TerminalAttributes>): Syscall<Fallible<0>>
  getWindowSize(fd: number): Syscall<Fallible<WindowSize>>
  setWindowSize(fd: number, size: WindowSize): Syscall<Fallible<0>>
  /** Makes the terminal the controlling one of this session (TIOCSCTTY). */
  setControllingTerminal(fd: number): Syscall<Fallible<0>>
  tcgetpgrp(fd: number): Syscall<Fallible<number>>
  tcsetpgrp(fd: number, pgid: number): Syscall<Fallible<0>>
  /** A new pseudo terminal: the master's descriptor and the path of the other end. */
  openpty(size?: WindowSize): Syscall<Fallible<{ readonly master: number; readonly path: string }>>

  // -------- the machine
  reboot(how: 'restart' | 'power-off' | 'halt' | 'kexec'): Syscall<Fallible<0>>
  setRealtime(usec: Usec): Syscall<Fallible<0>>
  /** Writes a line to the kernel log, as /dev/kmsg does. */
  kernelLog(priority: number, text: string): Syscall<Fallible<0>>
  /** Any other call, by its name and arguments as the probe makes it (`personality`, `bpf`, `keyctl`, …); ENOSYS when unknown. */
  syscall(name: string, ...args: readonly unknown[]): Syscall<Fallible<unknown>>
}
