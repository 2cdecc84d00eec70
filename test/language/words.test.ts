import { describe, expect, test } from 'vitest'
import { checks, directiveSummary, specifierSummary } from '@/lib/language'
import { directivesOf, SECTIONS, specifierLetters } from '@/lib/systemd/directives'

const rows = SECTIONS.flatMap((section) => [...directivesOf(section).values()])

describe('words', () => {
  test('every directive that is simulated has a line in both languages', () => {
    const missing = rows
      .filter((row) => !row.removed)
      .filter((row) => {
        const words = directiveSummary(row.section, row.name)
        return words === undefined || words[0].length < 5 || !/[가-힣]/.test(words[1])
      })
    expect(missing.map((row) => `${row.section}.${row.name}`)).toEqual([])
  })
  test('every specifier has one', () => {
    expect(specifierLetters('full').filter((letter) => specifierSummary(letter) === undefined)).toEqual([])
  })
  test('every check says what and why in both languages, with the same places to fill', () => {
    const places = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort()
    for (const check of checks) {
      for (const words of [check.title, check.message, check.why]) {
        expect(words[0], check.id).not.toBe('')
        if (/[A-Za-z]/.test(words[0].replace(/\{\w+\}/g, ''))) expect(words[1], check.id).toMatch(/[가-힣]/)
      }
      expect(places(check.message[0]), check.id).toEqual(places(check.message[1]))
    }
  })
  test('ids are unique and fit an address', () => {
    const ids = checks.map((one) => one.id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(/^[a-z][a-z0-9-]*$/)
  })
})
