// Words of the field that lessons explain in passing: `<Term name="Restart=" />`. Our own words, one or two sentences.
export type TermText = {
  readonly where?: string
  readonly page?: string
  readonly en: string
  readonly ko: string
}

export const terms: Readonly<Record<string, TermText>> = {
  daemon: {
    page: 'daemon(7)',
    en: 'A program that works in the background, with no terminal of its own, usually from boot to shutdown.',
    ko: '자기 터미널 없이 배경에서 일하는 프로그램입니다. 보통 부팅부터 종료까지 돕니다.',
  },
  unit: {
    page: 'systemd.unit(5)',
    en: 'Anything systemd manages: a service, a socket, a timer, a mount. Each has a name with a suffix and usually a file.',
    ko: 'systemd가 관리하는 대상 하나하나입니다. 서비스, 소켓, 타이머, 마운트 등이 있고, 저마다 확장자가 붙은 이름과 대개 파일을 가집니다.',
  },
  SIGHUP: {
    page: 'signal(7)',
    en: 'The signal “hang up”: your terminal is gone. A process that does not handle it ends. Many daemons read it as “load your configuration again”.',
    ko: '“연결이 끊겼다”는 시그널입니다. 터미널이 사라지면 옵니다. 처리하지 않는 프로세스는 끝납니다. 많은 데몬은 이를 “설정을 다시 읽으라”는 뜻으로 씁니다.',
  },
  SIGTERM: {
    page: 'signal(7)',
    en: 'The polite request to end. A program may catch it, finish its work and clean up.',
    ko: '정중한 종료 요청입니다. 프로그램은 이를 받아 하던 일을 마치고 정리할 수 있습니다.',
  },
  SIGKILL: {
    page: 'signal(7)',
    en: 'The kernel ends the process at once. It cannot be caught, so nothing is cleaned up.',
    ko: '커널이 프로세스를 즉시 끝냅니다. 받아 처리할 수 없으므로 정리할 기회도 없습니다.',
  },
  session: {
    page: 'setsid(2)',
    en: 'A group of processes that share one controlling terminal. When the terminal closes, its session is told by SIGHUP.',
    ko: '제어 터미널 하나를 함께 쓰는 프로세스들의 묶음입니다. 터미널이 닫히면 SIGHUP으로 통지를 받습니다.',
  },
  'Description=': {
    where: '[Unit]',
    page: 'systemd.unit(5)',
    en: 'A short name for people. It appears in status, in the journal and at boot.',
    ko: '사람이 읽는 짧은 이름입니다. 상태, 저널, 부팅 화면에 나타납니다.',
  },
  'ExecStart=': {
    where: '[Service]',
    page: 'systemd.service(5)',
    en: 'The program that is the service. An absolute path and its arguments; not a shell line.',
    ko: '서비스가 되는 프로그램입니다. 절대 경로와 인수를 적으며, 셸 명령줄이 아닙니다.',
  },
  'WorkingDirectory=': {
    where: '[Service]',
    page: 'systemd.exec(5)',
    en: 'The directory the program starts in. Without it: /.',
    ko: '프로그램이 시작하는 디렉터리입니다. 적지 않으면 /입니다.',
  },
  'Restart=': {
    where: '[Service]',
    page: 'systemd.service(5)',
    en: 'When systemd starts the service again by itself: no (the default), on-failure, always and others.',
    ko: 'systemd가 서비스를 스스로 다시 시작하는 때입니다. no(기본값), on-failure, always 등이 있습니다.',
  },
  'RestartSec=': {
    where: '[Service]',
    page: 'systemd.service(5)',
    en: 'How long to wait before starting again. 100 ms by default.',
    ko: '다시 시작하기 전에 기다리는 시간입니다. 기본은 100밀리초입니다.',
  },
  'Environment=': {
    where: '[Service]',
    page: 'systemd.exec(5)',
    en: 'Variables for the program. It gets these and a few of systemd’s, not those of your shell.',
    ko: '프로그램에 주는 환경 변수입니다. 프로그램은 이것과 systemd가 주는 몇 개만 받고, 내 셸의 변수는 받지 않습니다.',
  },
  'WantedBy=': {
    where: '[Install]',
    page: 'systemd.unit(5)',
    en: 'What systemctl enable hooks the unit to. multi-user.target means: at every boot.',
    ko: 'systemctl enable이 유닛을 걸어 두는 곳입니다. multi-user.target이면 부팅할 때마다 시작한다는 뜻입니다.',
  },
  'After=': {
    where: '[Unit]',
    page: 'systemd.unit(5)',
    en: 'Order only: if both are started, wait for that one first. It pulls nothing in.',
    ko: '순서만 정합니다. 둘 다 시작할 때 저것을 먼저 기다립니다. 저것을 끌어들이지는 않습니다.',
  },
  'Wants=': {
    where: '[Unit]',
    page: 'systemd.unit(5)',
    en: 'Pulls another unit in when this one starts. If that fails, this one starts all the same.',
    ko: '이 유닛이 시작할 때 다른 유닛도 끌어들입니다. 그쪽이 실패해도 이 유닛은 시작합니다.',
  },
  'Type=': {
    where: '[Service]',
    page: 'systemd.service(5)',
    en: 'How systemd knows that the service has started: simple, exec, forking, oneshot, notify, idle.',
    ko: '서비스가 시작됐다는 것을 systemd가 아는 방법입니다. simple, exec, forking, oneshot, notify, idle이 있습니다.',
  },
}
