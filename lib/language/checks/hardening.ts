// Checks of sandboxing and limits that contradict each other or the program.
import type { ExecSection, LoadedUnit } from '@/lib/systemd/fragment'
import { type Check, type CheckContext, type Finding, keyRange, ownLine, replace, valueRange } from './check'
import { socketOf } from './dependencies'
import { programOf } from './program'

const contradiction: Check = {
  id: 'hardening-contradiction',
  severity: 'warning',
  title: ['Hardening that contradicts itself', '서로 모순되는 보안 설정'],
  message: ['{problem}', '{problem}'],
  why: [
    'Each option alone is fine; together one of them takes away what the other, or the program, needs. The service then fails with an error that names neither.',
    '각 옵션은 따로 보면 괜찮지만 함께 쓰면 하나가 다른 것이나 프로그램에 필요한 것을 빼앗습니다. 그러면 어느 쪽도 언급하지 않는 오류로 실패합니다.',
  ],
  *find(context) {
    for (const rule of RULES) yield* rule(context)
  },
}

const isBelow = (path: string, parent: string): boolean => path === parent || path.startsWith(`${parent}/`)
const HOMES = ['/home', '/root', '/run/user']
const strip = (path: string): string => path.replace(/^[-+]+/, '')

function* at(context: CheckContext, directive: string, en: string, ko: string): Generator<Finding> {
  const line = ownLine(context, 'Service', directive)
  if (line) yield { ...valueRange(line), values: { problem: [en, ko] } }
}

const execOf = ({ unit }: CheckContext): ExecSection | undefined => unit.config.Service

const RULES: readonly ((context: CheckContext) => Iterable<Finding>)[] = [
  function* protectHomeHidesProgram(context) {
    const service = context.unit.config.Service
    if (service === undefined || (service.ProtectHome !== 'yes' && service.ProtectHome !== 'tmpfs') || service.DynamicUser) return
    const paths = [service.WorkingDirectory.path, ...service.ExecStart.map((one) => one.path)]
    const hidden = paths.find((path) => HOMES.some((home) => isBelow(path, home)))
    if (hidden === undefined || service.BindPaths.length + service.BindReadOnlyPaths.length > 0) return
    yield* at(
      context,
      'ProtectHome',
      `ProtectHome=${service.ProtectHome} hides ${hidden}, which this unit uses.`,
      `ProtectHome=${service.ProtectHome}이(가) 이 유닛이 쓰는 ${hidden}을(를) 숨깁니다.`,
    )
  },
  function* privateNetworkNeedsNetwork(context) {
    const service = context.unit.config.Service
    if (!service?.PrivateNetwork) return
    const { Wants, Requires } = context.unit.config.Unit
    const online = [...Wants, ...Requires].includes('network-online.target')
    if (online)
      yield* at(
        context,
        'PrivateNetwork',
        'PrivateNetwork=yes leaves only a loopback device; network-online.target is of no use.',
        'PrivateNetwork=yes이면 루프백만 남으므로 network-online.target은 소용이 없습니다.',
      )
  },
  function* notifyNeedsUnix(context) {
    const service = context.unit.config.Service
    const families = service?.RestrictAddressFamilies
    if (service === undefined || families === undefined || !service.Type.startsWith('notify')) return
    if (families.names.includes('AF_UNIX') === families.allow) return
    yield* at(
      context,
      'RestrictAddressFamilies',
      `Type=${service.Type} speaks to systemd through AF_UNIX, which is not allowed here.`,
      `Type=${service.Type}은(는) AF_UNIX로 systemd에 알리는데 여기서는 허용되지 않습니다.`,
    )
  },
  function* ambientOutsideBounds(context) {
    const exec = execOf(context)
    if (exec?.CapabilityBoundingSet === undefined || !exec.AmbientCapabilities) return
    if ((exec.AmbientCapabilities & ~exec.CapabilityBoundingSet) === 0n) return
    yield* at(
      context,
      'AmbientCapabilities',
      'AmbientCapabilities= names capabilities that CapabilityBoundingSet= takes away: 218/CAPABILITIES.',
      'AmbientCapabilities=의 capability를 CapabilityBoundingSet=이 빼앗습니다: 218/CAPABILITIES.',
    )
  },
  function* ambientForRoot(context) {
    const exec = execOf(context)
    if (!exec?.AmbientCapabilities || exec.User !== '' || exec.DynamicUser) return
    yield* at(
      context,
      'AmbientCapabilities',
      'Without User= the service is root and has all capabilities anyway.',
      'User=가 없으면 root라 이미 모든 capability를 가집니다.',
    )
  },
  function* setuidWithoutPrivileges(context) {
    const service = context.unit.config.Service
    if (!service?.NoNewPrivileges || service.User === '' || service.User === 'root') return
    const setuid = service.ExecStart.find((one) => /\/(?:sudo|su|pkexec|ping|passwd|mount)$/.test(one.path) && one.path !== '/usr/bin/ping')
    if (setuid)
      yield* at(
        context,
        'NoNewPrivileges',
        `NoNewPrivileges=yes keeps ${setuid.path} from becoming root.`,
        `NoNewPrivileges=yes 때문에 ${setuid.path}이(가) root가 될 수 없습니다.`,
      )
  },
  function* writeExecuteForJit(context) {
    const service = context.unit.config.Service
    const command = service?.ExecStart[0]
    if (!service?.MemoryDenyWriteExecute || command === undefined) return
    const { name } = programOf(context.tree, command)
    if (/^(?:node|nodejs|java|dotnet|deno|bun|mono|luajit|pypy3?)$/.test(name)) {
      yield* at(
        context,
        'MemoryDenyWriteExecute',
        `${name} compiles as it runs and needs memory that is writable and executable.`,
        `${name}은(는) 실행하면서 컴파일하므로 쓰기와 실행이 모두 되는 메모리가 필요합니다.`,
      )
    }
  },
  function* dynamicUserImplies(context) {
    const service = context.unit.config.Service
    if (!service?.DynamicUser) return
    for (const [directive, kept] of [
      ['ProtectSystem', 'strict'],
      ['NoNewPrivileges', 'yes'],
      ['RestrictSUIDSGID', 'yes'],
      ['PrivateTmp', 'yes'],
      ['RemoveIPC', 'yes'],
    ] as const) {
      const line = ownLine(context, 'Service', directive)
      if (line === undefined || !/^(?:no|false|off|0|full|yes|true)$/.test(line.value)) continue
      const weaker = /^(?:no|false|off|0)$/.test(line.value) || (directive === 'ProtectSystem' && line.value !== 'strict')
      if (weaker)
        yield* at(
          context,
          directive,
          `DynamicUser=yes implies ${directive}=${kept}; this line changes nothing.`,
          `DynamicUser=yes는 ${directive}=${kept}을(를) 포함하므로 이 줄은 아무것도 바꾸지 않습니다.`,
        )
    }
  },
  function* outputOnReadOnly(context) {
    const exec = execOf(context)
    if (exec?.ProtectSystem !== 'strict') return
    for (const path of exec.ReadWritePaths.map(strip)) {
      if (context.tree.reader.status(path) === undefined && !path.includes('%')) {
        const minus = exec.ReadWritePaths.find((one) => strip(one) === path)!.startsWith('-')
        if (!minus)
          yield* at(
            context,
            'ReadWritePaths',
            `${path} does not exist: the start would fail with 226/NAMESPACE. StateDirectory= creates one, or put - before it.`,
            `${path}이(가) 없어 시작이 226/NAMESPACE로 실패합니다. StateDirectory=로 만들거나 앞에 -를 붙이세요.`,
          )
      }
    }
  },
  function* writesInReadOnly(context) {
    const service = context.unit.config.Service
    if (service === undefined) return
    for (const path of [...service.ReadWritePaths].map(strip)) {
      const blocked = [...service.InaccessiblePaths].map(strip).find((one) => one === path)
      if (blocked)
        yield* at(
          context,
          'InaccessiblePaths',
          `${path} is both writable and inaccessible; it stays inaccessible.`,
          `${path}이(가) 쓰기 가능이면서 접근 불가입니다. 접근 불가가 이깁니다.`,
        )
    }
  },
  function* memoryOrder(context) {
    const service = context.unit.config.Service
    if (service === undefined || !Number.isFinite(service.MemoryMax) || !Number.isFinite(service.MemoryHigh)) return
    if (service.MemoryHigh >= service.MemoryMax)
      yield* at(
        context,
        'MemoryHigh',
        'MemoryHigh= is not below MemoryMax=, so it never slows anything down.',
        'MemoryHigh=가 MemoryMax=보다 낮지 않아 늦추는 효과가 없습니다.',
      )
  },
  function* privateDevicesAllow(context) {
    const service = context.unit.config.Service
    if (!service?.PrivateDevices || service.DeviceAllow.length === 0) return
    const hidden = service.DeviceAllow.find(
      (one) => one.path.startsWith('/dev/') && !/^\/dev\/(?:null|zero|full|random|urandom|tty|ptmx|pts)/.test(one.path),
    )
    if (hidden)
      yield* at(
        context,
        'DeviceAllow',
        `PrivateDevices=yes gives an own /dev without ${hidden.path}; DeviceAllow= does not bring the node back.`,
        `PrivateDevices=yes의 /dev에는 ${hidden.path}이(가) 없고, DeviceAllow=가 되살리지 못합니다.`,
      )
  },
  function* killSignals(context) {
    const service = context.unit.config.Service
    if (service === undefined || service.SendSIGKILL || service.TimeoutStopSec !== Number.POSITIVE_INFINITY) return
    yield* at(
      context,
      'SendSIGKILL',
      'Without SIGKILL and without a timeout a stop may never end.',
      'SIGKILL도 제한 시간도 없으면 정지가 끝나지 않을 수 있습니다.',
    )
  },
]

/** Paths and abstract names are no business of the filter. */
const listensOnNetwork = (unit: LoadedUnit | undefined): boolean =>
  unit?.origins.some((one) => /^Listen(?:Stream|Datagram)$/.test(one.directive) && /^[^/@]/.test(one.value)) ?? false

const addressDenyAny: Check = {
  id: 'address-deny-any',
  severity: 'warning',
  title: ['IPAddressDeny=any shuts a network service off', 'IPAddressDeny=any는 네트워크 서비스를 막음'],
  message: [
    'IPAddressDeny=any without IPAddressAllow=: nobody reaches this service, local clients neither.',
    'IPAddressAllow= 없이 IPAddressDeny=any이면 로컬을 포함해 누구도 이 서비스에 닿지 못합니다.',
  ],
  why: [
    'The list filters every packet of the unit’s sockets, in and out, loopback included. It suits services that have no business on the network. For a server allow those who may come: IPAddressAllow=localhost 192.168.0.0/16.',
    '이 목록은 루프백을 포함해 유닛 소켓의 모든 패킷을 양방향으로 거릅니다. 네트워크가 필요 없는 서비스에 맞습니다. 서버라면 올 수 있는 곳을 허용하세요: IPAddressAllow=localhost 192.168.0.0/16.',
  ],
  *find(context) {
    const line = ownLine(context, 'Service', 'IPAddressDeny') ?? ownLine(context, 'Socket', 'IPAddressDeny')
    if (line === undefined || !/\bany\b/.test(line.value)) return
    const service = context.unit.config.Service ?? context.unit.config.Socket
    if (service === undefined || service.IPAddressAllow.length > 0) return
    const words = context.unit.config.Service?.ExecStart.flatMap((one) => one.argv).join(' ') ?? ''
    const networked =
      listensOnNetwork(socketOf(context)) ||
      listensOnNetwork(context.unit) ||
      [...context.unit.config.Unit.After, ...context.unit.config.Unit.Wants].some((name) => name.startsWith('network')) ||
      /port|--bind|--listen|http|:\d{2,5}\b|nginx|gunicorn|webd/.test(words)
    if (!networked) return
    yield {
      ...valueRange(line),
      fixes: [
        {
          title: ['Allow localhost', 'localhost 허용'],
          edits: [replace(context, { from: line.to, to: line.to }, '\nIPAddressAllow=localhost')],
        },
      ],
    }
  },
}

const lowPort: Check = {
  id: 'low-port',
  severity: 'warning',
  title: ['A port below 1024 without the right to it', '권한 없이 1024 미만 포트'],
  message: [
    '{user} may not bind port {port}. Add AmbientCapabilities=CAP_NET_BIND_SERVICE, or let a socket unit listen.',
    '{user}은(는) {port}번 포트를 열 수 없습니다. AmbientCapabilities=CAP_NET_BIND_SERVICE를 더하거나 소켓 유닛이 듣게 하세요.',
  ],
  why: [
    'Ports below 1024 need CAP_NET_BIND_SERVICE. A service with User= has no capabilities unless AmbientCapabilities= gives them; a socket unit binds the port as root before the service starts.',
    '1024 미만 포트에는 CAP_NET_BIND_SERVICE가 필요합니다. User=가 있는 서비스는 AmbientCapabilities=가 주지 않으면 capability가 없습니다. 소켓 유닛은 서비스가 시작되기 전에 root로 포트를 엽니다.',
  ],
  *find(context) {
    const service = context.unit.config.Service
    if (service === undefined || service.AmbientCapabilities || socketOf(context)) return
    if ((service.User === '' && !service.DynamicUser) || service.User === 'root' || service.User === '0') return
    for (const command of service.ExecStart) {
      const match = /(?:--?(?:port|p|listen)[= ]|(?:0\.0\.0\.0|localhost|127\.0\.0\.1|\[::\]|\s):)(\d+)\b/.exec(command.argv.join(' '))
      const port = Number(match?.[1])
      const line = context.document.assignments.find(
        (one) => one.lastLine === command.origin.line && command.origin.file === context.place.path,
      )
      if (!match || !line || port === 0 || port >= 1024) continue
      const at = line.value.indexOf(match[1]!, line.value.indexOf(match[0].trimStart()))
      yield {
        from: line.offsetOf(Math.max(at, 0)),
        to: at < 0 ? line.valueTo : line.offsetOf(at + match[1]!.length - 1) + 1,
        values: { user: service.User || 'DynamicUser', port },
        fixes: [
          {
            title: ['Add AmbientCapabilities=CAP_NET_BIND_SERVICE', 'AmbientCapabilities=CAP_NET_BIND_SERVICE 추가'],
            edits: [replace(context, { from: line.to, to: line.to }, '\nAmbientCapabilities=CAP_NET_BIND_SERVICE')],
          },
        ],
      }
    }
  },
}

const protectSystemDefault: Check = {
  id: 'output-file-read-only',
  severity: 'warning',
  title: ['The program writes where it may not', '쓸 수 없는 곳에 씀'],
  message: [
    '{path} is read-only for the program under ProtectSystem={level}. Add ReadWritePaths= or use StateDirectory=, LogsDirectory= and their like.',
    'ProtectSystem={level}에서는 {path}이(가) 읽기 전용입니다. ReadWritePaths=를 더하거나 StateDirectory=, LogsDirectory= 등을 쓰세요.',
  ],
  why: [
    'ProtectSystem=strict makes the whole tree read-only but /dev, /proc and /sys. Directories the service owns come back writable through StateDirectory=, CacheDirectory=, LogsDirectory=, RuntimeDirectory= or ReadWritePaths=.',
    'ProtectSystem=strict는 /dev, /proc, /sys를 뺀 모든 곳을 읽기 전용으로 만듭니다. 서비스의 디렉터리는 StateDirectory=, CacheDirectory=, LogsDirectory=, RuntimeDirectory=, ReadWritePaths=로 다시 쓸 수 있게 합니다.',
  ],
  *find(context) {
    const service = context.unit.config.Service
    if (service?.ProtectSystem !== 'strict') return
    const writable = [...service.ReadWritePaths.map(strip), ...service.BindPaths.map((one) => one.destination)]
    const managed = context.unit.origins.some((one) => /^(?:State|Cache|Logs|Runtime)Directory$/.test(one.directive) && one.value !== '')
    for (const command of service.ExecStart) {
      const word = command.argv.find(
        (one) =>
          /^(?:--(?:log-?file|pid-?file|output|data-?dir|db)=)?\/(?:var\/(?:lib|log|cache)|srv|opt|data)\//.test(one) &&
          one !== command.path &&
          /^--/.test(one),
      )
      const path = word?.replace(/^--[\w-]+=/, '')
      if (path === undefined || managed || writable.some((one) => one !== '' && isBelow(path, one))) continue
      const line = ownLine(context, 'Service', 'ProtectSystem')
      if (line) {
        const directory = path.slice(0, path.lastIndexOf('/')) || path
        yield {
          ...valueRange(line),
          values: { path, level: 'strict' },
          fixes: [
            {
              title: ['Add ReadWritePaths={directory}', 'ReadWritePaths={directory} 추가'],
              values: { directory },
              edits: [replace(context, { from: line.to, to: line.to }, `\nReadWritePaths=${directory}`)],
            },
          ],
        }
      }
    }
  },
}

const rootless: Check = {
  id: 'device-policy-without-devices',
  severity: 'hint',
  title: ['DeviceAllow= closes all other devices', 'DeviceAllow=는 다른 장치를 닫음'],
  message: [
    'With DeviceAllow= every device not named is closed (but null, zero, full, random, urandom, tty).',
    'DeviceAllow=가 있으면 적지 않은 장치는 모두 닫힙니다(null, zero, full, random, urandom, tty 제외).',
  ],
  why: [
    'DevicePolicy=auto allows everything as long as there is no DeviceAllow= at all; one line makes it a closed list.',
    'DevicePolicy=auto는 DeviceAllow=가 하나도 없을 때만 모두 허용합니다. 한 줄이라도 있으면 닫힌 목록이 됩니다.',
  ],
  *find(context) {
    const service = context.unit.config.Service
    if (service === undefined || service.DevicePolicy !== 'auto' || service.PrivateDevices || service.DeviceAllow.length === 0) return
    const line = ownLine(context, 'Service', 'DeviceAllow')
    if (line) yield keyRange(line)
  },
}

export const hardeningChecks: readonly Check[] = [contradiction, addressDenyAny, lowPort, protectSystemDefault, rootless]
