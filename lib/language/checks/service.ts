// Checks of how a service is run: Type=, start limits, killing, notification, users.
import { formatTimespan } from '@/lib/base'
import { wordsOf } from '../document'
import { addToSection, type Check, keyRange, lineOf, ownLine, ownLines, removeLine, replace, valueRange } from './check'
import { type Program, programOf, scriptLines } from './program'

/** Programs that go to the background unless told otherwise, and the words that tell them. */
const FORKERS: Readonly<Record<string, RegExp>> = {
  nginx: /daemon off/,
  'redis-server': /--daemonize no|--supervised/,
  httpd: /-DFOREGROUND|-X/,
  apache2: /-DFOREGROUND|-X/,
  sshd: /(?:^| )-D/,
  crond: /(?:^| )-[nf]/,
  cron: /(?:^| )-f/,
  rsyslogd: /(?:^| )-n/,
  vsftpd: /background=no/,
  memcached: /^(?!.* -d)/,
}
const DAEMON_FLAG = /^(?:--daemon(?:ize)?(?:=(?:yes|true|1))?|--fork|--background|-daemon|--detach)$/
const FOREGROUND = /^(?:node|python[\d.]*|gunicorn|uvicorn|java|ruby|deno|bun|caddy|webd|sleep|tail)$/

const goesToBackground = ({ name, command, script }: Program): boolean => {
  const words = command.argv.slice(1).join(' ')
  if (command.argv.slice(1).some((word) => DAEMON_FLAG.test(word))) return true
  const forker = FORKERS[name]
  if (forker !== undefined) return !forker.test(words)
  if (script === undefined) return false
  const lines = scriptLines(script)
  const last = lines.findLast((line) => line !== 'exit' && line !== 'exit 0' && line !== ':')
  return last !== undefined && /[^&]&\s*(?:disown\s*)?$/.test(last)
}

const PROBLEMS = {
  background: [
    'it goes to the background, so its first process ends at once. Use Type=forking, or better an option that keeps it in the foreground.',
    '백그라운드로 가므로 첫 프로세스가 바로 끝납니다. Type=forking이나, 더 낫게는 포그라운드로 남는 옵션을 쓰세요.',
  ],
  foreground: [
    'it stays in the foreground, so the start never finishes and times out.',
    '포그라운드에 머무르므로 시작이 끝나지 않고 시간 초과가 됩니다.',
  ],
  silent: ['nothing in it says READY=1, so the start times out.', 'READY=1을 보내는 곳이 없어 시작이 시간 초과가 됩니다.'],
  notifies: ['it says when it is ready, and nobody listens.', '준비되면 알리지만 듣는 이가 없습니다.'],
} as const

const typeMismatch: Check = {
  id: 'type-mismatch',
  severity: 'warning',
  title: ['Type= does not fit the program', 'Type=이 프로그램과 맞지 않음'],
  message: ['{program} does not fit Type={type}: {problem}', '{program}은(는) Type={type}과 맞지 않습니다: {problem}'],
  why: [
    'Type= tells systemd when the service counts as started and which process is the main one. A program that forks into the background looks like one that ended at once to Type=simple; one that stays in the foreground never lets the start of Type=forking finish, and is killed after TimeoutStartSec=.',
    'Type=은 서비스가 언제 시작된 것으로 치는지, 어느 프로세스가 주 프로세스인지 정합니다. 백그라운드로 갈라지는 프로그램은 Type=simple에서는 바로 끝난 것처럼 보이고, 포그라운드에 머무는 프로그램은 Type=forking의 시작을 끝내지 못해 TimeoutStartSec= 뒤에 죽습니다.',
  ],
  *find(context) {
    const service = context.unit.config.Service
    const command = service?.ExecStart[0]
    if (service === undefined || command === undefined) return
    const line = ownLine(context, 'Service', 'Type')
    const where = line ?? lineOf(context, command)
    if (where === undefined) return
    const range = line ? valueRange(line) : { from: where.valueFrom, to: where.valueTo }
    const program = programOf(context.tree, command)
    const setType = (type: string) => (line ? replace(context, valueRange(line), type) : addToSection(context, 'Service', `Type=${type}`))
    const background = goesToBackground(program)
    const { Type: type } = service
    if (background && type !== 'forking' && type !== 'oneshot' && type !== 'dbus') {
      yield {
        ...range,
        values: { program: command.path, type: type || 'simple', problem: PROBLEMS.background },
        fixes: [{ title: ['Use Type=forking', 'Type=forking 사용'], edits: [setType('forking')] }],
      }
    } else if (type === 'forking' && !background && FOREGROUND.test(program.name) && program.script === undefined) {
      yield {
        ...range,
        values: { program: command.path, type, problem: PROBLEMS.foreground },
        fixes: [{ title: ['Use Type=exec', 'Type=exec 사용'], edits: [setType('exec')] }],
      }
    } else if (
      (type === 'notify' || type === 'notify-reload') &&
      program.script !== undefined &&
      !/systemd-notify|READY=1|NOTIFY_SOCKET|sd_notify|sdnotify/.test(program.script)
    ) {
      yield { ...range, values: { program: program.scriptPath ?? command.path, type, problem: PROBLEMS.silent } }
    } else if (type === 'simple' && program.script !== undefined && /systemd-notify\s+(?:.*\s)?--ready/.test(program.script)) {
      yield {
        ...range,
        values: { program: program.scriptPath ?? command.path, type, problem: PROBLEMS.notifies },
        fixes: [{ title: ['Use Type=notify', 'Type=notify 사용'], edits: [setType('notify')] }],
      }
    }
  },
}

const forkingWithoutPidFile: Check = {
  id: 'forking-without-pid-file',
  severity: 'info',
  title: ['Type=forking without PIDFile=', 'PIDFile= 없는 Type=forking'],
  message: [
    'Without PIDFile= systemd guesses the main process of a forking service; with several processes left it cannot.',
    'PIDFile=이 없으면 systemd가 주 프로세스를 추측하며, 프로세스가 여럿 남으면 알 수 없습니다.',
  ],
  why: [
    'After the parent has exited systemd looks which process is left. If there are several, none is the main process: Restart= has nothing to watch and the service may stay active although the daemon died. Better than a PID file: an option that keeps the program in the foreground.',
    '부모가 끝난 뒤 systemd는 남은 프로세스를 살핍니다. 여럿이면 주 프로세스가 정해지지 않아 Restart=가 지켜볼 대상이 없고, 데몬이 죽어도 active로 남을 수 있습니다. PID 파일보다 포그라운드로 남는 옵션이 더 낫습니다.',
  ],
  *find(context) {
    const service = context.unit.config.Service
    if (service?.Type !== 'forking' || service.PIDFile !== '' || !service.GuessMainPID) return
    const line = ownLine(context, 'Service', 'Type')
    if (line) yield valueRange(line)
  },
}

const notifyAccess: Check = {
  id: 'notify-access',
  severity: 'warning',
  title: ['systemd-notify is not the main process', 'systemd-notify는 주 프로세스가 아님'],
  message: [
    '{script} calls systemd-notify, a process of its own: with NotifyAccess={access} its message is refused and the start times out. Use NotifyAccess=all.',
    '{script}이(가) 부르는 systemd-notify는 별도의 프로세스라, NotifyAccess={access}에서는 메시지가 거부되어 시작이 시간 초과로 끝납니다. NotifyAccess=all을 쓰세요.',
  ],
  why: [
    'NotifyAccess=main accepts messages of the main process alone. The helper `systemd-notify` is a child of the script, so its READY=1 is dropped (“Got notification message from PID …, but reception only permitted for main PID”), and after TimeoutStartSec= the service is killed.',
    'NotifyAccess=main은 주 프로세스의 메시지만 받습니다. `systemd-notify`는 스크립트의 자식이므로 READY=1이 버려지고(“Got notification message from PID …, but reception only permitted for main PID”), TimeoutStartSec= 뒤에 서비스가 죽습니다.',
  ],
  *find(context) {
    const service = context.unit.config.Service
    if (service === undefined || !['notify', 'notify-reload'].includes(service.Type)) return
    if (service.NotifyAccess === 'all') return
    const command = service.ExecStart[0]
    if (command === undefined) return
    const { script, scriptPath } = programOf(context.tree, command)
    if (script === undefined || !/\bsystemd-notify\b/.test(script)) return
    const line = ownLine(context, 'Service', 'NotifyAccess')
    const where = line ?? ownLine(context, 'Service', 'Type') ?? lineOf(context, command)
    if (where === undefined) return
    const edit = line ? replace(context, valueRange(line), 'all') : addToSection(context, 'Service', 'NotifyAccess=all')
    yield {
      ...valueRange(where),
      values: { script: scriptPath ?? command.path, access: service.NotifyAccess },
      fixes: [{ title: ['Use NotifyAccess=all', 'NotifyAccess=all 사용'], edits: [edit] }],
    }
  },
}

/** Names in [Service] that belong to [Unit], with today's spelling. */
const START_LIMIT: Readonly<Record<string, string>> = {
  StartLimitIntervalSec: 'StartLimitIntervalSec',
  StartLimitInterval: 'StartLimitIntervalSec',
  StartLimitBurst: 'StartLimitBurst',
  StartLimitAction: 'StartLimitAction',
}

const MOVED = {
  ignored: [': here it is ignored.', '. 여기서는 무시됩니다.'],
  understood: ['; the old place is still understood.', '. 예전 자리도 아직 통합니다.'],
} as const

const startLimitSection: Check = {
  id: 'start-limit-section',
  severity: 'warning',
  title: ['Start limits belong in [Unit]', '시작 제한은 [Unit]에'],
  message: ['{directive}= belongs in [Unit]{effect}', '{directive}=은(는) [Unit]에 적습니다{effect}'],
  why: [
    'Since version 230 the start limits are part of [Unit]. StartLimitIntervalSec= under [Service] is an unknown key, so the limit one believes in is the default one: 5 starts in 10 s. The short old names are still understood in [Service], for compatibility.',
    '230 버전부터 시작 제한은 [Unit]에 속합니다. [Service]의 StartLimitIntervalSec=는 알 수 없는 키로 무시되어 기본값(10초에 5번)이 그대로 쓰입니다. 예전의 짧은 이름은 호환을 위해 [Service]에서도 통합니다.',
  ],
  *find(context) {
    for (const line of context.document.assignments) {
      const name = line.section === 'Service' && Object.hasOwn(START_LIMIT, line.key) ? START_LIMIT[line.key]! : undefined
      if (name === undefined) continue
      const ignored = line.key === 'StartLimitIntervalSec'
      const fix = {
        title: ['Move to [Unit]', '[Unit]으로 옮기기'] as const,
        edits: [removeLine(context, line), addToSection(context, 'Unit', `${name}=${line.value}`)],
      }
      yield { ...keyRange(line), values: { directive: name, effect: ignored ? MOVED.ignored : MOVED.understood }, fixes: [fix] }
    }
  },
}

const endlessRestart: Check = {
  id: 'restart-never-limited',
  severity: 'info',
  title: ['Restarts too slowly to hit the start limit', '시작 제한에 걸리지 않을 만큼 느린 재시작'],
  message: [
    '{burst} starts take at least {needed} with RestartSec={wait}, longer than StartLimitIntervalSec={interval}: a broken service restarts for ever.',
    'RestartSec={wait}이면 {burst}번 시작에 적어도 {needed}이(가) 걸려 StartLimitIntervalSec={interval}을 넘습니다. 고장 난 서비스가 끝없이 다시 시작됩니다.',
  ],
  why: [
    'The start limit counts starts within an interval (5 in 10 s unless told otherwise). When the pause between restarts spreads them wider than that, the limit is never reached. For a service that should keep trying that is right; for one that should give up and be noticed, raise the interval or lower the burst.',
    '시작 제한은 일정 시간 안의 시작 횟수를 셉니다(기본 10초에 5번). 재시작 사이의 쉬는 시간 때문에 그보다 넓게 퍼지면 제한에 이르지 않습니다. 계속 시도해야 하는 서비스라면 맞지만, 포기하고 드러나야 한다면 간격을 늘리거나 횟수를 줄이세요.',
  ],
  *find(context) {
    const { Service: service, Unit: limits } = context.unit.config
    if (service === undefined || service.Restart === 'no' || !limits) return
    const { StartLimitIntervalSec: interval, StartLimitBurst: burst } = limits
    const explicit = context.unit.origins.some((one) => one.directive.startsWith('StartLimit'))
    // Without a word about limits, the default is hardly meant; with one, it is.
    const line = explicit
      ? (ownLine(context, 'Unit', 'StartLimitIntervalSec', 'StartLimitBurst') ?? ownLine(context, 'Service', 'RestartSec'))
      : ownLine(context, 'Service', 'RestartSec')
    if (line === undefined || interval === 0 || burst === 0) return
    const needed = service.RestartSec * burst
    if (needed < interval) return
    const show = (usec: number) => formatTimespan(usec)
    yield {
      ...valueRange(line),
      values: { burst, needed: show(needed), wait: show(service.RestartSec), interval: show(interval) },
      ...(explicit
        ? {}
        : {
            fixes: [
              {
                title: ['Add StartLimitIntervalSec={span}', 'StartLimitIntervalSec={span} 추가'] as const,
                values: { span: show(needed * 2).replaceAll(' ', '') },
                edits: [addToSection(context, 'Unit', `StartLimitIntervalSec=${show(needed * 2).replaceAll(' ', '')}`)],
              },
            ],
          }),
    }
  },
}

const killModeNone: Check = {
  id: 'kill-mode-none',
  severity: 'warning',
  title: ['KillMode=none leaves processes behind', 'KillMode=none은 프로세스를 남김'],
  message: [
    'KillMode=none kills nothing: processes of the service outlive it, escape its limits and block the next start.',
    'KillMode=none은 아무것도 죽이지 않아, 프로세스가 남아 제한을 벗어나고 다음 시작을 방해합니다.',
  ],
  why: [
    'systemd itself calls it unsafe and deprecated. Use KillMode=mixed to ask only the main process first, or ExecStop= for a graceful way, and let the rest be killed.',
    'systemd도 안전하지 않고 폐기 예정이라 합니다. 주 프로세스에만 먼저 요청하려면 KillMode=mixed를, 부드러운 종료는 ExecStop=을 쓰고 나머지는 정리되게 두세요.',
  ],
  *find(context) {
    for (const section of ['Service', 'Socket', 'Mount', 'Swap', 'Scope']) {
      const line = ownLine(context, section, 'KillMode')
      if (line?.value !== 'none') continue
      yield {
        ...valueRange(line),
        fixes: [{ title: ['Use KillMode=mixed', 'KillMode=mixed 사용'], edits: [replace(context, valueRange(line), 'mixed')] }],
      }
    }
  },
}

const dropInAppends: Check = {
  id: 'drop-in-exec-append',
  severity: 'error',
  title: ['The drop-in adds a second ExecStart=', '드롭인이 두 번째 ExecStart=를 더함'],
  message: [
    'This line is added to ExecStart= of {file}, and only Type=oneshot may have several. Put an empty ExecStart= before it.',
    '이 줄은 {file}의 ExecStart=에 더해지며, 여러 개는 Type=oneshot만 가질 수 있습니다. 앞에 빈 ExecStart=를 두세요.',
  ],
  why: [
    'Lists grow from file to file; an empty assignment empties them. A drop-in that means to replace the command needs `ExecStart=` first, or the unit is refused: “Service has more than one ExecStart= setting, which is only allowed for Type=oneshot services.”',
    '목록은 파일을 거치며 늘어나고, 빈 대입이 비웁니다. 명령을 바꾸려는 드롭인은 먼저 `ExecStart=`로 비워야 합니다. 아니면 “Service has more than one ExecStart= setting, which is only allowed for Type=oneshot services.”로 거부됩니다.',
  ],
  *find(context) {
    const { place, unit, document } = context
    if (place.kind !== 'drop-in' || place.type !== 'service' || unit.config.Service?.Type === 'oneshot') return
    const first = document.assignments.find((one) => one.section === 'Service' && one.key === 'ExecStart')
    if (first === undefined || first.value === '') return
    const before = unit.origins.slice(
      0,
      Math.max(
        0,
        unit.origins.findIndex((one) => one.file === place.path),
      ),
    )
    const last = before.findLast((one) => one.section === 'Service' && one.directive === 'ExecStart')
    if (last === undefined || last.value === '') return
    yield {
      ...keyRange(first),
      values: { file: last.file },
      fixes: [
        {
          title: ['Put an empty ExecStart= before it', '앞에 빈 ExecStart= 넣기'],
          edits: [replace(context, { from: first.from, to: first.from }, 'ExecStart=\n')],
        },
      ],
    }
  },
}

const NUMBER_OPTION = /(?:--?(?:port|p|listen-port|http-port)[= ]|:)%[iI]\b/

const instanceAsNumber: Check = {
  id: 'instance-is-no-number',
  severity: 'warning',
  title: ['The instance is used as a number', '인스턴스를 숫자로 씀'],
  message: [
    '%i is the instance’s name: for {unit} the program gets “{instance}” where it wants a port.',
    '%i는 인스턴스 이름입니다. {unit}이면 프로그램은 포트 자리에서 “{instance}”를 받습니다.',
  ],
  why: [
    'A template’s %i is whatever stands after the @. With a word there the program gets a word. Either name the instances by number (web@8081), or read an EnvironmentFile=/etc/web/%i.env that holds the port.',
    '템플릿의 %i는 @ 뒤에 적힌 그대로입니다. 단어를 적으면 프로그램도 단어를 받습니다. 인스턴스를 숫자로 부르거나(web@8081), 포트를 담은 EnvironmentFile=/etc/web/%i.env를 읽게 하세요.',
  ],
  *find(context) {
    const { place, tree, unit } = context
    if (!place.isTemplate) return
    const named = [...tree.linksTo(place.name, place.scope)].map((one) => one.name)
    const fromDefault = unit.config.Install.DefaultInstance
    if (fromDefault) named.push(place.name.replace('@.', `@${fromDefault}.`))
    const word = named.find((name) => !/@\d+\./.test(name) && !name.includes('@.'))
    if (word === undefined) return
    for (const line of ownLines(context, 'Service', 'ExecStart')) {
      const match = NUMBER_OPTION.exec(line.value)
      if (match === null) continue
      const instance = word.slice(word.indexOf('@') + 1, word.lastIndexOf('.'))
      yield { from: line.offsetOf(match.index), to: line.offsetOf(match.index + match[0].length), values: { unit: word, instance } }
    }
  },
}

const userMissing: Check = {
  id: 'user-not-found',
  severity: 'warning',
  title: ['No such user or group', '그런 사용자나 그룹이 없음'],
  message: [
    '{directive}={name} is not on this machine: the start fails with status {status}. Create it, or let DynamicUser=yes make one up.',
    '{directive}={name}은(는) 이 시스템에 없어 시작이 {status}(으)로 실패합니다. 만들거나 DynamicUser=yes로 임시 사용자를 쓰세요.',
  ],
  why: [
    'systemd looks the user up as it starts the program. If there is none, the service fails before the program ran: 217/USER for the user, 216/GROUP for the group. StateDirectory= and its like create directories, never accounts. Use useradd --system, a sysusers.d file, or DynamicUser=yes.',
    'systemd는 프로그램을 시작하면서 사용자를 찾습니다. 없으면 프로그램이 실행되기도 전에 실패합니다: 사용자는 217/USER, 그룹은 216/GROUP. StateDirectory= 등은 디렉터리만 만들고 계정은 만들지 않습니다. useradd --system, sysusers.d 파일, DynamicUser=yes 가운데 하나를 쓰세요.',
  ],
  *find(context) {
    const { tree, unit } = context
    if (tree.users.length === 0) return
    const exec = unit.config.Service ?? unit.config.Socket ?? unit.config.Mount ?? unit.config.Swap
    if (exec?.DynamicUser) return
    const rows = [
      ['User', tree.users, '217/USER'],
      ['Group', tree.groups, '216/GROUP'],
      ['SocketUser', tree.users, '217/USER'],
      ['SocketGroup', tree.groups, '216/GROUP'],
      ['SupplementaryGroups', tree.groups, '216/GROUP'],
    ] as const
    for (const line of context.document.assignments) {
      const row = rows.find(([directive]) => directive === line.key)
      if (row === undefined) continue
      for (const word of wordsOf(line)) {
        if (word.text.includes('%') || /^\d+$/.test(word.text) || row[1].some((one) => one.name === word.text)) continue
        const canBeDynamic = row[0] === 'User' && unit.type === 'service'
        yield {
          from: word.from,
          to: word.to,
          values: { directive: row[0], name: word.text, status: row[2] },
          ...(canBeDynamic
            ? {
                fixes: [
                  {
                    title: ['Add DynamicUser=yes', 'DynamicUser=yes 추가'] as const,
                    edits: [addToSection(context, 'Service', 'DynamicUser=yes')],
                  },
                ],
              }
            : {}),
        }
      }
    }
  },
}

const nonBlocking: Check = {
  id: 'non-blocking',
  severity: 'info',
  title: ['NonBlocking=yes changes accept()', 'NonBlocking=yes는 accept()를 바꿈'],
  message: [
    'With NonBlocking=yes a program that simply calls accept() gets “Resource temporarily unavailable”. Only for programs that poll.',
    'NonBlocking=yes이면 단순히 accept()를 부르는 프로그램은 “Resource temporarily unavailable”을 받습니다. poll하는 프로그램에만 쓰세요.',
  ],
  why: [
    'The option sets O_NONBLOCK on the sockets that systemd passes. An event loop wants that; a plain loop around accept() dies after the first client, or at once.',
    '이 옵션은 systemd가 넘기는 소켓에 O_NONBLOCK을 겁니다. 이벤트 루프에는 맞지만, accept()를 반복하는 단순한 프로그램은 바로 또는 첫 접속 뒤에 죽습니다.',
  ],
  *find(context) {
    if (!context.unit.config.Service?.NonBlocking) return
    const line = ownLine(context, 'Service', 'NonBlocking')
    if (line) yield { ...valueRange(line), fixes: [{ title: ['Remove the line', '이 줄 지우기'], edits: [removeLine(context, line)] }] }
  },
}

const oneshotTimeout: Check = {
  id: 'oneshot-runs-on',
  severity: 'info',
  title: ['Type=oneshot for a program that does not end', '끝나지 않는 프로그램에 Type=oneshot'],
  message: [
    '{program} does not end by itself: with Type=oneshot the start never finishes, as it has no timeout of its own.',
    '{program}은(는) 스스로 끝나지 않습니다. Type=oneshot은 시작 제한 시간이 없어 시작이 끝나지 않습니다.',
  ],
  why: [
    'A oneshot service is “activating” until its commands end, and everything ordered after it waits. Long-running programs are Type=exec or Type=simple.',
    'oneshot 서비스는 명령이 끝날 때까지 “activating”이고, 그 뒤로 순서가 정해진 것은 모두 기다립니다. 오래 도는 프로그램은 Type=exec나 Type=simple입니다.',
  ],
  *find(context) {
    const service = context.unit.config.Service
    if (service?.Type !== 'oneshot') return
    const line = ownLine(context, 'Service', 'Type')
    const endless = service.ExecStart.map((one) => programOf(context.tree, one)).find(
      ({ name, script, command }) =>
        /^(?:nginx|gunicorn|uvicorn|webd|redis-server)$/.test(name) ||
        (name === 'sleep' && command.argv[1] === 'infinity') ||
        (name === 'tail' && command.argv.includes('-f')) ||
        (script !== undefined && /^\s*while\s+(?:true|:)\s*;?\s*(?:do)?/m.test(script) && !/\b(?:break|exit)\b/.test(script)),
    )
    if (line && endless) {
      yield {
        ...valueRange(line),
        values: { program: endless.scriptPath ?? endless.command.path },
        fixes: [{ title: ['Use Type=exec', 'Type=exec 사용'], edits: [replace(context, valueRange(line), 'exec')] }],
      }
    }
  },
}

const remainAfterExit: Check = {
  id: 'timer-service-remains',
  severity: 'warning',
  title: ['A timer cannot start a service that stays active', '활성으로 남는 서비스는 타이머가 다시 시작하지 못함'],
  message: [
    '{timer} starts this service once: with RemainAfterExit=yes it stays active, and starting an active unit does nothing.',
    '{timer}는 이 서비스를 한 번만 시작합니다. RemainAfterExit=yes이면 활성으로 남고, 활성 유닛을 시작해도 아무 일도 없습니다.',
  ],
  why: [
    'A timer starts its unit. If the unit is active already, nothing happens, so a job behind a timer must become inactive when it is done: leave RemainAfterExit= out.',
    '타이머는 유닛을 시작합니다. 이미 활성이라면 아무 일도 일어나지 않으므로, 타이머 뒤의 작업은 끝나면 비활성이 되어야 합니다. RemainAfterExit=를 빼세요.',
  ],
  *find(context) {
    const { place, tree, unit } = context
    if (!unit.config.Service?.RemainAfterExit) return
    const timer = place.name.replace(/\.service$/, '.timer')
    const line = ownLine(context, 'Service', 'RemainAfterExit')
    if (line === undefined || !tree.unitNames(place.scope).includes(timer)) return
    yield {
      ...valueRange(line),
      values: { timer },
      fixes: [{ title: ['Remove the line', '이 줄 지우기'], edits: [removeLine(context, line)] }],
    }
  },
}

/** What needs rights that a user's manager does not have. */
const ROOT_ONLY: Readonly<Record<string, readonly [en: string, ko: string]>> = {
  User: ['the manager already runs as the user', '매니저가 이미 그 사용자로 실행됩니다'],
  Group: ['the manager already runs as the user', '매니저가 이미 그 사용자로 실행됩니다'],
  SupplementaryGroups: ['needs root', 'root 권한이 필요합니다'],
  DynamicUser: ['is refused in user units', '사용자 유닛에서는 거부됩니다'],
  AmbientCapabilities: ['needs root', 'root 권한이 필요합니다'],
  RootDirectory: ['needs root', 'root 권한이 필요합니다'],
  RootImage: ['needs root', 'root 권한이 필요합니다'],
  CPUSchedulingPolicy: ['needs root', 'root 권한이 필요합니다'],
  CPUSchedulingPriority: ['needs root', 'root 권한이 필요합니다'],
  TTYPath: ['needs root', 'root 권한이 필요합니다'],
  NetworkNamespacePath: ['needs root', 'root 권한이 필요합니다'],
  DeviceAllow: ['needs root', 'root 권한이 필요합니다'],
  IPAddressDeny: ['needs root', 'root 권한이 필요합니다'],
  IPAddressAllow: ['needs root', 'root 권한이 필요합니다'],
  PAMName: ['needs root', 'root 권한이 필요합니다'],
}

const userNeedsRoot: Check = {
  id: 'user-unit-needs-root',
  severity: 'warning',
  title: ['Not for user units', '사용자 유닛에는 맞지 않음'],
  message: [
    '{directive}= has no use in a user unit: it needs the system manager.',
    '{directive}=은(는) 사용자 유닛에서 쓸 수 없습니다. 시스템 매니저가 필요합니다.',
  ],
  why: [
    'A user’s manager runs as that user and can give its services only what the user may do: no other users, no capabilities, no device rules, no priorities above the normal one. Where it tries and fails, the service ends with a status such as 216/GROUP or 218/CAPABILITIES.',
    '사용자 매니저는 그 사용자로 실행되며 그 사용자가 할 수 있는 일만 줄 수 있습니다. 다른 사용자, capability, 장치 규칙, 높은 우선순위는 안 됩니다. 시도하다 실패하면 216/GROUP, 218/CAPABILITIES 같은 상태로 끝납니다.',
  ],
  *find(context) {
    if (context.place.scope !== 'user') return
    for (const line of context.document.assignments) {
      if (line.value === '' || !['Service', 'Socket', 'Mount'].includes(line.section)) continue
      const negative = (line.key === 'Nice' || line.key === 'OOMScoreAdjust') && line.value.startsWith('-')
      if (!Object.hasOwn(ROOT_ONLY, line.key) && !negative) continue
      yield {
        ...keyRange(line),
        values: { directive: line.key },
        fixes: [{ title: ['Remove the line', '이 줄 지우기'], edits: [removeLine(context, line)] }],
      }
    }
  },
}

const duplicate: Check = {
  id: 'overridden-here',
  severity: 'hint',
  title: ['Set again further down', '아래에서 다시 정해짐'],
  message: [
    '{directive}= is set again in line {line}; only the last one counts.',
    '{directive}=이(가) {line}번째 줄에서 다시 정해집니다. 마지막 것만 유효합니다.',
  ],
  why: [
    'A directive with a single value keeps the last one that was read. Earlier lines have no effect.',
    '값이 하나인 지시어는 마지막에 읽은 값을 가집니다. 앞의 줄은 효과가 없습니다.',
  ],
  *find(context) {
    const seen = new Map<string, { readonly from: number; readonly to: number; readonly at: number }>()
    for (const one of context.document.assignments) {
      if (!SCALARS.has(one.key)) continue
      const key = `${one.section}.${one.key}`
      const before = seen.get(key)
      if (before) yield { ...before, values: { directive: one.key, line: one.firstLine }, tag: 'unnecessary' }
      seen.set(key, { from: one.from, to: one.to, at: one.firstLine })
    }
  },
}
const SCALARS = new Set(
  'Description Type Restart RestartSec User Group WorkingDirectory TimeoutStartSec TimeoutStopSec TimeoutSec KillMode KillSignal PIDFile RemainAfterExit NotifyAccess WatchdogSec StandardOutput StandardError Nice UMask MemoryMax MemoryHigh TasksMax CPUQuota Persistent AccuracySec RandomizedDelaySec Unit Accept ProtectSystem ProtectHome PrivateTmp NoNewPrivileges DynamicUser StartLimitIntervalSec StartLimitBurst'.split(
    ' ',
  ),
)

export const serviceChecks: readonly Check[] = [
  typeMismatch,
  forkingWithoutPidFile,
  notifyAccess,
  startLimitSection,
  endlessRestart,
  killModeNone,
  dropInAppends,
  instanceAsNumber,
  userMissing,
  nonBlocking,
  oneshotTimeout,
  remainAfterExit,
  userNeedsRoot,
  duplicate,
]
