import { describe, expect, test } from 'vitest'
import { brokenRequirements, frontmatterSchema, lesson, lessonFolders, neighbours } from '@/lib/lesson'

describe('lessons by their folders', () => {
  test('number and slug come from the name, order from the number', () => {
    expect(lessonFolders(['10-later', '02-in-the-background'])).toEqual([
      { folder: '02-in-the-background', number: 2, slug: 'in-the-background' },
      { folder: '10-later', number: 10, slug: 'later' },
    ])
  })

  test.each([
    ['a name that is none', ['lesson-one'], /is called NN-slug/],
    ['two of one number', ['01-a', '01-b'], /have the number 1/],
    ['two of one slug', ['01-a', '02-a'], /have the slug a/],
  ])('%s is refused', (_name, names, message) => {
    expect(() => lessonFolders(names)).toThrow(message)
  })

  test('neighbours', () => {
    const all = [{ slug: 'a' }, { slug: 'b' }, { slug: 'c' }]
    expect(neighbours(all, 'b')).toEqual({ previous: { slug: 'a' }, next: { slug: 'c' } })
    expect(neighbours(all, 'a').previous).toBeUndefined()
    expect(neighbours(all, 'x')).toEqual({ previous: undefined, next: undefined })
  })

  test('a lesson may build on earlier ones only', () => {
    const one = (slug: string, number: number, requires: readonly string[]) => ({ slug, number, requires })
    expect(brokenRequirements([one('a', 1, []), one('b', 2, ['a'])])).toEqual([])
    expect(brokenRequirements([one('a', 1, ['b']), one('b', 2, ['x'])])).toEqual([
      'a requires b, which comes later',
      'b requires x, which does not exist',
    ])
  })
})

describe('declarations', () => {
  test('what is left out has its usual value; what is unknown is refused', () => {
    expect(lesson({ minutes: 10 })).toMatchObject({ image: 'lab', user: 'root', files: [], exercises: [] })
    expect(() => lesson({ minutes: 10, files: [{ path: 'relative', content: '' }] })).toThrow(/absolute path/)
    expect(() => lesson({ minutes: 10, ...{ minuts: 3 } })).toThrow(/minuts/)
    expect(() => frontmatterSchema.parse({ title: 'A title', summary: 'short', goals: ['one goal'] })).toThrow()
  })
})
