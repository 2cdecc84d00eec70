// Checks of age: what the target does not know yet, what is out of date, what the simulated machine does not act on.
import { findDirective } from '@/lib/systemd/directives'
import { NEWEST_VERSION, valueSince } from '../versions'
import { type Check, keyRange, replace, removeLine, valueRange } from './check'

const newerThanTarget: Check = {
  id: 'newer-than-target',
  severity: 'warning',
  title: ['Newer than the chosen version', '선택한 버전보다 새로움'],
  message: [
    '{what} came with systemd {since}; version {target} {effect}',
    '{what}은(는) systemd {since}에 생겼습니다. {target} 버전은 {effect}',
  ],
  why: [
    'An older systemd warns about a key it does not know and goes on without it. That is harmless for an extra, and not for a line that the unit relies on: sandboxing that is silently missing, a restart policy that is not there. Choose the oldest version the file must work with in the target selector.',
    '오래된 systemd는 모르는 키를 경고하고 그 줄 없이 계속합니다. 부가 기능이라면 괜찮지만, 조용히 빠진 보안 설정이나 재시작 정책이라면 문제입니다. 파일이 돌아가야 할 가장 오래된 버전을 대상 버전에서 고르세요.',
  ],
  *find({ document, target }) {
    if (target >= NEWEST_VERSION) return
    for (const line of document.assignments) {
      const row = findDirective(line.section, line.key)
      if (row === undefined) continue
      if (row.since > target) yield { ...keyRange(line), values: { what: `${line.key}=`, since: row.since, target, effect: AGE.key } }
      else {
        const since = valueSince(line.key, line.value)
        if (since !== undefined && since > target)
          yield { ...valueRange(line), values: { what: `${line.key}=${line.value}`, since, target, effect: AGE.value } }
      }
    }
  },
}
const AGE = {
  key: ['ignores the line with a warning.', '경고하고 이 줄을 무시합니다.'],
  value: ['ignores the value with a warning.', '경고하고 이 값을 무시합니다.'],
} as const

const outOfDate: Check = {
  id: 'out-of-date-name',
  severity: 'info',
  title: ['An old name', '옛 이름'],
  message: ['{old}= is an old name; today it is {directive}=.', '{old}=은(는) 옛 이름이며 지금은 {directive}=입니다.'],
  why: [
    'Old names go on working for a while, mostly with a warning, and then go away.',
    '옛 이름은 한동안 (대개 경고와 함께) 통하다가 사라집니다.',
  ],
  *find(context) {
    for (const line of context.document.assignments) {
      const row = findDirective(line.section, line.key)
      if (row?.replacedBy === undefined || row.replacedBy === line.key || line.key.startsWith('StartLimit')) continue
      const fixes = findDirective(line.section, row.replacedBy)
        ? [
            {
              title: ['Rename to {directive}=', '{directive}=로 바꾸기'] as const,
              values: { directive: row.replacedBy },
              edits: [replace(context, keyRange(line), row.replacedBy)],
            },
          ]
        : []
      yield { ...keyRange(line), values: { old: line.key, directive: row.replacedBy }, fixes, tag: 'deprecated' }
    }
  },
}

const removed: Check = {
  id: 'removed-directive',
  severity: 'info',
  title: ['Removed from systemd', 'systemd에서 사라짐'],
  message: ['{directive}= was removed; the line has no effect.', '{directive}=은(는) 사라진 지시어라 효과가 없습니다.'],
  why: ['systemd still recognises the name, says so once, and ignores the line.', 'systemd는 이름만 알아보고 경고한 뒤 무시합니다.'],
  *find(context) {
    for (const line of context.document.assignments) {
      if (!findDirective(line.section, line.key)?.removed) continue
      yield {
        ...keyRange(line),
        values: { directive: line.key },
        tag: 'deprecated',
        fixes: [{ title: ['Remove the line', '이 줄 지우기'], edits: [removeLine(context, line)] }],
      }
    }
  },
}

const permissionsStartOnly: Check = {
  id: 'permissions-start-only',
  severity: 'info',
  title: ['PermissionsStartOnly= is replaced by the + prefix', 'PermissionsStartOnly= 대신 + 접두사'],
  message: [
    'PermissionsStartOnly= is undocumented today: put + before the commands that need root.',
    'PermissionsStartOnly=는 이제 문서에 없습니다. root가 필요한 명령 앞에 +를 붙이세요.',
  ],
  why: [
    'The + prefix says it for each command, and it is visible where it matters.',
    '+ 접두사는 명령마다 정할 수 있고 필요한 자리에서 바로 보입니다.',
  ],
  *find(context) {
    for (const line of context.document.assignments) {
      if (line.section === 'Service' && line.key === 'PermissionsStartOnly') yield { ...keyRange(line), tag: 'deprecated' }
    }
  },
}

const notSimulated: Check = {
  id: 'not-simulated',
  severity: 'hint',
  title: ['Not simulated here', '여기서는 시뮬레이션하지 않음'],
  message: [
    '{directive}= is read, but not simulated here: {reason}.',
    '{directive}=은(는) 읽히지만 여기서는 시뮬레이션하지 않습니다: {reason}.',
  ],
  why: [
    'The file is right for a real machine. On this simulated one the line changes nothing.',
    '실제 시스템에서는 올바른 설정입니다. 이 시뮬레이션에서는 아무것도 바꾸지 않습니다.',
  ],
  *find({ document }) {
    for (const line of document.assignments) {
      const reason = findDirective(line.section, line.key)?.notSimulated
      if (reason !== undefined && line.value !== '') yield { ...keyRange(line), values: { directive: line.key, reason } }
    }
  },
}

export const versionChecks: readonly Check[] = [newerThanTarget, outOfDate, removed, permissionsStartOnly, notSimulated]
