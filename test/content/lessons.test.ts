// Lessons exist in every language with the same structure: same commands, same exercises, same parts in the same order.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exercises } from '@/content/exercises'
import { terms } from '@/content/terms'
import { frontmatterSchema, type Lesson, lessonFolders, neighbours } from '@/lib/lesson'

const root = join(__dirname, '../../content/lessons')
const folders = lessonFolders(readdirSync(root))
const languages = ['en', 'ko'] as const

const source = (folder: string, language: string) => readFileSync(join(root, folder, `${language}.mdx`), 'utf8')
const body = (text: string) => text.replace(/^---\n[\s\S]*?\n---\n/, '')
/** Front matter of our simple kind: scalars and one list. */
function frontmatter(text: string): unknown {
  const head = /^---\n([\s\S]*?)\n---\n/.exec(text)?.[1] ?? ''
  const value: Record<string, string | string[]> = {}
  let list: string[] = []
  for (const line of head.split('\n')) {
    const item = /^ {2}- (.*)$/.exec(line)
    const pair = /^(\w+):\s*(.*)$/.exec(line)
    if (item?.[1] !== undefined) list.push(item[1])
    else if (pair?.[1] !== undefined) {
      list = []
      value[pair[1]] = pair[2] === '' ? list : (pair[2] ?? '')
    }
  }
  return value
}
/** Blocks; what stands inside of a sentence may fall anywhere in a line. */
const parts = (text: string) => [...body(text).matchAll(/^<(?!Term|OpenFile)([A-Z]\w*)/gm)].map((match) => match[1])
const paths = (text: string) => [...text.matchAll(/<OpenFile path="([^"]+)"/g)].map((match) => match[1])
const commands = (text: string) =>
  [...text.matchAll(/<Run\s+command=(?:"([^"]*)"|\{`([\s\S]*?)`\})/g)].map((match) => match[1] ?? match[2] ?? '')
const headings = (text: string) => (body(text).match(/^#{2,3} /gm) ?? []).length

describe('there are lessons', () => {
  test('at least three', () => expect(folders.length).toBeGreaterThanOrEqual(3))
  test('each has neighbours in order', () => expect(neighbours(folders, folders[0]!.slug).next).toBe(folders[1]))
})

describe.each(folders)('$folder', ({ folder }) => {
  test('is declared, with exercises that exist', async () => {
    const { default: declared } = (await import(`../../content/lessons/${folder}/lesson.ts`)) as { default: Lesson }
    const known = exercises.filter((one) => one.lesson === folder).map((one) => one.id)
    expect([...declared.exercises].sort()).toEqual([...known].sort())
    for (const slug of declared.requires) expect(folders.map((one) => one.slug)).toContain(slug)
    const shown = [...source(folder, 'en').matchAll(/<Checks id="([^"]+)"/g)].map((match) => match[1])
    expect(shown).toEqual(declared.exercises)
  })

  test.each(languages)('%s has its front matter', (language) => {
    expect(() => frontmatterSchema.parse(frontmatter(source(folder, language)))).not.toThrow()
  })

  test('both languages have the same parts, commands and headings', () => {
    const [en, ko] = languages.map((language) => source(folder, language))
    expect(parts(ko!)).toEqual(parts(en!))
    expect(commands(ko!)).toEqual(commands(en!))
    expect(paths(ko!)).toEqual(paths(en!))
    expect(headings(ko!)).toBe(headings(en!))
    expect(commands(en!).length).toBeGreaterThan(0)
  })

  test('both speak of the same terms, and each is explained', () => {
    const named = languages.map((language) =>
      [...source(folder, language).matchAll(/<Term name="([^"]+)"/g)].map((match) => match[1]!).sort(),
    )
    expect(named[1]).toEqual(named[0])
    for (const name of named[0]!) expect(Object.keys(terms)).toContain(name)
  })

  test('has goals, a prediction, a mistake, a recap', () => {
    const found = new Set(parts(source(folder, 'en')))
    for (const part of ['Predict', 'Pitfall', 'Recap', 'Checks', 'Run']) expect(found).toContain(part)
  })

  test('has the length of a lesson', () => {
    const words = body(source(folder, 'en'))
      .replace(/<Run[\s\S]*?\/>/g, ' ')
      .split(/\s+/).length
    expect(words).toBeGreaterThanOrEqual(600)
    expect(words).toBeLessThanOrEqual(1200)
  })

  test('links lead to lessons', () => {
    for (const language of languages)
      for (const [, slug] of source(folder, language).matchAll(/\]\(\.\.\/([^/)]+)\/\)/g))
        expect(folders.map((one) => one.slug)).toContain(slug)
  })
})
