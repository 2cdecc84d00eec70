// After systemd-analyze(1), "systemd-analyze security": what a unit may do, as rows, a number and a word.
import {
  ANSI_GREY,
  ANSI_HIGHLIGHT,
  ANSI_HIGHLIGHT_GREEN,
  ANSI_HIGHLIGHT_RED,
  ANSI_HIGHLIGHT_YELLOW,
  ANSI_NORMAL,
  formatTable,
  headerRow,
  urlify,
  type TableRow,
} from '@/lib/base'
import { ASSESSORS, type Assessor } from './assessors'
import { jsonTable, type Json, type JsonMode } from './json-table'
import type { Appearance, Output } from './output'
import type { SecurityInfo } from './security-info'

export type SecurityRow = {
  readonly assessor: Assessor
  readonly weight: number
  /** `undefined`: does not apply. */
  readonly badness: number | undefined
  readonly range: number
  /** Good, bad, or neither. */
  readonly set: boolean | undefined
  readonly description: string | undefined
  /** Tenths of a point of the whole, rounded up; `undefined` when it costs nothing. */
  readonly exposure: number | undefined
}

export type Predicate = {
  readonly from: number
  readonly name: string
  readonly color: string | undefined
  readonly ascii: string
  readonly emoji: string
}

/** From the tenths on, downwards. */
export const PREDICATES: readonly Predicate[] = [
  { from: 100, name: 'DANGEROUS', color: ANSI_HIGHLIGHT_RED, ascii: ':-[', emoji: '🤢' },
  { from: 90, name: 'UNSAFE', color: ANSI_HIGHLIGHT_RED, ascii: ':-{', emoji: '😨' },
  { from: 75, name: 'EXPOSED', color: ANSI_HIGHLIGHT_YELLOW, ascii: ':-(', emoji: '🙁' },
  { from: 50, name: 'MEDIUM', color: undefined, ascii: ':-|', emoji: '😐' },
  { from: 10, name: 'OK', color: ANSI_HIGHLIGHT_GREEN, ascii: ':-)', emoji: '🙂' },
  { from: 1, name: 'SAFE', color: ANSI_HIGHLIGHT_GREEN, ascii: ':-}', emoji: '😀' },
  { from: 0, name: 'PERFECT', color: ANSI_HIGHLIGHT_GREEN, ascii: ':-]', emoji: '😇' },
]

export type Assessment = {
  readonly info: SecurityInfo
  /** In the order of the assessors. */
  readonly rows: readonly SecurityRow[]
  /** In tenths. */
  readonly exposure: number
  readonly predicate: Predicate
}

/** What a policy file says of one assessor. */
export type PolicyItem = { readonly [key: string]: Json }
export type SecurityPolicy = { readonly [jsonField: string]: Json }

/** The real tool stops dead on a policy that contradicts itself. */
export type PolicyFault = { readonly assertion: string; readonly line: number }

const isObject = (value: Json | undefined): value is PolicyItem => typeof value === 'object' && value !== null && !Array.isArray(value)
const divideUp = (a: number, b: number): number => Math.ceil(a / b)

function itemOf(assessor: Assessor, policy: SecurityPolicy | undefined): PolicyItem | undefined {
  const item = policy?.[assessor.jsonField]
  return isObject(item) ? item : undefined
}

function numberOf(item: PolicyItem | undefined, key: 'weight' | 'range', usual: number): number {
  const value = item?.[key]
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : usual
}

function textOf(item: PolicyItem | undefined, key: string, usual: string | undefined): string | undefined {
  const value = item?.[key]
  return typeof value === 'string' ? value : usual
}

export function assessSecurity(info: SecurityInfo, policy?: SecurityPolicy): Assessment | PolicyFault {
  const rows: SecurityRow[] = []
  let badnessSum = 0
  let weightSum = 0
  for (const assessor of ASSESSORS) {
    const item = itemOf(assessor, policy)
    const weight = numberOf(item, 'weight', assessor.weight)
    const range = numberOf(item, 'range', assessor.range)
    let badness: number | undefined
    let own: string | undefined
    if (assessor.defaultDependenciesOnly && !info.defaultDependencies) own = 'Service runs in special boot phase, option is not appropriate'
    else if (weight === 0) own = 'Option excluded by policy, skipping'
    else {
      const found = assessor.assess(info)
      badness = found.badness
      own = found.description
    }
    if (range === 0) return { assertion: 'range > 0', line: 1785 }
    if (badness !== undefined) {
      if (badness > range) return { assertion: 'badness <= range', line: 1788 }
      badnessSum += divideUp(badness * weight, range)
      weightSum += weight
    }
    const usual =
      badness === undefined
        ? textOf(item, 'description_na', assessor.notApplicable)
        : badness === assessor.range
          ? textOf(item, 'description_bad', assessor.bad)
          : badness === 0
            ? textOf(item, 'description_good', assessor.good)
            : undefined
    rows.push({
      assessor,
      weight,
      badness,
      range,
      set: badness === undefined ? undefined : badness === 0,
      description: own ?? usual,
      exposure: undefined,
    })
  }
  if (weightSum === 0) return { assertion: 'weight_sum > 0', line: 1855 }
  const exposure = divideUp(badnessSum * 100, weightSum)
  return {
    info,
    rows: rows.map((row) =>
      row.badness ? { ...row, exposure: divideUp(divideUp(row.badness * row.weight * 100, row.range), weightSum) } : row,
    ),
    exposure,
    predicate: PREDICATES.find((one) => exposure >= one.from)!,
  }
}

export const isPolicyFault = (value: Assessment | PolicyFault): value is PolicyFault => 'assertion' in value

const tenths = (value: number): string => `${Math.floor(value / 10)}.${value % 10}`

/** UTF-8 byte order. */
function compareText(a: string, b: string): number {
  const left = [...a]
  const right = [...b]
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const difference = left[index]!.codePointAt(0)! - right[index]!.codePointAt(0)!
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

/** What the table compares: by description backwards, then by name; a row without one goes by its place, which is no order at all. */
function compareRows(a: number, b: number, rows: readonly SecurityRow[]): number {
  const one = rows[a]!
  const other = rows[b]!
  if (one.description === undefined || other.description === undefined) return b - a
  return compareText(other.description, one.description) || compareText(one.assessor.id, other.assessor.id) || a - b
}

/**
 * The merge sort of the C library, because where the comparison contradicts itself its steps decide. -1 is the heading, which
 * comes first.
 */
function mergeSort(order: readonly number[], rows: readonly SecurityRow[]): readonly number[] {
  if (order.length <= 1) return order
  const half = Math.floor(order.length / 2)
  const left = mergeSort(order.slice(0, half), rows)
  const right = mergeSort(order.slice(half), rows)
  const merged: number[] = []
  let i = 0
  let j = 0
  while (i < left.length && j < right.length) {
    const first = left[i]! < 0 || (right[j]! >= 0 && compareRows(left[i]!, right[j]!, rows) <= 0)
    merged.push(first ? left[i++]! : right[j++]!)
  }
  return [...merged, ...left.slice(i), ...right.slice(j)]
}

/** In the order of the table. */
export function sortedRows(rows: readonly SecurityRow[]): readonly SecurityRow[] {
  const order = mergeSort([-1, ...rows.keys()], rows)
  return order.filter((index) => index >= 0).map((index) => rows[index]!)
}

export type SecurityLook = Appearance & { readonly emoji: boolean; readonly hostname: string }

const MANUAL = 'https://www.freedesktop.org/software/systemd/man/systemd.exec.html'

function detailTable(rows: readonly SecurityRow[], look: SecurityLook): string {
  const titles = headerRow([' ', 'NAME', 'DESCRIPTION', 'EXPOSURE'], [{}, {}, {}, { alignPercent: 100 }])
  const body = rows.map((row): TableRow => {
    const mark = row.set === undefined ? { text: ' ', color: ANSI_GREY } : markOf(row.set)
    return [
      { ...mark, minimumWidth: 1, maximumWidth: row.set === undefined ? 1 : 1, ellipsizePercent: 0 },
      { text: row.assessor.id, url: `${MANUAL}#${row.assessor.anchor}=` },
      row.description === undefined ? { text: ' ', color: ANSI_GREY } : { text: row.description },
      row.exposure === undefined ? { text: ' ', alignPercent: 100, color: ANSI_GREY } : { text: tenths(row.exposure), alignPercent: 100 },
    ]
  })
  return formatTable([titles, ...body], {
    colors: look.colors,
    urlify: look.urlify,
    header: true,
    ...(look.width === undefined ? {} : { width: look.width }),
  })
}

const markOf = (good: boolean): { readonly text: string; readonly color: string } =>
  good ? { text: '✓', color: ANSI_HIGHLIGHT_GREEN } : { text: '✗', color: ANSI_HIGHLIGHT_RED }

function jsonRows(rows: readonly SecurityRow[]): readonly Json[] {
  return rows.map((row) => ({
    set: row.set ?? null,
    name: row.assessor.id,
    json_field: row.assessor.jsonField,
    description: row.description ?? null,
    exposure: row.exposure === undefined ? null : tenths(row.exposure),
  }))
}

const smiley = (predicate: Predicate, look: SecurityLook): string => (look.emoji ? predicate.emoji : predicate.ascii)

/** The table and the line below it. */
export function printAssessment(assessment: Assessment, json: JsonMode, look: SecurityLook, output: Output): void {
  const rows = sortedRows(assessment.rows)
  if (json !== 'off') {
    output.print(jsonTable(jsonRows(rows), json))
    return
  }
  output.print(detailTable(rows, look))
  const { info, exposure, predicate } = assessment
  const painted = (color: string, text: string): string => (look.colors ? `${color}${text}` : text)
  const end = look.colors ? ANSI_NORMAL : ''
  const name = look.urlify && info.fragmentPath !== '' ? urlify(`file://${look.hostname}${info.fragmentPath}`, info.id) : info.id
  const level = `${painted(predicate.color ?? '', `${tenths(exposure)} ${predicate.name}`)}${end}`
  output.print(`\n→ ${painted(ANSI_HIGHLIGHT, `Overall exposure level for ${name}`)}${end}: ${level} ${smiley(predicate, look)}\n`)
}

/** One line a unit. */
export function printOverview(assessments: readonly Assessment[], json: JsonMode, look: SecurityLook, output: Output): void {
  const rows = assessments
  if (json !== 'off') {
    const objects = rows.map(({ info, exposure, predicate }) => ({
      unit: info.id,
      exposure: tenths(exposure),
      predicate: predicate.name,
      happy: smiley(predicate, look),
    }))
    output.print(jsonTable(objects, json))
    return
  }
  const titles = headerRow(['UNIT', 'EXPOSURE', 'PREDICATE', 'HAPPY'], [{}, { alignPercent: 100 }])
  const body = rows.map(
    ({ info, exposure, predicate }): TableRow => [
      info.fragmentPath === '' ? { text: info.id } : { text: info.id, url: `file://${look.hostname}${info.fragmentPath}` },
      { text: tenths(exposure), alignPercent: 100 },
      predicate.color === undefined ? { text: predicate.name } : { text: predicate.name, color: predicate.color },
      { text: smiley(predicate, look) },
    ],
  )
  output.print(
    formatTable([titles, ...body], {
      colors: look.colors,
      urlify: look.urlify,
      header: true,
      ...(look.width === undefined ? {} : { width: look.width }),
    }),
  )
}

/** Judges a unit, prints it; the exit status: 0, 1 above the threshold, or the fault of a policy. */
export function analyzeSecurity(
  info: SecurityInfo,
  options: { readonly threshold: number; readonly json: JsonMode; readonly policy?: SecurityPolicy | undefined },
  look: SecurityLook,
  output: Output,
): number | PolicyFault {
  const assessment = assessSecurity(info, options.policy)
  if (isPolicyFault(assessment)) return assessment
  printAssessment(assessment, options.json, look, output)
  return assessment.exposure > options.threshold ? 1 : 0
}
