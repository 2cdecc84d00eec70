// Changes of a disk over several boots, as one list.
import type { ImageChanges } from '@/lib/kernel'

export const unchanged: ImageChanges = { written: [], removed: [] }

/** First `earlier`, then `later`, as one set of changes to the same image. */
export function mergeChanges(earlier: ImageChanges, later: ImageChanges): ImageChanges {
  const gone = new Set(later.removed)
  const rewritten = new Set(later.written.map((entry) => entry.path))
  const isGone = (path: string): boolean => {
    for (let at = path.length; at > 0; at = path.lastIndexOf('/', at - 1)) if (gone.has(path.slice(0, at))) return true
    return false
  }
  return {
    written: [...earlier.written.filter((entry) => !isGone(entry.path) && !rewritten.has(entry.path)), ...later.written],
    removed: [...earlier.removed, ...later.removed.filter((path) => !earlier.removed.includes(path))],
  }
}
