// What checks see and do, over a machine of lib/machine.
import { decodeUtf8, invariant, parseSec } from '@/lib/base'
import { LoginSession, type Machine, type MachineView } from '@/lib/machine'
import type { CheckMachine, FileView, LookMachine } from './check'

/** The live machine, for reading. */
export function lookMachine(machine: Machine): LookMachine {
  const view = (): MachineView => machine.view
  return {
    unit: (name) => view().unit(name),
    processes: () => view().processes(),
    entries: (unit) => view().entries(unit),
    nowUsec: () => machine.realtimeUsec,
    file: (path): FileView | undefined => {
      const file = view().file(path)
      return file === undefined
        ? undefined
        : { text: decodeUtf8(file.bytes), mode: file.mode, owner: file.owner, group: file.group, kind: file.kind }
    },
  }
}

/** A copy, for reading and doing. */
export function checkMachine(machine: Machine): CheckMachine {
  return {
    ...lookMachine(machine),
    run: (command, options = {}) => {
      const session = new LoginSession(machine, options.as === 'learner' ? 'learner' : 'root')
      const { exit, stdout, stderr } = session.run(command, options.seconds ?? 30)
      session.close()
      return { exit: exit ?? 255, stdout, stderr }
    },
    kill: (unit, signal) => {
      const { mainPid } = machine.view.unit(unit)
      if (mainPid > 0) machine.input({ kind: 'kill', pid: mainPid, signal: signalNumber(signal) })
    },
    advance: (span) => {
      const usec = parseSec(span)
      invariant(typeof usec === 'number', `not a time span: ${span}`)
      machine.advanceBy(usec)
    },
    reboot: () => {
      machine.restart()
    },
    hangUp: () => machine.closeTerminals(),
    writeFile: (path, text, mode) => {
      machine.input({ kind: 'write-file', path, content: text, ...(mode === undefined ? {} : { mode }) })
    },
    property: (unit, name) => machine.view.property(unit, name),
  }
}

function signalNumber(name: string): number {
  const known: Readonly<Record<string, number>> = {
    SIGHUP: 1,
    SIGINT: 2,
    SIGQUIT: 3,
    SIGABRT: 6,
    SIGKILL: 9,
    SIGUSR1: 10,
    SIGSEGV: 11,
    SIGUSR2: 12,
    SIGTERM: 15,
    SIGCONT: 18,
    SIGSTOP: 19,
  }
  return known[name] ?? 15
}
