// systemd-escape(1).
import { concatBytes, encodeUtf8, pathIsAbsolute, pathIsNormalized, pathIsValid, type Bytes } from '@/lib/base'
import { errno, type Process, type Syscall } from '@/lib/kernel'
import {
  isUnitTypeName,
  unitNameEscape,
  unitNameIsValid,
  unitNameMangle,
  unitNamePathEscape,
  unitNamePathUnescapeBytes,
  unitNameReplaceInstance,
  unitNameTemplate,
  unitNameToInstance,
  unitNameUnescapeBytes,
} from '@/lib/systemd/unit-name'
import { helpText, parseArguments, program, type Arguments, type OptionRow, type ProgramDefinition } from './program'
import { Console, printVersion } from './systemd-console'

const options: readonly OptionRow[] = [
  { short: 'h', long: 'help', help: 'show this help' },
  { long: 'version', help: 'show the version' },
  { long: 'suffix', argument: 'required', metavar: 'SUFFIX', help: 'append a unit type' },
  { long: 'template', argument: 'required', metavar: 'TEMPLATE', help: 'make instances of a template' },
  { long: 'instance', help: 'with --unescape, show the instance alone' },
  { short: 'u', long: 'unescape', help: 'turn escaped text back' },
  { short: 'm', long: 'mangle', help: 'make unit names as systemctl does' },
  { short: 'p', long: 'path', help: 'the text is a path' },
]

const definition: Omit<ProgramDefinition, 'main'> = {
  name: 'systemd-escape',
  path: '/usr/bin/systemd-escape',
  summary: 'escape text for use in unit names',
  synopsis: '[OPTIONS...] [NAME...]',
  options,
  raw: true,
}

type Action = 'escape' | 'unescape' | 'mangle'
type Settings = {
  action: Action
  suffix: string | undefined
  template: string | undefined
  instance: boolean
  path: boolean
}
type Refusal = { readonly error: string }
type Made = { readonly bytes: Bytes; readonly warning?: string }

function readSettings(args: Arguments): Settings | Refusal | 'help' | 'version' {
  const settings: Settings = { action: 'escape', suffix: undefined, template: undefined, instance: false, path: false }
  for (const { name, value = '' } of args.given) {
    if (name === 'help' || name === 'version') return name
    if (name === 'suffix') {
      if (!isUnitTypeName(value)) return { error: `Invalid unit suffix type "${value}".` }
      settings.suffix = value
    } else if (name === 'template') {
      if (!unitNameIsValid(value, 'template')) return { error: `Template name ${value} is not valid.` }
      settings.template = value
    } else if (name === 'unescape' || name === 'mangle') settings.action = name
    else if (name === 'path') settings.path = true
    else settings.instance = true
  }
  return settings
}

function conflict(settings: Settings, count: number): string | undefined {
  const { action, suffix, template, instance, path } = settings
  if (count === 0) return 'Not enough arguments.'
  if (template !== undefined && suffix !== undefined) return '--suffix= and --template= may not be combined.'
  if ((template ?? suffix) !== undefined && action === 'mangle') return '--suffix= and --template= are not compatible with --mangle.'
  if (suffix !== undefined && action === 'unescape') return '--suffix is not compatible with --unescape.'
  if (path && action === 'mangle') return '--path may not be combined with --mangle.'
  if (instance && action !== 'unescape') return '--instance must be used in conjunction with --unescape.'
  if (instance && template !== undefined) return '--instance may not be combined with --template.'
  return undefined
}

const invalid = errno.EINVAL.message

function escapeOne(text: string, { path, suffix, template }: Settings): Made | Refusal {
  const escaped = path ? unitNamePathEscape(text) : unitNameEscape(text)
  if (escaped === undefined) {
    if (!pathIsValid(text)) return { error: `Input '${text}' is not a valid file system path, failed to escape.` }
    if (!pathIsAbsolute(text)) return { error: `Input '${text}' is not an absolute file system path, failed to escape.` }
    if (!pathIsNormalized(text)) return { error: `Input '${text}' is not a normalized file system path, failed to escape.` }
    return { error: `Failed to escape string: ${invalid}` }
  }
  const reversible = 'escaping is likely not going to be reversible.'
  const warning = !path
    ? undefined
    : !pathIsValid(text)
      ? `Input '${text}' is not a valid file system path, ${reversible}`
      : !pathIsAbsolute(text)
        ? `Input '${text}' is not an absolute file system path, ${reversible}`
        : undefined
  const name = template !== undefined ? unitNameReplaceInstance(template, escaped) : suffix !== undefined ? `${escaped}.${suffix}` : escaped
  if (name === undefined) return { error: `Failed to replace instance: ${invalid}` }
  return { bytes: encodeUtf8(name), ...(warning === undefined ? {} : { warning }) }
}

function unescapeOne(text: string, { path, template, instance }: Settings): Made | Refusal {
  let source = text
  if (template !== undefined || instance) {
    const found = unitNameIsValid(text) ? (unitNameToInstance(text) ?? '') : undefined
    if (found === undefined) return { error: `Failed to extract instance: ${invalid}` }
    if (found === '') return { error: `Unit ${text} is missing the instance name.` }
    const made = unitNameTemplate(text)
    if (made === undefined) return { error: `Failed to extract template: ${invalid}` }
    if (template !== undefined && made !== template) {
      return { error: `Unit ${text} template ${made} does not match specified template ${template}.` }
    }
    source = found
  }
  const bytes = path ? unitNamePathUnescapeBytes(source) : unitNameUnescapeBytes(source)
  return bytes === undefined ? { error: `Failed to unescape string: ${invalid}` } : { bytes }
}

function mangleOne(text: string): Made | Refusal {
  const mangled = unitNameMangle(text)
  return mangled === undefined ? { error: `Failed to mangle name: ${invalid}` } : { bytes: encodeUtf8(mangled.name) }
}

function* main(process: Process): Syscall<number> {
  const console = yield* Console.open(process)
  const parsed = parseArguments(options, process.argv.slice(1))
  if ('error' in parsed) {
    yield* process.write(2, `${process.argv[0] ?? 'systemd-escape'}: ${parsed.error}\n`)
    return 1
  }
  const settings = readSettings(parsed.args)
  if (settings === 'version') return yield* printVersion(console)
  if (settings === 'help') {
    yield* process.write(1, helpText(definition, 'systemd-escape'))
    return 0
  }
  if ('error' in settings) return yield* console.fail(settings.error)
  const { operands } = parsed.args
  const wrong = conflict(settings, operands.length)
  if (wrong !== undefined) return yield* console.fail(wrong)

  const one = { escape: escapeOne, unescape: unescapeOne, mangle: mangleOne }[settings.action]
  const out: Bytes[] = []
  for (const [index, text] of operands.entries()) {
    const made = one(text, settings)
    if ('error' in made) {
      if (out.length > 0) yield* process.write(1, concatBytes(out))
      return yield* console.fail(made.error)
    }
    if (made.warning !== undefined) yield* console.log('warning', made.warning)
    if (index > 0) out.push(encodeUtf8(' '))
    out.push(made.bytes)
  }
  yield* process.write(1, concatBytes([...out, encodeUtf8('\n')]))
  return 0
}

export const systemdEscape = program({ ...definition, main })
