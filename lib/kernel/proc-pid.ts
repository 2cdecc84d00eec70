// /proc/PID: one directory for each process, with the access checks of each file.
import { type Bytes, encodeUtf8 } from '@/lib/base'
import { AnonymousFileSystem } from './anonymous-fs'
import { type IdRange, idInside, idOutside } from './credentials'
import { type Errno, errno, isErrno } from './errno'
import { denySetgroups, saysDeny } from './namespace'
import { isNamespaceName, namespaceFlags, NamespaceReference } from './namespace-file'
import { ioText, mapsText, oomScore, schedText, statmText, statText, statusText } from './proc-pid-text'
import { inetText, netDeviceText, unixText } from './proc-root-text'
import { mayInspect } from './ptrace'
import { formatLimits } from './rlimit'
import { Sleepers } from './sleepers'
import { POLLPRI } from './open-flags'
import {
  directory,
  openText,
  type SyntheticDirectory,
  type SyntheticFile,
  type SyntheticLink,
  type SyntheticNode,
  textFile,
} from './synthetic'
import { type Fallible, POLLERR, POLLIN } from './system-calls'
import type { Task } from './task'
import { taskOf } from './task-context'
import { describePath, formatMountInfo, formatMounts, listMounts, type Location, type PathContext } from './vfs'

type Permission = (task: Task, context: PathContext) => Fallible<0> | undefined

const places = new WeakMap<object, AnonymousFileSystem>()

/** Where the link to an open file without a name jumps. */
function anonymousOf(task: Task): AnonymousFileSystem {
  const { vfs } = task.kernel.fileSystems
  const known = places.get(vfs)
  if (known !== undefined) return known
  const made = new AnonymousFileSystem(vfs)
  places.set(vfs, made)
  return made
}

/** Only for who may look into the process. */
function guarded(task: Task, context: PathContext): Errno | undefined {
  return mayInspect(taskOf(context), context.credentials, task) ? undefined : errno.EACCES
}

function guardedFile(task: Task, mode: number, read: (context: PathContext) => Fallible<string | Bytes>): SyntheticFile {
  const whole: SyntheticFile = { kind: 'file', mode, read }
  // Asked when it is opened: a descriptor that was passed on stays readable.
  return { ...whole, open: (_flags, context) => guarded(task, context) ?? openText(whole) }
}

function guardedLink(
  task: Task,
  target: (context: PathContext) => Fallible<string>,
  follow: (context: PathContext) => Fallible<Location>,
): SyntheticLink {
  return {
    kind: 'symlink',
    target: (context) => guarded(task, context) ?? target(context),
    follow: (context) => guarded(task, context) ?? follow(context),
  }
}

export function processDirectory(task: Task, permission: Permission): SyntheticDirectory {
  const owner = task.dumpable ? { uid: task.credentials.euid, gid: task.credentials.egid } : { uid: 0, gid: 0 }
  const table = filesOf(task)
  const owned = (node: SyntheticNode): SyntheticNode => ({ ...owner, ...node })
  return {
    kind: 'directory',
    mode: 0o555,
    links: 9,
    ...owner,
    names: () => names,
    node: (name) => {
      const make = table[name]
      return make === undefined ? undefined : owned(make())
    },
    permission: (mask, context) => permission(task, context) ?? ((mask & 2) === 0 ? 0 : errno.EACCES),
  }
}

type Makers = Record<string, () => SyntheticNode>

function filesOf(task: Task): Makers {
  return {
    attr: () => directory({ current: textFile('unconfined\n', 0o666), prev: textFile('') }),
    autogroup: () => textFile('/autogroup-1 nice 0\n', 0o644),
    auxv: () => guardedFile(task, 0o400, () => ''),
    cgroup: () => textFile((context) => `0::${task.cgroup.pathFrom(viewRoot(task, context))}${task.cgroup.removed ? ' (deleted)' : ''}\n`),
    clear_refs: () => ({ kind: 'file', mode: 0o200, write: () => 0 }),
    cmdline: () => ({ kind: 'file', mode: 0o444, read: () => (task.alive ? nulls(task.argv) : '') }),
    comm: () => ({
      kind: 'file',
      mode: 0o644,
      read: () => `${task.comm}\n`,
      write: (text, context) => {
        if (taskOf(context) !== task) return errno.EINVAL
        task.comm = text.replace(/\n$/, '').slice(0, 15)
        return 0
      },
    }),
    coredump_filter: () => textFile('00000033\n', 0o644),
    cpuset: () => textFile('/\n'),
    cwd: () =>
      guardedLink(
        task,
        (context) => describePath(context.root, task.fs.cwd),
        () => task.fs.cwd,
      ),
    environ: () => guardedFile(task, 0o400, () => nulls(Object.entries(task.env).map(([name, value]) => `${name}=${value}`))),
    exe: () =>
      guardedLink(
        task,
        () => (task.exe === '' ? errno.ENOENT : task.exe),
        () => task.exePlace ?? errno.ENOENT,
      ),
    fd: () => fdDirectory(task),
    fdinfo: () => fdinfoDirectory(task),
    gid_map: () => mapFile(task, 'gidMap'),
    io: () => guardedFile(task, 0o400, () => ioText(task)),
    limits: () => textFile(() => formatLimits(task.limits)),
    loginuid: () =>
      idFile(
        () => task.loginUid,
        (value) => (task.loginUid = value),
      ),
    map_files: () => directory({}, 0o500),
    maps: () => guardedFile(task, 0o444, () => mapsText(task)),
    mem: () => ({ kind: 'file', mode: 0o600, open: (_flags, context) => guarded(task, context) ?? { read: () => errno.EIO } }),
    mountinfo: () => mountFile(task, () => formatMountInfo(listMounts(task.fs))),
    mounts: () => mountFile(task, () => formatMounts(listMounts(task.fs))),
    mountstats: () => textFile('', 0o400),
    net: () => netDirectory(task),
    ns: () => namespaceDirectory(task),
    numa_maps: () => guardedFile(task, 0o444, () => ''),
    oom_adj: () => textFile(() => `${Math.trunc((task.oomScoreAdj * 17) / 1000)}\n`, 0o644),
    oom_score: () => textFile(() => `${oomScore(task)}\n`),
    oom_score_adj: () => ({
      kind: 'file',
      mode: 0o644,
      read: () => `${task.oomScoreAdj}\n`,
      write: (text, context) => setOomScore(task, text, context),
    }),
    pagemap: () => guardedFile(task, 0o400, () => ''),
    patch_state: () => textFile('-1\n', 0o400),
    personality: () => guardedFile(task, 0o400, () => `${task.personality.toString(16).padStart(8, '0')}\n`),
    projid_map: () => textFile('', 0o644),
    root: () =>
      guardedLink(
        task,
        (context) => describePath(context.root, task.fs.root),
        () => task.fs.root,
      ),
    sched: () => textFile(() => schedText(task), 0o644),
    schedstat: () => textFile(() => `${Math.floor((task.userUsec + task.systemUsec) * 1000)} 0 ${task.voluntarySwitches}\n`),
    sessionid: () =>
      idFile(
        () => task.sessionId,
        (value) => (task.sessionId = value),
      ),
    setgroups: () => setgroupsFile(task),
    smaps: () => guardedFile(task, 0o444, () => mapsText(task)),
    smaps_rollup: () => guardedFile(task, 0o444, () => ''),
    stack: () => guardedFile(task, 0o400, () => '[<0>] do_syscall_64+0x82/0x190\n'),
    stat: () => textFile((context) => statText(task, taskOf(context))),
    statm: () => textFile(() => statmText(task)),
    status: () => textFile((context) => statusText(task, taskOf(context))),
    syscall: () => guardedFile(task, 0o400, () => (task.sleeping ? '0 0x0 0x0 0x0 0x0 0x0 0x0 0x0 0x0\n' : 'running\n')),
    task: () => ({
      kind: 'directory',
      names: (context) => [String(numberFor(task, context))],
      node: (name, context) => (name === String(numberFor(task, context)) ? processDirectory(task, () => undefined) : undefined),
    }),
    timens_offsets: () => textFile('monotonic           0         0\nboottime            0         0\n', 0o644),
    timers: () => textFile(''),
    timerslack_ns: () => textFile(() => `${task.timerSlackNsec}\n`, 0o666),
    uid_map: () => mapFile(task, 'uidMap'),
    wchan: () => textFile(() => (task.sleeping ? 'do_sys_poll' : '0')),
  }
}

const names: readonly string[] = [
  'attr',
  'autogroup',
  'auxv',
  'cgroup',
  'clear_refs',
  'cmdline',
  'comm',
  'coredump_filter',
  'cpuset',
  'cwd',
  'environ',
  'exe',
  'fd',
  'fdinfo',
  'gid_map',
  'io',
  'limits',
  'loginuid',
  'map_files',
  'maps',
  'mem',
  'mountinfo',
  'mounts',
  'mountstats',
  'net',
  'ns',
  'numa_maps',
  'oom_adj',
  'oom_score',
  'oom_score_adj',
  'pagemap',
  'patch_state',
  'personality',
  'projid_map',
  'root',
  'sched',
  'schedstat',
  'sessionid',
  'setgroups',
  'smaps',
  'smaps_rollup',
  'stack',
  'stat',
  'statm',
  'status',
  'syscall',
  'task',
  'timens_offsets',
  'timers',
  'timerslack_ns',
  'uid_map',
  'wchan',
]

function nulls(words: readonly string[]): Bytes {
  return encodeUtf8(words.map((word) => `${word}\0`).join(''))
}

function numberFor(task: Task, context: PathContext): number {
  const viewer = taskOf(context)
  return viewer === undefined ? task.pid : task.kernel.pidSeenBy(task, viewer)
}

function viewRoot(task: Task, context: PathContext): Task['cgroup'] {
  return taskOf(context)?.namespaces.cgroup.root ?? task.kernel.rootCgroup
}

function idFile(read: () => number, store: (value: number) => void): SyntheticFile {
  return {
    kind: 'file',
    mode: 0o644,
    read: () => String(read()),
    write: (text) => {
      store(Number(text.trim()))
      return 0
    },
  }
}

function setOomScore(task: Task, text: string, context: PathContext): Fallible<0> {
  const value = Number(text.trim())
  if (!Number.isInteger(value) || value < -1000 || value > 1000) return errno.EINVAL
  const writer = taskOf(context)
  if (value < task.oomScoreAdjMin && writer?.isCapable('CAP_SYS_RESOURCE') === false) return errno.EACCES
  task.oomScoreAdj = value
  if (writer === undefined || writer.isCapable('CAP_SYS_RESOURCE')) task.oomScoreAdjMin = value
  return 0
}

function fdDirectory(task: Task): SyntheticDirectory {
  return {
    kind: 'directory',
    mode: 0o500,
    names: () => task.files.numbers().map(String),
    node: (name) => {
      const file = /^\d+$/.test(name) ? task.files.get(Number(name)) : undefined
      if (file === undefined) return undefined
      const mode = 0o100 | (file.readable ? 0o400 : 0) | (file.writable ? 0o200 : 0)
      return {
        ...guardedLink(
          task,
          () => file.describe(),
          () => anonymousOf(task).place(file),
        ),
        mode,
      }
    },
    permission: (mask, context) => guarded(task, context) ?? ((mask & 2) === 0 ? 0 : errno.EACCES),
  }
}

/** poll(2) answers POLLPRI and POLLERR once after each change of the mounts. */
function mountFile(task: Task, read: () => string): SyntheticFile {
  const whole: SyntheticFile = { kind: 'file', mode: 0o444, read }
  return {
    ...whole,
    open: () => {
      const { namespace } = task.fs
      namespace.queue ??= new Sleepers()
      let seen = namespace.changes
      return {
        ...openText(whole),
        queue: namespace.queue,
        poll: () => {
          if (seen === namespace.changes) return POLLIN
          seen = namespace.changes
          return POLLIN | POLLPRI | POLLERR
        },
      }
    },
  }
}

function fdinfoDirectory(task: Task): SyntheticDirectory {
  return {
    kind: 'directory',
    mode: 0o500,
    names: () => task.files.numbers().map(String),
    node: (name) => {
      const file = /^\d+$/.test(name) ? task.files.get(Number(name)) : undefined
      if (file === undefined) return undefined
      const flags = file.flags | (task.files.cloexec(Number(name)) ? 0o2000000 : 0)
      const offset = file.place.description?.offset ?? 0
      return textFile(
        `pos:\t${offset}\nflags:\t0${flags.toString(8)}\nmnt_id:\t${file.place.description?.location.mount.id ?? 13}\nino:\t${file.stat().ino}\n`,
        0o400,
      )
    },
    permission: (mask, context) => guarded(task, context) ?? ((mask & 2) === 0 ? 0 : errno.EACCES),
  }
}

function netDirectory(task: Task): SyntheticDirectory {
  const { net } = task.namespaces
  return directory({
    dev: textFile(() => netDeviceText()),
    tcp: textFile(() => inetText(net, 'tcp', 'AF_INET')),
    tcp6: textFile(() => inetText(net, 'tcp', 'AF_INET6')),
    udp: textFile(() => inetText(net, 'udp', 'AF_INET')),
    udp6: textFile(() => inetText(net, 'udp', 'AF_INET6')),
    unix: textFile(() => unixText(net)),
    route: textFile('Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n'),
    if_inet6: textFile(net.loopbackUp ? '00000000000000000000000000000001 01 80 10 80       lo\n' : ''),
  })
}

function namespaceDirectory(task: Task): SyntheticDirectory {
  const names = Object.keys(namespaceFlags)
  return {
    kind: 'directory',
    mode: 0o511,
    names: () => names,
    node: (name) => {
      if (!isNamespaceName(name)) return undefined
      const reference = new NamespaceReference(task, name)
      return guardedLink(
        task,
        () => reference.text,
        () => anonymousOf(task).namespacePlace(reference),
      )
    },
  }
}

// ---------------------------------------------------------------- user namespaces

function mapFile(task: Task, which: 'uidMap' | 'gidMap'): SyntheticFile {
  const { userNamespace } = task.credentials
  return {
    kind: 'file',
    mode: 0o644,
    read: (context) => {
      const viewer = taskOf(context)?.credentials.userNamespace
      // As seen from the reader's namespace, or from the parent when it is the same.
      const outer = viewer === userNamespace ? userNamespace.parent : viewer
      return userNamespace[which]
        .map(({ inside, outside, count }) => {
          const seen = outer === undefined || outer.isInitial ? outside : (idInside(outer[which], outside) ?? 4_294_967_295)
          return `${[inside, seen, count].map((value) => String(value).padStart(10)).join(' ')}\n`
        })
        .join('')
    },
    write: (text, context) => {
      const parent = userNamespace.parent
      if (parent === undefined || userNamespace[which].length > 0) return errno.EPERM
      const ranges: IdRange[] = []
      for (const line of text.trim().split('\n')) {
        const [inside, outside, count] = line.trim().split(/\s+/).map(Number)
        if (inside === undefined || outside === undefined || count === undefined || !(count > 0)) return errno.EINVAL
        const base = parent.isInitial ? outside : idOutside(parent[which], outside)
        if (base === undefined) return errno.EPERM
        ranges.push({ inside, outside: base, count })
      }
      const refused = mayMap(task, context, which, ranges)
      if (isErrno(refused)) return refused
      userNamespace[which] = ranges
      return 0
    },
  }
}

/** user_namespaces(7): without privilege over the parent, only one's own id may be mapped. */
function mayMap(task: Task, context: PathContext, which: 'uidMap' | 'gidMap', ranges: readonly IdRange[]): Fallible<0> {
  const writer = taskOf(context)
  const { userNamespace } = task.credentials
  const parent = userNamespace.parent
  if (writer === undefined || parent === undefined) return 0
  if (writer.isCapableIn(which === 'uidMap' ? 'CAP_SETUID' : 'CAP_SETGID', parent)) return 0
  const own = which === 'uidMap' ? writer.credentials.euid : writer.credentials.egid
  const single = ranges.length === 1 && ranges[0]!.count === 1 && ranges[0]!.outside === own
  if (!single) return errno.EPERM
  return which === 'gidMap' && !saysDeny(userNamespace) ? errno.EPERM : 0
}

function setgroupsFile(task: Task): SyntheticFile {
  const { userNamespace } = task.credentials
  return {
    kind: 'file',
    mode: 0o644,
    read: () => `${saysDeny(userNamespace) ? 'deny' : 'allow'}\n`,
    write: (text) => {
      if (text.trim() === 'deny') {
        denySetgroups(userNamespace)
        return 0
      }
      return text.trim() === 'allow' && !saysDeny(userNamespace) ? 0 : errno.EPERM
    },
  }
}
