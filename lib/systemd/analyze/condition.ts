// After systemd-analyze(1): the verb condition.
import { UTC_ZONE, LocalTime } from '@/lib/base'
import { errno, isErrno } from '@/lib/kernel'
import { CONDITION_TYPES, conditionText, testConditionList, type ConditionHost } from '../condition'
import {
  conditionDirectives,
  expandSpecifiers,
  type ConditionValue,
  type DirectiveRow,
  type ParseContext,
  type SpecifierHost,
} from '../directives'
import type { Output } from './output'

const TEST_UNIT = 'test.service'

export type ConditionLists = { readonly conditions: readonly ConditionValue[]; readonly asserts: readonly ConditionValue[] }

/** Reads `ConditionPathExists = /x`; `undefined` when it is none. */
function readLine(line: string): { readonly prefix: 'Condition' | 'Assert'; readonly type: string; readonly value: string } | undefined {
  const match = /^(Condition|Assert)([A-Za-z]+)[ \t\n\r]*=[ \t\n\r]*(.*)$/s.exec(line)
  if (match === null || !CONDITION_TYPES.includes(match[2]!)) return undefined
  return { prefix: match[1] as 'Condition' | 'Assert', type: match[2]!, value: match[3]! }
}

function contextFor(directive: string, scope: 'system' | 'user', specifiers: SpecifierHost, output: Output): ParseContext {
  return {
    unit: TEST_UNIT,
    scope,
    section: 'Unit',
    directive,
    file: '(cmdline)',
    line: 0,
    report: (severity, message) => {
      if (severity !== 'debug') output.log(severity, `(cmdline): ${message}`)
    },
    reportFor: (_where, severity, message) => {
      if (severity !== 'debug') output.log(severity, message)
    },
    refuse: () => {},
    expand: (text, table, maximum) => expandSpecifiers(text, table, maximum, { id: TEST_UNIT, fragmentPath: undefined }, specifiers),
    peek: () => undefined,
    host: {
      cpus: 1,
      memory: 0,
      networkInterfaces: new Map(),
      runtimeDirectory: specifiers.runtimeDirectory,
      local: new LocalTime(UTC_ZONE, 0),
    },
    names: new Set([TEST_UNIT]),
    dependency: () => errno.EINVAL,
    loads: () => errno.EINVAL,
    assignSlice: () => undefined,
  }
}

/** The conditions that a command line names; `undefined` after the message about one that is none. */
export function parseConditionLines(
  lines: readonly string[],
  scope: 'system' | 'user',
  specifiers: SpecifierHost,
  output: Output,
): ConditionLists | undefined {
  let conditions: readonly ConditionValue[] = []
  let asserts: readonly ConditionValue[] = []
  const rows: Readonly<Record<string, DirectiveRow<readonly ConditionValue[]>>> = conditionDirectives
  for (const line of lines) {
    const read = readLine(line)
    // AssertFirmware= works here though no file may hold it.
    const row = read && (rows[`${read.prefix}${read.type}`] ?? rows[`Condition${read.type}`])
    if (read === undefined || row === undefined) {
      output.error(`Cannot parse "${line}".`)
      return undefined
    }
    const context = contextFor(`${read.prefix}${read.type}`, scope, specifiers, output)
    if (read.prefix === 'Condition') conditions = row.parser.parse(read.value, conditions, context)
    else asserts = row.parser.parse(read.value, asserts, context)
  }
  return { conditions, asserts }
}

/** Tests the lists and says what came out; the exit status. */
export function analyzeConditionLists(unit: string, { conditions, asserts }: ConditionLists, host: ConditionHost, output: Output): number {
  const test = (list: readonly ConditionValue[], prefix: 'Condition' | 'Assert'): boolean => {
    const holds = testConditionList(list, host, ({ condition, result }) => {
      const shown = `${prefix}${condition.type}=${conditionText(condition)}`
      const lines = (text: string): string =>
        text
          .split('\n')
          .map((line) => `${unit}: ${line}`)
          .join('\n')
      if (isErrno(result)) output.log('warning', lines(`Couldn't determine result for ${shown}, assuming failed: ${result.message}`))
      else output.log('info', lines(`${shown} ${result ? 'succeeded' : 'failed'}.`))
    })
    if (list.length > 0) output.log('notice', `${prefix}s ${holds ? 'succeeded' : 'failed'}.`)
    return holds
  }
  const assertsHold = test(asserts, 'Assert')
  const conditionsHold = test(conditions, 'Condition')
  return assertsHold && conditionsHold ? 0 : 1
}

export function analyzeCondition(
  lines: readonly string[],
  scope: 'system' | 'user',
  specifiers: SpecifierHost,
  host: ConditionHost,
  output: Output,
): number {
  const lists = parseConditionLines(lines, scope, specifiers, output)
  return lists === undefined ? 1 : analyzeConditionLists(TEST_UNIT, lists, host, output)
}
