import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  type DirectiveRow,
  directivesOf,
  findDirective,
  type KnownRow,
  type SectionName,
  SECTIONS,
  sectionsWith,
} from '@/lib/systemd/directives'

const table = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../conformance/recordings/corpus/tables/${name}.json`, import.meta.url), 'utf8')) as T

/** `systemd --dump-configuration-items`. */
const recorded = table<Record<SectionName, Record<string, string>>>('directives-257')
/** systemd.directives(7). */
const manual = table<Record<string, Record<string, readonly string[]>>>('man-directives-257')['UNIT DIRECTIVES']!
const undocumented = table<readonly (readonly [SectionName, string])[]>('undocumented-257')

/** Known only in order to be ignored without a word, so the real tool does not list them. */
const SILENT = new Set(['IgnoreOnSnapshot', 'NetClass', 'Capabilities', 'SysVStartPriority', 'BusPolicy'])

const rows = SECTIONS.flatMap((section) => [...directivesOf(section).values()])

test('the sections are the recorded ones', () => {
  expect([...SECTIONS].sort()).toEqual(Object.keys(recorded).sort())
})

describe.each(SECTIONS)('[%s]', (section) => {
  test('no directive is missing, none is extra', () => {
    const names = [...directivesOf(section).keys()].filter((name) => !SILENT.has(name))
    expect(names.sort()).toEqual(Object.keys(recorded[section]).sort())
  })

  test('the kinds of values have the recorded names', () => {
    const kinds = Object.fromEntries(Object.keys(recorded[section]).map((name) => [name, findDirective(section, name)?.parser.placeholder]))
    expect(kinds).toEqual(recorded[section])
  })
})

describe('manual pages', () => {
  const hidden = new Set(undocumented.map(([section, name]) => `${section}.${name}`))
  const isDocumented = (row: KnownRow) => !SILENT.has(row.name) && !hidden.has(`${row.section}.${row.name}`)

  test('the page that a row names has it', () => {
    const wrong = rows.filter(isDocumented).filter((row) => {
      const pages = manual[`${row.name}=`]
      return row.man !== '' && pages !== undefined && !pages.includes('') && !pages.includes(`${row.man}(5)`)
    })
    expect(wrong.map((row) => `${row.section}.${row.name}: ${row.man}`)).toEqual([])
  })

  test('the rows without a page are those that none documents, and old places of others', () => {
    expect(undocumented.filter(([section, name]) => findDirective(section, name)?.man !== '')).toEqual([])
    const wrong = rows.filter((row) => isDocumented(row) && row.man === '' && row.writesSection === undefined)
    expect(wrong.map((row) => `${row.section}.${row.name}`)).toEqual([])
  })
})

describe('rows', () => {
  test('what a row writes is a field of the section', () => {
    const wrong = rows.filter((row) => {
      const section = row.writesSection ?? row.section
      const known = new Set([...directivesOf(section).values()].flatMap((one) => (one.writes === undefined ? [one.name] : [])))
      const merged = new Set(['Conditions', 'Asserts', 'Listen', 'Timers', 'Paths'])
      return (row.writes ?? []).some((field) => !known.has(field) && !merged.has(field))
    })
    expect(wrong.map((row) => `${row.section}.${row.name}`)).toEqual([])
  })

  test('what replaces an old name is known where its value goes', () => {
    const wrong = rows.filter((row) => row.replacedBy !== undefined && !directivesOf(row.writesSection ?? row.section).has(row.replacedBy))
    expect(wrong.map((row) => `${row.section}.${row.name} → ${row.replacedBy}`)).toEqual([])
  })

  test('versions lie between the first that records know and 257', () => {
    const wrong = rows.filter((row: DirectiveRow<unknown> & KnownRow) => row.since !== 0 && (row.since < 183 || row.since > 257))
    expect(wrong.map((row) => `${row.name}: ${row.since}`)).toEqual([])
  })

  test.each<readonly [SectionName, string, number]>([
    ['Service', 'ExecCondition', 243],
    ['Service', 'RestartSteps', 254],
    ['Service', 'MemoryZSwapWriteback', 256],
    ['Service', 'PrivatePIDs', 257],
    ['Unit', 'Upholds', 249],
  ])('[%s] %s= came with %i', (section, name, since) => expect(findDirective(section, name)?.since).toBe(since))

  test('a look-up knows sections and nothing that objects inherit', () => {
    expect(findDirective('Service', 'constructor')).toBeUndefined()
    expect(findDirective('toString', 'x')).toBeUndefined()
    expect(sectionsWith('ExecStartPre')).toEqual(['Service', 'Socket'])
  })
})
