// Actions about users, capabilities, priorities and other processes.
import { isErrno, type SchedulingPolicy, type Syscall } from '@/lib/kernel'
import { type Action, action, call, outcome, ownCall, ownNamed, ownProcess, type Scene } from './action'
import { become, onTemporaryFile } from './file-steps'
import { withSleeper } from './process-steps'

const PR_GET_NO_NEW_PRIVS = 39
const PR_GET_SECUREBITS = 27
const PR_CAPBSET_READ = 23
const PR_CAP_AMBIENT = 47
const PR_CAP_AMBIENT_IS_SET = 1
const PTRACE_SEIZE = 0x4206
const KCMP_VM = 1
const SESSION_KEYRING = -3

const hex = (set: bigint): string => `ok:${set.toString(16).padStart(16, '0')}`

type Sets = { readonly effective: bigint; readonly permitted: bigint; readonly inheritable: bigint }

function* capabilitySet({ process }: Scene, which: keyof Sets): Syscall<string> {
  const sets = yield* process.syscall('capget')
  return isErrno(sets) ? outcome(sets) : hex((sets as Sets)[which])
}

/** Asks for one capability after the other. */
function* askedSet({ process }: Scene, ...question: readonly number[]): Syscall<string> {
  let set = 0n
  for (let bit = 0; bit < 64; bit++) {
    const held = yield* process.syscall('prctl', ...question, bit)
    if (isErrno(held) && bit === 0) return outcome(held)
    if (held === 1) set |= 1n << BigInt(bit)
  }
  return hex(set)
}

function* value({ process }: Scene, name: string, ...args: readonly unknown[]): Syscall<string> {
  const result = yield* process.syscall(name, ...args)
  return isErrno(result) ? outcome(result) : `ok:${String(result)}`
}

const DYNAMIC_MIN = 61_184
const DYNAMIC_MAX = 65_519
const shownId = (id: number): string => (id >= DYNAMIC_MIN && id <= DYNAMIC_MAX ? 'dynamic' : String(id))

function* identity({ process }: Scene): Syscall<string> {
  const groups = yield* process.syscall('getgroups')
  if (isErrno(groups)) return outcome(groups)
  const more = (groups as readonly number[]).map((gid) => ` ${shownId(gid)}`).join('')
  return `ok:${shownId(process.uid)}:${shownId(process.gid)}${more}`
}

function* sameCapabilities({ process }: Scene): Syscall<string> {
  const sets = yield* process.syscall('capget')
  return isErrno(sets) ? outcome(sets) : outcome(yield* process.syscall('capset', sets))
}

function* previousMask({ process }: Scene): Syscall<string> {
  const mask = yield* process.syscall('umask', 0)
  return isErrno(mask) ? outcome(mask) : `ok:${Number(mask).toString(8).padStart(4, '0')}`
}

function* sessionKeyring({ process }: Scene): Syscall<string> {
  const id = yield* process.syscall('keyctl', 0, SESSION_KEYRING, 0)
  if (isErrno(id)) return outcome(id)
  const description = yield* process.syscall('keyctl', 6, SESSION_KEYRING)
  const text = String(description)
  return `ok:${text.slice(text.lastIndexOf(';') + 1)}`
}

function* raiseHardLimit({ process }: Scene): Syscall<string> {
  const limit = yield* process.getrlimit('NOFILE')
  if (isErrno(limit)) return outcome(limit)
  return outcome(yield* process.setrlimit('NOFILE', { soft: limit.soft, hard: limit.hard + 1 }))
}

function* lowerSoftLimit({ process }: Scene): Syscall<string> {
  const limit = yield* process.getrlimit('NOFILE')
  if (isErrno(limit)) return outcome(limit)
  return outcome(yield* process.setrlimit('NOFILE', { soft: limit.soft - 1, hard: limit.hard }))
}

const schedule = (policy: SchedulingPolicy, priority: number): Action =>
  ownCall(`sched-${policy}`, ({ process }) => process.setScheduler(0, policy, priority))

const chown = (id: string, uid: number | 'own', gid: number | 'own'): Action =>
  action(
    id,
    onTemporaryFile(({ process }, fd) => process.fchown(fd, uid === 'own' ? process.euid : uid, gid === 'own' ? process.egid : gid)),
  )

export const privilegeActions: readonly Action[] = [
  ownNamed('setuid-0', 'setuid', 0),
  ownNamed('setuid-65534', 'setuid', 65_534),
  ownCall('setuid-own', ({ process }) => process.syscall('setuid', process.uid)),
  ownNamed('setgid-65534', 'setgid', 65_534),
  ownCall('setgroups-empty', ({ process }) => process.setgroups([])),
  chown('chown-65534', 65_534, -1),
  chown('chown-root', 0, 0),
  chown('chown-own', 'own', 'own'),
  call('kill-pid1', ({ process }) => process.kill(1, 0)),
  call('kill-nobody', ({ process, pids }) => process.kill(pids.nobody, 0)),
  call('kill-learner', ({ process, pids }) => process.kill(pids.learner, 0)),
  call('kill-root', ({ process, pids }) => process.kill(pids.root, 0)),
  ownCall('nice-minus-5', ({ process }) => process.setpriority(0, -5)),
  ownCall('nice-plus-15', ({ process }) => process.setpriority(0, 15)),
  schedule('fifo', 1),
  schedule('rr', 1),
  schedule('batch', 0),
  schedule('idle', 0),
  ownNamed('ioprio-rt', 'ioprio_set', 1, 0, (1 << 13) | 4),
  ownNamed('ioprio-idle', 'ioprio_set', 1, 0, 3 << 13),
  ownProcess('setrlimit-raise-hard', raiseHardLimit),
  ownProcess('setrlimit-lower', lowerSoftLimit),
  ownProcess('exec-suid-root', (scene) => become(scene, '/usr/local/lib/matrix/suid', 'euid')),
  ownProcess('exec-filecap', (scene) => become(scene, '/usr/local/lib/matrix/filecap', 'netraw')),
  action('no-new-privs', (scene) => value(scene, 'prctl', PR_GET_NO_NEW_PRIVS)),
  action('cap-eff', (scene) => capabilitySet(scene, 'effective')),
  action('cap-prm', (scene) => capabilitySet(scene, 'permitted')),
  action('cap-inh', (scene) => capabilitySet(scene, 'inheritable')),
  action('cap-bnd', (scene) => askedSet(scene, PR_CAPBSET_READ)),
  action('cap-amb', (scene) => askedSet(scene, PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET)),
  action('securebits', (scene) => value(scene, 'prctl', PR_GET_SECUREBITS)),
  action('uid-gid', identity),
  ownProcess('capset-same', sameCapabilities),
  ownProcess('umask', previousMask),
  ownProcess('keyring-session', sessionKeyring),
  ownNamed('personality-linux32', 'personality', 8),
  ownProcess('personality-get', (scene) => value(scene, 'personality', 0xffffffff)),
  ownNamed('ptrace-traceme', 'ptrace', 0, 0),
  ownProcess('ptrace-seize-child', ({ process }) => withSleeper(process, (pid) => process.syscall('ptrace', PTRACE_SEIZE, pid))),
  ownCall('ptrace-seize-other', ({ process, pids }) => process.syscall('ptrace', PTRACE_SEIZE, pids.nobody)),
  ownProcess('process-vm-readv', ({ process }) => withSleeper(process, (pid) => process.syscall('process_vm_readv', pid))),
  ownProcess('pidfd-open-child', ({ process }) => withSleeper(process, (pid) => process.syscall('pidfd_open', pid, 0))),
  ownCall('kcmp-self', ({ process }) => process.syscall('kcmp', process.pid, process.pid, KCMP_VM)),
]
