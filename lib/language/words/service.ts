// One line about each directive of [Service] alone, and about killing. Words of our own.
import type { Words } from './words'

export const SERVICE: Readonly<Record<string, Words>> = {
  Type: ['How systemd knows that the service is up.', '서비스가 떴음을 systemd가 아는 방법.'],
  ExitType: [
    'When the service counts as ended: with its main process or with its last one.',
    '서비스가 끝난 것으로 치는 때: 주 프로세스 또는 마지막 프로세스.',
  ],
  RemainAfterExit: ['Stays active when all processes have ended.', '모든 프로세스가 끝나도 active로 남습니다.'],
  GuessMainPID: [
    'With Type=forking and no PIDFile=, systemd guesses the main process.',
    'Type=forking에 PIDFile=이 없을 때 주 프로세스를 추측합니다.',
  ],
  PIDFile: ['File in which a forking daemon writes the number of its main process.', '갈라지는 데몬이 주 프로세스 번호를 적는 파일.'],
  BusName: ['Name on D-Bus that the service takes.', '서비스가 차지하는 D-Bus 이름.'],
  ExecStart: ['The program, with its arguments. No shell is involved.', '실행할 프로그램과 인자. 셸은 거치지 않습니다.'],
  ExecStartPre: ['Commands to run before ExecStart=; a failure stops the start.', 'ExecStart= 전에 실행할 명령. 실패하면 시작이 멈춥니다.'],
  ExecStartPost: ['Commands to run once the service is up.', '서비스가 뜬 뒤에 실행할 명령.'],
  ExecCondition: [
    'Commands that decide: exit status 1 to 254 skips the start without a failure.',
    '시작 여부를 정하는 명령. 종료 상태 1~254면 실패 없이 건너뜁니다.',
  ],
  ExecReload: ['What `systemctl reload` runs; $MAINPID is the main process.', '`systemctl reload`가 실행하는 것. $MAINPID는 주 프로세스.'],
  ExecStop: ['Commands that ask the service to end; then KillMode= applies.', '서비스를 멈추게 하는 명령. 그다음 KillMode=가 적용됩니다.'],
  ExecStopPost: ['Commands to run after the service has ended, failed starts included.', '서비스가 끝난 뒤(시작 실패 포함) 실행할 명령.'],
  RestartSec: ['Pause before a restart.', '재시작 전 쉬는 시간.'],
  RestartSteps: [
    'In how many steps the pause grows from RestartSec= to RestartMaxDelaySec=.',
    '쉬는 시간이 RestartSec=에서 RestartMaxDelaySec=까지 늘어나는 단계 수.',
  ],
  RestartMaxDelaySec: ['The longest pause that RestartSteps= leads to.', 'RestartSteps=로 늘어나는 쉬는 시간의 최대.'],
  TimeoutStartSec: [
    'How long a start may take; then the service is killed. infinity: for ever.',
    '시작에 걸려도 되는 시간. 넘으면 죽입니다. infinity면 무제한.',
  ],
  TimeoutStopSec: ['How long a stop may take before SIGKILL.', 'SIGKILL 전까지 정지에 걸려도 되는 시간.'],
  TimeoutAbortSec: ['How long an abort (watchdog) may take before SIGKILL.', '중단(워치독)에 걸려도 되는 시간. 넘으면 SIGKILL.'],
  TimeoutSec: ['Sets TimeoutStartSec= and TimeoutStopSec= together.', 'TimeoutStartSec=와 TimeoutStopSec=를 함께 정합니다.'],
  TimeoutStartFailureMode: ['How a start that timed out is ended.', '시간 초과한 시작을 끝내는 방법.'],
  TimeoutStopFailureMode: ['How a stop that timed out is ended.', '시간 초과한 정지를 끝내는 방법.'],
  RuntimeMaxSec: [
    'The longest time the service may run; then it fails with a timeout.',
    '실행할 수 있는 최대 시간. 넘으면 시간 초과로 실패합니다.',
  ],
  RuntimeRandomizedExtraSec: ['A random span on top of RuntimeMaxSec=.', 'RuntimeMaxSec=에 더해지는 임의의 시간.'],
  WatchdogSec: [
    'The program must say WATCHDOG=1 at least this often, or it is aborted.',
    '프로그램이 적어도 이 간격으로 WATCHDOG=1을 보내야 하며, 아니면 중단됩니다.',
  ],
  Restart: ['When the service is started again by itself.', '서비스를 저절로 다시 시작하는 경우.'],
  RestartMode: ['Whether other units see the service go down between restarts.', '재시작 사이에 서비스가 내려간 것을 다른 유닛이 보는지.'],
  SuccessExitStatus: ['Exit statuses and signals that count as a clean end, too.', '깨끗한 종료로 칠 종료 상태와 시그널.'],
  RestartPreventExitStatus: ['Exit statuses and signals after which there is no restart.', '재시작하지 않을 종료 상태와 시그널.'],
  RestartForceExitStatus: ['Exit statuses and signals after which there is always a restart.', '반드시 재시작할 종료 상태와 시그널.'],
  PermissionsStartOnly: [
    'Old: User= and sandboxing apply to ExecStart= alone. Use the + prefix.',
    '옛것: User=와 샌드박스를 ExecStart=에만 적용. + 접두사를 쓰세요.',
  ],
  RootDirectoryStartOnly: ['RootDirectory= applies to ExecStart= alone.', 'RootDirectory=를 ExecStart=에만 적용합니다.'],
  NonBlocking: ['Sets O_NONBLOCK on the sockets that are passed.', '넘기는 소켓에 O_NONBLOCK을 겁니다.'],
  NotifyAccess: ['Whose messages (READY=1 and so on) are accepted.', '누구의 메시지(READY=1 등)를 받을지.'],
  Sockets: ['Sockets to pass to the service, beside the one of its name.', '이름이 같은 것 외에 서비스에 넘길 소켓.'],
  FileDescriptorStoreMax: [
    'How many file descriptors the service may leave with systemd over a restart.',
    '재시작 동안 systemd에 맡길 수 있는 파일 디스크립터 수.',
  ],
  FileDescriptorStorePreserve: ['How long descriptors left with systemd are kept.', '맡긴 디스크립터를 언제까지 보관할지.'],
  OOMPolicy: [
    'What happens when the kernel kills a process of the service for memory.',
    '메모리 부족으로 커널이 프로세스를 죽였을 때 할 일.',
  ],
  OpenFile: ['Files that systemd opens and passes to the service.', 'systemd가 열어 서비스에 넘길 파일.'],
  ReloadSignal: ['The signal that asks for a reload with Type=notify-reload.', 'Type=notify-reload에서 다시 읽기를 요청하는 시그널.'],
  USBFunctionDescriptors: ['File with USB gadget descriptors.', 'USB 가젯 디스크립터 파일.'],
  USBFunctionStrings: ['File with USB gadget strings.', 'USB 가젯 문자열 파일.'],
}

export const KILL: Readonly<Record<string, Words>> = {
  KillMode: ['Which processes are killed when the unit stops.', '유닛이 멈출 때 어느 프로세스를 죽일지.'],
  KillSignal: ['The first signal of a stop.', '정지할 때 처음 보내는 시그널.'],
  RestartKillSignal: ['The first signal when the stop is part of a restart.', '재시작하느라 멈출 때 처음 보내는 시그널.'],
  SendSIGHUP: ['Sends SIGHUP right after the first signal; for shells.', '첫 시그널 바로 뒤에 SIGHUP을 보냅니다. 셸을 위한 것.'],
  SendSIGKILL: ['Sends SIGKILL to what is left after the timeout.', '제한 시간 뒤 남은 것에 SIGKILL을 보냅니다.'],
  FinalKillSignal: ['The last signal, in place of SIGKILL.', 'SIGKILL 대신 마지막에 보낼 시그널.'],
  WatchdogSignal: ['The signal when the watchdog ran out.', '워치독 시간이 지났을 때의 시그널.'],
}
