// After systemd.unit(5), FailureAction= and its like: what becomes of the machine.
import type { Manager } from './manager'
import type { Unit } from './unit'

export const emergencyActions = [
  'none',
  'exit',
  'exit-force',
  'reboot',
  'reboot-force',
  'reboot-immediate',
  'poweroff',
  'poweroff-force',
  'poweroff-immediate',
  'soft-reboot',
  'soft-reboot-force',
  'kexec',
  'kexec-force',
  'halt',
  'halt-force',
  'halt-immediate',
] as const
export type EmergencyAction = (typeof emergencyActions)[number]

const targets = {
  reboot: 'reboot.target',
  poweroff: 'poweroff.target',
  halt: 'halt.target',
  kexec: 'kexec.target',
  'soft-reboot': 'soft-reboot.target',
  exit: 'exit.target',
} as const
const objectives = {
  reboot: 'reboot',
  poweroff: 'poweroff',
  halt: 'halt',
  kexec: 'kexec',
  'soft-reboot': 'soft-reboot',
  exit: 'exit',
} as const
const words = {
  reboot: 'Rebooting',
  poweroff: 'Powering off',
  halt: 'Halting',
  kexec: 'Executing kexec',
  'soft-reboot': 'Soft-rebooting',
  exit: 'Exiting',
} as const

export function emergencyAction(manager: Manager, action: string | undefined, reason: string, unit: Unit | undefined): void {
  if (action === undefined || action === 'none') return
  const [, kind, how] = /^(soft-reboot|[a-z]+)(?:-(force|immediate))?$/.exec(action) ?? []
  if (kind === undefined || !(kind in targets)) return
  const name = kind as keyof typeof targets
  const say = (text: string) => (unit === undefined ? manager.log(4, text) : unit.logPlain(4, text))
  if (how === 'immediate') {
    say(`${words[name]} immediately: ${reason}`)
    manager.objective = objectives[name]
    manager.immediate = true
    return
  }
  if (how === 'force') {
    say(`Forcibly ${words[name].toLowerCase()} as result of failure: ${reason}`)
    manager.objective = objectives[name]
    return
  }
  if (name === 'exit' && unit !== undefined) manager.returnValue = exitStatusOf(unit)
  say(`${words[name]} as result of failure: ${reason}`)
  if (name === 'exit' && manager.scope === 'system') manager.objective = 'exit'
  else manager.startSpecial(targets[name], 'replace-irreversibly')
}

function exitStatusOf(unit: Unit): number {
  return unit.config.Unit.FailureActionExitStatus ?? 255
}
