import { type CheckMachine, exercise, comesBackAfter, isActive, look, notYet, passed, type LookMachine } from '@/lib/exercise'

const program = '/usr/local/bin/ticker'
const tickers = (machine: LookMachine) => machine.processes().filter((one) => one.argv.includes(program))
const strays = (machine: LookMachine) => tickers(machine).filter((one) => one.unit !== 'ticker.service')

const unit = `[Unit]
Description=Ticker, once a second

[Service]
ExecStart=${program}
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target
`

export default exercise({
  id: 'who-looks-after-it',
  lesson: '01-what-to-use-when',
  kind: 'exercise',
  level: 1,
  title: { en: 'Who looks after it?', ko: '누가 돌보고 있습니까?' },
  goal: {
    en: 'Somebody started the ticker by hand, and nobody looks after it. End that process, and let systemd run the ticker as ticker.service instead. The unit file is already there.',
    ko: '누군가 ticker를 손으로 띄워 두었고, 아무도 돌보지 않습니다. 그 프로세스를 끝내고, 대신 systemd가 ticker.service로 돌리게 하십시오. 유닛 파일은 이미 있습니다.',
  },
  image: 'lab',
  start: {
    files: {
      [program]: { content: '#!/bin/bash\nn=0\nwhile true; do\n  echo "tick $n"\n  n=$((n + 1))\n  sleep 1\ndone\n', mode: 0o755 },
      '/etc/systemd/system/ticker.service': unit,
    },
    steps: ['systemctl daemon-reload', `setsid ${program} >/tmp/ticker.out 2>&1 </dev/null &`],
  },
  open: ['/etc/systemd/system/ticker.service', program],
  apply: [],
  checks: [
    look('no-stray', { en: 'No ticker runs outside of systemd’s care', ko: 'systemd의 손길 밖에서 도는 ticker가 없습니다' }, (machine) => {
      const stray = strays(machine)[0]
      if (stray === undefined) return passed()
      return notYet(
        {
          en: `process ${stray.pid} runs the ticker, and no service owns it`,
          ko: `프로세스 ${stray.pid}이(가) ticker를 돌리는데, 어느 서비스의 것도 아닙니다`,
        },
        {
          en: 'Find it with ps aux | grep ticker, then end it with kill and its PID.',
          ko: 'ps aux | grep ticker로 찾아서 kill에 PID를 주어 끝내십시오.',
        },
      )
    }),
    isActive('ticker.service', 'running'),
    comesBackAfter('ticker.service', 'SIGKILL', '5s'),
  ],
  hints: [
    {
      en: 'Two things are to be done: one process must go, one service must start.',
      ko: '할 일은 둘입니다. 프로세스 하나는 사라져야 하고, 서비스 하나는 시작해야 합니다.',
    },
    {
      en: 'pgrep -f ticker prints the PID; kill PID asks it to end.',
      ko: 'pgrep -f ticker는 PID를 알려 주고, kill PID는 끝내 달라고 부탁합니다.',
    },
    { en: 'systemctl start ticker starts the service.', ko: 'systemctl start ticker가 서비스를 시작합니다.' },
  ],
  mistakes: [
    {
      id: 'both-run',
      found: (machine: CheckMachine) => machine.unit('ticker.service').activeState === 'active' && strays(machine).length > 0,
      hint: {
        en: 'Now two tickers run. systemd did not take over the old process; it started its own.',
        ko: '이제 ticker가 둘입니다. systemd는 예전 프로세스를 넘겨받지 않고 새로 하나를 띄웠습니다.',
      },
    },
    {
      id: 'nobody-runs',
      found: (machine: CheckMachine) => machine.unit('ticker.service').activeState !== 'active' && tickers(machine).length === 0,
      hint: {
        en: 'The stray one is gone, and now nothing runs. Start the service.',
        ko: '떠돌던 것은 사라졌지만 이제 아무것도 돌지 않습니다. 서비스를 시작하십시오.',
      },
    },
  ],
  solution: {
    steps: [`pkill -f ${program}`, 'systemctl start ticker'],
    explanation: {
      en: 'A process started by hand belongs to nobody: when it dies, it stays dead, and its output sits in a file that grows. The service has the same program, but systemd knows its PID, keeps its log and starts it again.',
      ko: '손으로 띄운 프로세스는 누구의 것도 아닙니다. 죽으면 그대로이고, 출력은 자라기만 하는 파일에 남습니다. 서비스는 같은 프로그램이지만 systemd가 PID를 알고, 로그를 간직하고, 다시 띄워 줍니다.',
    },
  },
  variants: [
    { name: 'kill by PID, enable as well', steps: [`kill $(pgrep -f ${program})`, 'systemctl enable --now ticker.service'] },
    { name: 'SIGKILL, then restart', steps: [`pkill -9 -f ${program}`, 'systemctl restart ticker'] },
    { name: 'killall by name', steps: ['killall ticker', 'systemctl start ticker.service'] },
  ],
  nearMisses: [
    { name: 'started, but the old one runs on', steps: ['systemctl start ticker'], fails: ['no-stray'], mistake: 'both-run' },
    {
      name: 'old one ended, nothing started',
      steps: [`pkill -f ${program}`],
      fails: ['active:ticker.service', 'restarts:ticker.service'],
      mistake: 'nobody-runs',
    },
    {
      name: 'enabled, not started',
      steps: [`pkill -f ${program}`, 'systemctl enable ticker'],
      fails: ['active:ticker.service', 'restarts:ticker.service'],
      mistake: 'nobody-runs',
    },
    {
      name: 'masked by mistake',
      steps: [`pkill -f ${program}`, 'rm /etc/systemd/system/ticker.service', 'systemctl mask ticker', 'systemctl start ticker'],
      fails: ['active:ticker.service', 'restarts:ticker.service'],
      mistake: 'nobody-runs',
    },
    {
      name: 'started and stopped again',
      steps: [`pkill -f ${program}`, 'systemctl start ticker', 'systemctl stop ticker'],
      fails: ['active:ticker.service', 'restarts:ticker.service'],
      mistake: 'nobody-runs',
    },
  ],
  reviews: [
    {
      id: 'not-enabled',
      found: (machine: CheckMachine) => machine.unit('ticker.service').unitFileState !== 'enabled',
      words: {
        en: 'It works. A reviewer would add: enable it too, or it is gone after the next reboot.',
        ko: '잘 됩니다. 검토하는 사람이라면 이렇게 덧붙일 것입니다. enable도 하십시오. 그러지 않으면 다음 부팅 뒤에는 없습니다.',
      },
    },
  ],
})
