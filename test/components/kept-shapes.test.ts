// What comes out of storage may be old, foreign or damaged: only the right shape is taken.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isProgress, noProgress } from '@/components/lesson/progress'
import { defaultSettings, readSettings } from '@/components/settings/settings'
import { clampShare, defaultLayout, readLayout } from '@/components/workbench/layout'

describe('settings', () => {
  test('anything at all gives settings', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const read = readSettings(text)
        expect(Object.keys(read).sort()).toEqual(Object.keys(defaultSettings).sort())
      }),
    )
  })
  test('good values stay, bad ones are left out', () => {
    expect(readSettings('{"theme":"dark","fontSize":17,"density":"huge","typing":"yes"}')).toEqual({
      ...defaultSettings,
      theme: 'dark',
      fontSize: 17,
    })
    expect(readSettings(null)).toEqual(defaultSettings)
  })
})

describe('layout', () => {
  test('shares stay within reach', () => {
    expect(readLayout('{"textShare":99,"editorShare":1,"maximised":"editor"}')).toMatchObject({
      textShare: 80,
      editorShare: 15,
      maximised: 'editor',
    })
    expect(readLayout('{"textShare":"wide","maximised":"all"}')).toEqual(defaultLayout)
    fc.assert(fc.property(fc.double({ noNaN: true }), (share) => clampShare(share) >= 15 && clampShare(share) <= 80))
  })
})

describe('progress', () => {
  test.each([
    [noProgress, true],
    [{ version: 1, lessons: { a: { read: true, ran: ['ls'], place: 0.5 } }, exercises: { x: 'passed' } }, true],
    [{ version: 2, lessons: {}, exercises: {} }, false],
    [{ version: 1, lessons: { a: { read: 'yes', ran: [], place: 0 } }, exercises: {} }, false],
    [{ version: 1, lessons: {}, exercises: { x: 'cheated' } }, false],
    [null, false],
    ['progress', false],
  ])('%j: %s', (value, good) => {
    expect(isProgress(value)).toBe(good)
  })
})
