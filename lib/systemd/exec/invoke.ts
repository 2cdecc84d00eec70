// After systemd's exec-invoke.c: what the child does between fork and exec, step by step; each step has an exit status of its own.
import {
  capabilityBits,
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
  errno,
  type Errno,
  isErrno,
  type LimitName,
  O_WRONLY,
  type Process,
  SIGRTMAX,
  signals,
  type SchedulingPolicy,
  type Syscall,
  X_OK,
} from '@/lib/kernel'
import { expandCommand } from '../exec-line'
import { findGroup, findUser, type Identity, memberships } from './accounts'
import { hasCredentials, setUpCredentials } from './credentials'
import { setUpDirectories } from './directories'
import { buildEnvironment, readEnvironmentFile } from './environment'
import { childName, ExecFailure, isExecFailure, logFailure, logLine } from './failure'
import { allowsDroppingPrivileges, seccompFilters, usesFilters } from './filters'
import { needsMountNamespace } from './mount-plan'
import { applyMounts } from './mount-namespace'
import type { ExecParameters } from './parameters'
import { arrangeFds, setUpStreams } from './stdio'

type Account = {
  readonly user: Identity | undefined
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[] | undefined
}

function resolveAccount(process: Process, { config, dynamicUid, unit }: ExecParameters): Account | ExecFailure {
  let user: Identity | undefined
  if (config.DynamicUser && dynamicUid !== undefined) {
    const name = config.User === '' ? unit.replace(/\.service$/, '') : config.User
    user = { name, uid: dynamicUid, gid: dynamicUid, gecos: '', home: '/', shell: '/usr/sbin/nologin' }
  } else if (config.User !== '') {
    user = findUser(process, config.User)
    if (user === undefined) return new ExecFailure(217, errno.ESRCH, 'Failed to determine user credentials')
  }
  let gid = user?.gid ?? 0
  if (config.Group !== '' && !config.DynamicUser) {
    const group = findGroup(process, config.Group)
    if (group === undefined) return new ExecFailure(216, errno.ESRCH, 'Failed to determine group credentials')
    gid = group
  }
  const more: number[] = []
  for (const name of config.SupplementaryGroups) {
    const group = findGroup(process, name)
    if (group === undefined) return new ExecFailure(216, errno.ESRCH, 'Failed to determine supplementary groups')
    more.push(group)
  }
  const changes = user !== undefined || config.Group !== '' || more.length > 0
  const groups = changes
    ? [...new Set([...(user === undefined ? [] : [gid, ...memberships(process, user.name)]), ...more])].sort((a, b) => a - b)
    : undefined
  return { user, uid: user?.uid ?? 0, gid, groups }
}

const limitNames: readonly LimitName[] = [
  'CPU',
  'FSIZE',
  'DATA',
  'STACK',
  'CORE',
  'RSS',
  'NOFILE',
  'AS',
  'NPROC',
  'MEMLOCK',
  'LOCKS',
  'SIGPENDING',
  'MSGQUEUE',
  'NICE',
  'RTPRIO',
  'RTTIME',
]

function* setUpScheduling(process: Process, { config }: ExecParameters): Syscall<ExecFailure | undefined> {
  if (config.OOMScoreAdjust !== undefined) {
    const fd = yield* process.open('/proc/self/oom_score_adj', O_WRONLY)
    if (!isErrno(fd)) {
      const written = yield* process.write(fd, `${config.OOMScoreAdjust}\n`)
      yield* process.close(fd)
      if (isErrno(written)) return new ExecFailure(206, written, 'Failed to adjust OOM setting')
    }
  }
  if (config.Nice !== undefined) {
    const done = yield* process.setpriority(0, config.Nice)
    if (isErrno(done)) return new ExecFailure(201, done, 'Failed to set up process scheduling priority (nice level)')
  }
  if (config.CPUSchedulingPolicy !== undefined || config.CPUSchedulingResetOnFork) {
    const policy = (config.CPUSchedulingPolicy ?? 'other') as SchedulingPolicy
    // Only the real-time policies have priorities, and these begin with 1.
    const priority = policy === 'fifo' || policy === 'rr' ? Math.min(Math.max(config.CPUSchedulingPriority, 1), 99) : 0
    const done = yield* process.setScheduler(0, policy, priority, config.CPUSchedulingResetOnFork)
    if (isErrno(done)) return new ExecFailure(214, done, 'Failed to set up CPU scheduling')
  }
  if (Array.isArray(config.CPUAffinity) && config.CPUAffinity.length > 0) {
    const done = yield* process.setAffinity(0, config.CPUAffinity)
    if (isErrno(done)) return new ExecFailure(215, done, 'Failed to set up CPU affinity')
  }
  if (config.IOSchedulingClass !== undefined || config.IOSchedulingPriority !== undefined) {
    const classes: Readonly<Record<string, number>> = { none: 2, realtime: 1, 'best-effort': 2, idle: 3 }
    const level = ((classes[config.IOSchedulingClass ?? 'best-effort'] ?? 2) << 13) | (config.IOSchedulingPriority ?? 4)
    const done = yield* process.syscall('ioprio_set', 1, 0, level)
    if (isErrno(done) && done.name !== 'ENOSYS') return new ExecFailure(211, done, 'Failed to set up IO scheduling priority')
  }
  if (config.Personality !== '') yield* process.syscall('personality', config.Personality === 'x86' ? 8 : 0)
  return undefined
}

/** DefaultLimitNOFILE=: select(2) cannot take more, but a program that knows may ask for more. */
const DEFAULT_NOFILE = { soft: 1024, hard: 524_288 }

function* setUpLimits(process: Process, { config }: ExecParameters): Syscall<ExecFailure | undefined> {
  for (const name of limitNames) {
    const limit = config[`Limit${name}`] ?? (name === 'NOFILE' ? DEFAULT_NOFILE : undefined)
    if (limit === undefined) continue
    let done = yield* process.setrlimit(name, limit)
    if (isErrno(done) && done.name === 'EPERM') {
      // As near as may be: the hard limit that is there.
      const now = yield* process.getrlimit(name)
      if (!isErrno(now))
        done = yield* process.setrlimit(name, { soft: Math.min(limit.soft, now.hard), hard: Math.min(limit.hard, now.hard) })
    }
    if (isErrno(done)) return new ExecFailure(205, done, `Failed to adjust resource limit RLIMIT_${name}`)
  }
  return undefined
}

/** What the unit's directives take from the bounding set. */
function boundingSet({ config }: ExecParameters, all: bigint): bigint {
  let set = config.CapabilityBoundingSet ?? all
  if (config.PrivateDevices) set &= ~(capabilityBits.CAP_MKNOD | capabilityBits.CAP_SYS_RAWIO)
  if (config.ProtectKernelModules) set &= ~capabilityBits.CAP_SYS_MODULE
  if (config.ProtectKernelLogs) set &= ~capabilityBits.CAP_SYSLOG
  if (config.ProtectClock) set &= ~(capabilityBits.CAP_SYS_TIME | capabilityBits.CAP_WAKE_ALARM)
  return set & all
}

/** The first directive that limits the set: what a denial is blamed on. */
function boundingCause({ config, cause }: ExecParameters) {
  if (config.CapabilityBoundingSet !== undefined) return cause('CapabilityBoundingSet')
  return cause(
    config.PrivateDevices
      ? 'PrivateDevices'
      : config.ProtectKernelModules
        ? 'ProtectKernelModules'
        : config.ProtectKernelLogs
          ? 'ProtectKernelLogs'
          : 'ProtectClock',
  )
}

const KEEP_CAPS = 16

const secureBits: Readonly<Record<string, number>> = {
  noroot: 1,
  'noroot-locked': 2,
  'no-setuid-fixup': 4,
  'no-setuid-fixup-locked': 8,
  'keep-caps': 16,
  'keep-caps-locked': 32,
}

/** What a process without root needs to the end of the sandbox, to install filters; exec drops what is not ambient. */
const FILTER_PRIVILEGES = capabilityBits.CAP_SYS_ADMIN | capabilityBits.CAP_SETPCAP

function* becomeUser(process: Process, parameters: ExecParameters, account: Account): Syscall<ExecFailure | undefined> {
  const { config, command } = parameters
  const sets = yield* process.capget()
  const bounding = boundingSet(parameters, sets.bounding)
  // What the bounding set forbids cannot be handed on either.
  const ambient = (config.AmbientCapabilities ?? 0n) & bounding
  const changesUser = account.user !== undefined && account.uid !== 0 && !command.noSetuid
  const filters = changesUser && usesFilters(parameters) && allowsDroppingPrivileges(parameters)
  const limit = function* (set: bigint): Syscall<ExecFailure | undefined> {
    if (set === sets.bounding) return undefined
    const dropped = yield* process.capset({ bounding: set }, boundingCause(parameters))
    return isErrno(dropped) ? new ExecFailure(218, dropped, 'Failed to drop capabilities') : undefined
  }
  const limited = yield* limit(filters ? bounding | (FILTER_PRIVILEGES & sets.bounding) : bounding)
  if (limited !== undefined) return limited
  const bits = config.SecureBits.reduce((mask, name) => mask | (secureBits[name] ?? 0), 0)
  const keep = changesUser && (ambient !== 0n || filters || bits !== 0)
  if (account.user !== undefined && !command.noSetuid) {
    if (keep) yield* process.setSecurebits(bits | KEEP_CAPS)
    const done = yield* process.setresuid(account.uid, account.uid, account.uid)
    if (isErrno(done)) return new ExecFailure(217, done, `Failed to change UID to ${account.uid}`)
  }
  if (ambient !== 0n || filters) {
    const now = yield* process.capget()
    const inheritable = (ambient | (filters ? FILTER_PRIVILEGES : 0n)) & now.permitted
    const effective = keep ? (ambient | FILTER_PRIVILEGES) & now.permitted : now.effective
    const raised = yield* process.capset({ inheritable, effective, ambient: ambient & now.permitted })
    if (isErrno(raised)) return new ExecFailure(218, raised, 'Failed to apply ambient capabilities')
  } else if (keep) {
    const now = yield* process.capget()
    yield* process.capset({ effective: now.effective | (capabilityBits.CAP_SETPCAP & now.permitted) })
  }
  if (bits !== 0) {
    const done = yield* process.setSecurebits(bits)
    if (isErrno(done)) return new ExecFailure(213, done, 'Failed to set process secure bits')
  }
  if (!filters) return undefined
  const ended = yield* limit(bounding)
  if (ended !== undefined) return ended
  yield* process.capset({ inheritable: (ambient | FILTER_PRIVILEGES) & bounding })
  return undefined
}

/** With a filter of privileged calls a user needs it to load the filter at all (facts of the recordings). */
function impliesNoNewPrivileges(parameters: ExecParameters, account: Account): boolean {
  const { config } = parameters
  if (config.NoNewPrivileges || config.DynamicUser) return true
  return account.user !== undefined && account.uid !== 0 && usesFilters(parameters) && !allowsDroppingPrivileges(parameters)
}

/** Disk images and extensions are not simulated; that they are not there is. */
function* missingImage(process: Process, { config }: ExecParameters): Syscall<ExecFailure | undefined> {
  if (config.RootImage !== '') {
    const found = yield* process.stat(config.RootImage)
    if (isErrno(found)) return new ExecFailure(226, found, `Failed to set up mount namespacing: ${config.RootImage}`)
  }
  const others = [
    ...config.ExtensionDirectories.map((path) => ({ path: path.replace(/^[-+]+/, ''), ignore: path.startsWith('-') })),
    ...config.ExtensionImages.map((image) => ({ path: image.source, ignore: image.ignoreMissing })),
    ...config.MountImages.map((image) => ({ path: image.source, ignore: image.ignoreMissing })),
  ]
  for (const { path, ignore } of others) {
    const found = yield* process.stat(path)
    if (isErrno(found) && !ignore) return new ExecFailure(226, found, 'Failed to set up mount namespacing')
  }
  return undefined
}

function* namespaces(process: Process, parameters: ExecParameters, mounts: boolean): Syscall<ExecFailure | undefined> {
  const { config, joinPid, cause } = parameters
  if (config.PrivateNetwork || config.NetworkNamespacePath !== '') {
    const done =
      joinPid === undefined ? yield* process.unshare(CLONE_NEWNET, cause('PrivateNetwork')) : yield* process.setns(joinPid, CLONE_NEWNET)
    if (isErrno(done)) return new ExecFailure(225, done, 'Failed to set up network namespacing')
    if (joinPid === undefined) yield* process.syscall('ioctl', -1, 'SIOCSIFFLAGS', 'lo')
  }
  if (config.PrivateIPC) {
    const done =
      joinPid === undefined ? yield* process.unshare(CLONE_NEWIPC, cause('PrivateIPC')) : yield* process.setns(joinPid, CLONE_NEWIPC)
    if (isErrno(done)) return new ExecFailure(226, done, 'Failed to set up IPC namespacing')
  }
  if (['private', 'strict'].includes(config.ProtectControlGroups)) {
    const done = yield* process.unshare(CLONE_NEWCGROUP, cause('ProtectControlGroups'))
    if (isErrno(done)) return new ExecFailure(226, done, 'Failed to set up cgroup namespacing')
  }
  if (mounts) {
    const done = yield* process.unshare(CLONE_NEWNS)
    if (isErrno(done)) return new ExecFailure(226, done, 'Failed to set up mount namespacing')
    const missing = yield* missingImage(process, parameters)
    if (missing !== undefined) return missing
    const failure = yield* applyMounts(process, parameters)
    if (failure !== undefined) return failure
  }
  if (config.ProtectHostname) {
    const done = yield* process.unshare(CLONE_NEWUTS, cause('ProtectHostname'))
    if (isErrno(done)) return new ExecFailure(226, done, 'Failed to set up UTS namespacing')
  }
  return undefined
}

/** Last of the namespaces: those made before belong to the outer one, and so do the mounts. */
function* userNamespace(process: Process, { config, cause }: ExecParameters, account: Account): Syscall<ExecFailure | undefined> {
  if (config.PrivateUsers === 'no') return undefined
  const fail = (error: Errno): ExecFailure => new ExecFailure(217, error, 'Failed to set up user namespacing')
  const ready = yield* process.pipe()
  if (isErrno(ready)) return fail(ready)
  const { pid } = process
  // Only who has privileges outside may write the maps: a helper that stays there.
  const helper = yield* process.fork((outside) => writeMaps(outside, ready, pid, config.PrivateUsers, account))
  if (isErrno(helper)) return fail(helper)
  const done = yield* process.unshare(CLONE_NEWUSER, cause('PrivateUsers'))
  yield* process.write(ready[1], 'x')
  yield* process.close(ready[0])
  yield* process.close(ready[1])
  yield* process.waitpid(helper)
  return isErrno(done) ? fail(done) : undefined
}

function* writeMaps(process: Process, ready: readonly [number, number], pid: number, how: string, { uid, gid }: Account): Syscall<number> {
  yield* process.close(ready[1])
  yield* process.read(ready[0], 1)
  const lines = (id: number): string => (how === 'identity' ? '0 0 65536\n' : id === 0 ? '0 0 1\n' : `0 0 1\n${id} ${id} 1\n`)
  for (const [file, text] of [
    ['setgroups', 'deny\n'],
    ['gid_map', lines(gid)],
    ['uid_map', lines(uid)],
  ] as const) {
    const fd = yield* process.open(`/proc/${pid}/${file}`, O_WRONLY)
    if (isErrno(fd)) continue
    yield* process.write(fd, text)
    yield* process.close(fd)
  }
  return 0
}

function searchPath(parameters: ExecParameters): readonly string[] {
  const { ExecSearchPath } = parameters.config
  return ExecSearchPath.length > 0 ? ExecSearchPath : ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin']
}

function* locate(process: Process, parameters: ExecParameters): Syscall<string | ExecFailure> {
  const { path } = parameters.command
  let last = errno.ENOENT as ExecFailure['error']
  for (const candidate of path.includes('/') ? [path] : searchPath(parameters).map((folder) => `${folder}/${path}`)) {
    const status = yield* process.stat(candidate)
    if (isErrno(status)) {
      if (status.name !== 'ENOENT') last = status
      else if (path.includes('/')) last = status
      continue
    }
    if (status.kind === 'directory') {
      last = errno.EISDIR
      continue
    }
    const runs = yield* process.access(candidate, X_OK)
    if (!isErrno(runs)) return candidate
    last = runs
  }
  return new ExecFailure(203, last, `Unable to locate executable '${path}'`)
}

function* enterDirectory(process: Process, { config, command }: ExecParameters, account: Account): Syscall<ExecFailure | undefined> {
  const { path, home, missingOk } = config.WorkingDirectory
  const root = config.RootDirectory === '' ? '/' : '/'
  const wanted = home ? (account.user?.home ?? '/root') : path === '' ? root : path
  const done = yield* process.chdir(wanted)
  if (!isErrno(done) || missingOk || command.fullyPrivileged) return undefined
  return new ExecFailure(200, done, 'Changing to the requested working directory failed')
}

/** RestrictFileSystems=: a program of the kernel's security module, for the cgroup; only who may load such programs can ask for it. */
function* restrictFileSystems(process: Process, { config, cgroup, cause }: ExecParameters): Syscall<ExecFailure | undefined> {
  const list = config.RestrictFileSystems
  if (list === undefined) return undefined
  const filter = { allow: list.allow, names: new Set(list.names), cause: cause('RestrictFileSystems') }
  const done = yield* process.syscall('bpf', 'restrict-file-systems', cgroup, filter)
  return isErrno(done) ? new ExecFailure(244, done, 'Failed to restrict filesystems') : undefined
}

/** How long Type=idle waits for the other jobs. */
const IDLE_TIMEOUT_USEC = 5_000_000

/** Runs in the child; returns only the failure that stopped it. */
export function* execInvoke(process: Process, parameters: ExecParameters): Syscall<ExecFailure> {
  const { config, command } = parameters
  const sandbox = parameters.flags.sandboxing && !command.fullyPrivileged
  yield* process.setComm(childName(command.path))
  for (let signal = 1; signal <= SIGRTMAX; signal++) if (signal !== 9 && signal !== 19) yield* process.sigaction(signal, 'default')
  if (config.IgnoreSIGPIPE) yield* process.sigaction(13, 'ignore')
  yield* process.sigprocmask('set', [])
  // A process in a PID namespace of its own stays in the session that was made outside.
  if (config.PrivatePIDs !== 'yes' || !sandbox) yield* process.setsid()
  if (parameters.idleFd !== undefined) yield* process.poll([{ fd: parameters.idleFd, events: 1 }], IDLE_TIMEOUT_USEC)
  const account = resolveAccount(process, parameters)
  if (isExecFailure(account)) return account
  const streams = yield* setUpStreams(process, parameters)
  if (isExecFailure(streams)) return streams
  const early = (yield* setUpScheduling(process, parameters)) ?? (yield* setUpDirectories(process, parameters, account.uid, account.gid))
  if (early !== undefined) return early
  const credentials = hasCredentials(parameters)
  if (credentials) {
    const failure = yield* setUpCredentials(process, parameters, account.uid, account.gid)
    if (failure !== undefined) return failure
  }
  const files: string[] = []
  for (const text of config.EnvironmentFile) {
    const bytes = process.fileReader().readFile(text.replace(/^-/, ''))
    if (bytes !== undefined) files.push(...readEnvironmentFile(bytes))
  }
  const known = account.user ?? (config.SetLoginEnvironment ? findUser(process, '0') : undefined)
  const env = buildEnvironment(process, parameters, known, files, streams.journalStream, credentials)
  yield* process.umask(config.UMask)
  const limits = yield* setUpLimits(process, parameters)
  if (limits !== undefined) return limits
  if (sandbox) {
    const failure = yield* namespaces(process, parameters, needsMountNamespace(parameters))
    if (failure !== undefined) return failure
    if (account.groups !== undefined && !command.noSetuid) {
      const groups = yield* process.setgroups(account.groups)
      const gid = isErrno(groups) ? groups : yield* process.setresgid(account.gid, account.gid, account.gid)
      if (isErrno(gid)) return new ExecFailure(216, gid, 'Changing group credentials failed')
    }
    const users = yield* userNamespace(process, parameters, account)
    if (users !== undefined) return users
  }
  const executable = yield* locate(process, parameters)
  if (isExecFailure(executable)) return executable
  yield* arrangeFds(process, parameters)
  if (sandbox) {
    const failure = yield* becomeUser(process, parameters, account)
    if (failure !== undefined) return failure
  }
  const directory = yield* enterDirectory(process, parameters, account)
  if (directory !== undefined) return directory
  if (sandbox) {
    if (impliesNoNewPrivileges(parameters, account)) {
      const done = yield* process.setNoNewPrivileges(
        parameters.cause(config.NoNewPrivileges ? 'NoNewPrivileges' : config.DynamicUser ? 'DynamicUser' : 'SystemCallFilter'),
      )
      if (isErrno(done)) return new ExecFailure(227, done, 'Failed to disable new privileges')
    }
    const restricted = yield* restrictFileSystems(process, parameters)
    if (restricted !== undefined) return restricted
    if (config.MemoryDenyWriteExecute) yield* process.denyWriteExecute(parameters.cause('MemoryDenyWriteExecute'))
    for (const filter of seccompFilters(parameters)) {
      const done = yield* process.seccomp(filter)
      if (isErrno(done)) return new ExecFailure(228, done, 'Failed to apply system call filters')
    }
  }
  const { argv, unset } = expandCommand(command, env)
  if (unset.length > 0)
    yield* logLine(process, parameters, 4, `Referenced but unset environment variable evaluates to an empty string: ${unset.join(', ')}`)
  const failed = yield* process.exec(executable, argv, env)
  return new ExecFailure(203, failed, `Failed to execute ${executable}`)
}

/** What systemd-executor takes to be loaded and to read what it was handed; by then the manager has written its own line. */
const EXECUTOR_START_USEC = 2000

/** What it takes to be taken down again; journald looks up the sender of a line meanwhile. */
const EXECUTOR_END_USEC = 1000

/** The child's whole life when it does not become the program. */
export function* execChild(process: Process, parameters: ExecParameters): Syscall<number> {
  yield* process.nanosleep(EXECUTOR_START_USEC)
  const failure = yield* execInvoke(process, parameters)
  if (failure.status === 203 && parameters.command.ignoreFailure && failure.error.name === 'ENOENT') {
    yield* logLine(process, parameters, 6, `Executable ${parameters.command.path} missing, skipping: ${failure.error.message}`)
    return 0
  }
  yield* logFailure(process, parameters, failure)
  yield* process.nanosleep(EXECUTOR_END_USEC)
  // A filter that forbids even to end leaves nothing but a crash.
  const ended = yield* process.syscall('exit_group', failure.status)
  if (isErrno(ended) && ended !== errno.ENOSYS) yield* process.kill(process.pid, signals.SIGSEGV.number)
  return failure.status
}
