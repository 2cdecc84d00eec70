// Running text: scripts, `eval`, `source`, and files that exec(2) would not take.
import { decodeUtf8 } from '@/lib/base'
import type { Syscall } from '@/lib/kernel'
import type { Statement } from 'unbash'
import type { Shell } from './shell'
import { ShellError } from './shell'
import { executeStatements, statementsTail } from './execute'
import { runExitTrap } from './trap'
import { notifyJobs, reap } from './job-control'
import type { Source } from './source'
import { lineAt, parseSource, syntaxProblem, unclosedHereDoc } from './source'

/** Statements that stand on one line are dropped together when one of them fails to expand. */
function linesOf(source: Source): readonly (readonly Statement[])[] {
  const lines: Statement[][] = []
  let lastLine = -1
  for (const statement of source.script.commands) {
    if (lineAt(source, statement.pos) === lastLine) lines.at(-1)!.push(statement)
    else lines.push([statement])
    lastLine = lineAt(source, statement.end)
  }
  return lines
}

export type TextKind = 'string' | 'file' | 'input'

function* complainSyntax(shell: Shell, source: Source, kind: TextKind): Syscall<boolean> {
  const problem = syntaxProblem(source)
  if (problem === undefined) return false
  const incompleteEnd = problem.incomplete && problem.message.startsWith('syntax error')
  const line = lineAt(source, problem.pos) + (incompleteEnd && !source.text.endsWith('\n') ? 1 : 0)
  if (shell.flavour === 'dash') {
    const message = problem.incomplete
      ? problem.message.startsWith('unexpected EOF')
        ? 'Syntax error: Unterminated quoted string'
        : 'Syntax error: end of file unexpected'
      : `Syntax error: ${problem.message.replace(/^syntax error near unexpected token `(.*)'$/s, '"$1" unexpected')}`
    yield* shell.process.write(2, `${shell.name}: ${line}: ${message}\n`)
    return true
  }
  const name = shell.file !== '' && kind === 'file' ? shell.file : shell.name
  const head =
    shell.interactive && kind !== 'file' ? `${name}: ` : `${name}: ${kind === 'string' && shell.fromString ? '-c: ' : ''}line ${line}: `
  yield* shell.process.write(2, `${head}${problem.message}\n`)
  if (problem.quoteLine && !(shell.interactive && kind === 'input')) {
    const text = source.text.split('\n')[lineAt(source, problem.pos) - source.firstLine] ?? ''
    yield* shell.process.write(2, `${head}\`${text}'\n`)
  }
  return true
}

/** Runs text in this shell. The tail of a -c string may replace the shell. */
export function* runText(shell: Shell, source: Source, kind: TextKind, replaceAtEnd = false): Syscall<void> {
  const before = { source: shell.source, position: shell.position }
  shell.source = source
  const problem = syntaxProblem(source)
  const lines = linesOf(source)
  if (problem === undefined) {
    const open = unclosedHereDoc(source)
    if (open !== undefined && open.delimiter !== undefined && shell.flavour === 'bash') {
      const name = shell.file !== '' ? shell.file : shell.name
      const end = source.firstLine + source.lineStarts.length - (source.text.endsWith('\n') ? 1 : 0)
      const place = shell.interactive ? '' : `line ${end}: `
      yield* shell.process.write(
        2,
        `${name}: ${place}warning: here-document at line ${lineAt(source, open.pos)} delimited by end-of-file (wanted \`${open.delimiter.value}')\n`,
      )
    }
  }
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]!
    // What stands before the line of a mistake has already run by the time it is read.
    if (
      problem !== undefined &&
      ((problem.incomplete && index === lines.length - 1) || lineAt(source, line.at(-1)!.end) >= lineAt(source, problem.pos))
    )
      break
    try {
      if (replaceAtEnd && index === lines.length - 1 && problem === undefined) yield* statementsTail(shell, line)
      else yield* executeStatements(shell, line)
    } catch (error) {
      if (!(error instanceof ShellError)) throw error
      shell.status = error.status
      if (error.effect === 'exit' && !shell.interactive) shell.flow = { kind: 'exit' }
      else if (shell.interactive || shell.subshellDepth > 0)
        shell.flow = shell.interactive ? { kind: 'interrupt', shown: true } : { kind: 'exit' }
      shell.loopDepth = 0
      shell.errexitIgnored = 0
      shell.listDepth = 0
    }
    if (shell.flow !== undefined) break
    if (!shell.interactive && shell.jobs.jobs.length > 0) {
      yield* reap(shell)
      yield* notifyJobs(shell)
    }
  }
  if (problem !== undefined && shell.flow === undefined) {
    yield* complainSyntax(shell, source, kind)
    shell.status = 2
    if (shell.flavour === 'dash' && !shell.interactive) shell.flow = { kind: 'exit' }
  }
  shell.source = before.source
  shell.position = before.position
}

/** A text file that is no program: run by this process as a script, as execute_shell_script does. */
export function* runFile(shell: Shell, path: string, words: readonly string[], environment: Record<string, string>): Syscall<number> {
  const bytes = shell.process.fileReader().readFile(path)
  if (bytes === undefined) return 126
  for (const name of shell.variables.names())
    if (environment[name] === undefined && !shell.variables.dynamic.has(name)) shell.variables.unset(name)
  shell.functions.clear()
  shell.aliases.clear()
  shell.traps.clear()
  shell.name = words[0] ?? path
  shell.file = shell.name
  shell.positional = words.slice(1)
  shell.fromString = false
  shell.calls = []
  yield* runText(shell, parseSource(decodeUtf8(bytes)), 'file')
  yield* runExitTrap(shell)
  return shell.status
}
