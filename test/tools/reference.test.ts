import { describe, expect, test } from 'vitest'
import { createUnitLanguage } from '@/lib/language'
import { directivesOf, SECTIONS } from '@/lib/systemd/directives'
import { UnitLoader } from '@/lib/systemd/fragment'
import { referenceIndex, referenceNames, referencePage } from '@/lib/tools'
import { SYSTEM, treeReader } from '../language/tree'

const pages = referenceNames.map((name) => referencePage(name)!)

describe('reference', () => {
  test('every simulated directive has a page with words, effect and an example', () => {
    const rows = SECTIONS.filter((section) => section !== 'Scope').flatMap((section) => [...directivesOf(section).values()])
    const wanted = rows.filter((row) => !row.removed && !row.replacedBy && !row.notSimulated)
    const missing = wanted.filter((row) => {
      const entry = referencePage(row.name)?.entries.find((one) => one.sections.includes(row.section))
      return entry === undefined || entry.summary[1] === '' || entry.effect[1] === '' || entry.example === undefined
    })
    // Kept for old units; nobody should be shown how to write it.
    expect(missing.map((row) => `${row.section}.${row.name}`)).toEqual([])
  })
  test('every example holds its directive and loads without a word', () => {
    const wrong: string[] = []
    for (const page of pages) {
      for (const { example, sections } of page.entries) {
        if (example === undefined) continue
        expect(example.text).toContain(`\n${page.name}=`)
        const reader = treeReader({ ...SYSTEM, [example.path]: example.text })
        const unit = new UnitLoader(reader, { host: { networkInterfaces: new Map([['lo', 1]]) } }).load(example.unit.replace('@.', '@one.'))
        const said = unit.diagnostics.filter((one) => one.severity !== 'debug').map((one) => one.text)
        if (unit.loadState !== 'loaded' || said.length > 0) wrong.push(`${sections[0]}.${page.name}: ${unit.loadState} ${said.join(' | ')}`)
      }
    }
    expect(wrong).toEqual([])
  })
  test('no example breaks our own checks badly', () => {
    const wrong: string[] = []
    for (const page of pages) {
      for (const { example } of page.entries) {
        if (example === undefined) continue
        const found = createUnitLanguage({ reader: treeReader(SYSTEM) }).diagnostics(example.path, example.text)
        for (const one of found) if (one.severity === 'error') wrong.push(`${page.name}: ${one.message}`)
      }
    }
    expect(wrong).toEqual([])
  })
  test('related names have pages', () => {
    for (const page of pages)
      for (const entry of page.entries) for (const name of entry.related) expect(referenceNames, `${page.name} → ${name}`).toContain(name)
  })
  test('a name of two meanings has two entries', () => {
    expect(referencePage('Type')?.entries.map((one) => one.sections)).toEqual([['Service'], ['Mount']])
    expect(referencePage('Nonsense')).toBeUndefined()
  })
  test('the index names all', () => {
    expect(new Set(referenceIndex.flatMap((one) => one.names)).size).toBeGreaterThan(400)
    expect(referenceIndex.find((one) => one.section === 'Service')?.names[0]).toBe('Type')
  })
})
