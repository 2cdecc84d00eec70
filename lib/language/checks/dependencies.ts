// Checks of what units are to each other: order, requirement, installation.
import type { LoadedUnit } from '@/lib/systemd/fragment'
import { unitNameToType } from '@/lib/systemd/unit-name'
import { wordsOf } from '../document'
import { addName, addToSection, type Check, type CheckContext, type Finding, keyRange, ownLines, replace } from './check'
import { orderingCycle } from './ordering-cycle'

const REQUIREMENTS = ['Requires', 'Requisite', 'BindsTo'] as const

/** Words of dependency lines, with the units they come to. */
function* named(context: CheckContext, section: string, ...directives: readonly string[]) {
  for (const line of ownLines(context, section, ...directives)) for (const word of wordsOf(line)) yield { line, ...word }
}

/** What the default dependencies order a unit behind. */
const DEFAULT_AFTER = new Set(['sysinit.target', 'basic.target', 'system.slice'])

const requiresWithoutAfter: Check = {
  id: 'requires-without-after',
  severity: 'warning',
  title: ['Requires= without After=', 'After= 없는 Requires='],
  message: [
    '{directive}={unit} does not order: both start at the same moment. Add After={unit} if this unit needs it to be up first.',
    '{directive}={unit}만으로는 순서가 정해지지 않아 둘이 동시에 시작됩니다. 먼저 떠 있어야 한다면 After={unit}도 적으세요.',
  ],
  why: [
    'Requirement and order are two separate things. Requires= only says that the other unit is started too, and that this one fails with it. Without After= the start jobs run side by side, so the first attempt to reach the other service usually comes too early; a failing start is not noticed in time either.',
    '요구와 순서는 서로 다른 개념입니다. Requires=는 상대 유닛도 함께 시작하고, 실패하면 같이 실패한다는 뜻일 뿐입니다. After=가 없으면 두 시작 작업이 나란히 진행되어 처음 접속이 너무 이르기 쉽고, 상대의 시작 실패도 제때 알아채지 못합니다.',
  ],
  *find(context) {
    const { After, Before } = context.unit.config.Unit
    const defaults = context.unit.config.Unit.DefaultDependencies
    for (const one of named(context, 'Unit', ...REQUIREMENTS)) {
      if (After.includes(one.text) || Before.includes(one.text) || /[%@]/.test(one.text)) continue
      const type = unitNameToType(one.text)
      if (type === undefined || type === 'slice' || (defaults && DEFAULT_AFTER.has(one.text))) continue
      // Sockets and other triggers are ordered before what they start.
      if (context.unit.type === 'service' && type === 'socket') continue
      if (context.unit.type === 'target' && defaults) continue
      yield {
        from: one.from,
        to: one.to,
        values: { directive: one.line.key, unit: one.text },
        fixes: [
          {
            title: ['Add After={unit}', 'After={unit} 추가'],
            values: { unit: one.text },
            edits: [addName(context, 'Unit', 'After', one.text)],
          },
        ],
      }
    }
  },
}

const CLIENTS =
  /^(?:curl|wget|ping|rsync|git|ssh|scp|sftp|apt|apt-get|dnf|yum|nslookup|dig|host|rclone|restic|borg|aws|gsutil|ntpdate|certbot)$/

const networkTarget: Check = {
  id: 'network-target',
  severity: 'info',
  title: ['After=network.target is not “online”', 'After=network.target은 “온라인”이 아님'],
  message: [
    'network.target does not wait for a connection. {program} reaches out as it starts: use Wants= and After=network-online.target.',
    'network.target은 연결을 기다리지 않습니다. {program}은(는) 시작하자마자 네트워크에 나가므로 Wants=와 After=network-online.target을 쓰세요.',
  ],
  why: [
    'network.target only says that the network manager has been started; it matters for shutting down in the right order. Addresses and routes may come seconds later. A program that connects somewhere while it starts needs network-online.target, and must pull it in with Wants= as nothing else may. A server that only listens needs neither.',
    'network.target은 네트워크 관리 프로그램이 시작되었다는 뜻일 뿐이며 주로 종료 순서에 쓰입니다. 주소와 경로는 몇 초 뒤에야 생길 수 있습니다. 시작하면서 어딘가에 접속하는 프로그램은 network-online.target이 필요하고, 다른 것이 끌어오지 않을 수 있으니 Wants=로 직접 끌어와야 합니다. 듣기만 하는 서버에는 둘 다 필요 없습니다.',
  ],
  *find(context) {
    const { config } = context.unit
    if (config.Unit.After.includes('network-online.target')) return
    const client = config.Service?.ExecStart.find(
      ({ path, argv }) =>
        CLIENTS.test(path.slice(path.lastIndexOf('/') + 1)) ||
        argv.slice(1).some((word) => /\b(?:https?|ftp|ssh|mqtts?|amqp):\/\/(?!localhost|127\.|0\.0\.0\.0|\[::)/.test(word)),
    )
    if (client === undefined) return
    for (const one of named(context, 'Unit', 'After')) {
      if (one.text !== 'network.target') continue
      const edits = [replace(context, one, 'network-online.target')]
      if (!config.Unit.Wants.includes('network-online.target')) edits.push(addName(context, 'Unit', 'Wants', 'network-online.target'))
      yield {
        ...{ from: one.from, to: one.to },
        values: { program: client.path },
        fixes: [{ title: ['Wait for network-online.target', 'network-online.target을 기다리기'], edits }],
      }
    }
  },
}

const onlineNotWanted: Check = {
  id: 'online-not-wanted',
  severity: 'warning',
  title: ['network-online.target is ordered after but not pulled in', 'network-online.target을 순서만 정하고 끌어오지 않음'],
  message: [
    'After=network-online.target waits only if something starts that target. Add Wants=network-online.target.',
    'After=network-online.target은 누군가 그 타깃을 시작할 때만 기다립니다. Wants=network-online.target을 추가하세요.',
  ],
  why: [
    'network-online.target is not part of every boot: units that need it pull it in. With After= alone the order has nothing to work on when no other unit wants the target.',
    'network-online.target은 모든 부팅에 포함되지 않으며, 필요한 유닛이 직접 끌어옵니다. 다른 유닛이 원하지 않는다면 After=만으로는 아무 효과가 없습니다.',
  ],
  *find(context) {
    const { Wants, Requires, BindsTo } = context.unit.config.Unit
    if ([...Wants, ...Requires, ...BindsTo].includes('network-online.target')) return
    for (const one of named(context, 'Unit', 'After')) {
      if (one.text !== 'network-online.target') continue
      const edits = [addName(context, 'Unit', 'Wants', one.text)]
      yield {
        from: one.from,
        to: one.to,
        fixes: [{ title: ['Add Wants=network-online.target', 'Wants=network-online.target 추가'], edits }],
      }
    }
  },
}

/** What else starts a unit: a timer, a socket, a path or a device of its name, another unit's Unit=. */
function triggersOf(context: CheckContext): readonly string[] {
  const { tree, place, unit } = context
  const stem = place.name.slice(0, place.name.lastIndexOf('.'))
  const byName = ['timer', 'socket', 'path'].map((type) => `${stem}.${type}`).filter((name) => tree.unitNames(place.scope).includes(name))
  const others = tree.ownFiles(place.scope).filter((path) => /\.(?:timer|path|socket)$/.test(path))
  const byUnit = others.filter((path) =>
    tree.document(path)?.assignments.some((one) => (one.key === 'Unit' || one.key === 'Service') && one.value === unit.id),
  )
  return [...byName, ...byUnit]
}

const PULLS = ['Requires', 'Wants', 'BindsTo', 'Upholds', 'Requisite', 'OnFailure', 'OnSuccess', 'Also', 'Sockets']

function isPulledIn(context: CheckContext): boolean {
  const { tree, place } = context
  for (const path of tree.ownFiles(place.scope)) {
    if (path === place.path) continue
    if (tree.document(path)?.assignments.some((one) => PULLS.includes(one.key) && one.value.split(/\s+/).includes(place.name))) return true
  }
  return false
}

const WANTED_BY: Readonly<Record<string, string>> = { timer: 'timers.target', socket: 'sockets.target', path: 'paths.target' }

const noInstall: Check = {
  id: 'no-install',
  severity: 'hint',
  title: ['Cannot be enabled: no [Install]', '[Install]이 없어 enable할 수 없음'],
  message: [
    'There is no [Install] section, so `systemctl enable` does nothing and the unit does not start at boot.',
    '[Install] 섹션이 없어 `systemctl enable`이 아무 일도 하지 않고, 부팅할 때 시작되지 않습니다.',
  ],
  why: [
    '`systemctl enable` does what [Install] says and nothing else: with WantedBy=multi-user.target it makes a link in multi-user.target.wants. A unit without the section is “static”: it runs when something else asks for it (a timer, a socket, another unit, or you).',
    '`systemctl enable`은 [Install]에 적힌 일만 합니다. WantedBy=multi-user.target이면 multi-user.target.wants에 링크를 만듭니다. 이 섹션이 없는 유닛은 “static”이며, 타이머·소켓·다른 유닛이나 사람이 부를 때만 실행됩니다.',
  ],
  *find(context) {
    const { place, document, unit, tree } = context
    if (place.kind !== 'fragment' || !['service', 'timer', 'socket', 'path'].includes(unit.type)) return
    const { WantedBy, RequiredBy, UpheldBy, Alias, Also } = unit.config.Install
    if ([WantedBy, RequiredBy, UpheldBy, Alias, Also].some((list) => list.length > 0)) return
    const header = document.sections.find((one) => one.name.toLowerCase() === unit.type)
    if (header === undefined || place.path.startsWith('/usr/lib/')) return
    if (unit.config.Unit.RefuseManualStart || unit.config.Service?.BusName) return
    const links = [...tree.linksTo(place.name, place.scope)]
    const enabled = links[0]
    if (enabled === undefined && (triggersOf(context).length > 0 || isPulledIn(context))) return
    const target = WANTED_BY[unit.type] ?? (place.scope === 'user' ? 'default.target' : 'multi-user.target')
    yield {
      from: header.from,
      to: header.to,
      fixes: [
        {
          title: ['Add [Install] with WantedBy={target}', '[Install]과 WantedBy={target} 추가'],
          values: { target },
          edits: [addToSection(context, 'Install', `WantedBy=${target}`)],
        },
      ],
    }
  },
}

const enabledWithoutInstall: Check = {
  id: 'enabled-without-install',
  severity: 'warning',
  title: ['Enabled, but without [Install]', 'enable되었지만 [Install]이 없음'],
  message: [
    '{link} still starts the unit, although its file has no [Install] any more.',
    '파일에는 더 이상 [Install]이 없지만 {link}가 여전히 이 유닛을 시작시킵니다.',
  ],
  why: [
    'Enabling is links on disk. They outlive the section they were made from: the unit goes on starting at boot although its file no longer says so, until somebody runs `systemctl disable` or `reenable`.',
    'enable은 디스크에 있는 링크입니다. 링크는 만들어진 근거가 사라져도 남으므로, 파일에는 더 이상 적혀 있지 않은데도 `systemctl disable`이나 `reenable`을 하기 전까지 부팅 때 계속 시작됩니다.',
  ],
  *find(context) {
    const { place, document, unit, tree } = context
    if (place.kind !== 'fragment' || place.path.startsWith('/usr/lib/')) return
    if (document.sections.some((one) => one.name === 'Install')) return
    const link = [...tree.linksTo(place.name, place.scope)].find((one) => one.path.startsWith('/etc/'))
    const header = document.sections.find((one) => one.name.toLowerCase() === unit.type) ?? document.sections[0]
    if (link === undefined || header === undefined) return
    const target = link.by
    yield {
      from: header.from,
      to: header.to,
      values: { link: link.path },
      fixes: [
        {
          title: ['Add [Install] with WantedBy={target}', '[Install]과 WantedBy={target} 추가'],
          values: { target },
          edits: [addToSection(context, 'Install', `WantedBy=${target}`)],
        },
      ],
    }
  },
}

const SYSTEM_ONLY = new Set([
  'multi-user.target',
  'graphical.target',
  'network.target',
  'network-online.target',
  'rescue.target',
  'local-fs.target',
  'remote-fs.target',
])

const userTarget: Check = {
  id: 'user-unit-system-target',
  severity: 'warning',
  title: ['A user unit names a target of the system', '사용자 유닛이 시스템 타깃을 가리킴'],
  message: [
    '{unit} belongs to the system manager; the user manager does not know it. {advice}',
    '{unit}은(는) 시스템 매니저의 유닛이라 사용자 매니저는 알지 못합니다. {advice}',
  ],
  why: [
    'Each user has a manager of their own, with its own units: default.target, timers.target, sockets.target and a few more. It cannot order after units of the system manager, and a link in multi-user.target.wants of the user does nothing.',
    '사용자마다 별도의 매니저가 있고 유닛도 default.target, timers.target, sockets.target 등 따로 있습니다. 시스템 매니저의 유닛 뒤로 순서를 정할 수 없고, 사용자 쪽 multi-user.target.wants 링크는 아무 효과가 없습니다.',
  ],
  *find(context) {
    if (context.place.scope !== 'user') return
    for (const [section, directives] of [
      ['Install', ['WantedBy', 'RequiredBy']],
      ['Unit', ['After', 'Wants', 'Requires', 'BindsTo', 'PartOf']],
    ] as const) {
      for (const one of named(context, section, ...directives)) {
        if (!SYSTEM_ONLY.has(one.text)) continue
        const isBoot = section === 'Install'
        yield {
          from: one.from,
          to: one.to,
          values: { unit: one.text, advice: isBoot ? 'WantedBy=default.target' : '' },
          ...(isBoot
            ? {
                fixes: [
                  { title: ['Use default.target', 'default.target 사용'] as const, edits: [replace(context, one, 'default.target')] },
                ],
              }
            : {}),
        }
      }
    }
  },
}

const NOT_FOUND = {
  hard: ['The start fails with “Unit … not found.”', '시작이 “Unit … not found.”로 실패합니다.'],
  soft: ['It is passed over in silence.', '조용히 무시됩니다.'],
  trigger: ['There is nothing to start.', '시작할 것이 없습니다.'],
} as const

const missingUnit: Check = {
  id: 'unit-not-found',
  severity: 'warning',
  title: ['No such unit', '그런 유닛이 없음'],
  message: ['{unit} has no unit file here. {effect}', '{unit}의 유닛 파일이 여기에 없습니다. {effect}'],
  why: [
    'Requires=, BindsTo= and Requisite= on a unit that cannot be found make the start fail (“Unit … not found.”). Wants= and After= on it are passed over in silence, so a spelling mistake there is easily missed.',
    '찾을 수 없는 유닛을 Requires=, BindsTo=, Requisite=로 가리키면 시작이 실패합니다(“Unit … not found.”). Wants=와 After=는 조용히 넘어가므로 철자가 틀려도 알아채기 어렵습니다.',
  ],
  *find(context) {
    const { tree, place } = context
    const names = [...REQUIREMENTS, 'Wants', 'OnFailure', 'OnSuccess', 'Upholds'] as const
    for (const one of named(context, 'Unit', ...names)) {
      if (one.text.includes('%') || unitNameToType(one.text) === undefined || tree.exists(one.text, place.scope)) continue
      const hard = (REQUIREMENTS as readonly string[]).includes(one.line.key)
      yield { from: one.from, to: one.to, values: { unit: one.text, effect: hard ? NOT_FOUND.hard : NOT_FOUND.soft } }
    }
    for (const [section, directive] of [
      ['Timer', 'Unit'],
      ['Path', 'Unit'],
      ['Socket', 'Service'],
    ] as const) {
      const line = ownLines(context, section, directive).at(-1)
      if (
        line === undefined ||
        line.value.includes('%') ||
        unitNameToType(line.value) === undefined ||
        tree.exists(line.value, place.scope)
      )
        continue
      yield { from: line.valueFrom, to: line.valueTo, values: { unit: line.value, effect: NOT_FOUND.trigger } }
    }
    yield* missingTriggered(context)
  },
}

/** A timer or path whose unit goes by its name, which is not there. */
function* missingTriggered({ unit, tree, place, document }: CheckContext): Generator<Finding> {
  if (place.kind !== 'fragment' || (unit.type !== 'timer' && unit.type !== 'path' && unit.type !== 'socket')) return
  const own = unit.type === 'timer' ? unit.config.Timer?.Unit : unit.type === 'path' ? unit.config.Path?.Unit : unit.config.Socket?.Service
  const accepts = unit.config.Socket?.Accept === true
  const name = place.name.replace(/@?\.[a-z]+$/, (end) => (accepts || end.startsWith('@') ? '@.service' : '.service'))
  const wants = document.assignments.some((one) => one.key === 'Unit' || one.key === 'Service')
  if (wants || (own !== '' && own !== undefined && own !== name) || tree.unitNames(place.scope).includes(name)) return
  const header = document.sections.find((one) => one.name.toLowerCase() === unit.type)
  if (header !== undefined) yield { from: header.from, to: header.to, values: { unit: name, effect: NOT_FOUND.trigger } }
}

const cycle: Check = {
  id: 'ordering-cycle',
  severity: 'error',
  title: ['Ordering cycle', '순환 순서'],
  message: [
    'Ordering cycle: {loop}. systemd will drop one of these jobs to break it.',
    '순서가 순환합니다: {loop}. systemd는 이 작업 가운데 하나를 버려 고리를 끊습니다.',
  ],
  why: [
    'Each unit in the loop waits for the next one, so none could ever start. When a transaction holds such a loop, systemd deletes a job from it (“Found ordering cycle …, Job … deleted to break ordering cycle”), and a service is missing after boot that nobody stopped.',
    '고리의 각 유닛이 다음 유닛을 기다리므로 아무것도 시작할 수 없습니다. 트랜잭션에 이런 고리가 있으면 systemd는 작업 하나를 지워 끊고(“Found ordering cycle …, Job … deleted to break ordering cycle”), 부팅 뒤에 아무도 멈추지 않은 서비스가 빠져 있게 됩니다.',
  ],
  *find(context) {
    for (const one of named(context, 'Unit', 'After', 'Before')) {
      const loop = orderingCycle(context.tree, context.place.scope, context.unit, one.text, one.line.key as 'After' | 'Before')
      if (loop !== undefined) {
        yield { from: one.from, to: one.to, values: { loop: loop.join(' → ') } }
        return
      }
    }
  },
}

const selfReference: Check = {
  id: 'names-itself',
  severity: 'info',
  title: ['A unit that depends on itself', '자기 자신에 의존하는 유닛'],
  message: ['{directive}={unit} names the unit itself and is ignored.', '{directive}={unit}은(는) 자기 자신이므로 무시됩니다.'],
  why: ['A dependency on oneself has no meaning; systemd drops it.', '자기 자신에 대한 의존은 의미가 없어 systemd가 버립니다.'],
  *find(context) {
    for (const one of named(context, 'Unit', ...REQUIREMENTS, 'Wants', 'After', 'Before')) {
      if (one.text === context.unit.id) yield { from: one.from, to: one.to, values: { directive: one.line.key, unit: one.text } }
    }
  },
}

/** For other checks: whether the unit sits behind a socket of its name. */
export function socketOf({ tree, place }: CheckContext): LoadedUnit | undefined {
  if (place.type !== 'service') return undefined
  const name = place.name.replace(/\.service$/, '.socket')
  return tree.unitNames(place.scope).includes(name) ? tree.unit(name, place.scope) : undefined
}

const socketKeepsStarting: Check = {
  id: 'socket-starts-it-again',
  severity: 'hint',
  title: ['Its socket starts it again', '소켓이 다시 시작시킴'],
  message: [
    '{socket} listens for this service: after `systemctl stop` the next client starts it again. Stop the socket, too.',
    '{socket}이(가) 이 서비스를 위해 듣고 있어, `systemctl stop` 뒤에도 다음 접속이 다시 시작시킵니다. 소켓도 함께 멈추세요.',
  ],
  why: [
    'With socket activation the socket unit owns the listening socket. Stopping the service alone leaves it open; systemctl says “Stopping …, but its triggering units are still active”.',
    '소켓 활성화에서는 소켓 유닛이 듣는 소켓을 가집니다. 서비스만 멈추면 소켓은 열린 채이며, systemctl은 “Stopping …, but its triggering units are still active”라고 알려 줍니다.',
  ],
  *find(context) {
    if (context.place.kind !== 'fragment') return
    const socket = socketOf(context)
    const header = context.document.sections.find((one) => one.name === 'Service')
    if (socket !== undefined && header !== undefined) yield { from: header.from, to: header.to, values: { socket: socket.id } }
  },
}

const wantedByService: Check = {
  id: 'wanted-by-itself-timer',
  severity: 'info',
  title: ['A timer’s service that also starts at boot', '타이머의 서비스가 부팅 때도 시작됨'],
  message: [
    '{timer} runs this service; with WantedBy= it also runs at every boot. Enable the timer and leave [Install] out here.',
    '{timer}가 이 서비스를 실행합니다. WantedBy=까지 있으면 부팅할 때마다 한 번 더 실행됩니다. 타이머를 enable하고 여기서는 [Install]을 빼세요.',
  ],
  why: [
    'The timer is what is enabled. The service behind it needs no [Install]; with one, whoever enables it by habit gets an extra run at boot.',
    'enable하는 것은 타이머입니다. 그 뒤의 서비스에는 [Install]이 필요 없고, 있으면 습관적으로 enable했을 때 부팅 때 한 번 더 실행됩니다.',
  ],
  *find(context) {
    const { place, tree } = context
    if (place.type !== 'service') return
    const timer = place.name.replace(/\.service$/, '.timer')
    if (!tree.unitNames(place.scope).includes(timer)) return
    for (const line of ownLines(context, 'Install', 'WantedBy')) yield { ...keyRange(line), to: line.valueTo, values: { timer } }
  },
}

export const dependencyChecks: readonly Check[] = [
  requiresWithoutAfter,
  networkTarget,
  onlineNotWanted,
  noInstall,
  enabledWithoutInstall,
  userTarget,
  missingUnit,
  cycle,
  selfReference,
  socketKeepsStarting,
  wantedByService,
]
