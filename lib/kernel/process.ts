// The calls of one process: each is a line that leads to its subject in `calls/`.
import type { Usec } from '@/lib/base'
import * as groups from './calls/groups'
import * as identity from './calls/identity'
import * as io from './calls/io'
import * as lifecycle from './calls/lifecycle'
import * as machine from './calls/machine'
import * as mounts from './calls/mounts'
import * as namespaces from './calls/namespaces'
import * as paths from './calls/paths'
import * as scheduling from './calls/scheduling'
import * as signals from './calls/signals'
import * as sockets from './calls/sockets'
import * as terminals from './calls/terminals'
import { syscall } from './calls/other'
import { type IdRange, idInside, OVERFLOW_ID } from './credentials'
import type { Process } from './system-calls'
import type { Task } from './task'
import { reviewPending } from './signal-delivery'

type P<Name extends keyof Process, Index extends number> = Process[Name] extends (...args: infer Args) => unknown ? Args[Index] : never

const RELEASE = '6.12.107+deb13-cloud-amd64'
const VERSION = '#1 SMP PREEMPT_DYNAMIC Debian 6.12.107-1 (2026-08-29)'

export class ProcessCalls implements Process {
  private readonly task: Task

  constructor(task: Task) {
    this.task = task
  }

  // -------- identity

  get pid(): number {
    return this.task.kernel.pidSeenBy(this.task, this.task)
  }

  get ppid(): number {
    const { parentTask, kernel } = this.task
    return parentTask === undefined ? 0 : kernel.pidSeenBy(parentTask, this.task)
  }

  get argv(): readonly string[] {
    return this.task.argv
  }

  get env(): Readonly<Record<string, string>> {
    return this.task.env
  }

  get uid(): number {
    return seenId(this.task.credentials.userNamespace.uidMap, this.task.credentials.uid)
  }

  get euid(): number {
    return seenId(this.task.credentials.userNamespace.uidMap, this.task.credentials.euid)
  }

  get gid(): number {
    return seenId(this.task.credentials.userNamespace.gidMap, this.task.credentials.gid)
  }

  get egid(): number {
    return seenId(this.task.credentials.userNamespace.gidMap, this.task.credentials.egid)
  }

  get groups(): readonly number[] {
    const { groups, userNamespace } = this.task.credentials
    return userNamespace.isInitial ? groups : groups.map((gid) => seenId(userNamespace.gidMap, gid))
  }

  get realtimeUsec(): Usec {
    return this.task.kernel.clock.realtimeUsec
  }

  get monotonicUsec(): Usec {
    return this.task.kernel.clock.monotonicUsec
  }

  get random(): Process['random'] {
    return this.task.kernel.random
  }

  /** A handler has returned: what it held back may be delivered. */
  reviewSignals(): void {
    reviewPending(this.task)
  }

  uname(): ReturnType<Process['uname']> {
    return {
      sysname: 'Linux',
      nodename: this.task.namespaces.uts.hostname,
      release: RELEASE,
      version: VERSION,
      machine: (this.task.personality & 0xff) === 8 ? 'i686' : 'x86_64',
    }
  }

  syscall(name: string, ...args: readonly unknown[]): ReturnType<Process['syscall']> {
    return syscall(this.task, name, args)
  }

  // -------- system calls

  open(path: P<'open', 0>, flags: P<'open', 1>, mode?: P<'open', 2>): ReturnType<Process['open']> {
    return paths.open(this.task, path, flags, mode)
  }

  read(fd: P<'read', 0>, count?: P<'read', 1>): ReturnType<Process['read']> {
    return io.read(this.task, fd, count)
  }

  pread(fd: P<'pread', 0>, count: P<'pread', 1>, offset: P<'pread', 2>): ReturnType<Process['pread']> {
    return io.pread(this.task, fd, count, offset)
  }

  write(fd: P<'write', 0>, data: P<'write', 1>): ReturnType<Process['write']> {
    return io.write(this.task, fd, data)
  }

  lseek(fd: P<'lseek', 0>, offset: P<'lseek', 1>, whence: P<'lseek', 2>): ReturnType<Process['lseek']> {
    return io.lseek(this.task, fd, offset, whence)
  }

  close(fd: P<'close', 0>): ReturnType<Process['close']> {
    return io.close(this.task, fd)
  }

  dup(fd: P<'dup', 0>, atLeast?: P<'dup', 1>): ReturnType<Process['dup']> {
    return io.dup(this.task, fd, atLeast)
  }

  dup2(from: P<'dup2', 0>, to: P<'dup2', 1>): ReturnType<Process['dup2']> {
    return io.dup2(this.task, from, to)
  }

  pipe(flags?: P<'pipe', 0>): ReturnType<Process['pipe']> {
    return io.pipe(this.task, flags)
  }

  setCloexec(fd: P<'setCloexec', 0>, on: P<'setCloexec', 1>): ReturnType<Process['setCloexec']> {
    return io.setCloexec(this.task, fd, on)
  }

  setNonblock(fd: P<'setNonblock', 0>, on: P<'setNonblock', 1>): ReturnType<Process['setNonblock']> {
    return io.setNonblock(this.task, fd, on)
  }

  listFds(): ReturnType<Process['listFds']> {
    return io.listFds(this.task)
  }

  poll(requests: P<'poll', 0>, timeoutUsec?: P<'poll', 1>): ReturnType<Process['poll']> {
    return io.poll(this.task, requests, timeoutUsec)
  }

  flock(fd: P<'flock', 0>, operation: P<'flock', 1>, nonblock?: P<'flock', 2>): ReturnType<Process['flock']> {
    return paths.flock(this.task, fd, operation, nonblock)
  }

  fsync(fd: P<'fsync', 0>): ReturnType<Process['fsync']> {
    return io.fsync(this.task, fd)
  }

  stat(path: P<'stat', 0>): ReturnType<Process['stat']> {
    return paths.stat(this.task, path)
  }

  lstat(path: P<'lstat', 0>): ReturnType<Process['lstat']> {
    return paths.lstat(this.task, path)
  }

  fstat(fd: P<'fstat', 0>): ReturnType<Process['fstat']> {
    return paths.fstat(this.task, fd)
  }

  statfs(path: P<'statfs', 0>): ReturnType<Process['statfs']> {
    return paths.statfs(this.task, path)
  }

  access(path: P<'access', 0>, mode: P<'access', 1>): ReturnType<Process['access']> {
    return paths.access(this.task, path, mode)
  }

  readdir(path: P<'readdir', 0>): ReturnType<Process['readdir']> {
    return paths.readdir(this.task, path)
  }

  mkdir(path: P<'mkdir', 0>, mode?: P<'mkdir', 1>): ReturnType<Process['mkdir']> {
    return paths.mkdir(this.task, path, mode)
  }

  rmdir(path: P<'rmdir', 0>): ReturnType<Process['rmdir']> {
    return paths.rmdir(this.task, path)
  }

  unlink(path: P<'unlink', 0>): ReturnType<Process['unlink']> {
    return paths.unlink(this.task, path)
  }

  rename(from: P<'rename', 0>, to: P<'rename', 1>): ReturnType<Process['rename']> {
    return paths.rename(this.task, from, to)
  }

  link(from: P<'link', 0>, to: P<'link', 1>): ReturnType<Process['link']> {
    return paths.link(this.task, from, to)
  }

  symlink(target: P<'symlink', 0>, path: P<'symlink', 1>): ReturnType<Process['symlink']> {
    return paths.symlink(this.task, target, path)
  }

  readlink(path: P<'readlink', 0>): ReturnType<Process['readlink']> {
    return paths.readlink(this.task, path)
  }

  chmod(path: P<'chmod', 0>, mode: P<'chmod', 1>): ReturnType<Process['chmod']> {
    return paths.chmod(this.task, path, mode)
  }

  fchmod(fd: P<'fchmod', 0>, mode: P<'fchmod', 1>): ReturnType<Process['fchmod']> {
    return paths.fchmod(this.task, fd, mode)
  }

  chown(path: P<'chown', 0>, uid: P<'chown', 1>, gid: P<'chown', 2>, options?: P<'chown', 3>): ReturnType<Process['chown']> {
    return paths.chown(this.task, path, uid, gid, options)
  }

  fchown(fd: P<'fchown', 0>, uid: P<'fchown', 1>, gid: P<'fchown', 2>): ReturnType<Process['fchown']> {
    return paths.fchown(this.task, fd, uid, gid)
  }

  utimes(path: P<'utimes', 0>, atimeUsec: P<'utimes', 1>, mtimeUsec: P<'utimes', 2>): ReturnType<Process['utimes']> {
    return paths.utimes(this.task, path, atimeUsec, mtimeUsec)
  }

  truncate(path: P<'truncate', 0>, size: P<'truncate', 1>): ReturnType<Process['truncate']> {
    return paths.truncate(this.task, path, size)
  }

  ftruncate(fd: P<'ftruncate', 0>, size: P<'ftruncate', 1>): ReturnType<Process['ftruncate']> {
    return io.ftruncate(this.task, fd, size)
  }

  mknod(path: P<'mknod', 0>, kind: P<'mknod', 1>, mode: P<'mknod', 2>, rdev?: P<'mknod', 3>): ReturnType<Process['mknod']> {
    return paths.mknod(this.task, path, kind, mode, rdev)
  }

  setxattr(path: P<'setxattr', 0>, name: P<'setxattr', 1>, value: P<'setxattr', 2>): ReturnType<Process['setxattr']> {
    return paths.setxattr(this.task, path, name, value)
  }

  getxattr(path: P<'getxattr', 0>, name: P<'getxattr', 1>): ReturnType<Process['getxattr']> {
    return paths.getxattr(this.task, path, name)
  }

  chdir(path: P<'chdir', 0>): ReturnType<Process['chdir']> {
    return paths.chdir(this.task, path)
  }

  getcwd(): ReturnType<Process['getcwd']> {
    return paths.getcwd(this.task)
  }

  chroot(path: P<'chroot', 0>): ReturnType<Process['chroot']> {
    return paths.chroot(this.task, path)
  }

  umask(mask: P<'umask', 0>): ReturnType<Process['umask']> {
    return paths.umask(this.task, mask)
  }

  inotifyInit(): ReturnType<Process['inotifyInit']> {
    return mounts.inotifyInit(this.task)
  }

  inotifyAddWatch(
    fd: P<'inotifyAddWatch', 0>,
    path: P<'inotifyAddWatch', 1>,
    mask: P<'inotifyAddWatch', 2>,
  ): ReturnType<Process['inotifyAddWatch']> {
    return mounts.inotifyAddWatch(this.task, fd, path, mask)
  }

  inotifyRemoveWatch(fd: P<'inotifyRemoveWatch', 0>, watch: P<'inotifyRemoveWatch', 1>): ReturnType<Process['inotifyRemoveWatch']> {
    return mounts.inotifyRemoveWatch(this.task, fd, watch)
  }

  inotifyRead(fd: P<'inotifyRead', 0>): ReturnType<Process['inotifyRead']> {
    return mounts.inotifyRead(this.task, fd)
  }

  fileReader(): ReturnType<Process['fileReader']> {
    return paths.fileReader(this.task)
  }

  mount(
    source: P<'mount', 0>,
    target: P<'mount', 1>,
    type: P<'mount', 2>,
    flags: P<'mount', 3>,
    data?: P<'mount', 4>,
    cause?: P<'mount', 5>,
  ): ReturnType<Process['mount']> {
    return mounts.mount(this.task, source, target, type, flags, data, cause)
  }

  umount(target: P<'umount', 0>, flags?: P<'umount', 1>): ReturnType<Process['umount']> {
    return mounts.umount(this.task, target, flags)
  }

  pivotRoot(newRoot: P<'pivotRoot', 0>, putOld: P<'pivotRoot', 1>): ReturnType<Process['pivotRoot']> {
    return mounts.pivotRoot(this.task, newRoot, putOld)
  }

  unshare(flags: P<'unshare', 0>, cause?: P<'unshare', 1>): ReturnType<Process['unshare']> {
    return namespaces.unshare(this.task, flags, cause)
  }

  setns(pid: P<'setns', 0>, flags: P<'setns', 1>): ReturnType<Process['setns']> {
    return namespaces.setns(this.task, pid, flags)
  }

  sethostname(name: P<'sethostname', 0>): ReturnType<Process['sethostname']> {
    return namespaces.sethostname(this.task, name)
  }

  fork(child: P<'fork', 0>, options?: P<'fork', 1>): ReturnType<Process['fork']> {
    return lifecycle.fork(this.task, child, options)
  }

  exec(path: P<'exec', 0>, argv: P<'exec', 1>, env: P<'exec', 2>): ReturnType<Process['exec']> {
    return lifecycle.exec(this.task, path, argv, env)
  }

  exit(status: P<'exit', 0>): ReturnType<Process['exit']> {
    return lifecycle.exit(this.task, status)
  }

  waitpid(pid: P<'waitpid', 0>, options?: P<'waitpid', 1>): ReturnType<Process['waitpid']> {
    return lifecycle.waitpid(this.task, pid, options)
  }

  kill(pid: P<'kill', 0>, signal: P<'kill', 1>): ReturnType<Process['kill']> {
    return signals.kill(this.task, pid, signal)
  }

  sigaction(signal: P<'sigaction', 0>, disposition: P<'sigaction', 1>, options?: P<'sigaction', 2>): ReturnType<Process['sigaction']> {
    return signals.sigaction(this.task, signal, disposition, options)
  }

  sigprocmask(how: P<'sigprocmask', 0>, numbers: P<'sigprocmask', 1>): ReturnType<Process['sigprocmask']> {
    return signals.sigprocmask(this.task, how, numbers)
  }

  pause(): ReturnType<Process['pause']> {
    return signals.pause(this.task)
  }

  signalfd(numbers: P<'signalfd', 0>): ReturnType<Process['signalfd']> {
    return signals.signalfd(this.task, numbers)
  }

  signalfdRead(fd: P<'signalfdRead', 0>): ReturnType<Process['signalfdRead']> {
    return signals.signalfdRead(this.task, fd)
  }

  nanosleep(usec: P<'nanosleep', 0>): ReturnType<Process['nanosleep']> {
    return signals.nanosleep(this.task, usec)
  }

  compute(usec: P<'compute', 0>): ReturnType<Process['compute']> {
    return signals.compute(this.task, usec)
  }

  alarm(usec: P<'alarm', 0>): ReturnType<Process['alarm']> {
    return signals.alarm(this.task, usec)
  }

  setpgid(pid: P<'setpgid', 0>, pgid: P<'setpgid', 1>): ReturnType<Process['setpgid']> {
    return groups.setpgid(this.task, pid, pgid)
  }

  getpgid(pid?: P<'getpgid', 0>): ReturnType<Process['getpgid']> {
    return groups.getpgid(this.task, pid)
  }

  setsid(): ReturnType<Process['setsid']> {
    return groups.setsid(this.task)
  }

  getsid(pid?: P<'getsid', 0>): ReturnType<Process['getsid']> {
    return groups.getsid(this.task, pid)
  }

  getpriority(pid?: P<'getpriority', 0>): ReturnType<Process['getpriority']> {
    return scheduling.getpriority(this.task, pid)
  }

  setpriority(pid: P<'setpriority', 0>, nice: P<'setpriority', 1>): ReturnType<Process['setpriority']> {
    return scheduling.setpriority(this.task, pid, nice)
  }

  setScheduler(
    pid: P<'setScheduler', 0>,
    policy: P<'setScheduler', 1>,
    priority: P<'setScheduler', 2>,
    resetOnFork?: P<'setScheduler', 3>,
  ): ReturnType<Process['setScheduler']> {
    return scheduling.setScheduler(this.task, pid, policy, priority, resetOnFork)
  }

  setAffinity(pid: P<'setAffinity', 0>, cpus: P<'setAffinity', 1>): ReturnType<Process['setAffinity']> {
    return scheduling.setAffinity(this.task, pid, cpus)
  }

  getrlimit(name: P<'getrlimit', 0>, pid?: P<'getrlimit', 1>): ReturnType<Process['getrlimit']> {
    return scheduling.getrlimit(this.task, name, pid)
  }

  setrlimit(name: P<'setrlimit', 0>, limit: P<'setrlimit', 1>, pid?: P<'setrlimit', 2>): ReturnType<Process['setrlimit']> {
    return scheduling.setrlimit(this.task, name, limit, pid)
  }

  setComm(name: P<'setComm', 0>): ReturnType<Process['setComm']> {
    return groups.setComm(this.task, name)
  }

  setChildSubreaper(on: P<'setChildSubreaper', 0>): ReturnType<Process['setChildSubreaper']> {
    return groups.setChildSubreaper(this.task, on)
  }

  setParentDeathSignal(signal: P<'setParentDeathSignal', 0>): ReturnType<Process['setParentDeathSignal']> {
    return groups.setParentDeathSignal(this.task, signal)
  }

  setMemory(bytes: P<'setMemory', 0>): ReturnType<Process['setMemory']> {
    return scheduling.setMemory(this.task, bytes)
  }

  setresuid(ruid: P<'setresuid', 0>, euid: P<'setresuid', 1>, suid: P<'setresuid', 2>): ReturnType<Process['setresuid']> {
    return identity.setresuid(this.task, ruid, euid, suid)
  }

  setresgid(rgid: P<'setresgid', 0>, egid: P<'setresgid', 1>, sgid: P<'setresgid', 2>): ReturnType<Process['setresgid']> {
    return identity.setresgid(this.task, rgid, egid, sgid)
  }

  setgroups(groups: P<'setgroups', 0>): ReturnType<Process['setgroups']> {
    return identity.setgroups(this.task, groups)
  }

  capget(): ReturnType<Process['capget']> {
    return identity.capget(this.task)
  }

  capset(sets: P<'capset', 0>, cause?: P<'capset', 1>): ReturnType<Process['capset']> {
    return identity.capset(this.task, sets, cause)
  }

  setSecurebits(bits: P<'setSecurebits', 0>): ReturnType<Process['setSecurebits']> {
    return identity.setSecurebits(this.task, bits)
  }

  setNoNewPrivileges(cause?: P<'setNoNewPrivileges', 0>): ReturnType<Process['setNoNewPrivileges']> {
    return identity.setNoNewPrivileges(this.task, cause)
  }

  seccomp(filter: P<'seccomp', 0>): ReturnType<Process['seccomp']> {
    return identity.seccomp(this.task, filter)
  }

  denyWriteExecute(cause?: P<'denyWriteExecute', 0>): ReturnType<Process['denyWriteExecute']> {
    return identity.denyWriteExecute(this.task, cause)
  }

  socket(domain: P<'socket', 0>, type: P<'socket', 1>, protocol?: P<'socket', 2>, flags?: P<'socket', 3>): ReturnType<Process['socket']> {
    return sockets.socket(this.task, domain, type, protocol, flags)
  }

  socketpair(type: P<'socketpair', 0>): ReturnType<Process['socketpair']> {
    return sockets.socketpair(this.task, type)
  }

  bind(fd: P<'bind', 0>, address: P<'bind', 1>): ReturnType<Process['bind']> {
    return sockets.bind(this.task, fd, address)
  }

  listen(fd: P<'listen', 0>, backlog: P<'listen', 1>): ReturnType<Process['listen']> {
    return sockets.listen(this.task, fd, backlog)
  }

  accept(fd: P<'accept', 0>, flags?: P<'accept', 1>): ReturnType<Process['accept']> {
    return sockets.accept(this.task, fd, flags)
  }

  connect(fd: P<'connect', 0>, address: P<'connect', 1>): ReturnType<Process['connect']> {
    return sockets.connect(this.task, fd, address)
  }

  send(fd: P<'send', 0>, data: P<'send', 1>, options?: P<'send', 2>): ReturnType<Process['send']> {
    return sockets.send(this.task, fd, data, options)
  }

  recv(fd: P<'recv', 0>, count?: P<'recv', 1>): ReturnType<Process['recv']> {
    return sockets.recv(this.task, fd, count)
  }

  shutdown(fd: P<'shutdown', 0>, how: P<'shutdown', 1>): ReturnType<Process['shutdown']> {
    return sockets.shutdown(this.task, fd, how)
  }

  getsockname(fd: P<'getsockname', 0>): ReturnType<Process['getsockname']> {
    return sockets.getsockname(this.task, fd)
  }

  getpeername(fd: P<'getpeername', 0>): ReturnType<Process['getpeername']> {
    return sockets.getpeername(this.task, fd)
  }

  getPeerCredentials(fd: P<'getPeerCredentials', 0>): ReturnType<Process['getPeerCredentials']> {
    return sockets.getPeerCredentials(this.task, fd)
  }

  setsockopt(fd: P<'setsockopt', 0>, option: P<'setsockopt', 1>, value: P<'setsockopt', 2>): ReturnType<Process['setsockopt']> {
    return sockets.setsockopt(this.task, fd, option, value)
  }

  isatty(fd: P<'isatty', 0>): ReturnType<Process['isatty']> {
    return terminals.isatty(this.task, fd)
  }

  ttyname(fd: P<'ttyname', 0>): ReturnType<Process['ttyname']> {
    return terminals.ttyname(this.task, fd)
  }

  tcgetattr(fd: P<'tcgetattr', 0>): ReturnType<Process['tcgetattr']> {
    return terminals.tcgetattr(this.task, fd)
  }

  tcsetattr(fd: P<'tcsetattr', 0>, attributes: P<'tcsetattr', 1>): ReturnType<Process['tcsetattr']> {
    return terminals.tcsetattr(this.task, fd, attributes)
  }

  getWindowSize(fd: P<'getWindowSize', 0>): ReturnType<Process['getWindowSize']> {
    return terminals.getWindowSize(this.task, fd)
  }

  setWindowSize(fd: P<'setWindowSize', 0>, size: P<'setWindowSize', 1>): ReturnType<Process['setWindowSize']> {
    return terminals.setWindowSize(this.task, fd, size)
  }

  setControllingTerminal(fd: P<'setControllingTerminal', 0>): ReturnType<Process['setControllingTerminal']> {
    return terminals.setControllingTerminal(this.task, fd)
  }

  tcgetpgrp(fd: P<'tcgetpgrp', 0>): ReturnType<Process['tcgetpgrp']> {
    return terminals.tcgetpgrp(this.task, fd)
  }

  tcsetpgrp(fd: P<'tcsetpgrp', 0>, pgid: P<'tcsetpgrp', 1>): ReturnType<Process['tcsetpgrp']> {
    return terminals.tcsetpgrp(this.task, fd, pgid)
  }

  openpty(size?: P<'openpty', 0>): ReturnType<Process['openpty']> {
    return terminals.openpty(this.task, size)
  }

  reboot(how: P<'reboot', 0>): ReturnType<Process['reboot']> {
    return machine.reboot(this.task, how)
  }

  setRealtime(usec: P<'setRealtime', 0>): ReturnType<Process['setRealtime']> {
    return machine.setRealtime(this.task, usec)
  }

  kernelLog(priority: P<'kernelLog', 0>, text: P<'kernelLog', 1>): ReturnType<Process['kernelLog']> {
    return machine.kernelLog(this.task, priority, text)
  }
}

function seenId(map: readonly IdRange[], id: number): number {
  return map.length === 1 && map[0]!.count === 0xffff_ffff ? id : (idInside(map, id) ?? OVERFLOW_ID)
}
