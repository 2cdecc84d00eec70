// Commands as text again: what `jobs` shows and `type` prints. Words are kept as they were written; the layout is bash's.
import type {
  AndOr,
  Case,
  Command,
  CommandNode,
  CompoundCommand,
  CompoundList,
  HereDoc,
  If,
  PipelineNode,
  Redirected,
  Redirection,
  Statement,
  SyntaxNode,
} from 'unbash'
import type { Source } from './source'

type Printer = { readonly source: Source; indent: number; inFunction: boolean; hereDocs: HereDoc[] }

const step = 4
const pad = (printer: Printer): string => ' '.repeat(printer.indent)

function redirect(one: Redirection): string {
  const { descriptor } = one
  const fd = descriptor === undefined ? undefined : descriptor.type === 'FileDescriptor' ? String(descriptor.value) : `{${descriptor.name}}`
  if (one.type === 'HereString') return `${fd ?? ''}<<< ${one.target?.text ?? ''}`
  if (one.type === 'HereDoc') return `${fd ?? ''}${one.operator}${one.delimiter?.text ?? ''}`
  const target = one.target?.text ?? ''
  if (one.operator === '>&' || one.operator === '<&') {
    if (!/^(?:\d+-?|-|\$.*)$/s.test(target) && fd === undefined) return `&> ${target}`
    return `${fd ?? (one.operator === '>&' ? '1' : '0')}${one.operator}${target}`
  }
  if (one.operator === '&>' || one.operator === '&>>') return `${one.operator} ${target}`
  const usual = one.operator[0] === '<' ? '0' : '1'
  return `${fd === undefined || fd === usual ? '' : fd}${one.operator} ${target}`
}

function simple(printer: Printer, node: Command): string {
  for (const one of node.redirects) if (one.type === 'HereDoc') printer.hereDocs.push(one)
  const words: string[] = []
  for (const one of node.prefix) if (one.type === 'Assignment') words.push(one.text)
  if (node.name !== undefined) words.push(node.name.text)
  for (const one of node.args) words.push(one.text)
  words.push(...node.redirects.map(redirect))
  return words.join(' ')
}

function hereDocs(printer: Printer): string {
  const bodies = printer.hereDocs.splice(0).map((one) => `\n${one.body.text}${one.delimiter?.value ?? ''}`)
  return bodies.length === 0 ? '' : `${bodies.join('')}\n`
}

function list(printer: Printer, statements: readonly Statement[]): string {
  let result = ''
  statements.forEach((statement, index) => {
    const last = index === statements.length - 1
    result += (index > 0 && printer.inFunction ? pad(printer) : '') + node(printer, statement.command)
    const bodies = hereDocs(printer)
    if (statement.background === true) result += last ? ' &' : ' & '
    else if (!last) result += printer.inFunction ? ';\n' : '; '
    result += bodies
  })
  return result
}

/** Indented lines between keywords, ended by a semicolon. */
function body(printer: Printer, statements: readonly Statement[]): string {
  printer.indent += step
  const text = `${pad(printer)}${list(printer, statements)}`
  printer.indent -= step
  const closed = statements.at(-1)?.background === true ? text : `${text};`
  return `${closed}\n${pad(printer)}`
}

function ifText(printer: Printer, one: If): string {
  const branches: readonly Pick<If, 'clause' | 'then'>[] = [one, ...one.elif]
  const write = (index: number): string => {
    const branch = branches[index]!
    let text = `if ${list(printer, branch.clause.commands)}; then\n${body(printer, branch.then.commands)}`
    if (index + 1 < branches.length) {
      printer.indent += step
      const inner = `${pad(printer)}${write(index + 1)}`
      printer.indent -= step
      text += `else\n${inner};\n${pad(printer)}`
    } else if (one.else !== undefined) text += `else\n${body(printer, one.else.commands)}`
    return `${text}fi`
  }
  return write(0)
}

function caseText(printer: Printer, one: Case): string {
  let text = `case ${one.word.text} in \n`
  printer.indent += step
  for (const item of one.items) {
    text += `${pad(printer)}${item.pattern.map((pattern) => pattern.text).join(' | ')})\n`
    printer.indent += step
    text += item.body.commands.length > 0 ? `${pad(printer)}${list(printer, item.body.commands)}\n` : ''
    printer.indent -= step
    text += `${pad(printer)}${item.terminator ?? ';;'}\n`
  }
  printer.indent -= step
  return `${text}${pad(printer)}esac`
}

function group(printer: Printer, statements: readonly Statement[]): string {
  if (!printer.inFunction) return `{ ${list(printer, statements)}${statements.at(-1)?.background === true ? '' : ';'} }`
  printer.indent += step
  const inner = `${pad(printer)}${list(printer, statements)}`
  printer.indent -= step
  return `{ \n${inner}\n${pad(printer)}}`
}

function node(printer: Printer, one: PipelineNode | AndOr | CompoundList): string {
  const { text } = printer.source
  switch (one.type) {
    case 'Command':
      return simple(printer, one)
    case 'Pipeline': {
      const prefix = one.prefixes
        .map((item) => (item.type === 'Negation' ? '! ' : item.posix !== undefined ? 'time -p ' : 'time '))
        .join('')
      return (
        prefix +
        one.commands.map((command, index) => `${index > 0 ? ` ${one.operators[index - 1]} ` : ''}${node(printer, command)}`).join('')
      )
    }
    case 'AndOr':
      return one.commands.map((command, index) => `${index > 0 ? ` ${one.operators[index - 1]} ` : ''}${node(printer, command)}`).join('')
    case 'CompoundList':
      return list(printer, one.commands)
    case 'Redirected':
      for (const item of one.redirects) if (item.type === 'HereDoc') printer.hereDocs.push(item)
      return `${node(printer, one.command)} ${one.redirects.map(redirect).join(' ')}`
    case 'Subshell':
      return `( ${list(printer, one.body.commands)} )`
    case 'BraceGroup':
      return group(printer, one.body.commands)
    case 'If':
      return ifText(printer, one)
    case 'While':
      return `${one.kind} ${list(printer, one.clause.commands)}; do\n${body(printer, one.body.commands)}done`
    case 'For': {
      const words = one.wordlist === undefined ? '"$@"' : one.wordlist.map((word) => word.text).join(' ')
      return `for ${one.name.text} in ${words};\n${pad(printer)}do\n${body(printer, one.body.commands)}done`
    }
    case 'Select': {
      const words = one.wordlist === undefined ? '"$@"' : one.wordlist.map((word) => word.text).join(' ')
      return `select ${one.name.text} in ${words};\n${pad(printer)}do\n${body(printer, one.body.commands)}done`
    }
    case 'ArithmeticFor': {
      const part = (item: SyntaxNode | undefined) => (item === undefined ? '' : text.slice(item.pos, item.end))
      return `for ((${part(one.initialize)}; ${part(one.test)}; ${part(one.update)}))\n${pad(printer)}do\n${body(printer, one.body.commands)}done`
    }
    case 'Case':
      return caseText(printer, one)
    case 'ArithmeticCommand':
      return `((${one.body}))`
    case 'TestCommand':
      return text.slice(one.pos, one.end)
    case 'Function':
      return functionText(printer, one.name.text, one.body)
    case 'Coproc':
      return `coproc ${one.name === undefined ? '' : `${one.name.text} `}${node(printer, one.body)}`
  }
}

function functionText(printer: Printer, name: string, code: CompoundCommand | Redirected | CompoundList): string {
  const outside = printer.inFunction
  printer.inFunction = true
  const wrapped =
    code.type === 'BraceGroup'
      ? node(printer, code)
      : code.type === 'Redirected' && code.command.type === 'BraceGroup'
        ? node(printer, code)
        : bracedBody(printer, code)
  printer.inFunction = outside
  return `${name} () \n${pad(printer)}${wrapped}`
}

/** A function whose body is no group is shown inside braces. */
function bracedBody(printer: Printer, code: CompoundCommand | Redirected | CompoundList): string {
  printer.indent += step
  const inner = `${pad(printer)}${node(printer, code)}`
  printer.indent -= step
  return `{ \n${inner}\n${pad(printer)}}`
}

/** A command as `jobs` shows it. */
export function commandText(source: Source, one: CommandNode | PipelineNode | AndOr | CompoundList): string {
  return node({ source, indent: 0, inFunction: false, hereDocs: [] }, one)
}

/** A function as `type` and `declare -f` show it. */
export function functionDefinitionText(source: Source, name: string, code: CompoundCommand | Redirected | CompoundList): string {
  return functionText({ source, indent: 0, inFunction: false, hereDocs: [] }, name, code)
}
