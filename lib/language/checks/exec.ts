// Checks of command lines: shell syntax where no shell is, programs that are not there, comments that are arguments.
import { findDirective } from '@/lib/systemd/directives'
import type { DocumentAssignment } from '../document'
import { isExecDirective, scanExecLine, type ScannedWord } from '../exec-words'
import { type Check, type CheckContext, type Finding, lineOf, ownLines, removeLine, replace, valueRange } from './check'
import { isShell } from './program'

export const EXEC_DIRECTIVES = [
  'ExecCondition',
  'ExecStartPre',
  'ExecStart',
  'ExecStartPost',
  'ExecReload',
  'ExecStop',
  'ExecStopPost',
  'ExecStopPre',
] as const

const execLines = ({ document }: CheckContext): readonly DocumentAssignment[] =>
  document.assignments.filter((one) => one.value !== '' && isExecDirective(one.section, one.key))

/** Quotes a text as one word of a command line; specifiers stay. */
export function quoteForExec(text: string): string {
  if (!text.includes("'")) return `'${text.replaceAll('\\', '\\\\')}'`
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

/** What a shell would give a meaning to, as a word or in one. */
function shellSyntax(word: ScannedWord, index: number): string | undefined {
  if (word.quoted) return /^[^']*(?:\$\(|`)/.test(word.raw) && word.raw.startsWith('"') ? '$(…)' : undefined
  const { raw } = word
  if (
    raw === '|' ||
    raw === '||' ||
    raw === '&&' ||
    raw === '&' ||
    raw === '>' ||
    raw === '>>' ||
    raw === '<' ||
    raw === '2>' ||
    raw === '2>&1' ||
    raw === '&>'
  )
    return raw
  if (/^(?:\d?>{1,2}|&>|<)[^>]?/.test(raw) && index > 0) return raw.replace(/^((?:\d?>{1,2}|&>|<)&?).*/, '$1')
  if (/\$\(|`/.test(raw)) return '$(…)'
  if (/^~(?:\/|$)/.test(raw)) return '~'
  if (/\$\{\w+(?::[-=+?]|[#%/^,])/.test(raw)) return '${…:-…}'
  if (raw.endsWith(';') && raw.length > 1) return ';'
  return undefined
}

const shellInExec: Check = {
  id: 'no-shell-in-exec',
  severity: 'warning',
  title: ['No shell reads this line', '이 줄은 셸이 읽지 않음'],
  message: [
    "{syntax} means nothing here: the program gets it as an argument. Run it through a shell: /bin/sh -c '…'.",
    "{syntax}은(는) 여기서 뜻이 없고, 프로그램에 인자로 전달됩니다. /bin/sh -c '…'로 셸에서 실행하세요.",
  ],
  why: [
    'systemd splits the line into words by itself and starts the program directly. Pipes, redirections, &&, ~, globs and $(…) are syntax of a shell. Either name the shell, or better use what systemd has for it: StandardOutput=append:, several ExecStartPre= lines, Environment=.',
    'systemd는 줄을 직접 단어로 나누어 프로그램을 바로 시작합니다. 파이프, 리다이렉션, &&, ~, 글롭, $(…)은 셸의 문법입니다. 셸을 명시하거나, 더 낫게는 StandardOutput=append:, 여러 ExecStartPre= 줄, Environment=처럼 systemd의 방법을 쓰세요.',
  ],
  *find(context) {
    for (const line of execLines(context)) {
      const { commands } = scanExecLine(line.value)
      if (
        commands.some(
          ({ words }) => isShell(words[0]?.text.replace(/^[-@:+!]*.*\//, '') ?? '') && words.some(({ text }) => /^-\w*c$/.test(text)),
        )
      )
        continue
      for (const { words } of commands) {
        const index = words.findIndex((word, at) => shellSyntax(word, at) !== undefined)
        if (index < 0) continue
        const word = words[index]!
        const prefix = /^[-@:+!]*/.exec(line.value)![0]
        const rewritten = `${prefix}/bin/sh -c ${quoteForExec(line.value.slice(prefix.length))}`
        yield {
          from: line.offsetOf(word.from),
          to: line.offsetOf(word.to - 1) + 1,
          values: { syntax: shellSyntax(word, index)! },
          fixes: [
            { title: ["Run it with /bin/sh -c '…'", "/bin/sh -c '…'로 실행"], edits: [replace(context, valueRange(line), rewritten)] },
          ],
        }
        break
      }
    }
  },
}

const globInExec: Check = {
  id: 'no-glob-in-exec',
  severity: 'info',
  title: ['No wildcards in command lines', '명령줄에는 와일드카드가 없음'],
  message: [
    '{word} is passed as it stands: nobody expands the wildcard.',
    '{word}은(는) 그대로 전달됩니다. 와일드카드를 풀어 주는 것이 없습니다.',
  ],
  why: [
    'Wildcards are expanded by shells. systemd starts programs without one.',
    '와일드카드는 셸이 풉니다. systemd는 셸 없이 프로그램을 시작합니다.',
  ],
  *find(context) {
    for (const line of execLines(context)) {
      for (const { words } of scanExecLine(line.value).commands) {
        if (isShell(words[0]?.text.replace(/^.*\//, '') ?? '') || /(?:find|grep|pkill|pgrep)$/.test(words[0]?.text ?? '')) continue
        for (const word of words.slice(1)) {
          if (word.quoted || !/^\/.*[*?]/.test(word.text)) continue
          yield { from: line.offsetOf(word.from), to: line.offsetOf(word.to - 1) + 1, values: { word: word.text } }
        }
      }
    }
  },
}

/** Where `# …` begins after a value; -1 where there is none. */
export function trailingComment(value: string): number {
  const match = /[ \t]+[#;](?=[ \t]|[A-Za-z가-힣])/.exec(value)
  return match === null ? -1 : match.index
}

/** In these a `#` may be meant. */
const FREE_TEXT = new Set([
  'Description',
  'Environment',
  'Documentation',
  'SyslogIdentifier',
  'LogExtraFields',
  'LogFilterPatterns',
  'StandardInputText',
  'SetCredential',
])

const commentInValue: Check = {
  id: 'comment-in-value',
  severity: 'warning',
  title: ['A comment after a value is part of the value', '값 뒤의 주석은 값의 일부'],
  message: [
    'Comments stand on lines of their own. Here “{comment}” is part of the value{effect}.',
    '주석은 따로 한 줄에 적어야 합니다. 여기서는 “{comment}”도 값의 일부입니다{effect}.',
  ],
  why: [
    'Only a line that begins with # or ; is a comment. After a value the text belongs to it: Restart=always # … is an unknown word and ignored, so nothing restarts; Persistent=true # … silently stays off; ExecStart=… # … hands the comment to the program; DynamicUser=true # … makes the unit refuse to start.',
    '#이나 ;로 시작하는 줄만 주석입니다. 값 뒤의 글은 값에 속합니다. Restart=always # …는 알 수 없는 값이라 무시되어 재시작하지 않고, Persistent=true # …는 조용히 꺼진 채이며, ExecStart=… # …는 주석을 프로그램에 넘기고, DynamicUser=true # …는 유닛을 거부하게 만듭니다.',
  ],
  *find(context) {
    for (const line of context.document.assignments) {
      if (FREE_TEXT.has(line.key)) continue
      const at = trailingComment(line.value)
      if (at < 0) continue
      const isExec = isExecDirective(line.section, line.key)
      if (isExec && line.value.slice(at).trimStart().startsWith(';')) continue
      const from = line.offsetOf(at)
      const comment = line.value.slice(at).trim()
      const row = findDirective(line.section, line.key)
      const { text } = context.document
      const start = text.lastIndexOf('\n', line.from - 1) + 1
      yield {
        from,
        to: line.valueTo,
        values: { comment, effect: isExec ? ARGUMENTS : row === undefined ? ['', ''] : ['', ''] },
        fixes: [
          {
            title: ['Move the comment to a line of its own', '주석을 따로 한 줄로 옮기기'],
            edits: [
              replace(context, { from: start, to: start }, `${comment.replace(/^;/, '#')}\n`),
              replace(context, { from, to: line.valueTo }, ''),
            ],
          },
        ],
      }
    }
  },
}
const ARGUMENTS = [': the program gets it as arguments', ': 프로그램이 인자로 받습니다'] as const

const missingProgram: Check = {
  id: 'program-not-found',
  severity: 'warning',
  title: ['The program is not there', '프로그램이 없음'],
  message: ['{path} {problem}', '{path} {problem}'],
  why: [
    'systemd looks for the program as it starts it; a unit file with a wrong path loads without complaint. Then the service fails with 203/EXEC. A script also needs the x bit and a first line that names its interpreter.',
    'systemd는 시작할 때 프로그램을 찾으므로 경로가 틀린 유닛 파일도 아무 말 없이 읽힙니다. 그리고 서비스는 203/EXEC로 실패합니다. 스크립트라면 실행 권한(x)과 첫 줄의 해석기도 필요합니다.',
  ],
  *find(context) {
    const { config } = context.unit
    const lists = config.Service
      ? [
          config.Service.ExecStartPre,
          config.Service.ExecStart,
          config.Service.ExecStartPost,
          config.Service.ExecReload,
          config.Service.ExecStop,
        ]
      : []
    if (config.Service?.RootDirectory || config.Service?.RootImage) return
    for (const command of lists.flat()) {
      if (!command.path.startsWith('/')) continue
      const status = context.tree.reader.status(command.path)
      const line = lineOf(context, command)
      if (line === undefined || !line.value.includes(command.path)) continue
      const at = line.value.indexOf(command.path)
      const range = { from: line.offsetOf(at), to: line.offsetOf(at + command.path.length - 1) + 1 }
      if (status === undefined) yield { ...range, values: { path: command.path, problem: PROGRAM.missing } }
      else if (status.kind === 'directory') yield { ...range, values: { path: command.path, problem: PROGRAM.directory } }
      else if ((status.mode & 0o111) === 0) yield { ...range, values: { path: command.path, problem: PROGRAM.mode } }
    }
  },
}
const PROGRAM = {
  missing: ['does not exist: the start would fail with 203/EXEC.', '파일이 없어 시작이 203/EXEC로 실패합니다.'],
  directory: ['is a directory: the start would fail with 203/EXEC.', '디렉터리라서 시작이 203/EXEC로 실패합니다.'],
  mode: ['is not executable (chmod +x): the start would fail with 203/EXEC.', '실행 권한이 없어(chmod +x) 시작이 203/EXEC로 실패합니다.'],
} as const

const sudo: Check = {
  id: 'sudo-in-exec',
  severity: 'info',
  title: ['sudo in a unit', '유닛 안의 sudo'],
  message: [
    '{program} is not needed: use User= for the user, or the + prefix for full privileges.',
    '{program}은(는) 필요 없습니다. 사용자는 User=로, 전체 권한은 + 접두사로 정하세요.',
  ],
  why: [
    'A service runs as root unless User= says otherwise. sudo adds a PAM session and a process between systemd and the program, so signals and limits reach the wrong one.',
    '서비스는 User=가 없으면 root로 실행됩니다. sudo는 PAM 세션과 프로세스를 하나 더 끼워 넣어 시그널과 제한이 엉뚱한 곳에 닿습니다.',
  ],
  *find(context) {
    for (const line of execLines(context)) {
      for (const { words } of scanExecLine(line.value).commands) {
        const first = words[0]
        const match = first && /(?:^|\/)(sudo|su|runuser)$/.exec(first.text)
        if (match) yield { from: line.offsetOf(first.from), to: line.offsetOf(first.to - 1) + 1, values: { program: match[1]! } }
      }
    }
  },
}

const relativePath: Check = {
  id: 'relative-path',
  severity: 'error',
  title: ['The path must be absolute', '경로는 절대 경로여야 함'],
  message: [
    '{path} is relative. A unit has no directory that one could mean: write the whole path.',
    '{path}은(는) 상대 경로입니다. 유닛에는 기준 디렉터리가 없으니 전체 경로를 적으세요.',
  ],
  why: [
    'WorkingDirectory= applies to the program, not to how it is found. Only bare names are looked up (in /usr/local/bin, /usr/bin and so on).',
    'WorkingDirectory=는 프로그램에 적용되며 프로그램을 찾는 데는 쓰이지 않습니다. 이름만 적은 경우에만 /usr/local/bin, /usr/bin 등에서 찾습니다.',
  ],
  *find(context) {
    const directory = context.unit.config.Service?.WorkingDirectory.path
    for (const line of execLines(context)) {
      for (const { words, prefix } of scanExecLine(line.value).commands) {
        const first = words[0]
        if (first === undefined) continue
        const path = first.text.slice(prefix.length)
        if (!path.includes('/') || path.startsWith('/') || path.startsWith('%') || path.startsWith('$')) continue
        const range = { from: line.offsetOf(first.from + prefix.length), to: line.offsetOf(first.to - 1) + 1 }
        const tail = path.replace(/^(?:\.\/)+/, '')
        const bases = [...(directory ? [directory] : []), '/usr/local/bin', '/usr/bin', '/opt']
        const found = bases.filter((base) => context.tree.reader.status(`${base}/${tail}`)?.kind === 'file')
        const fixes = (found.length > 0 ? found : bases.slice(0, 1)).map((base) => ({
          title: ['Write {path}', '{path}(으)로 쓰기'] as const,
          values: { path: `${base}/${tail}` },
          edits: [replace(context, range, `${base}/${tail}`)],
        }))
        yield { ...range, values: { path }, fixes }
      }
    }
  },
}

const variableAsProgram: Check = {
  id: 'variable-as-program',
  severity: 'warning',
  title: ['The program’s path cannot be a variable', '프로그램 경로에는 변수를 쓸 수 없음'],
  message: ['{word}: variables are not expanded in the first word.', '{word}: 첫 단어에서는 변수가 풀리지 않습니다.'],
  why: [
    'systemd expands variables in the arguments only. Use a fixed path, a specifier, or /usr/bin/env.',
    'systemd는 인자에서만 변수를 풉니다. 고정된 경로나 지정자, /usr/bin/env를 쓰세요.',
  ],
  *find(context) {
    for (const line of execLines(context)) {
      for (const { words, prefix } of scanExecLine(line.value).commands) {
        const first = words[0]
        if (first === undefined || !/\$\{?\w/.test(first.text.slice(prefix.length))) continue
        yield { from: line.offsetOf(first.from), to: line.offsetOf(first.to - 1) + 1, values: { word: first.text } }
      }
    }
  },
}

const missingFiles: Check = {
  id: 'file-not-found',
  severity: 'info',
  title: ['A file or directory that is not there', '없는 파일이나 디렉터리'],
  message: [
    '{path} does not exist: the start would fail with {status}. {advice}',
    '{path}이(가) 없어 시작이 {status}(으)로 실패합니다. {advice}',
  ],
  why: [
    'EnvironmentFile= and WorkingDirectory= must be there when the service starts. A leading - lets a missing one pass.',
    'EnvironmentFile=과 WorkingDirectory=는 서비스가 시작될 때 있어야 합니다. 앞에 -를 붙이면 없어도 넘어갑니다.',
  ],
  *find(context) {
    for (const line of ownLines(context, 'Service', 'EnvironmentFile', 'WorkingDirectory')) {
      if (!line.value.startsWith('/') || /[%*?[]/.test(line.value) || context.tree.reader.status(line.value) !== undefined) continue
      const managed = ['RuntimeDirectory', 'StateDirectory', 'CacheDirectory', 'LogsDirectory', 'ConfigurationDirectory'].some((name) =>
        context.unit.origins.some((one) => one.directive === name && one.value !== '' && line.value.includes(one.value.split(/\s/)[0]!)),
      )
      if (managed) continue
      const file = line.key === 'EnvironmentFile'
      yield {
        ...valueRange(line),
        values: {
          path: line.value,
          status: file ? 'Result: resources' : '200/CHDIR',
          advice: ['A leading - makes it optional.', '앞에 -를 붙이면 없어도 됩니다.'],
        },
        fixes: [
          {
            title: ['Make it optional with -', '-로 선택 사항으로 만들기'],
            edits: [replace(context, { from: line.valueFrom, to: line.valueFrom }, '-')],
          },
        ],
      }
    }
  },
}

const environmentQuotes: Check = {
  id: 'environment-quotes',
  severity: 'warning',
  title: ['A value with spaces needs quotes around the whole assignment', '공백이 든 값은 대입 전체를 따옴표로'],
  message: [
    '{word} is a word of its own here. Quote the whole assignment: "{fixed}".',
    '{word}은(는) 별개의 단어로 읽힙니다. 대입 전체를 따옴표로 묶으세요: "{fixed}".',
  ],
  why: [
    'Environment= takes several assignments, separated by spaces. A value that has spaces itself must be quoted with its name: Environment="OPTIONS=-a -b".',
    'Environment=는 공백으로 나눈 여러 대입을 받습니다. 값에 공백이 있으면 이름까지 함께 묶어야 합니다: Environment="OPTIONS=-a -b".',
  ],
  *find(context): Iterable<Finding> {
    for (const line of ownLines(context, 'Service', 'Environment')) {
      const match = /^(\w+=[^\s"']+)((?:\s+[^\s="']+)+)$/.exec(line.value)
      if (match === null) continue
      const at = match[1]!.length + match[2]!.search(/\S/)
      yield {
        from: line.offsetOf(at),
        to: line.valueTo,
        values: { word: match[2]!.trim(), fixed: line.value },
        fixes: [
          {
            title: ['Quote the whole assignment', '대입 전체를 따옴표로 묶기'],
            edits: [replace(context, valueRange(line), `"${line.value}"`)],
          },
        ],
      }
    }
  },
}

const emptyExec: Check = {
  id: 'resets-nothing',
  severity: 'hint',
  title: ['Nothing to reset', '비울 것이 없음'],
  message: ['{directive}= is empty, and nothing before it would be reset.', '{directive}=이(가) 비어 있지만 앞에 비울 값이 없습니다.'],
  why: ['An empty assignment takes back what earlier lines and files gave.', '빈 대입은 앞의 줄과 파일이 준 값을 거둡니다.'],
  *find(context) {
    const { unit, place, document } = context
    for (const line of document.assignments) {
      if (line.value !== '' || findDirective(line.section, line.key) === undefined) continue
      const at = unit.origins.findIndex((one) => one.file === place.path && one.line === line.lastLine)
      const before = unit.origins.slice(0, Math.max(at, 0)).some((one) => one.section === line.section && one.directive === line.key)
      if (at >= 0 && !before) {
        yield {
          from: line.from,
          to: line.to,
          values: { directive: line.key },
          tag: 'unnecessary',
          fixes: [{ title: ['Remove the line', '이 줄 지우기'], edits: [removeLine(context, line)] }],
        }
      }
    }
  },
}

export const execChecks: readonly Check[] = [
  commentInValue,
  shellInExec,
  globInExec,
  relativePath,
  variableAsProgram,
  missingProgram,
  missingFiles,
  environmentQuotes,
  sudo,
  emptyExec,
]
