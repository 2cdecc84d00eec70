// A lesson: `content/lessons/NN-slug/lesson.ts` holds all that is not language, `en.mdx` and `ko.mdx` the words.
import { z } from 'zod'

const absolutePath = z.string().regex(/^\/[^\0]*$/, 'an absolute path')

const placedFile = z.strictObject({
  path: absolutePath,
  content: z.string(),
  /** Permission bits; 0644 when absent. */
  mode: z.number().int().min(0).max(0o7777).optional(),
  owner: z.string().optional(),
})

export const lessonSchema = z.strictObject({
  image: z.enum(['lab', 'bare']).default('lab'),
  /** Who the first terminal belongs to. */
  user: z.enum(['root', 'learner']).default('root'),
  /** How long a reader takes who tries everything. */
  minutes: z.number().int().min(5).max(90),
  /** Slugs of lessons that should come before. */
  requires: z.array(z.string()).default([]),
  files: z.array(placedFile).default([]),
  /** Opened in the editor at first, in this order. */
  open: z.array(absolutePath).default([]),
  /** Ids of exercises, in the order of the text. */
  exercises: z.array(z.string()).default([]),
  /** Pages of the manual worth reading after it: `systemd.service(5)`. */
  manual: z.array(z.string().regex(/^[\w.@-]+\(\d\)$/)).default([]),
})

export const frontmatterSchema = z.strictObject({
  title: z.string().min(3).max(60),
  summary: z.string().min(20).max(220),
  goals: z.array(z.string().min(5)).min(2).max(6),
})

export type LessonDeclaration = z.input<typeof lessonSchema>
export type Lesson = z.output<typeof lessonSchema>
export type Frontmatter = z.output<typeof frontmatterSchema>

/** Checks the declaration while the site is built: a bad lesson stops the build. */
export const lesson = (declaration: LessonDeclaration): Lesson => lessonSchema.parse(declaration)
