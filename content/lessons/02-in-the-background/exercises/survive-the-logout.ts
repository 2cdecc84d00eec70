import { act, type CheckMachine, exercise, look, type LookMachine, notYet, passed } from '@/lib/exercise'

const program = '/usr/local/bin/counter'
const output = '/root/counter.out'
const counters = (machine: LookMachine) => machine.processes().filter((one) => one.argv.includes(program))

export default exercise({
  id: 'survive-the-logout',
  lesson: '02-in-the-background',
  kind: 'exercise',
  level: 1,
  title: { en: 'Survive the logout', ko: '로그아웃해도 살아남기' },
  goal: {
    en: `Run ${program} in the background so that it lives on when this terminal closes, with its output in ${output}.`,
    ko: `${program}을 백그라운드에서 돌리되, 이 터미널이 닫혀도 살아 있게 하고 출력은 ${output}에 모으십시오.`,
  },
  image: 'lab',
  start: {
    files: {
      [program]: { content: '#!/bin/bash\nn=0\nwhile true; do\n  echo "count $n"\n  n=$((n + 1))\n  sleep 1\ndone\n', mode: 0o755 },
    },
  },
  open: [program],
  apply: [],
  checks: [
    look('runs', { en: 'The counter runs', ko: 'counter가 돌고 있습니다' }, (machine) =>
      counters(machine).length > 0
        ? passed()
        : notYet(
            { en: 'no process runs the counter', ko: 'counter를 돌리는 프로세스가 없습니다' },
            { en: 'Start it with & at the end of the line.', ko: '줄 끝에 &를 붙여 시작하십시오.' },
          ),
    ),
    act('output', { en: `Its output grows in ${output}`, ko: `출력이 ${output}에 쌓입니다` }, (machine) => {
      const before = machine.file(output)?.text.length ?? 0
      machine.advance('5s')
      const after = machine.file(output)?.text ?? ''
      if (after.length > before && after.includes('count ')) return passed()
      return notYet(
        { en: `${output} did not grow in five seconds`, ko: `${output}이(가) 5초 동안 자라지 않았습니다` },
        { en: `Send standard output there: > ${output} 2>&1`, ko: `표준 출력을 그리로 보내십시오: > ${output} 2>&1` },
      )
    }),
    act('survives', { en: 'It lives on when the terminal closes', ko: '터미널이 닫혀도 살아 있습니다' }, (machine) => {
      const before = counters(machine)[0]?.pid
      machine.hangUp()
      machine.advance('3s')
      if (before !== undefined && counters(machine).some((one) => one.pid === before)) return passed()
      return notYet(
        { en: 'after the terminal closed, the counter was gone', ko: '터미널이 닫히자 counter도 사라졌습니다' },
        {
          en: 'A closing terminal sends SIGHUP to its jobs. nohup, disown and setsid each keep it away, in different ways.',
          ko: '터미널은 닫히면서 작업에 SIGHUP을 보냅니다. nohup, disown, setsid가 저마다 다른 방식으로 막아 줍니다.',
        },
      )
    }),
  ],
  hints: [
    {
      en: 'A & alone is not enough: the job still belongs to this terminal.',
      ko: '&만으로는 모자랍니다. 작업은 여전히 이 터미널의 것입니다.',
    },
    { en: `nohup COMMAND > ${output} 2>&1 &`, ko: `nohup 명령 > ${output} 2>&1 &` },
  ],
  mistakes: [
    {
      id: 'plain-background',
      found: (machine: CheckMachine) => {
        if (counters(machine).length === 0) return false
        machine.hangUp()
        machine.advance('1s')
        return counters(machine).length === 0
      },
      hint: {
        en: 'It runs in the background, but it is still a job of this shell, and SIGHUP ends it. Put nohup in front, or disown it.',
        ko: '백그라운드에서 돌지만 아직 이 셸의 작업이라서 SIGHUP에 끝납니다. 앞에 nohup을 붙이거나 disown하십시오.',
      },
    },
    {
      id: 'other-file',
      found: (machine: CheckMachine) =>
        counters(machine).length > 0 && machine.file(output) === undefined && machine.file('/root/nohup.out') !== undefined,
      hint: {
        en: 'The output went to nohup.out, where nohup puts it when nobody says otherwise.',
        ko: '출력이 nohup.out으로 갔습니다. 따로 정해 주지 않으면 nohup은 거기에 씁니다.',
      },
    },
  ],
  solution: {
    steps: [`nohup ${program} > ${output} 2>&1 &`],
    explanation: {
      en: 'nohup makes the program ignore SIGHUP; the redirection gives its output a place; & gives you the prompt back. Still nothing restarts it, and nothing limits that file.',
      ko: 'nohup은 프로그램이 SIGHUP을 무시하게 하고, 리다이렉션은 출력에 자리를 주고, &는 프롬프트를 돌려줍니다. 그래도 죽으면 되살릴 이가 없고, 파일이 커지는 것을 막을 이도 없습니다.',
    },
  },
  variants: [
    { name: 'setsid: a session of its own', steps: [`setsid ${program} > ${output} 2>&1 < /dev/null &`] },
    { name: 'disown', steps: [`${program} > ${output} 2>&1 &`, 'disown'] },
    { name: 'disown -h', steps: [`${program} > ${output} 2>&1 &`, 'disown -h %1'] },
    { name: 'nohup with appended output', steps: [`nohup ${program} >> ${output} 2>&1 < /dev/null &`] },
  ],
  nearMisses: [
    { name: 'plain &', steps: [`${program} > ${output} 2>&1 &`], fails: ['survives'], mistake: 'plain-background' },
    { name: 'nohup, output to its own file', steps: [`nohup ${program} &`], fails: ['output'], mistake: 'other-file' },
    { name: 'output thrown away', steps: [`nohup ${program} > /dev/null 2>&1 &`], fails: ['output'] },
    { name: 'killed again', steps: [`nohup ${program} > ${output} 2>&1 &`, 'kill %1', 'sleep 1'], fails: ['runs', 'output', 'survives'] },
    {
      name: 'stopped with SIGSTOP',
      steps: [`setsid ${program} > ${output} 2>&1 < /dev/null &`, 'sleep 1', `pkill -STOP -f ${program}`],
      fails: ['output'],
    },
  ],
  reviews: [],
})
