// Checks that many exercises share. Each says in its own words what was seen.
import type { Check, CheckMachine, LookMachine, Verdict } from './check'
import { notYet, passed } from './check'
import type { Words } from './words'

const state = (machine: LookMachine, unit: string): string => {
  const view = machine.unit(unit)
  return `${view.activeState} (${view.subState})`
}

/** The unit is active right now. */
export const isActive = (unit: string, subState?: string): Check => ({
  kind: 'look',
  id: `active:${unit}`,
  goal: { en: `${unit} is running`, ko: `${unit}이(가) 실행 중입니다` },
  verify: (machine) => {
    const view = machine.unit(unit)
    if (view.activeState === 'active' && (subState === undefined || view.subState === subState)) return passed()
    if (view.loadState === 'not-found')
      return notYet(
        { en: `systemd knows no ${unit}`, ko: `systemd가 ${unit}을(를) 알지 못합니다` },
        {
          en: `Save a file named ${unit} under /etc/systemd/system, then run systemctl daemon-reload.`,
          ko: `/etc/systemd/system 아래에 ${unit} 파일을 저장하고 systemctl daemon-reload를 실행하십시오.`,
        },
      )
    return notYet(
      { en: `${unit} is ${state(machine, unit)}`, ko: `${unit}의 상태는 ${state(machine, unit)}입니다` },
      {
        en: `systemctl status ${unit} shows why; systemctl start ${unit} starts it.`,
        ko: `systemctl status ${unit}으로 까닭을 보고, systemctl start ${unit}으로 시작하십시오.`,
      },
    )
  },
})

/** The unit starts by itself after a reboot. */
export const startsAtBoot = (unit: string): Check => ({
  kind: 'act',
  id: `boot:${unit}`,
  goal: { en: `${unit} starts by itself at boot`, ko: `부팅하면 ${unit}이(가) 저절로 시작됩니다` },
  verify: (machine) => {
    machine.reboot()
    machine.advance('10s')
    if (machine.unit(unit).activeState === 'active') return passed()
    return notYet(
      { en: `after a reboot, ${unit} is ${state(machine, unit)}`, ko: `다시 부팅한 뒤 ${unit}의 상태는 ${state(machine, unit)}입니다` },
      {
        en: 'Enabling a unit is what makes it start at boot; it needs an [Install] section.',
        ko: '부팅할 때 시작하게 하려면 유닛을 enable해야 하고, 그러려면 [Install] 섹션이 있어야 합니다.',
      },
    )
  },
})

/** After the main process is killed, the unit is active again within the span. */
export const comesBackAfter = (unit: string, signal: string, within: string): Check => ({
  kind: 'act',
  id: `restarts:${unit}`,
  goal: { en: `${unit} comes back by itself after ${signal}`, ko: `${signal}로 죽어도 ${unit}이(가) 저절로 되살아납니다` },
  verify: (machine) => {
    const before = machine.unit(unit)
    if (before.activeState !== 'active')
      return notYet(
        {
          en: `${unit} is ${state(machine, unit)}, so there is nothing to kill`,
          ko: `${unit}의 상태가 ${state(machine, unit)}이어서 죽일 것이 없습니다`,
        },
        { en: `Start ${unit} first.`, ko: `먼저 ${unit}을(를) 시작하십시오.` },
      )
    machine.kill(unit, signal)
    machine.advance(within)
    const after = machine.unit(unit)
    if (after.activeState === 'active' && after.mainPid !== before.mainPid) return passed()
    return notYet(
      {
        en: `after ${signal} and ${within}, ${unit} is ${state(machine, unit)}`,
        ko: `${signal}을 보내고 ${within} 뒤에 ${unit}의 상태는 ${state(machine, unit)}입니다`,
      },
      { en: 'Restart= decides after which ends a service comes back.', ko: '어떤 식으로 끝났을 때 되살릴지는 Restart=가 정합니다.' },
    )
  },
})

/** `systemctl stop` ends it and it stays down. */
export const staysDown = (unit: string, after: string): Check => ({
  kind: 'act',
  id: `stops:${unit}`,
  goal: { en: `${unit} stays down after systemctl stop`, ko: `systemctl stop 뒤에 ${unit}은(는) 멈춘 채로 있습니다` },
  verify: (machine) => {
    machine.run(`systemctl stop ${unit}`)
    machine.advance(after)
    const view = machine.unit(unit)
    if (view.activeState === 'inactive') return passed()
    return notYet(
      {
        en: `${after} after systemctl stop, ${unit} is ${state(machine, unit)}`,
        ko: `systemctl stop을 하고 ${after} 뒤에 ${unit}의 상태는 ${state(machine, unit)}입니다`,
      },
      { en: 'A clean stop ends as inactive (dead).', ko: '깨끗하게 멈추면 inactive (dead)가 됩니다.' },
    )
  },
})

/** A command, run as root on a copy, gives this exit status and prints something that fits. */
export const commandShows = (
  id: string,
  goal: Words,
  command: string,
  fits: (output: string, exit: number) => boolean,
  hint: Words,
  options: { readonly as?: string } = {},
): Check => ({
  kind: 'act',
  id,
  goal,
  verify: (machine) => {
    const { exit, stdout, stderr } = machine.run(command, options)
    if (fits(stdout, exit)) return passed()
    const shown = (stdout + stderr).trim().split('\n').slice(-2).join(' / ') || `exit status ${exit}`
    return notYet({ en: `${command} gave: ${shown}`, ko: `${command}의 결과: ${shown}` }, hint)
  },
})

/** A look check of one's own. */
export const look = (id: string, goal: Words, verify: (machine: LookMachine) => Verdict): Check => ({ kind: 'look', id, goal, verify })
/** An act check of one's own. */
export const act = (id: string, goal: Words, verify: (machine: CheckMachine) => Verdict): Check => ({ kind: 'act', id, goal, verify })
