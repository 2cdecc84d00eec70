// After systemd(1): PID 1, or a user's manager, as a program.
import type { Main, Syscall } from '@/lib/kernel'
import { startBoot } from './boot'
import { BusServer } from './server'
import { collectChildren } from './children'
import { runGenerators } from './generators'
import { Manager, type Objective } from './manager'
import type { ManagerEvent } from './manager-event'
import { openNotifySocket } from './notify-socket'
import { dispatchQueues } from './queues'
import { reloadManager } from './reload'
import { openSignals } from './signals'
import { shutDown } from './shutdown'
import { managerView, type ManagerView } from './view'
import { setUpSystem, setUpUser } from './set-up'
import { watchCgroups } from './watch-cgroups'
import { SYSTEMD_FEATURES, SYSTEMD_VERSION } from './version'

export type SystemdOptions = {
  /** A look into the manager, for the machine around it. Only for the system's own. */
  readonly onManager?: (view: ManagerView) => void
  readonly onEvent?: (event: ManagerEvent) => void
}

/** The program `/usr/lib/systemd/systemd`. */
export function systemdMain(options: SystemdOptions = {}): Main {
  return function* systemd(process) {
    const scope = process.argv.includes('--user') || (process.pid !== 1 && !process.argv.includes('--system')) ? 'user' : 'system'
    if (process.argv.includes('--version')) {
      yield* process.write(1, `systemd 257 (${SYSTEMD_VERSION})\n${SYSTEMD_FEATURES}\n`)
      return 0
    }
    const manager = new Manager(process, scope, scope === 'system' && process.pid === 1 ? options.onEvent : undefined)
    manager.traces = options.onEvent !== undefined
    if (scope === 'system' && process.pid === 1) options.onManager?.(managerView(manager))
    return yield* runManager(manager)
  }
}

function* runManager(manager: Manager): Syscall<number> {
  if (manager.scope === 'system') yield* setUpSystem(manager)
  else yield* setUpUser(manager)
  yield* openSignals(manager)
  yield* openNotifySocket(manager)
  yield* watchCgroups(manager)
  const server = new BusServer(manager)
  yield* server.open()
  collectChildren(manager)
  yield* runGenerators(manager)
  yield* startBoot(manager)
  for (;;) {
    const objective = yield* loop(manager)
    if (objective === 'reload') {
      manager.objective = 'ok'
      yield* reloadManager(manager, server)
      continue
    }
    if (objective === 'reexecute') {
      // The program is the same: its state is kept.
      manager.objective = 'ok'
      yield* reloadManager(manager, server)
      continue
    }
    yield* manager.logger.flush()
    yield* server.close()
    if (manager.scope === 'user') return manager.returnValue
    yield* shutDown(manager, objective)
    return manager.returnValue
  }
}

function* loop(manager: Manager): Syscall<Objective> {
  while (manager.objective === 'ok') {
    while (yield* dispatchQueues(manager));
    if (manager.objective !== 'ok') break
    yield* manager.loop.runOnce()
  }
  return manager.objective
}
