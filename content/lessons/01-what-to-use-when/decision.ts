// The decision helper of the first lesson: a few questions, then one answer with its reason.
type Node =
  | { readonly ask: string; readonly options: readonly { readonly text: string; readonly next: string }[] }
  | { readonly use: string; readonly because: string; readonly example?: string }
type Tree = { readonly start: string; readonly nodes: Readonly<Record<string, Node>> }

const examples = {
  foreground: './report',
  nohup: 'nohup ./report > report.out 2>&1 &',
  disown: 'disown -h %1',
  setsid: 'setsid ./report > report.out 2>&1 < /dev/null &',
  tmux: 'tmux new -s work',
  service: '[Service]\nExecStart=/usr/local/bin/myapp\nRestart=on-failure\n\n[Install]\nWantedBy=multi-user.target',
  socket: '[Socket]\nListenStream=9090\n\n[Install]\nWantedBy=sockets.target',
  timer: '[Timer]\nOnCalendar=*-*-* 03:00:00\nPersistent=true\n\n[Install]\nWantedBy=timers.target',
  cron: '0 3 * * *  /usr/local/bin/backup',
  supervisord: '[program:myapp]\ncommand=/usr/local/bin/myapp\nautorestart=true',
  sysv: '/etc/init.d/myapp start',
} as const

const en: Tree = {
  start: 'life',
  nodes: {
    life: {
      ask: 'How long shall it live?',
      options: [
        { text: 'Once: a test, a report, a migration', next: 'once' },
        { text: 'From boot on, or whenever it is needed', next: 'daemon' },
        { text: 'Again and again, at set times', next: 'times' },
      ],
    },
    once: {
      ask: 'May your terminal close before it is done?',
      options: [
        { text: 'No, I will wait', next: 'foreground' },
        { text: 'Yes, I only want its result', next: 'nohup' },
        { text: 'Yes, and it is running already', next: 'disown' },
        { text: 'Yes, and I want to come back to its screen', next: 'tmux' },
        { text: 'Yes, and it must have no tie to my terminal at all', next: 'setsid' },
      ],
    },
    daemon: {
      ask: 'Where does it run?',
      options: [
        { text: 'On a machine with systemd', next: 'always' },
        { text: 'In a container that has no init system', next: 'supervisord' },
        { text: 'On an old machine with init scripts', next: 'sysv' },
        { text: 'Everywhere: I am writing the program', next: 'selfmade' },
      ],
    },
    always: {
      ask: 'Must it run while nobody asks for it?',
      options: [
        { text: 'Yes, it does work of its own', next: 'service' },
        { text: 'No, only when someone connects', next: 'socket' },
      ],
    },
    times: {
      ask: 'Does the machine run systemd?',
      options: [
        { text: 'Yes', next: 'timer' },
        { text: 'No', next: 'cron' },
      ],
    },
    foreground: {
      use: 'the terminal, plainly',
      because: 'you watch it, and Ctrl-C ends it. Nothing more is needed.',
      example: examples.foreground,
    },
    nohup: {
      use: 'nohup and &',
      because: 'it ignores the hang-up of your terminal and its output goes to a file.',
      example: examples.nohup,
    },
    disown: { use: 'disown', because: 'the shell forgets the job, so it does not pass the hang-up on to it.', example: examples.disown },
    setsid: { use: 'setsid', because: 'it starts in a session of its own, which no terminal controls.', example: examples.setsid },
    tmux: { use: 'tmux', because: 'its terminal lives on in a server; you detach and attach as you like.', example: examples.tmux },
    service: {
      use: 'a .service unit',
      because: 'systemd starts it at boot, in order, brings it back, keeps its log, limits and confines it.',
      example: examples.service,
    },
    socket: {
      use: 'a .socket unit with its .service',
      because: 'systemd holds the port; the program starts with the first client and costs nothing until then.',
      example: examples.socket,
    },
    timer: {
      use: 'a .timer unit with its .service',
      because: 'missed runs can be caught up, the output is in the journal, and dependencies hold as for any service.',
      example: examples.timer,
    },
    cron: { use: 'cron', because: 'it is everywhere. Mind that output goes to mail and missed runs are lost.', example: examples.cron },
    supervisord: {
      use: 'supervisord',
      because: 'one small process starts and restarts the others where no init does. It knows no ordering, sockets or confinement.',
      example: examples.supervisord,
    },
    sysv: { use: 'an init script', because: 'that is what this machine has. Nobody restarts it when it dies.', example: examples.sysv },
    selfmade: {
      use: 'a plain foreground program',
      because: 'every supervisor wants one: no fork, log to standard output, end at SIGTERM. Making oneself a daemon is history.',
    },
  },
}

const ko: Tree = {
  start: 'life',
  nodes: {
    life: {
      ask: '얼마나 오래 살아야 합니까?',
      options: [
        { text: '한 번만: 시험, 보고서, 데이터 이전', next: 'once' },
        { text: '부팅부터 계속, 또는 필요할 때마다', next: 'daemon' },
        { text: '정해진 때마다 되풀이해서', next: 'times' },
      ],
    },
    once: {
      ask: '끝나기 전에 터미널이 닫혀도 됩니까?',
      options: [
        { text: '아니요, 기다리겠습니다', next: 'foreground' },
        { text: '예, 결과만 있으면 됩니다', next: 'nohup' },
        { text: '예, 그런데 이미 돌고 있습니다', next: 'disown' },
        { text: '예, 나중에 그 화면으로 돌아오고 싶습니다', next: 'tmux' },
        { text: '예, 내 터미널과 아무 관계도 없어야 합니다', next: 'setsid' },
      ],
    },
    daemon: {
      ask: '어디에서 돕니까?',
      options: [
        { text: 'systemd가 있는 기계', next: 'always' },
        { text: 'init이 없는 컨테이너', next: 'supervisord' },
        { text: 'init 스크립트를 쓰는 오래된 기계', next: 'sysv' },
        { text: '어디서나: 그 프로그램을 제가 만듭니다', next: 'selfmade' },
      ],
    },
    always: {
      ask: '아무도 찾지 않을 때에도 돌아야 합니까?',
      options: [
        { text: '예, 스스로 할 일이 있습니다', next: 'service' },
        { text: '아니요, 누가 접속할 때만 필요합니다', next: 'socket' },
      ],
    },
    times: {
      ask: '그 기계에 systemd가 있습니까?',
      options: [
        { text: '예', next: 'timer' },
        { text: '아니요', next: 'cron' },
      ],
    },
    foreground: {
      use: '그냥 터미널',
      because: '눈으로 보고 있고 Ctrl-C로 끝낼 수 있으니 더 필요한 것이 없습니다.',
      example: examples.foreground,
    },
    nohup: { use: 'nohup과 &', because: '터미널이 끊기는 신호를 무시하고 출력은 파일에 남습니다.', example: examples.nohup },
    disown: { use: 'disown', because: '셸이 그 작업을 잊으므로 끊김 신호를 전해 주지 않습니다.', example: examples.disown },
    setsid: { use: 'setsid', because: '어떤 터미널도 제어하지 않는 새 세션에서 시작합니다.', example: examples.setsid },
    tmux: { use: 'tmux', because: '터미널이 서버 안에 살아 있어 떼었다 붙였다 할 수 있습니다.', example: examples.tmux },
    service: {
      use: '.service 유닛',
      because: 'systemd가 부팅 때 차례에 맞춰 시작하고, 되살리고, 로그를 간직하고, 자원과 권한을 제한합니다.',
      example: examples.service,
    },
    socket: {
      use: '.socket 유닛과 .service',
      because: '포트는 systemd가 쥐고 있다가 첫 손님이 오면 프로그램을 시작합니다. 그때까지는 아무 비용도 들지 않습니다.',
      example: examples.socket,
    },
    timer: {
      use: '.timer 유닛과 .service',
      because: '놓친 실행을 따라잡을 수 있고, 출력은 저널에 남으며, 의존 관계도 여느 서비스와 같습니다.',
      example: examples.timer,
    },
    cron: {
      use: 'cron',
      because: '어디에나 있습니다. 다만 출력은 메일로 가고 놓친 실행은 사라진다는 점을 기억하십시오.',
      example: examples.cron,
    },
    supervisord: {
      use: 'supervisord',
      because: 'init이 없는 곳에서 작은 프로세스 하나가 나머지를 시작하고 되살립니다. 순서, 소켓, 격리는 모릅니다.',
      example: examples.supervisord,
    },
    sysv: { use: 'init 스크립트', because: '그 기계에 있는 것이 그것뿐입니다. 죽으면 되살려 줄 이가 없습니다.', example: examples.sysv },
    selfmade: {
      use: '평범한 전경 프로그램',
      because:
        '어떤 관리자든 그것을 원합니다. fork하지 않고, 표준 출력에 기록하고, SIGTERM에 끝나면 됩니다. 스스로 데몬이 되는 것은 옛일입니다.',
    },
  },
}

export const decision = { en, ko }
