// Lessons as pages need them: found by walking `content/lessons` while the site is built, checked by the schema.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ComponentType } from 'react'
import type { Locale } from '@/components/dictionary'
import { brokenRequirements, frontmatterSchema, type Frontmatter, type Lesson, type LessonFolder, lessonFolders } from '@/lib/lesson'

type MdxModule = { readonly default: ComponentType<{ components?: Record<string, unknown> }>; readonly frontmatter: unknown }

const folders: readonly LessonFolder[] = lessonFolders(
  readdirSync(join(process.cwd(), 'content', 'lessons'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name),
)

export const lessonSlugs = (): readonly string[] => folders.map((one) => one.slug)
export const lessonSlugOf = (folder: string): string | undefined => folders.find((one) => one.folder === folder)?.slug

export type LessonPage = LessonFolder & { readonly lesson: Lesson; readonly words: Frontmatter }

async function load(one: LessonFolder, locale: Locale): Promise<LessonPage> {
  const declared = (await import(`@/content/lessons/${one.folder}/lesson.ts`)) as { readonly default: Lesson }
  const text = (await import(`@/content/lessons/${one.folder}/${locale}.mdx`)) as MdxModule
  return { ...one, lesson: declared.default, words: frontmatterSchema.parse(text.frontmatter) }
}

export async function allLessons(locale: Locale): Promise<readonly LessonPage[]> {
  const lessons = await Promise.all(folders.map((one) => load(one, locale)))
  const broken = brokenRequirements(lessons.map((one) => ({ ...one, requires: one.lesson.requires })))
  if (broken.length > 0) throw new Error(broken.join('\n'))
  return lessons
}

export async function lessonText(folder: string, locale: Locale): Promise<MdxModule['default']> {
  return ((await import(`@/content/lessons/${folder}/${locale}.mdx`)) as MdxModule).default
}
