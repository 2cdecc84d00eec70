// After systemd.unit(5): dependencies, conditions, slices, triggers: values that name other units or ask about the machine.
import { isErrno } from '@/lib/kernel'
import { UNIT_NAME_MAX, unitNameKind, unitNameToInstance, unitNameToPrefix, unitNameToType } from '../unit-name'
import type { DirectiveParser, ParseContext } from './directive'
import { cursorAt, extractFirstWord } from './extract-word'
import { parseBoolean } from './numbers'
import { checkPath, PATH_SPECIFIER_MAX } from './parse-path'
import { expandOrWarn } from './parse-text'
import { eachWord } from './parse-words'

const nameSpecifiers = (text: string, context: ParseContext) => context.expand(text, 'name', UNIT_NAME_MAX)

/** A template may name an instance of itself, but not one that grows with each step. */
export function isRecursiveTemplateDependency(unit: string, name: string, format: string): boolean {
  if (unitNameKind(name) !== 'instance' || unitNameToPrefix(unit) !== unitNameToPrefix(name)) return false
  if (unitNameToInstance(unit) === undefined || unitNameToType(unit) !== unitNameToType(name)) return false
  const at = format.indexOf('@')
  if (at < 0) return false
  const dot = format.lastIndexOf('.')
  const instance = format.slice(at + 1, dot > at ? dot : undefined)
  if (instance === '%i') return false
  let percent = false
  for (const char of instance) {
    if (char === '%') percent = !percent
    else if (percent) {
      if ('nNi'.includes(char)) return true
      percent = false
    }
  }
  return false
}

/** Names of units, to which an empty line adds nothing. */
export function dependencies(options: { readonly obsoleteFor?: string } = {}): DirectiveParser<readonly string[]> {
  return {
    placeholder: options.obsoleteFor === undefined ? 'UNIT [...]' : 'OTHER',
    parse(value, current, context) {
      if (options.obsoleteFor !== undefined) {
        context.report(
          'warning',
          `Unit dependency type ${context.directive}= is obsolete, replacing by ${options.obsoleteFor}=, please update your unit file`,
        )
      }
      const names = new Set(current)
      for (const word of eachWord(value, { retainEscape: true }, context, () => `Invalid syntax, ignoring: ${value}`)) {
        const name = nameSpecifiers(word.text, context)
        if (isErrno(name)) {
          context.report('warning', `Failed to resolve unit specifiers in '${word.text}', ignoring: ${name.message}`, word.range)
          continue
        }
        if (isRecursiveTemplateDependency(context.unit, name, word.text)) {
          const message = `Dropping dependency ${options.obsoleteFor ?? context.directive}=${word.text} that likely leads to infinite recursion.`
          context.report('debug', message, word.range)
          continue
        }
        const full = context.dependency(name)
        if (isErrno(full)) context.report('warning', `Failed to add dependency on ${name}, ignoring: ${full.message}`, word.range)
        else if (full !== undefined) names.add(full)
      }
      return [...names]
    },
  }
}

/** A condition (or assertion) to be met. */
export type ConditionValue = {
  /** As in `ConditionPathExists=`, without its first word. */
  readonly type: string
  /** One of the `|` conditions suffices. */
  readonly trigger: boolean
  readonly negate: boolean
  readonly parameter: string
}

const conditionType = (directive: string) => directive.replace(/^(?:Condition|Assert)/, '')

/** Paths, checked; an empty line drops all conditions so far. */
export const conditionPath: DirectiveParser<readonly ConditionValue[]> = {
  placeholder: 'CONDITION',
  parse(value, current, context) {
    if (value === '') return []
    const [, trigger, negate, rest] = /^(\|?)(!?)([\s\S]*)$/.exec(value)!
    const expanded = expandOrWarn(rest!, context, { maximum: PATH_SPECIFIER_MAX, quote: '' })
    if (expanded === undefined) return current
    const checked = checkPath(expanded, { absolute: true }, context)
    if (checked === undefined) return current
    return [...current, { type: conditionType(context.directive), trigger: trigger !== '', negate: negate !== '', parameter: checked }]
  },
}

export const conditionString: DirectiveParser<readonly ConditionValue[]> = {
  placeholder: 'CONDITION',
  parse(value, current, context) {
    if (value === '') return []
    const [, trigger, negate, rest] = /^(\|[ \t\n\r]*)?(![ \t\n\r]*)?([\s\S]*)$/.exec(value)!
    const expanded = expandOrWarn(rest!, context)
    if (expanded === undefined) return current
    return [
      ...current,
      { type: conditionType(context.directive), trigger: trigger !== undefined, negate: negate !== undefined, parameter: expanded },
    ]
  },
}

/** `Slice=`; the loader knows which names are slices that this unit may be in. */
export const slice: DirectiveParser<string> = {
  placeholder: 'SLICE',
  parse(value, current, context) {
    const name = nameSpecifiers(value, context)
    if (isErrno(name)) {
      context.report('warning', `Failed to resolve unit specifiers in ${value}, ignoring: ${name.message}`)
      return current
    }
    const loads = context.loads(name)
    if (typeof loads === 'object') {
      context.report('warning', `Failed to load slice unit ${name}, ignoring: ${loads.message}`)
      return current
    }
    const error = context.assignSlice(loads)
    if (error !== undefined) {
      context.report('warning', `Failed to assign slice ${loads} to unit ${context.unit}, ignoring: ${error.message}`)
      return current
    }
    return loads
  },
}

/** `Unit=` of timers and paths; only the first counts. */
export const triggerUnit: DirectiveParser<string> = {
  placeholder: 'UNIT',
  parse(value, current, context) {
    if (current !== '') {
      context.report('warning', `Multiple units to trigger specified, ignoring: ${value}`)
      return current
    }
    const name = nameSpecifiers(value, context)
    if (isErrno(name)) {
      context.report('warning', `Failed to resolve unit specifiers in ${value}, ignoring: ${name.message}`)
      return current
    }
    if (unitNameToType(name) === undefined) {
      context.report('warning', `Unit type not valid, ignoring: ${value}`)
      return current
    }
    if (context.names.has(name)) {
      context.report('warning', `Units cannot trigger themselves, ignoring: ${value}`)
      return current
    }
    const full = context.dependency(name)
    if (isErrno(full)) {
      context.report('warning', `Failed to add trigger on ${name}, ignoring: ${full.message}`)
      return current
    }
    return full ?? current
  },
}

/** `Service=` of a socket. */
export const socketService: DirectiveParser<string> = {
  placeholder: 'SERVICE',
  parse(value, current, context) {
    const name = nameSpecifiers(value, context)
    if (isErrno(name)) {
      context.report('warning', `Failed to resolve unit specifiers in ${value}, ignoring: ${name.message}`)
      return current
    }
    if (!name.endsWith('.service')) {
      context.report('warning', `Unit must be of type service, ignoring: ${value}`)
      return current
    }
    const loads = context.loads(name)
    if (typeof loads === 'object') {
      context.report('warning', `Failed to load unit ${value}, ignoring: ${loads.message}`)
      return current
    }
    return loads
  },
}

/** `Sockets=` of a service. */
export const serviceSockets: DirectiveParser<readonly string[]> = {
  placeholder: 'SOCKETS',
  parse(value, current, context) {
    const names = [...current]
    for (const word of eachWord(value, {}, context, () => `Trailing garbage in sockets, ignoring: ${value}`)) {
      const name = nameSpecifiers(word.text, context)
      if (isErrno(name)) {
        context.report('warning', `Failed to resolve unit specifiers in '${word.text}', ignoring: ${name.message}`, word.range)
        continue
      }
      if (!name.endsWith('.socket')) {
        context.report('warning', `Unit must be of type socket, ignoring: ${name}`, word.range)
        continue
      }
      const full = context.dependency(name)
      if (isErrno(full)) {
        // Wants= and After= are one step, TriggeredBy= another.
        for (let times = 0; times < 2; times++) {
          context.report('warning', `Failed to add dependency on ${name}, ignoring: ${full.message}`, word.range)
        }
      } else if (full !== undefined && !names.includes(full)) names.push(full)
    }
    return names
  },
}

export const jobModeIsolate: DirectiveParser<string> = {
  placeholder: 'BOOLEAN',
  parse(value, current, context) {
    const isolate = parseBoolean(value)
    if (isErrno(isolate)) {
      context.report('warning', `Failed to parse boolean, ignoring: ${value}`)
      return current
    }
    context.reportFor('nowhere', 'notice', `${context.directive} is deprecated. Please use OnFailureJobMode= instead`)
    return isolate ? 'isolate' : 'replace'
  },
}

const EMERGENCY_ACTIONS = [
  'none',
  'exit',
  'exit-force',
  'reboot',
  'reboot-force',
  'reboot-immediate',
  'poweroff',
  'poweroff-force',
  'poweroff-immediate',
  'soft-reboot',
  'soft-reboot-force',
  'kexec',
  'kexec-force',
  'halt',
  'halt-force',
  'halt-immediate',
] as const
export type EmergencyAction = (typeof EMERGENCY_ACTIONS)[number]
const isEmergencyAction = (text: string): text is EmergencyAction => (EMERGENCY_ACTIONS as readonly string[]).includes(text)
/** A user's manager can only leave. */
const USER_ACTIONS: ReadonlySet<string> = new Set(['none', 'exit', 'exit-force'])

export const emergencyAction: DirectiveParser<EmergencyAction> = {
  placeholder: 'ACTION',
  values: EMERGENCY_ACTIONS,
  parse(value, current, context) {
    if (!isEmergencyAction(value)) context.report('warning', `Failed to parse ${context.directive}=, ignoring: ${value}`)
    else if (context.scope === 'user' && !USER_ACTIONS.has(value)) {
      context.report('warning', `${context.directive}= specified as user mode action, ignoring: ${value}`)
    } else return value
    return current
  },
}

/** Alias=, WantedBy= and their like: read when units are enabled, never checked. */
export const installNames: DirectiveParser<readonly string[]> = {
  placeholder: 'OTHER',
  parse(value, current) {
    if (value === '') return []
    const names = [...current]
    const cursor = cursorAt(value)
    for (;;) {
      const word = extractFirstWord(cursor, { retainEscape: true })
      if (word === undefined || isErrno(word)) return names
      names.push(word)
    }
  },
}
