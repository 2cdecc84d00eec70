// declare, typeset, local, export, readonly, unset, let, set, shopt, getopts.
import type { Syscall } from '@/lib/kernel'
import type { Shell } from '../shell'
import { ShellError } from '../shell'
import { makeAssociative, makeIndexed, performAssignment, readAssignment } from '../assignment'
import type { ExpandedAssignment } from '../assignment'
import { functionDefinitionText } from '../deparse'
import { evaluateInteger, evaluateExpression } from '../expand'
import { attributeLetters, optionLetter } from '../parameter'
import { doubleQuote, quoteWhereNeeded } from '../quote'
import type { Variable } from '../variables'
import { isName } from '../variables'
import { fail, print, readOptions, texts, usage } from './builtin'
import type { Builtin, Field } from './builtin'

function declareLine(shell: Shell, name: string, keyword = 'declare'): string {
  const variable = shell.variables.lookup(name)
  const letters = attributeLetters(shell, name)
  const head = `${keyword} -${letters === '' ? '-' : letters} ${name}`
  if (variable === undefined) return `${head}=${doubleQuote(shell.variables.get(name) ?? '')}\n`
  if (variable.indexed !== undefined || variable.associative !== undefined) {
    const items = shell.variables
      .items(name)
      .map(([key, value]) => `[${variable.associative !== undefined ? quoteWhereNeeded(key) : key}]=${doubleQuote(value)}`)
    return `${head}=(${items.join(' ')}${variable.associative !== undefined && items.length > 0 ? ' ' : ''})\n`
  }
  return variable.value === undefined ? `${head}\n` : `${head}=${doubleQuote(variable.value)}\n`
}

/** `set` without arguments. */
export function listVariables(shell: Shell): string {
  return shell.variables
    .names()
    .map((name) => {
      const variable = shell.variables.lookup(name)
      if (variable?.indexed !== undefined || variable?.associative !== undefined) {
        return `${name}=(${shell.variables
          .items(name)
          .map(([key, value]) => `[${key}]=${doubleQuote(value)}`)
          .join(' ')})\n`
      }
      const value = shell.variables.get(name)
      return value === undefined
        ? ''
        : shell.flavour === 'dash'
          ? `${name}='${value.replaceAll("'", "'\"'\"'")}'\n`
          : `${name}=${value === '' ? '' : quoteWhereNeeded(value)}\n`
    })
    .join('')
}

function applyAttributes(variable: Variable, flags: ReadonlySet<string>): void {
  if (flags.has('a')) makeIndexed(variable)
  if (flags.has('A')) makeAssociative(variable)
  if (flags.has('i')) variable.integer = true
  if (flags.has('+i')) variable.integer = false
  if (flags.has('l')) Object.assign(variable, { lower: true, upper: false })
  if (flags.has('u')) Object.assign(variable, { upper: true, lower: false })
  if (flags.has('x')) variable.exported = true
  if (flags.has('+x')) variable.exported = false
  if (flags.has('n')) variable.nameref = true
  if (flags.has('+n')) variable.nameref = false
}

function splitOptions(args: readonly Field[], letters: string) {
  const leading: string[] = []
  let index = 0
  for (; index < args.length; index++) {
    const arg = args[index]!
    if (typeof arg !== 'string' || !/^[-+]./.test(arg)) break
    leading.push(arg)
    if (arg === '--') {
      index += 1
      break
    }
  }
  return { options: readOptions(leading, letters, true), rest: args.slice(index) }
}

const declareSynopsis = (name: string): string =>
  name === 'local'
    ? 'local [option] name[=value] ...'
    : `${name} [-aAfFgiIlnrtux] [name[=value] ...] or ${name} -p [-aAfFilnrtux] [name ...]`

function listDeclared(shell: Shell, flags: ReadonlySet<string>): string {
  const wanted = [...'aAilnrux'].filter((letter) => flags.has(letter))
  return shell.variables
    .names()
    .filter((name) => shell.variables.lookup(name) !== undefined)
    .filter((name) => wanted.every((letter) => attributeLetters(shell, name).includes(letter)))
    .map((name) => declareLine(shell, name))
    .join('')
}

const doDeclare: Builtin = function* (shell, args, name) {
  const { options, rest } = splitOptions(args, 'aAfFgiIlnprtux')
  if (options.bad !== undefined) return yield* usage(shell, name, options.bad, declareSynopsis(name))
  const { flags } = options
  const local = name === 'local'
  if (local && shell.functionDepth === 0) return yield* fail(shell, 'local', 'can only be used in a function')
  if (flags.has('f') || flags.has('F')) return yield* declareFunctions(shell, name, flags, texts(rest))
  if (rest.length === 0) {
    if (local) return 0
    return yield* print(
      shell,
      name,
      flags.size === 0
        ? listVariables(shell) +
            [...shell.functions.values()].map((one) => `${functionDefinitionText(one.source, one.name, one.body)}\n`).join('')
        : listDeclared(shell, flags),
    )
  }
  let status = 0
  for (const arg of rest) {
    const assignment = typeof arg === 'string' ? readAssignment(arg) : arg
    const target = assignment?.name ?? (arg as string)
    if (!isName(target.replace(/\[.*\]$/s, ''))) {
      yield* fail(shell, name, `\`${typeof arg === 'string' ? arg : target}': not a valid identifier`)
      status = 1
      continue
    }
    if (flags.has('p')) {
      if (shell.variables.lookup(target) === undefined && shell.variables.get(target) === undefined)
        status = yield* fail(shell, name, `${target}: not found`)
      else yield* print(shell, name, declareLine(shell, target))
      continue
    }
    const own = shell.functionDepth > 0 && !flags.has('g')
    const before = shell.variables.lookup(target)
    const variable = own
      ? shell.variables.declareLocal(target)
      : flags.has('g')
        ? shell.variables.declareGlobal(target)
        : shell.variables.ensure(flags.has('n') ? target : shell.variables.resolve(target))
    if (variable.readonly && (assignment !== undefined || flags.has('i'))) {
      yield* fail(shell, name, `${target}: readonly variable`)
      status = 1
      continue
    }
    applyAttributes(variable, flags)
    if (own && before !== undefined && before !== variable && shell.shopts.has('localvar_inherit')) variable.value = before.value
    if (assignment !== undefined && !(yield* assign(shell, name, assignment, variable))) status = 1
    if (flags.has('r')) variable.readonly = true
    if (flags.has('+r') && variable.readonly) status = yield* fail(shell, name, `${target}: readonly variable`)
  }
  return status
}

function* assign(shell: Shell, name: string, assignment: ExpandedAssignment, variable: Variable): Syscall<boolean> {
  if (variable.nameref && typeof assignment.value === 'string') {
    variable.value = assignment.value
    return true
  }
  if (
    typeof assignment.value === 'string' &&
    (variable.indexed !== undefined || variable.associative !== undefined) &&
    assignment.subscript === undefined &&
    assignment.value.startsWith('(')
  ) {
    yield* fail(shell, name, `${assignment.name}: cannot assign list`)
    return false
  }
  yield* performAssignment(shell, assignment, variable)
  return true
}

function* declareFunctions(shell: Shell, name: string, flags: ReadonlySet<string>, names: readonly string[]): Syscall<number> {
  const wanted = names.length > 0 ? names : [...shell.functions.keys()].sort()
  let status = 0
  for (const one of wanted) {
    const defined = shell.functions.get(one)
    if (defined === undefined) status = 1
    else if (flags.has('F')) yield* print(shell, name, names.length > 0 ? `${one}\n` : `declare -f ${one}\n`)
    else yield* print(shell, name, `${functionDefinitionText(defined.source, one, defined.body)}\n`)
  }
  return status
}

const marking = (attribute: 'exported' | 'readonly'): Builtin =>
  function* (shell, args, name) {
    const { options, rest } = splitOptions(args, attribute === 'exported' ? 'fnp' : 'aAfp')
    if (options.bad !== undefined) {
      const synopsis =
        attribute === 'exported' ? 'export [-fn] [name[=value] ...] or export -p' : 'readonly [-aAf] [name[=value] ...] or readonly -p'
      return yield* usage(shell, name, options.bad, synopsis)
    }
    if (rest.length === 0) {
      const names = shell.variables.names().filter((one) => shell.variables.lookup(one)?.[attribute] === true)
      const lines = names.map((one) =>
        shell.flavour === 'dash' ? `${name} ${one}='${shell.variables.get(one) ?? ''}'\n` : declareLine(shell, one),
      )
      return yield* print(shell, name, lines.join(''))
    }
    let status = 0
    for (const arg of rest) {
      if (options.flags.has('f')) {
        if (typeof arg === 'string' && !shell.functions.has(arg)) status = yield* fail(shell, name, `${arg}: not a function`)
        continue
      }
      const assignment = typeof arg === 'string' ? readAssignment(arg) : arg
      const target = assignment?.name ?? (arg as string)
      if (!isName(target)) {
        status = yield* fail(
          shell,
          name,
          shell.flavour === 'dash'
            ? `${target}: bad variable name`
            : `\`${typeof arg === 'string' ? arg : target}': not a valid identifier`,
        )
        if (shell.flavour === 'dash') throw new ShellError('exit', 2)
        continue
      }
      const variable = shell.variables.ensure(shell.variables.resolve(target))
      if (assignment !== undefined) {
        if (options.flags.has('A')) makeAssociative(variable)
        else if (options.flags.has('a')) makeIndexed(variable)
        yield* performAssignment(shell, assignment, variable)
        if (target === 'PATH') shell.hash.clear()
      }
      variable[attribute] = !options.flags.has('n')
    }
    return status
  }

const doUnset: Builtin = function* (shell, args) {
  const options = readOptions(texts(args), 'fvn')
  if (options.bad !== undefined) return yield* usage(shell, 'unset', options.bad, 'unset [-f] [-v] [-n] [name ...]')
  let status = 0
  for (const name of options.rest) {
    if (options.flags.has('f')) {
      shell.functions.delete(name)
      continue
    }
    const bracket = /^([A-Za-z_]\w*)\[(.*)\]$/s.exec(name)
    const target = options.flags.has('n') ? name : shell.variables.resolve(bracket?.[1] ?? name)
    if (!isName(target)) {
      status = yield* fail(shell, 'unset', `\`${name}': not a valid identifier`)
      continue
    }
    const variable = shell.variables.lookup(target)
    if (variable?.readonly === true) {
      status = yield* fail(shell, 'unset', `${name}: cannot unset: readonly variable`)
      if (shell.flavour === 'dash') throw new ShellError('exit', 2)
      continue
    }
    if (bracket !== null) {
      if (variable?.associative !== undefined) variable.associative.delete(bracket[2]!)
      else if (variable?.indexed !== undefined) {
        let index = Number(yield* evaluateInteger(shell, bracket[2]!))
        if (index < 0) index += Math.max(...variable.indexed.keys()) + 1
        variable.indexed.delete(index)
      }
      continue
    }
    if (variable === undefined && !options.flags.has('v') && shell.functions.has(name)) shell.functions.delete(name)
    else shell.variables.unset(target)
  }
  return status
}

const doLet: Builtin = function* (shell, args) {
  const words = texts(args)
  if (words.length === 0) return yield* fail(shell, 'let', 'expression expected')
  let value = 0n
  for (const word of words) value = yield* evaluateExpression(shell, word)
  return value === 0n ? 1 : 0
}

const setNames = [
  'allexport',
  'braceexpand',
  'emacs',
  'errexit',
  'errtrace',
  'functrace',
  'hashall',
  'histexpand',
  'history',
  'ignoreeof',
  'interactive-comments',
  'keyword',
  'monitor',
  'noclobber',
  'noexec',
  'noglob',
  'nolog',
  'notify',
  'nounset',
  'onecmd',
  'physical',
  'pipefail',
  'posix',
  'privileged',
  'verbose',
  'vi',
  'xtrace',
]

export function setOption(shell: Shell, name: string, on: boolean): void {
  if (on) shell.options.add(name)
  else shell.options.delete(name)
  if (on && name === 'emacs') shell.options.delete('vi')
  if (on && name === 'vi') shell.options.delete('emacs')
}

const doSet: Builtin = function* (shell, args) {
  const words = texts(args)
  if (words.length === 0) return yield* print(shell, 'set', listVariables(shell))
  let index = 0
  for (; index < words.length; index++) {
    const word = words[index]!
    if (word === '--') {
      shell.positional = words.slice(index + 1)
      return 0
    }
    if (word === '-') {
      shell.options.delete('xtrace')
      shell.options.delete('verbose')
      index += 1
      break
    }
    if (!/^[-+]./.test(word)) break
    const on = word[0] === '-'
    for (const letter of word.slice(1)) {
      if (letter === 'o') {
        const name = words[index + 1]
        if (name === undefined) {
          const rows = setNames.map((one) =>
            on ? `${one.padEnd(15)}\t${shell.options.has(one) ? 'on' : 'off'}\n` : `set ${shell.options.has(one) ? '-' : '+'}o ${one}\n`,
          )
          return yield* print(shell, 'set', rows.join(''))
        }
        index += 1
        if (!setNames.includes(name)) return yield* fail(shell, 'set', `${name}: invalid option name`)
        setOption(shell, name, on)
        continue
      }
      const name = optionLetter.get(letter)
      if (name === undefined || name === 'interactive') {
        yield* shell.complain(`set: ${word[0]}${letter}: invalid option`)
        yield* shell.process.write(2, 'set: usage: set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]\n')
        return 2
      }
      setOption(shell, name, on)
    }
  }
  if (index < words.length) shell.positional = words.slice(index)
  return 0
}

export const shoptNames = [
  'autocd',
  'assoc_expand_once',
  'cdable_vars',
  'cdspell',
  'checkhash',
  'checkjobs',
  'checkwinsize',
  'cmdhist',
  'compat31',
  'compat32',
  'compat40',
  'compat41',
  'compat42',
  'compat43',
  'compat44',
  'complete_fullquote',
  'direxpand',
  'dirspell',
  'dotglob',
  'execfail',
  'expand_aliases',
  'extdebug',
  'extglob',
  'extquote',
  'failglob',
  'force_fignore',
  'globasciiranges',
  'globskipdots',
  'globstar',
  'gnu_errfmt',
  'histappend',
  'histreedit',
  'histverify',
  'hostcomplete',
  'huponexit',
  'inherit_errexit',
  'interactive_comments',
  'lastpipe',
  'lithist',
  'localvar_inherit',
  'localvar_unset',
  'login_shell',
  'mailwarn',
  'no_empty_cmd_completion',
  'nocaseglob',
  'nocasematch',
  'noexpand_translation',
  'nullglob',
  'patsub_replacement',
  'progcomp',
  'progcomp_alias',
  'promptvars',
  'restricted_shell',
  'shift_verbose',
  'sourcepath',
  'varredir_close',
  'xpg_echo',
]

const doShopt: Builtin = function* (shell, args) {
  const options = readOptions(texts(args), 'pqsuo')
  if (options.bad !== undefined) return yield* usage(shell, 'shopt', options.bad, 'shopt [-pqsu] [-o] [optname ...]')
  const { flags } = options
  const ofSet = flags.has('o')
  const store = ofSet ? shell.options : shell.shopts
  const known = ofSet ? setNames : shoptNames
  const isOn = (name: string) => store.has(name) || (name === 'login_shell' && shell.login)
  const line = (name: string) =>
    flags.has('p')
      ? ofSet
        ? `set ${isOn(name) ? '-' : '+'}o ${name}\n`
        : `shopt ${isOn(name) ? '-s' : '-u'} ${name}\n`
      : `${name.padEnd(15)}\t${isOn(name) ? 'on' : 'off'}\n`
  if (options.rest.length === 0) {
    const names = known.filter((name) => (flags.has('s') ? isOn(name) : flags.has('u') ? !isOn(name) : true))
    return yield* print(shell, 'shopt', flags.has('q') ? '' : names.map(line).join(''))
  }
  let status = 0
  for (const name of options.rest) {
    if (!known.includes(name)) {
      yield* fail(shell, 'shopt', `${name}: invalid shell option name`)
      status = 1
      continue
    }
    if (flags.has('s') || flags.has('u')) {
      if (ofSet) setOption(shell, name, flags.has('s'))
      else if (flags.has('s')) store.add(name)
      else store.delete(name)
      continue
    }
    if (!isOn(name)) status = 1
    if (!flags.has('q')) yield* print(shell, 'shopt', line(name))
  }
  return status
}

const doGetopts: Builtin = function* (shell, args) {
  const words = texts(args)
  const [spec, name] = words
  if (spec === undefined || name === undefined) {
    yield* shell.process.write(2, 'getopts: usage: getopts optstring name [arg ...]\n')
    return 2
  }
  const list = words.length > 2 ? words.slice(2) : shell.positional
  const silent = spec.startsWith(':')
  let index = Number(shell.variables.get('OPTIND') ?? 1) || 1
  if (index !== shell.optionIndex) shell.optionOffset = 0
  const set = (variable: string, value: string) => shell.variables.assign(variable, value)
  const finish = (): number => {
    set(name, '?')
    set('OPTIND', String(index))
    shell.optionIndex = index
    shell.optionOffset = 0
    return 1
  }
  let word = list[index - 1]
  if (shell.optionOffset === 0) {
    if (word === undefined || !word.startsWith('-') || word === '-') return finish()
    if (word === '--') {
      index += 1
      return finish()
    }
    shell.optionOffset = 1
  }
  word ??= ''
  const letter = word[shell.optionOffset] ?? ''
  shell.optionOffset += 1
  const end = shell.optionOffset >= word.length
  const place = letter === ':' ? -1 : spec.indexOf(letter)
  if (place < 0) {
    if (silent) set('OPTARG', letter)
    else {
      shell.variables.unset('OPTARG')
      if (shell.variables.get('OPTERR') !== '0') yield* shell.process.write(2, `${shell.name}: illegal option -- ${letter}\n`)
    }
    set(name, '?')
  } else if (spec[place + 1] === ':') {
    let value: string | undefined = word.slice(shell.optionOffset)
    if (value === '') {
      index += 1
      value = list[index - 1]
    }
    shell.optionOffset = 0
    index += 1
    if (value === undefined) {
      if (silent) {
        set('OPTARG', letter)
        set(name, ':')
      } else {
        shell.variables.unset('OPTARG')
        if (shell.variables.get('OPTERR') !== '0')
          yield* shell.process.write(2, `${shell.name}: option requires an argument -- ${letter}\n`)
        set(name, '?')
      }
    } else {
      set('OPTARG', value)
      set(name, letter)
    }
    set('OPTIND', String(index))
    shell.optionIndex = index
    return 0
  } else {
    shell.variables.unset('OPTARG')
    set(name, letter)
  }
  if (end) {
    index += 1
    shell.optionOffset = 0
  }
  set('OPTIND', String(index))
  shell.optionIndex = index
  return 0
}

export const variableBuiltins: readonly (readonly [string, Builtin])[] = [
  ['declare', doDeclare],
  ['typeset', doDeclare],
  ['local', doDeclare],
  ['export', marking('exported')],
  ['readonly', marking('readonly')],
  ['unset', doUnset],
  ['let', doLet],
  ['set', doSet],
  ['shopt', doShopt],
  ['getopts', doGetopts],
]
