// Actions about namespaces and mounts.
import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
  isErrno,
  MNT_DETACH,
  MS_BIND,
  MS_REMOUNT,
  O_RDONLY,
  type Syscall,
} from '@/lib/kernel'
import { type Action, action, call, failedAt, named, outcome, ownCall, ownProcess, type Scene } from './action'

const OPEN_TREE_CLONE = 1

const unshared: Readonly<Record<string, number>> = {
  newns: CLONE_NEWNS,
  newuser: CLONE_NEWUSER,
  newnet: CLONE_NEWNET,
  newpid: CLONE_NEWPID,
  newuts: CLONE_NEWUTS,
  newipc: CLONE_NEWIPC,
  newcgroup: CLONE_NEWCGROUP,
  newtime: CLONE_NEWTIME,
}

/** In the order of the links that the lab wrote down. */
const kinds = ['mnt', 'user', 'net', 'pid', 'uts', 'ipc', 'cgroup']

function clone(id: string, name: 'clone' | 'clone3', namespaces: number): Action {
  return ownCall(id, ({ process }) =>
    process.fork(
      function* () {
        return 0
      },
      { namespaces, call: name },
    ),
  )
}

function setns(id: string, flags: number): Action {
  return ownProcess(id, function* ({ process }) {
    const fd = yield* process.open('/proc/self/ns/uts', O_RDONLY)
    return isErrno(fd) ? failedAt('open', fd) : outcome(yield* process.syscall('setns', fd, flags))
  })
}

function mounted(id: string, source: string, type: string, flags: number, data?: string): Action {
  return action(id, function* ({ process }) {
    const done = yield* process.mount(source, '/mnt', type, flags, data)
    if (isErrno(done)) return outcome(done)
    yield* process.umount('/mnt', MNT_DETACH)
    return 'ok'
  })
}

function* whose({ process, namespaces }: Scene, kind: number): Syscall<string> {
  const link = yield* process.readlink(`/proc/self/ns/${kinds[kind]}`)
  if (isErrno(link)) return outcome(link)
  return link === namespaces[kind] ? 'ok:host' : 'ok:own'
}

export const namespaceActions: readonly Action[] = [
  ...Object.entries(unshared).map(([name, flag]) => ownCall(`unshare-${name}`, ({ process }) => process.unshare(flag))),
  clone('clone-newuser', 'clone', CLONE_NEWUSER),
  clone('clone3-newuser', 'clone3', CLONE_NEWUSER),
  clone('clone3-plain', 'clone3', 0),
  setns('setns-own-uts', CLONE_NEWUTS),
  setns('setns-own-any', 0),
  mounted('mount-tmpfs', 'matrix', 'tmpfs', 0, 'size=64k'),
  mounted('mount-bind', '/srv', '', MS_BIND),
  call('remount-rw-usr', ({ process }) => process.mount('', '/usr', '', MS_REMOUNT | MS_BIND)),
  call('umount-nothing', ({ process }) => process.umount('/mnt', 0)),
  ownCall('pivot-root', ({ process }) => process.pivotRoot('/matrix-none', '/matrix-none')),
  ownCall('chroot', ({ process }) => process.chroot('/')),
  named('open-tree', 'open_tree', '/', 0),
  named('open-tree-clone', 'open_tree', '/srv', OPEN_TREE_CLONE),
  named('fsopen', 'fsopen', 'tmpfs', 0),
  ...kinds.map((name, kind) => action(`ns-${name}`, (scene) => whose(scene, kind))),
]
