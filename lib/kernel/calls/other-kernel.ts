// Calls about the machine that few programs make: modules, kexec, swap, syslog(2), bpf(2), clocks, ports, keys to the hardware.
import { encodeUtf8 } from '@/lib/base'
import type { CgroupPrograms } from '../cgroup'
import { errno, isErrno } from '../errno'
import type { Fallible } from '../system-calls'
import type { Task } from '../task'
import { resolve } from '../vfs'
import { notCapable } from './entry'
import { answers, call, numberAt, type OtherCall, privileged, textAt } from './other-call'

function syslog(task: Task, args: readonly unknown[]): Fallible<unknown> {
  // kernel.dmesg_restrict is on in Debian.
  if (!task.isCapable('CAP_SYSLOG')) return notCapable(task, 'syslog')
  const log = task.kernel.kernelLog
  switch (numberAt(args, 0)) {
    case 3: {
      const lines = log.records
        .filter((record) => record.sequence >= log.clearedBefore)
        .map((record) => `<${record.priority}>[${(record.atUsec / 1e6).toFixed(6).padStart(12)}] ${record.text}\n`)
      return lines.join('')
    }
    case 5:
      log.clearedBefore = log.endSequence
      return 0
    case 10:
      return encodeUtf8(log.records.map((record) => record.text).join('\n')).length
    default:
      return 0
  }
}

/** `attach` and the path of a cgroup: what a manager does with BPF programs. Other commands stand for the making of maps. */
function bpf(task: Task, args: readonly unknown[]): Fallible<unknown> {
  // kernel.unprivileged_bpf_disabled is 2 in Debian.
  if (!task.isCapable('CAP_BPF') && !task.isCapable('CAP_SYS_ADMIN')) return notCapable(task, 'bpf')
  if (args[0] !== 'attach' && args[0] !== 'restrict-file-systems') return 0
  const group = task.namespaces.cgroup.root.find(textAt(args, 1))
  if (group === undefined) return errno.ENOENT
  if (args[0] === 'restrict-file-systems') {
    if (isNames(args[2])) group.programs = { ...group.programs, fileSystems: args[2] }
    return 0
  }
  group.programs = isPrograms(args[2]) ? args[2] : {}
  return 0
}

function isNames(value: unknown): value is NonNullable<CgroupPrograms['fileSystems']> {
  return typeof value === 'object' && value !== null
}

function isPrograms(value: unknown): value is CgroupPrograms {
  return typeof value === 'object' && value !== null
}

function quotactl(task: Task, args: readonly unknown[]): Fallible<unknown> {
  const place = resolve(task.fs, textAt(args, 1) || '/dev/vda')
  if (isErrno(place)) return place
  return place.dentry.inode.kind === 'block-device' ? errno.ESRCH : errno.ENOTBLK
}

export const kernelCalls: Readonly<Record<string, OtherCall>> = {
  init_module: privileged('init_module', ['CAP_SYS_MODULE'], errno.ENOEXEC),
  finit_module: privileged('finit_module', ['CAP_SYS_MODULE'], errno.EBADF),
  delete_module: privileged('delete_module', ['CAP_SYS_MODULE'], errno.ENOENT),
  kexec_load: privileged('kexec_load', ['CAP_SYS_BOOT'], errno.EINVAL),
  kexec_file_load: privileged('kexec_file_load', ['CAP_SYS_BOOT'], errno.EBADF),
  reboot: privileged('reboot', ['CAP_SYS_BOOT'], errno.EINVAL),
  swapon: privileged('swapon', ['CAP_SYS_ADMIN'], errno.ENOENT),
  swapoff: privileged('swapoff', ['CAP_SYS_ADMIN'], errno.ENOENT),
  syslog: call(syslog),
  bpf: call(bpf),
  // kernel.perf_event_paranoid is 3 in Debian.
  perf_event_open: privileged('perf_event_open', ['CAP_SYS_ADMIN'], 0, errno.EACCES),
  iopl: privileged('iopl', ['CAP_SYS_RAWIO']),
  ioperm: privileged('ioperm', ['CAP_SYS_RAWIO']),
  quotactl: call(quotactl),
  acct: privileged('acct', ['CAP_SYS_PACCT']),
  clock_gettime: call((task) => task.kernel.clock.realtimeUsec),
  clock_getres: answers(1),
  clock_settime: call((task, args) => {
    if (!task.isCapable('CAP_SYS_TIME')) return notCapable(task, 'clock_settime')
    const value = args[1]
    if (typeof value === 'number') {
      task.kernel.clock.setRealtime(value)
      task.kernel.clockWasSet.wake()
    }
    return 0
  }),
  adjtimex: call((task, args) => (numberAt(args, 0) !== 0 && !task.isCapable('CAP_SYS_TIME') ? notCapable(task, 'adjtimex') : 5)),
  clock_adjtime: call((task, args) => (numberAt(args, 1) !== 0 && !task.isCapable('CAP_SYS_TIME') ? notCapable(task, 'clock_adjtime') : 5)),
  setdomainname: call((task, args) => {
    if (!task.isCapableIn('CAP_SYS_ADMIN', task.namespaces.uts.owner)) return notCapable(task, 'setdomainname')
    task.namespaces.uts.domainname = textAt(args, 0)
    return 0
  }),
  uname: call((task) => task.calls.uname()),
  sysinfo: call((task) => ({ totalBytes: task.kernel.memory.totalBytes, freeBytes: task.kernel.memory.freeBytes })),
  getrandom: call((task, args) => task.kernel.random.bytes(Math.min(numberAt(args, 0, 8), 256))),
  sync: answers(0),
  _sysctl: answers(errno.ENOSYS),
  uselib: answers(errno.ENOSYS),
  lookup_dcookie: answers(errno.ENOSYS),
  modify_ldt: answers(0),
  vm86: answers(errno.ENOSYS),
}
