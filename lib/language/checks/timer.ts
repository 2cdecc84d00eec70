// Checks of timers and paths.
import { nextElapse, parseCalendarSpec } from '@/lib/systemd/calendar'
import { type Check, ownLine, ownLines, replace, valueRange } from './check'

const TRIGGERS = ['OnCalendar', 'OnActiveSec', 'OnBootSec', 'OnStartupSec', 'OnUnitActiveSec', 'OnUnitInactiveSec']

const neverElapses: Check = {
  id: 'timer-never-elapses',
  severity: 'warning',
  title: ['The timer can never elapse (again)', '타이머가 (다시) 울리지 않음'],
  message: ['{trigger}: {problem}', '{trigger}: {problem}'],
  why: [
    'A timer that has no point in time ahead of it is “elapsed” for good. That happens with a calendar date in the past, and with OnUnitActiveSec= or OnUnitInactiveSec= alone: they count from the last run of the unit, and without a run there is nothing to count from. Add OnBootSec= or OnActiveSec= for the first one.',
    '앞으로 울릴 시점이 없는 타이머는 영영 “elapsed”입니다. 지난 날짜를 적었거나, OnUnitActiveSec= 또는 OnUnitInactiveSec=만 적은 경우입니다. 이들은 유닛의 마지막 실행부터 세므로 한 번도 실행되지 않았다면 셀 기준이 없습니다. 첫 실행을 위해 OnBootSec=이나 OnActiveSec=를 더하세요.',
  ],
  *find(context) {
    const { unit, tree } = context
    if (unit.config.Timer === undefined) return
    const now = tree.facts.nowUsec
    for (const line of ownLines(context, 'Timer', 'OnCalendar')) {
      const spec = parseCalendarSpec(line.value, tree.local)
      if (typeof spec === 'string' || now === undefined) continue
      if (nextElapse(spec, now, tree.local) === 'ENOENT')
        yield { ...valueRange(line), values: { trigger: `OnCalendar=${line.value}`, problem: NEVER.past } }
    }
    const used = new Set(unit.origins.filter((one) => one.value !== '' && TRIGGERS.includes(one.directive)).map((one) => one.directive))
    const relative = [...used].every((one) => one.startsWith('OnUnit'))
    if (used.size === 0 || !relative || unit.config.Timer.OnClockChange || unit.config.Timer.OnTimezoneChange) return
    const line = ownLine(context, 'Timer', 'OnUnitActiveSec') ?? ownLine(context, 'Timer', 'OnUnitInactiveSec')
    if (line === undefined) return
    yield {
      ...{ from: line.from, to: line.to },
      values: { trigger: `${line.key}=`, problem: NEVER.first },
      fixes: [
        {
          title: ['Add OnBootSec={span}', 'OnBootSec={span} 추가'],
          values: { span: line.value },
          edits: [replace(context, { from: line.from, to: line.from }, `OnBootSec=${line.value}\n`)],
        },
      ],
    }
  },
}
const NEVER = {
  past: ['no such moment lies ahead.', '앞으로 그런 시점이 없습니다.'],
  first: [
    'counts from the unit’s last run. Until somebody starts it by hand, it never elapses.',
    '유닛의 마지막 실행부터 셉니다. 누가 직접 시작하기 전에는 울리지 않습니다.',
  ],
} as const

const persistentWithoutCalendar: Check = {
  id: 'persistent-without-calendar',
  severity: 'info',
  title: ['Persistent= works with OnCalendar= only', 'Persistent=는 OnCalendar=와만 동작'],
  message: ['Persistent= has no effect without OnCalendar=.', 'Persistent=는 OnCalendar=가 없으면 효과가 없습니다.'],
  why: [
    'Only calendar triggers can be missed while the machine is off; the others count from boot or from a run.',
    '꺼져 있는 동안 놓칠 수 있는 것은 달력 시각뿐입니다. 나머지는 부팅이나 실행 시점부터 셉니다.',
  ],
  *find(context) {
    const timer = context.unit.config.Timer
    if (!timer?.Persistent || timer.Timers.some((one) => one.base === 'OnCalendar')) return
    const line = ownLine(context, 'Timer', 'Persistent')
    if (line) yield valueRange(line)
  },
}

const coarseAccuracy: Check = {
  id: 'timer-accuracy',
  severity: 'hint',
  title: ['Elapses up to a minute late', '최대 1분까지 늦게 울림'],
  message: [
    'Without AccuracySec= the timer may elapse up to 1min late; {span} is shorter or about that.',
    'AccuracySec=가 없으면 최대 1분까지 늦게 울릴 수 있습니다. {span}은(는) 그보다 짧거나 비슷합니다.',
  ],
  why: [
    'systemd collects wake-ups within AccuracySec=, one minute unless told otherwise. For short intervals set AccuracySec=1s.',
    'systemd는 깨어나는 횟수를 줄이려 AccuracySec=(기본 1분) 안에서 묶어 실행합니다. 짧은 간격이라면 AccuracySec=1s를 쓰세요.',
  ],
  *find(context) {
    if (context.unit.config.Timer === undefined || context.unit.origins.some((one) => one.directive === 'AccuracySec')) return
    for (const line of ownLines(context, 'Timer', 'OnUnitActiveSec', 'OnUnitInactiveSec', 'OnActiveSec', 'OnBootSec')) {
      if (!/^\d+\s*(?:s|sec|seconds?)?$/.test(line.value) || Number.parseInt(line.value, 10) > 60) continue
      yield {
        ...valueRange(line),
        values: { span: line.value },
        fixes: [
          {
            title: ['Add AccuracySec=1s', 'AccuracySec=1s 추가'],
            edits: [replace(context, { from: line.to, to: line.to }, '\nAccuracySec=1s')],
          },
        ],
      }
      return
    }
  },
}

export const timerChecks: readonly Check[] = [neverElapses, persistentWithoutCalendar, coarseAccuracy]
