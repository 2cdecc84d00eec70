// After systemd.service(5), "Command lines": a command line taken apart, step by step, beside what a shell would have made of it.
import { expandCommand } from '@/lib/systemd/exec-line'
import { execPrefixes, expandSpecifiers, listSpecifiers, type SpecifierHost } from '@/lib/systemd/directives'
import { isShell } from './checks/program'
import { type ScannedCommand, type ScannedWord, scanExecLine } from './exec-words'
import type { Language } from './unit-language'
import { specifierSummary, UI } from './words'
import { say, type Words } from './words/words'

export type ExplainContext = {
  readonly language: Language
  /** The unit's id, for specifiers. */
  readonly unit: string
  readonly fragmentPath?: string | undefined
  readonly specifiers: SpecifierHost
  readonly environment: Readonly<Record<string, string>>
}

export type ExplainedPrefix = { readonly char: string; readonly from: number; readonly to: number; readonly meaning: string }
export type ExplainedExpansion = { readonly text: string; readonly value: string | undefined; readonly meaning: string }
export type ExplainedWord = {
  readonly from: number
  readonly to: number
  readonly raw: string
  /** Quotes and escapes are gone. */
  readonly text: string
  readonly expansions: readonly ExplainedExpansion[]
  /** The words that the program gets for it; several or none for a lone `$NAME`. */
  readonly words: readonly string[]
}
export type ExplainedCommand = {
  readonly prefixes: readonly ExplainedPrefix[]
  /** '' when there is none. */
  readonly path: string
  readonly words: readonly ExplainedWord[]
  readonly argv: readonly string[]
}
export type ShellDifference = { readonly from: number; readonly to: number; readonly text: string; readonly meaning: string }
export type ExplainedLine = {
  readonly commands: readonly ExplainedCommand[]
  readonly shell: readonly ShellDifference[]
  /** What could not be read, in plain words. */
  readonly faults: readonly string[]
  readonly markdown: string
}

const PREFIXES: Readonly<Record<string, Words>> = {
  '-': ['a failure of this command counts as success', '이 명령의 실패를 성공으로 칩니다'],
  '@': ['the second word becomes argv[0], the name the program sees', '두 번째 단어가 argv[0], 곧 프로그램이 보는 이름이 됩니다'],
  ':': ['variables are not expanded', '변수를 풀지 않습니다'],
  '+': [
    'runs with full privileges: User=, capabilities and sandboxing do not apply',
    '전체 권한으로 실행: User=, capability, 샌드박스가 적용되지 않습니다',
  ],
  '!': ['User= and its like are not applied, sandboxing is', 'User= 등은 적용하지 않고 샌드박스는 적용합니다'],
  '!!': [
    'as !, only where ambient capabilities are missing: nothing today',
    '!와 같지만 ambient capability가 없는 시스템에서만: 지금은 효과 없음',
  ],
}

const SHELL: readonly (readonly [RegExp, Words])[] = [
  [/^\|\|?$/, ['a shell would connect or choose between two commands', '셸이라면 두 명령을 잇거나 고릅니다']],
  [/^&&$/, ['a shell would run the next command if this one worked', '셸이라면 앞이 성공할 때 다음 명령을 실행합니다']],
  [/^&$/, ['a shell would put the command into the background', '셸이라면 명령을 백그라운드로 보냅니다']],
  [
    /^\d?>>?|^&>|^</,
    [
      'a shell would redirect; here use StandardOutput=, StandardError=, StandardInput=',
      '셸이라면 리다이렉션합니다. 여기서는 StandardOutput=, StandardError=, StandardInput=을 씁니다',
    ],
  ],
  [/\$\(|`/, ['a shell would put in the output of a command', '셸이라면 명령의 출력을 넣습니다']],
  [/^~(?:\/|$)/, ['a shell would write the home directory; here use %h', '셸이라면 홈 디렉터리로 바꿉니다. 여기서는 %h를 씁니다']],
  [
    /\$\{\w+(?:[:#%/^,])/,
    ['a shell knows ${…} with operators; here the text stays as it is', '셸은 연산자가 든 ${…}를 압니다. 여기서는 그대로 남습니다'],
  ],
  [/[*?]|\[[^\]]+\]/, ['a shell would expand the wildcard to file names', '셸이라면 와일드카드를 파일 이름으로 풉니다']],
  [/\{[^{}]*,[^{}]*\}/, ['a shell would make several words of the braces', '셸이라면 중괄호를 여러 단어로 만듭니다']],
  [/^#/, ['a shell would take the rest for a comment', '셸이라면 나머지를 주석으로 봅니다']],
  [
    /^[A-Za-z_]\w*=/,
    [
      'before a command a shell would set a variable; here use Environment=',
      '명령 앞이라면 셸은 변수를 설정합니다. 여기서는 Environment=를 씁니다',
    ],
  ],
]

const MAXIMUM = 1 << 20

function explainWord(word: ScannedWord, index: number, prefix: string, context: ExplainContext, noVariables: boolean): ExplainedWord {
  const { language } = context
  const unit = { id: context.unit, fragmentPath: context.fragmentPath }
  const expansions: ExplainedExpansion[] = []
  const text = index === 0 ? word.text.slice(prefix.length) : word.text
  for (const one of listSpecifiers(text, unit, context.specifiers)) {
    const summary = specifierSummary(one.letter)
    expansions.push({
      text: `%${one.letter}`,
      value: typeof one.value === 'string' ? one.value : undefined,
      meaning: one.letter === '%' ? '%' : summary ? say(summary, language) : say(UI.unknownSpecifier, language),
    })
  }
  const resolved = expandSpecifiers(text, 'full', MAXIMUM, unit, context.specifiers)
  const after = typeof resolved === 'string' ? resolved : text
  if (index === 0 || noVariables) return { ...place(word), text, expansions, words: [after] }
  const alone = /^\$([A-Za-z_]\w*)$/.exec(after)
  if (alone) expansions.push(variable(alone[0], alone[1]!, context, UI.splits))
  else {
    for (const match of after.matchAll(/\$\$|\$\{([^}]*)\}|\$([A-Za-z_]\w*)/g)) {
      if (match[1] !== undefined) expansions.push(variable(match[0], match[1], context, UI.oneWord))
      else if (match[2] !== undefined)
        expansions.push({ text: match[0], value: undefined, meaning: say(UI.insideWord, language, { name: match[2] }) })
      else expansions.push({ text: '$$', value: '$', meaning: '$' })
    }
  }
  const { argv } = expandCommand({ argv: [after], noEnvironmentExpansion: false }, context.environment)
  return { ...place(word), text, expansions, words: argv }
}

const place = ({ from, to, raw }: ScannedWord) => ({ from, to, raw })

const variable = (text: string, name: string, context: ExplainContext, words: Words): ExplainedExpansion => {
  const value = Object.hasOwn(context.environment, name) ? context.environment[name] : undefined
  return { text, value, meaning: value === undefined ? say(UI.unsetVariable, context.language, { name }) : say(words, context.language) }
}

function explainCommand(command: ScannedCommand, context: ExplainContext): ExplainedCommand {
  const { language } = context
  const first = command.words[0]!
  const flags = execPrefixes(first.text)
  const prefixes: ExplainedPrefix[] = []
  for (let at = 0; at < command.prefix.length; at++) {
    const char = command.prefix.startsWith('!!', at) ? '!!' : command.prefix[at]!
    prefixes.push({ char, from: first.from + at, to: first.from + at + char.length, meaning: say(PREFIXES[char] ?? ['', ''], language) })
    at += char.length - 1
  }
  const words = command.words.map((word, index) => explainWord(word, index, command.prefix, context, flags.noEnvironmentExpansion))
  const path = words[0]?.words[0] ?? ''
  const argv = [...(flags.separateArgv0 ? [] : [path]), ...words.slice(1).flatMap((word) => word.words)]
  return { prefixes, path, words, argv }
}

/** Takes an `ExecStart=` value apart. Never throws; what cannot be read is in `faults`. */
export function explainExecLine(text: string, context: ExplainContext): ExplainedLine {
  const { language } = context
  const scanned = scanExecLine(text)
  const commands = scanned.commands.map((one) => explainCommand(one, context))
  const shell: ShellDifference[] = []
  for (const { words } of scanned.commands) {
    if (isShell(words[0]!.text.replace(/^[-@:+!]*.*\//, ''))) continue
    for (const [index, word] of words.entries()) {
      if (word.quoted || word.raw === '\\;') continue
      const rule = SHELL.find(([pattern]) => pattern.test(index === 0 ? word.raw.replace(/^[-@:+!]+/, '') : word.raw))
      const isAssignment = rule?.[0].source.startsWith('^[A-Za-z_]')
      if (rule && !(isAssignment && index > 0))
        shell.push({ from: word.from, to: word.to, text: word.raw, meaning: say(rule[1], language) })
      if (/^\$[A-Za-z_]\w*$/.test(word.raw) && context.environment[word.raw.slice(1)]?.includes('*')) {
        shell.push({ from: word.from, to: word.to, text: word.raw, meaning: say(SHELL[7]![1], language) })
      }
    }
  }
  const faults = scanned.fault === undefined ? [] : [say(UI.unbalanced, language, { text: scanned.fault })]
  if (commands.length === 0 && faults.length === 0) faults.push(say(UI.emptyCommand, language))
  const explained = { commands, shell, faults }
  return { ...explained, markdown: markdownOf(explained, language) }
}

const code = (text: string): string => `\`${text.replaceAll('`', 'ˋ').replaceAll('\n', '⏎') || ' '}\``

function markdownOf({ commands, shell, faults }: Omit<ExplainedLine, 'markdown'>, language: Language): string {
  const parts: string[] = []
  for (const command of commands) {
    for (const one of command.prefixes) parts.push(`- ${code(one.char)} ${one.meaning}`)
    parts.push(`${say(UI.argv, language)}\n\n${command.argv.map((word, index) => `${index}. ${code(word)}`).join('\n')}`)
    const expansions = command.words.flatMap((word) => word.expansions)
    if (expansions.length > 0)
      parts.push(
        expansions.map((one) => `- ${code(one.text)} → ${one.value === undefined ? '∅' : code(one.value)} ${one.meaning}`).join('\n'),
      )
  }
  if (shell.length > 0) parts.push(`${say(UI.shell, language)}\n\n${shell.map((one) => `- ${code(one.text)} ${one.meaning}`).join('\n')}`)
  parts.push(...faults)
  return parts.join('\n\n')
}
