// The order of lessons comes from their folders: `04-first-service` is number 4, slug `first-service`, in every language.
export type LessonFolder = { readonly folder: string; readonly number: number; readonly slug: string }

/** Reads folder names into lessons, in order. Names that are no lesson are an error, so that a typo cannot hide one. */
export function lessonFolders(names: readonly string[]): readonly LessonFolder[] {
  const found = names.map((folder) => {
    const match = /^(\d\d)-([a-z0-9]+(?:-[a-z0-9]+)*)$/.exec(folder)
    if (match === null) throw new Error(`content/lessons/${folder}: a lesson's folder is called NN-slug`)
    return { folder, number: Number(match[1]), slug: match[2]! }
  })
  found.sort((a, b) => a.number - b.number)
  for (const [index, one] of found.entries()) {
    const before = found[index - 1]
    if (before?.number === one.number) throw new Error(`two lessons have the number ${one.number}: ${before.folder}, ${one.folder}`)
    if (found.findIndex((other) => other.slug === one.slug) !== index) throw new Error(`two lessons have the slug ${one.slug}`)
  }
  return found
}

/** The lessons before and after one. */
export function neighbours<T extends { readonly slug: string }>(
  lessons: readonly T[],
  slug: string,
): { readonly previous: T | undefined; readonly next: T | undefined } {
  const index = lessons.findIndex((one) => one.slug === slug)
  return index < 0 ? { previous: undefined, next: undefined } : { previous: lessons[index - 1], next: lessons[index + 1] }
}

/** Lessons whose `requires` name a lesson that does not exist or comes later. */
export function brokenRequirements(
  lessons: readonly { readonly slug: string; readonly number: number; readonly requires: readonly string[] }[],
): readonly string[] {
  return lessons.flatMap((one) =>
    one.requires.flatMap((slug) => {
      const other = lessons.find((candidate) => candidate.slug === slug)
      if (other === undefined) return [`${one.slug} requires ${slug}, which does not exist`]
      return other.number < one.number ? [] : [`${one.slug} requires ${slug}, which comes later`]
    }),
  )
}
