// Why a process was refused something, in words: what it tried, the error, the line that forbids it, and what would allow it.

/** As the kernel's denial record tells it. */
export type DenialFacts = {
  readonly syscall: string
  readonly argument: string
  readonly errno: string
  readonly cause:
    | { readonly unit: string; readonly directive: string; readonly file?: string; readonly line?: number }
    | 'file mode'
    | 'not root'
    | 'kernel default'
}
export type DenialWords = { readonly what: string; readonly why: string; readonly remedy: string }
type Language = 'en' | 'ko'
type Remedy = (facts: DenialFacts) => Readonly<Record<Language, string>>

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** The directory directive whose place a path belongs to. */
function directoryFor(path: string): string | undefined {
  const places: readonly (readonly [prefix: string, directive: string])[] = [
    ['/var/lib/', 'StateDirectory'],
    ['/var/cache/', 'CacheDirectory'],
    ['/var/log/', 'LogsDirectory'],
    ['/run/', 'RuntimeDirectory'],
    ['/etc/', 'ConfigurationDirectory'],
  ]
  const found = places.find(([prefix]) => path.startsWith(prefix))
  if (found === undefined) return undefined
  const name = path.slice(found[0].length).split('/')[0] ?? ''
  return name === '' ? undefined : `${found[1]}=${name}`
}

const writable: Remedy = ({ argument }) => {
  const directory = directoryFor(argument)
  const paths = `ReadWritePaths=${argument}`
  return directory === undefined
    ? { en: `add ${paths}`, ko: `${paths}을(를) 더하세요` }
    : { en: `add ${directory}, or ${paths}`, ko: `${directory} 또는 ${paths}을(를) 더하세요` }
}

const visible: Remedy = ({ argument }) => ({
  en: `bring it back with BindReadOnlyPaths=${argument} (BindPaths= to write), or keep the data elsewhere`,
  ko: `BindReadOnlyPaths=${argument}(쓰려면 BindPaths=)로 다시 보이게 하거나, 데이터를 다른 곳에 두세요`,
})

const call: Remedy = ({ syscall }) => ({
  en: `allow the call with SystemCallFilter=${syscall}, or the group it belongs to (systemd-analyze syscall-filter)`,
  ko: `SystemCallFilter=${syscall}로 이 호출을 허용하거나, 속한 그룹을 허용하세요(systemd-analyze syscall-filter)`,
})

const without =
  (directive: string): Remedy =>
  () => ({
    en: `a service that needs this cannot have ${directive}= as it is: narrow or remove that line`,
    ko: `이것이 꼭 필요한 서비스라면 ${directive}= 줄을 좁히거나 지워야 합니다`,
  })

const remedies: Readonly<Record<string, Remedy>> = {
  ProtectSystem: writable,
  ReadOnlyPaths: writable,
  ProtectHome: visible,
  InaccessiblePaths: visible,
  TemporaryFileSystem: visible,
  SystemCallFilter: call,
  DevicePolicy: ({ argument }) => ({ en: `add DeviceAllow=${argument} rw`, ko: `DeviceAllow=${argument} rw를 더하세요` }),
  PrivateDevices: ({ argument }) => ({
    en: `add DeviceAllow=${argument} and BindPaths=${argument}, or drop PrivateDevices=`,
    ko: `DeviceAllow=${argument}와 BindPaths=${argument}를 더하거나 PrivateDevices=를 빼세요`,
  }),
  SocketBindDeny: ({ argument }) => ({ en: `add SocketBindAllow=${argument}`, ko: `SocketBindAllow=${argument}을(를) 더하세요` }),
  IPAddressDeny: () => ({ en: 'name the peer in IPAddressAllow=', ko: '상대 주소를 IPAddressAllow=에 적으세요' }),
  NoExecPaths: ({ argument }) => ({ en: `add ExecPaths=${argument}`, ko: `ExecPaths=${argument}을(를) 더하세요` }),
  CapabilityBoundingSet: () => ({
    en: 'keep the capability in CapabilityBoundingSet=; a user other than root needs it in AmbientCapabilities= too',
    ko: '해당 capability를 CapabilityBoundingSet=에 남기세요. root가 아닌 사용자는 AmbientCapabilities=에도 필요합니다',
  }),
}

const ordinary: Readonly<
  Record<'file mode' | 'not root' | 'kernel default', Readonly<Record<Language, readonly [why: string, remedy: string]>>>
> = {
  'file mode': {
    en: ['of its owner and mode', 'change owner or mode of the file, or the User= of the service'],
    ko: ['파일의 소유자와 모드', '파일의 소유자나 모드, 또는 서비스의 User=를 바꾸세요'],
  },
  'not root': {
    en: ['the process is not privileged', 'give it the one capability it needs with AmbientCapabilities='],
    ko: ['프로세스에 권한이 없음', 'AmbientCapabilities=로 필요한 capability 하나만 주세요'],
  },
  'kernel default': {
    en: ['of a rule of the kernel', 'no directive allows it'],
    ko: ['커널의 규칙', '이것을 허용하는 지시자는 없습니다'],
  },
}

/** `openat(/etc/app.conf) → EROFS`, because ProtectSystem= (app.service:12), what to add. */
export function explainDenial(facts: DenialFacts, language: Language): DenialWords {
  const { syscall, argument, errno, cause } = facts
  const what = `${syscall}(${argument}) → ${errno}`
  if (typeof cause === 'string') {
    const [why, remedy] = ordinary[cause][language]
    return { what, why: language === 'en' ? `because ${why}` : `이유: ${why}`, remedy }
  }
  const place = cause.file === undefined ? cause.unit : `${baseName(cause.file)}${cause.line === undefined ? '' : `:${cause.line}`}`
  const remedy = (remedies[cause.directive] ?? without(cause.directive))(facts)[language]
  return { what, why: language === 'en' ? `because ${cause.directive}= (${place})` : `이유: ${cause.directive}= (${place})`, remedy }
}
