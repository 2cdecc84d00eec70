// Methods about the manager itself and the machine.
import type { Syscall } from '@/lib/kernel'
import { BusError } from '../bus'
import { dumpManager } from './dump'
import type { Manager, Objective } from './manager'
import type { MethodTable } from './methods'

function* done(): Syscall<undefined> {
  return undefined
}

const objective = (what: Objective) => ({
  privileged: true,
  run(manager: Manager) {
    if (manager.scope !== 'system') return refuse()
    manager.objective = what
    return done()
  },
})

function* refuse(): Syscall<BusError> {
  return new BusError('org.freedesktop.DBus.Error.NotSupported', 'Not supported by user service managers.')
}

const validName = /^[A-Za-z_][A-Za-z0-9_]*$/

function setEnvironment(manager: Manager, assignments: readonly string[]): BusError | undefined {
  for (const one of assignments)
    if (!/^[A-Za-z_][A-Za-z0-9_]*=/.test(one))
      return new BusError('org.freedesktop.DBus.Error.InvalidArgs', 'Invalid environment assignments')
  for (const one of assignments) {
    const at = one.indexOf('=')
    manager.clientEnvironment.set(one.slice(0, at), one.slice(at + 1))
  }
  return undefined
}

function unsetEnvironment(manager: Manager, names: readonly string[]): BusError | undefined {
  for (const one of names) {
    const name = one.split('=')[0] ?? one
    if (!validName.test(name))
      return new BusError('org.freedesktop.DBus.Error.InvalidArgs', 'Invalid environment variable names or assignments')
    const held = manager.clientEnvironment.get(name) ?? manager.environment.get(name)
    if (one.includes('=') && held !== one.slice(one.indexOf('=') + 1)) continue
    manager.clientEnvironment.delete(name)
    manager.environment.delete(name)
  }
  return undefined
}

const levels = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug']

type MachineMembers =
  | 'Subscribe'
  | 'Unsubscribe'
  | 'Reload'
  | 'Reexecute'
  | 'Exit'
  | 'SetExitCode'
  | 'Reboot'
  | 'SoftReboot'
  | 'PowerOff'
  | 'Halt'
  | 'KExec'
  | 'SetEnvironment'
  | 'UnsetEnvironment'
  | 'UnsetAndSetEnvironment'
  | 'SetLogLevel'
  | 'SetLogTarget'
  | 'SetServiceWatchdogs'
  | 'Dump'

export const machineMethods: Pick<MethodTable, MachineMembers> = {
  Subscribe: {
    privileged: false,
    run(_manager, _args, { client }) {
      client.subscribed = true
      return done()
    },
  },
  Unsubscribe: {
    privileged: false,
    run(_manager, _args, { client }) {
      client.subscribed = false
      return done()
    },
  },
  // These two are answered by the server, when they are over.
  Reload: { privileged: true, run: () => done() },
  Reexecute: { privileged: true, run: () => done() },
  Exit: {
    privileged: true,
    run(manager) {
      if (manager.scope === 'user') manager.objective = 'exit'
      else manager.objective = 'exit'
      return done()
    },
  },
  SetExitCode: {
    privileged: true,
    run(manager, [code]) {
      manager.returnValue = code
      return done()
    },
  },
  Reboot: objective('reboot'),
  SoftReboot: objective('soft-reboot'),
  PowerOff: objective('poweroff'),
  Halt: objective('halt'),
  KExec: objective('kexec'),
  SetEnvironment: {
    privileged: true,
    *run(manager, [assignments]) {
      return setEnvironment(manager, assignments)
    },
  },
  UnsetEnvironment: {
    privileged: true,
    *run(manager, [names]) {
      return unsetEnvironment(manager, names)
    },
  },
  UnsetAndSetEnvironment: {
    privileged: true,
    *run(manager, [names, assignments]) {
      return unsetEnvironment(manager, names) ?? setEnvironment(manager, assignments)
    },
  },
  SetLogLevel: {
    privileged: true,
    *run(manager, [level]) {
      const number = levels.indexOf(level)
      if (number < 0) return new BusError('org.freedesktop.DBus.Error.InvalidArgs', `Invalid log level '${level}'`)
      manager.logger.maxLevel = number
      return undefined
    },
  },
  SetLogTarget: {
    privileged: true,
    *run(manager, [target]) {
      if (target !== 'journal-or-kmsg' && target !== 'kmsg' && target !== 'journal' && target !== 'null')
        return new BusError('org.freedesktop.DBus.Error.InvalidArgs', `Invalid log target '${target}'`)
      manager.logger.target = target
      return undefined
    },
  },
  SetServiceWatchdogs: {
    privileged: true,
    run(manager, [on]) {
      manager.serviceWatchdogs = on
      return done()
    },
  },
  Dump: {
    privileged: true,
    *run(manager) {
      return dumpManager(manager)
    },
  },
}
