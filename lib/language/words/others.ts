// One line about each directive of [Timer], [Path], [Mount], [Automount], [Swap] and [Scope]. Words of our own.
import type { Words } from './words'

export const TIMER: Readonly<Record<string, Words>> = {
  OnCalendar: [
    'Elapses at moments of the calendar: daily, Mon..Fri 09:00, *:0/15.',
    '달력 시각에 울립니다: daily, Mon..Fri 09:00, *:0/15.',
  ],
  OnActiveSec: ['So long after the timer itself was started.', '타이머를 시작한 뒤 이만큼 지나서.'],
  OnBootSec: ['So long after the machine was booted.', '부팅한 뒤 이만큼 지나서.'],
  OnStartupSec: [
    'So long after the manager was started: for user timers, after the login.',
    '매니저가 시작된 뒤 이만큼 지나서. 사용자 타이머라면 로그인 뒤.',
  ],
  OnUnitActiveSec: ['So long after the unit was last started.', '유닛이 마지막으로 시작된 뒤 이만큼 지나서.'],
  OnUnitInactiveSec: ['So long after the unit last ended.', '유닛이 마지막으로 끝난 뒤 이만큼 지나서.'],
  OnClockChange: ['Elapses when the clock is set.', '시계가 바뀌면 울립니다.'],
  OnTimezoneChange: ['Elapses when the time zone changes.', '시간대가 바뀌면 울립니다.'],
  Persistent: [
    'Makes up for a run that was missed while the machine was off (OnCalendar= only).',
    '꺼져 있는 동안 놓친 실행을 보충합니다(OnCalendar=만).',
  ],
  AccuracySec: ['How late it may elapse, so that wake-ups can be shared.', '얼마나 늦게 울려도 되는지. 깨어나는 횟수를 줄입니다.'],
  RandomizedDelaySec: [
    'A random delay up to this, so that not all machines act at once.',
    '이만큼까지의 임의의 지연. 모든 시스템이 한꺼번에 움직이지 않게 합니다.',
  ],
  FixedRandomDelay: ['The random delay is the same each time on this machine.', '이 시스템에서는 임의의 지연이 매번 같습니다.'],
  DeferReactivation: [
    'While the unit still runs, elapses are put off until it has ended.',
    '유닛이 아직 도는 동안에는 끝날 때까지 미룹니다.',
  ],
  Unit: ['The unit to start, when it has another name.', '이름이 다를 때 시작할 유닛.'],
  WakeSystem: ['Wakes the machine from suspend.', '절전 중인 시스템을 깨웁니다.'],
  RemainAfterElapse: ['Stays loaded after its last elapse.', '마지막으로 울린 뒤에도 남아 있습니다.'],
}

export const PATH: Readonly<Record<string, Words>> = {
  PathExists: [
    'Starts the unit when the path is there, and again as long as it is.',
    '경로가 있으면 유닛을 시작하고, 있는 동안 다시 시작합니다.',
  ],
  PathExistsGlob: ['Starts the unit when something matches the pattern.', '패턴에 맞는 것이 있으면 유닛을 시작합니다.'],
  PathChanged: ['Starts the unit when the file was written and closed.', '파일이 쓰이고 닫히면 유닛을 시작합니다.'],
  PathModified: ['Starts the unit at each write.', '쓸 때마다 유닛을 시작합니다.'],
  DirectoryNotEmpty: ['Starts the unit when the directory has something in it.', '디렉터리에 무엇이 생기면 유닛을 시작합니다.'],
  Unit: ['The unit to start, when it has another name.', '이름이 다를 때 시작할 유닛.'],
  MakeDirectory: ['Makes the directories that are watched.', '지켜볼 디렉터리를 만듭니다.'],
  DirectoryMode: ['Permissions of directories that are made.', '만드는 디렉터리의 권한.'],
  TriggerLimitIntervalSec: [
    'Span in which activations are counted; too many make the unit fail.',
    '활성화를 세는 기간. 너무 많으면 유닛이 실패합니다.',
  ],
  TriggerLimitBurst: [
    'How many activations are allowed within TriggerLimitIntervalSec=.',
    'TriggerLimitIntervalSec= 안에 허용되는 활성화 수.',
  ],
}

export const MOUNT: Readonly<Record<string, Words>> = {
  What: ['What is mounted: a device, a file, an address, tmpfs.', '마운트할 것: 장치, 파일, 주소, tmpfs.'],
  Where: [
    'Where it is mounted; the file’s name must say the same: /srv/data is srv-data.mount.',
    '마운트할 곳. 파일 이름과 같아야 합니다: /srv/data는 srv-data.mount.',
  ],
  Type: ['Kind of file system.', '파일 시스템 종류.'],
  Options: ['Mount options, separated by commas.', '쉼표로 나눈 마운트 옵션.'],
  SloppyOptions: ['Options that are not known are passed over.', '모르는 옵션을 넘어갑니다.'],
  LazyUnmount: ['Takes the mount away at once, and cleans up when nobody uses it.', '마운트를 바로 떼고, 쓰는 이가 없을 때 정리합니다.'],
  ReadWriteOnly: ['Fails instead of mounting read-only.', '읽기 전용으로 마운트하는 대신 실패합니다.'],
  ForceUnmount: ['Unmounts by force, for network file systems that do not answer.', '응답 없는 네트워크 파일 시스템을 강제로 뗍니다.'],
  DirectoryMode: ['Permissions of the mount point when it is made.', '마운트 지점을 만들 때의 권한.'],
  TimeoutSec: ['How long mounting may take.', '마운트에 걸려도 되는 시간.'],
}

export const AUTOMOUNT: Readonly<Record<string, Words>> = {
  Where: ['The place; a mount unit of the same name does the rest.', '지점. 이름이 같은 mount 유닛이 나머지를 합니다.'],
  ExtraOptions: ['More options for the automount.', '오토마운트의 추가 옵션.'],
  DirectoryMode: ['Permissions of the place when it is made.', '지점을 만들 때의 권한.'],
  TimeoutIdleSec: ['Unmounts when nobody looked for so long.', '이만큼 접근이 없으면 마운트를 뗍니다.'],
}

export const SWAP: Readonly<Record<string, Words>> = {
  What: ['Device or file to swap to.', '스왑으로 쓸 장치나 파일.'],
  Priority: ['Which swap is used first: the higher number.', '먼저 쓸 스왑: 숫자가 큰 것.'],
  Options: ['Options, separated by commas.', '쉼표로 나눈 옵션.'],
  TimeoutSec: ['How long switching on may take.', '켜는 데 걸려도 되는 시간.'],
}

export const SCOPE: Readonly<Record<string, Words>> = {
  RuntimeMaxSec: ['The longest time the scope may live.', '스코프가 유지될 수 있는 최대 시간.'],
  RuntimeRandomizedExtraSec: ['A random span on top of RuntimeMaxSec=.', 'RuntimeMaxSec=에 더해지는 임의의 시간.'],
  TimeoutStopSec: ['How long a stop may take before SIGKILL.', 'SIGKILL 전까지 정지에 걸려도 되는 시간.'],
  OOMPolicy: ['What happens when the kernel kills a process for memory.', '메모리 부족으로 커널이 프로세스를 죽였을 때 할 일.'],
}
