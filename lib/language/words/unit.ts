// One line about each directive of [Unit] and [Install]. Words of our own.
import type { Words } from './words'

export const UNIT: Readonly<Record<string, Words>> = {
  Description: ['A short title; systemctl and the journal show it.', '짧은 제목. systemctl과 저널에 나옵니다.'],
  Documentation: ['Links to what there is to read: man:, https://, file:, info:.', '읽을거리 링크: man:, https://, file:, info:.'],
  SourcePath: ['The file this unit was generated from.', '이 유닛이 생성된 원본 파일.'],
  Requires: [
    'Starts these units, too; if one of them fails to start (and After= is set) or is stopped, so is this one.',
    '이 유닛들도 시작합니다. 하나가 시작에 실패하거나(After=가 있을 때) 멈추면 이 유닛도 그렇습니다.',
  ],
  Requisite: [
    'These must be running already, or the start fails at once; nothing is started.',
    '이미 실행 중이어야 하며, 아니면 바로 실패합니다. 시작시키지는 않습니다.',
  ],
  Wants: ['Starts these units, too, and does not mind if they fail.', '이 유닛들도 시작하지만 실패해도 상관하지 않습니다.'],
  BindsTo: [
    'As Requires=, and stops this unit whenever the other goes away, for whatever reason.',
    'Requires=와 같고, 상대가 어떤 이유로든 사라지면 이 유닛도 멈춥니다.',
  ],
  Upholds: [
    'Keeps these units running as long as this one is: starts them again whenever they are down.',
    '이 유닛이 도는 동안 상대도 계속 돌게 합니다. 내려가면 다시 시작합니다.',
  ],
  Conflicts: ['Cannot run together: starting one stops the other.', '함께 돌 수 없습니다. 하나를 시작하면 다른 하나가 멈춥니다.'],
  Before: [
    'When both start, this unit is up before those; when both stop, in the opposite order.',
    '함께 시작할 때 이 유닛이 먼저 뜹니다. 멈출 때는 반대 순서입니다.',
  ],
  After: [
    'When both start, waits until those are up; orders only, starts nothing.',
    '함께 시작할 때 상대가 뜨기를 기다립니다. 순서만 정하고 시작시키지는 않습니다.',
  ],
  OnSuccess: ['Units to start when this one has ended well.', '잘 끝났을 때 시작할 유닛.'],
  OnFailure: ['Units to start when this one fails.', '실패했을 때 시작할 유닛.'],
  PropagatesReloadTo: ['A reload of this unit reloads those, too.', '이 유닛을 reload하면 그 유닛들도 reload합니다.'],
  ReloadPropagatedFrom: ['A reload of those reloads this unit, too.', '그 유닛들을 reload하면 이 유닛도 reload합니다.'],
  PropagatesStopTo: ['Stopping this unit stops those, too.', '이 유닛을 멈추면 그 유닛들도 멈춥니다.'],
  StopPropagatedFrom: ['Stopping those stops this unit, too.', '그 유닛들을 멈추면 이 유닛도 멈춥니다.'],
  PartOf: [
    'Stops and restarts together with those units; is not started by them.',
    '그 유닛들과 함께 멈추고 재시작합니다. 시작은 함께하지 않습니다.',
  ],
  JoinsNamespaceOf: [
    'Shares the private /tmp, network or IPC namespace of another unit.',
    '다른 유닛의 전용 /tmp, 네트워크, IPC 이름공간을 함께 씁니다.',
  ],
  RequiresMountsFor: ['Requires and waits for the mounts that a path needs.', '경로에 필요한 마운트를 요구하고 기다립니다.'],
  WantsMountsFor: ['As RequiresMountsFor=, but goes on without them.', 'RequiresMountsFor=와 같지만 없어도 진행합니다.'],
  StopWhenUnneeded: ['Stops by itself when no running unit needs it any more.', '필요로 하는 실행 중인 유닛이 없으면 스스로 멈춥니다.'],
  RefuseManualStart: ['Nobody may start it by hand; only other units can.', '손으로 시작할 수 없고 다른 유닛만 시작할 수 있습니다.'],
  RefuseManualStop: ['Nobody may stop it by hand.', '손으로 멈출 수 없습니다.'],
  AllowIsolate: ['May be the goal of `systemctl isolate`.', '`systemctl isolate`의 대상이 될 수 있습니다.'],
  DefaultDependencies: [
    'Adds the usual order for boot and shutdown; no is for early boot only.',
    '부팅과 종료의 보통 순서를 더합니다. no는 이른 부팅 단계에만 씁니다.',
  ],
  SurviveFinalKillSignal: [
    'Processes are spared by the last killing before the machine goes down.',
    '종료 직전의 마지막 일괄 종료에서 프로세스를 살려 둡니다.',
  ],
  OnSuccessJobMode: ['How the jobs of OnSuccess= are queued.', 'OnSuccess= 작업을 큐에 넣는 방식.'],
  OnFailureJobMode: ['How the jobs of OnFailure= are queued.', 'OnFailure= 작업을 큐에 넣는 방식.'],
  IgnoreOnIsolate: ['`systemctl isolate` leaves it running.', '`systemctl isolate`가 멈추지 않습니다.'],
  JobTimeoutSec: [
    'A job of this unit is given up after so long, waiting included.',
    '이 유닛의 작업을 기다림까지 포함해 이만큼 뒤에 포기합니다.',
  ],
  JobRunningTimeoutSec: [
    'As JobTimeoutSec=, counted from when the job begins to run.',
    'JobTimeoutSec=와 같지만 작업이 실제로 시작된 때부터 셉니다.',
  ],
  JobTimeoutAction: [
    'What the machine does when a job timed out: reboot, poweroff …',
    '작업이 시간 초과일 때 시스템이 할 일: reboot, poweroff …',
  ],
  JobTimeoutRebootArgument: ['Text handed to reboot() with JobTimeoutAction=.', 'JobTimeoutAction=에서 reboot()에 넘길 글자.'],
  StartLimitIntervalSec: [
    'The span in which starts are counted; more than StartLimitBurst= of them are refused. 0 switches it off.',
    '시작 횟수를 세는 기간. StartLimitBurst=를 넘으면 거부합니다. 0이면 끕니다.',
  ],
  StartLimitBurst: ['How many starts are allowed within StartLimitIntervalSec=.', 'StartLimitIntervalSec= 안에 허용되는 시작 횟수.'],
  StartLimitAction: ['What the machine does when the start limit is hit.', '시작 제한에 걸렸을 때 시스템이 할 일.'],
  FailureAction: ['What the machine does when the unit fails.', '유닛이 실패했을 때 시스템이 할 일.'],
  SuccessAction: ['What the machine does when the unit ends well.', '유닛이 잘 끝났을 때 시스템이 할 일.'],
  FailureActionExitStatus: ['Exit status of the manager with FailureAction=exit.', 'FailureAction=exit일 때 매니저의 종료 상태.'],
  SuccessActionExitStatus: ['Exit status of the manager with SuccessAction=exit.', 'SuccessAction=exit일 때 매니저의 종료 상태.'],
  RebootArgument: [
    'Text handed to reboot() with StartLimitAction= or FailureAction=.',
    'StartLimitAction=이나 FailureAction=에서 reboot()에 넘길 글자.',
  ],
  CollectMode: [
    'When the manager forgets the unit: when inactive, or also when failed.',
    '매니저가 유닛을 잊는 때: 비활성일 때, 또는 실패했을 때도.',
  ],
}

const SKIPPED: Words = ['Otherwise the start is skipped quietly.', '아니면 조용히 건너뜁니다.']
const condition = (en: string, ko: string): Words => [`${en} ${SKIPPED[0]}`, `${ko} ${SKIPPED[1]}`]

export const CONDITIONS: Readonly<Record<string, Words>> = {
  ConditionPathExists: condition('Starts only if this path exists (with ! only if not).', '이 경로가 있을 때만 시작합니다(!는 없을 때만).'),
  ConditionPathExistsGlob: condition('Starts only if something matches the pattern.', '패턴에 맞는 것이 있을 때만 시작합니다.'),
  ConditionPathIsDirectory: condition('Starts only if the path is a directory.', '경로가 디렉터리일 때만 시작합니다.'),
  ConditionPathIsSymbolicLink: condition('Starts only if the path is a symbolic link.', '경로가 심볼릭 링크일 때만 시작합니다.'),
  ConditionPathIsMountPoint: condition('Starts only if the path is a mount point.', '경로가 마운트 지점일 때만 시작합니다.'),
  ConditionPathIsReadWrite: condition(
    'Starts only if the file system there is writable.',
    '그곳의 파일 시스템에 쓸 수 있을 때만 시작합니다.',
  ),
  ConditionPathIsEncrypted: condition(
    'Starts only if the file system there is encrypted.',
    '그곳의 파일 시스템이 암호화되었을 때만 시작합니다.',
  ),
  ConditionDirectoryNotEmpty: condition('Starts only if the directory has something in it.', '디렉터리가 비어 있지 않을 때만 시작합니다.'),
  ConditionFileNotEmpty: condition('Starts only if the file is there and not empty.', '파일이 있고 비어 있지 않을 때만 시작합니다.'),
  ConditionFileIsExecutable: condition('Starts only if the file may be executed.', '실행할 수 있는 파일일 때만 시작합니다.'),
  ConditionNeedsUpdate: condition('Starts only if /etc or /var is older than /usr.', '/etc나 /var가 /usr보다 오래되었을 때만 시작합니다.'),
  ConditionFirstBoot: condition('Starts only at the first boot of an installation.', '설치 후 첫 부팅에만 시작합니다.'),
  ConditionArchitecture: condition('Starts only on this kind of processor.', '이 종류의 프로세서에서만 시작합니다.'),
  ConditionFirmware: condition('Starts only with this firmware.', '이 펌웨어에서만 시작합니다.'),
  ConditionVirtualization: condition(
    'Starts only in (or with ! outside) such a virtual machine or container.',
    '이런 가상 머신이나 컨테이너 안(!는 밖)에서만 시작합니다.',
  ),
  ConditionHost: condition('Starts only on the host of this name or machine id.', '이 이름이나 머신 ID의 호스트에서만 시작합니다.'),
  ConditionKernelCommandLine: condition(
    'Starts only if the kernel was booted with this word.',
    '커널 명령줄에 이 단어가 있을 때만 시작합니다.',
  ),
  ConditionKernelVersion: condition('Starts only with such a kernel version.', '이런 커널 버전에서만 시작합니다.'),
  ConditionCredential: condition(
    'Starts only if this credential was passed to the manager.',
    '매니저에 이 credential이 넘겨졌을 때만 시작합니다.',
  ),
  ConditionSecurity: condition('Starts only if this security technology is in use.', '이 보안 기술이 쓰일 때만 시작합니다.'),
  ConditionCapability: condition('Starts only if the manager has this capability.', '매니저에 이 capability가 있을 때만 시작합니다.'),
  ConditionACPower: condition(
    'Starts only on mains power (or with false on battery).',
    '전원에 연결되었을 때만(false면 배터리일 때만) 시작합니다.',
  ),
  ConditionMemory: condition('Starts only with so much memory.', '메모리가 이만큼일 때만 시작합니다.'),
  ConditionCPUFeature: condition('Starts only if the processor has this feature.', '프로세서에 이 기능이 있을 때만 시작합니다.'),
  ConditionCPUs: condition('Starts only with so many processors.', '프로세서가 이만큼일 때만 시작합니다.'),
  ConditionEnvironment: condition('Starts only if the manager has this variable.', '매니저에 이 환경 변수가 있을 때만 시작합니다.'),
  ConditionUser: condition('Starts only if the manager runs as this user.', '매니저가 이 사용자로 돌 때만 시작합니다.'),
  ConditionGroup: condition('Starts only if the manager’s user is in this group.', '매니저의 사용자가 이 그룹에 있을 때만 시작합니다.'),
  ConditionControlGroupController: condition(
    'Starts only if these control group controllers are there.',
    '이 컨트롤 그룹 컨트롤러가 있을 때만 시작합니다.',
  ),
  ConditionOSRelease: condition(
    'Starts only if os-release has this field, with this value.',
    'os-release의 필드가 이 값일 때만 시작합니다.',
  ),
  ConditionMemoryPressure: condition('Starts only if memory pressure is below this.', '메모리 압박이 이보다 낮을 때만 시작합니다.'),
  ConditionCPUPressure: condition('Starts only if CPU pressure is below this.', 'CPU 압박이 이보다 낮을 때만 시작합니다.'),
  ConditionIOPressure: condition('Starts only if I/O pressure is below this.', 'I/O 압박이 이보다 낮을 때만 시작합니다.'),
}

export const INSTALL: Readonly<Record<string, Words>> = {
  Alias: ['Other names; enabling makes links of these names.', '다른 이름. enable하면 이 이름의 링크를 만듭니다.'],
  WantedBy: [
    'Enabling makes these units want this one: multi-user.target for a normal boot.',
    'enable하면 이 유닛들이 이 유닛을 Wants=하게 됩니다. 보통 부팅은 multi-user.target.',
  ],
  RequiredBy: ['Enabling makes these units require this one.', 'enable하면 이 유닛들이 이 유닛을 Requires=하게 됩니다.'],
  UpheldBy: ['Enabling makes these units uphold this one.', 'enable하면 이 유닛들이 이 유닛을 Upholds=하게 됩니다.'],
  Also: ['Units to enable and disable together with this one.', '함께 enable·disable할 유닛.'],
  DefaultInstance: [
    'The instance that is enabled when a template is named without one.',
    '템플릿을 인스턴스 없이 enable할 때 쓰는 인스턴스.',
  ],
}
