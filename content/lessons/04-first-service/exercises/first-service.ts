import { type CheckMachine, comesBackAfter, exercise, isActive, look, notYet, passed, startsAtBoot } from '@/lib/exercise'

const program = '/usr/local/bin/myapp'
const path = '/etc/systemd/system/myapp.service'
const unit = (service: string, install = '[Install]\nWantedBy=multi-user.target\n', before = '[Unit]\nDescription=My application\n') =>
  `${before}\n[Service]\n${service}\n${install}`
const bringUp = ['systemctl daemon-reload', 'systemctl enable --now myapp']

export default exercise({
  id: 'first-service',
  lesson: '04-first-service',
  kind: 'exercise',
  level: 1,
  title: { en: 'Your first service', ko: '나의 첫 서비스' },
  goal: {
    en: `Write ${path} so that systemd runs ${program}: now, after every boot, and again within five seconds when it is killed.`,
    ko: `systemd가 ${program}을 돌리도록 ${path}를 쓰십시오. 지금 돌고, 부팅할 때마다 돌고, 죽으면 5초 안에 되살아나야 합니다.`,
  },
  image: 'lab',
  start: {
    files: {
      [program]: {
        content: '#!/bin/bash\necho "myapp listens to nobody, but it is here"\nwhile true; do\n  echo "still here"\n  sleep 10\ndone\n',
        mode: 0o755,
      },
      [path]:
        '[Unit]\nDescription=My application\n\n[Service]\n# What shall run, and when shall it come back?\n\n[Install]\n# Where is it hooked in at boot?\n',
    },
  },
  open: [path, program],
  apply: bringUp,
  checks: [
    isActive('myapp.service', 'running'),
    look('main-process', { en: `Its main process is ${program}`, ko: `주 프로세스가 ${program}입니다` }, (machine) => {
      const main = machine.processes().find((one) => one.pid === machine.unit('myapp.service').mainPid)
      if (main?.argv.includes(program)) return passed()
      return notYet(
        main === undefined
          ? { en: 'the service has no main process', ko: '서비스에 주 프로세스가 없습니다' }
          : { en: `its main process is ${main.argv.join(' ')}`, ko: `주 프로세스는 ${main.argv.join(' ')}입니다` },
        { en: `ExecStart=${program} names the program to run.`, ko: `ExecStart=${program}이 돌릴 프로그램을 정합니다.` },
      )
    }),
    comesBackAfter('myapp.service', 'SIGKILL', '5s'),
    startsAtBoot('myapp.service'),
  ],
  hints: [
    {
      en: 'Three lines are missing: what to run, when to bring it back, what wants it at boot.',
      ko: '세 줄이 빠져 있습니다. 무엇을 돌릴지, 언제 되살릴지, 부팅할 때 무엇이 이것을 원하는지입니다.',
    },
    {
      en: 'After saving: systemctl daemon-reload, then systemctl enable --now myapp.',
      ko: '저장한 뒤에는 systemctl daemon-reload, 그다음 systemctl enable --now myapp입니다.',
    },
    {
      en: `ExecStart=${program}, Restart=on-failure and WantedBy=multi-user.target.`,
      ko: `ExecStart=${program}, Restart=on-failure, 그리고 WantedBy=multi-user.target입니다.`,
    },
  ],
  mistakes: [
    {
      id: 'no-install',
      found: (machine: CheckMachine) =>
        ['static', 'disabled'].includes(machine.unit('myapp.service').unitFileState) &&
        machine.unit('myapp.service').activeState === 'active',
      hint: {
        en: 'It runs, but nothing starts it at boot: is there an [Install] section with WantedBy=, and was the unit enabled?',
        ko: '지금은 돌지만 부팅할 때 시작할 이가 없습니다. [Install] 섹션에 WantedBy=가 있고, enable을 했습니까?',
      },
    },
    {
      id: 'restart-value',
      found: (machine: CheckMachine) =>
        machine.unit('myapp.service').activeState === 'active' && machine.property('myapp.service', 'Restart') === 'no',
      hint: {
        en: 'systemd took Restart=no. Either the line is missing, or its value has something after it: a comment behind a value is part of the value. journalctl -b -u init.scope and systemd-analyze verify show the warning.',
        ko: 'systemd는 Restart=no로 알고 있습니다. 줄이 없거나, 값 뒤에 무언가 붙어 있습니다. 값 뒤에 쓴 주석은 값의 일부가 됩니다. systemd-analyze verify가 경고를 보여 줍니다.',
      },
    },
    {
      id: 'exec',
      found: (machine: CheckMachine) => machine.property('myapp.service', 'ExecMainStatus') === '203',
      hint: {
        en: 'Status 203/EXEC: the program could not be executed. Check the path in ExecStart=, letter by letter.',
        ko: '상태 203/EXEC는 프로그램을 실행하지 못했다는 뜻입니다. ExecStart=의 경로를 한 글자씩 확인하십시오.',
      },
    },
  ],
  solution: {
    files: { [path]: unit(`ExecStart=${program}\nRestart=on-failure\nRestartSec=2\n`) },
    steps: bringUp,
    explanation: {
      en: 'ExecStart= names the program. Restart=on-failure brings it back after a crash, a signal or a timeout, but not after a clean exit. WantedBy=multi-user.target is what enable turns into a symbolic link, and the link is what starts the service at boot.',
      ko: 'ExecStart=는 프로그램을 정합니다. Restart=on-failure는 비정상 종료, 시그널, 시간 초과 뒤에 되살리고, 깨끗하게 끝나면 그대로 둡니다. WantedBy=multi-user.target은 enable이 심볼릭 링크로 바꾸는 것이고, 그 링크가 부팅할 때 서비스를 시작하게 합니다.',
    },
  },
  variants: [
    { name: 'Restart=always', files: { [path]: unit(`Type=simple\nExecStart=${program}\nRestart=always\n`) }, steps: bringUp },
    {
      name: 'Type=exec, on-abnormal, wanted by default.target',
      files: {
        [path]: unit(`Type=exec\nExecStart=${program}\nRestart=on-abnormal\nRestartSec=1s\n`, '[Install]\nWantedBy=default.target\n'),
      },
      steps: bringUp,
    },
    {
      name: 'Restart= in a drop-in, enabled and started apart',
      files: {
        [path]: unit(`ExecStart=${program}\n`),
        '/etc/systemd/system/myapp.service.d/restart.conf': '[Service]\nRestart=on-failure\n',
      },
      steps: ['systemctl daemon-reload', 'systemctl enable myapp.service', 'systemctl start myapp.service'],
    },
  ],
  nearMisses: [
    {
      name: 'no [Install]',
      files: { [path]: unit(`ExecStart=${program}\nRestart=on-failure\n`, '') },
      steps: ['systemctl daemon-reload', 'systemctl start myapp'],
      fails: ['boot:myapp.service'],
      mistake: 'no-install',
    },
    {
      name: 'started, not enabled',
      files: { [path]: unit(`ExecStart=${program}\nRestart=always\n`) },
      steps: ['systemctl daemon-reload', 'systemctl start myapp'],
      fails: ['boot:myapp.service'],
      mistake: 'no-install',
    },
    {
      name: 'a comment behind the value',
      files: { [path]: unit(`ExecStart=${program}\nRestart=on-failure # come back\n`) },
      steps: bringUp,
      fails: ['restarts:myapp.service'],
      mistake: 'restart-value',
    },
    {
      name: 'Restart=on-success',
      files: { [path]: unit(`ExecStart=${program}\nRestart=on-success\n`) },
      steps: bringUp,
      fails: ['restarts:myapp.service'],
    },
    {
      name: 'a path that is not there',
      files: { [path]: unit('ExecStart=/usr/bin/myapp\nRestart=on-failure\nRestartSec=2\n') },
      steps: bringUp,
      fails: ['active:myapp.service', 'main-process', 'restarts:myapp.service', 'boot:myapp.service'],
      mistake: 'exec',
    },
    {
      name: 'comes back too late',
      files: { [path]: unit(`ExecStart=${program}\nRestart=on-failure\nRestartSec=30\n`) },
      steps: bringUp,
      fails: ['restarts:myapp.service'],
    },
  ],
  reviews: [
    {
      id: 'no-description',
      found: (machine: CheckMachine) => machine.property('myapp.service', 'Description') === 'myapp.service',
      words: {
        en: 'It works. A reviewer would ask for a Description=: it is what status, the journal and the boot log print.',
        ko: '잘 됩니다. 검토하는 사람이라면 Description=을 부탁할 것입니다. status와 저널과 부팅 기록에 찍히는 것이 바로 이것입니다.',
      },
    },
  ],
})
