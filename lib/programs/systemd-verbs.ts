// After verbs.c and strv.c: how systemd's tools find the verb in their operands, and what they say when they do not.

export type VerbRow<Run> = {
  readonly name: string
  /** Counting the verb itself; 0 for the least means any. */
  readonly minimum: number
  readonly maximum: number
  /** Used when there is no verb. */
  readonly isDefault?: boolean
  readonly run: Run
}

export const ANY = Number.POSITIVE_INFINITY

/** Edits to get from one word to the other; swapping two neighbours is one (optimal string alignment). */
export function wordDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min(last[j - 1]! + cost, last[j]! + 1, row[j - 1]! + 1)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, beforeLast[j - 2]! + cost)
      row.push(best)
    }
    beforeLast = last
    last = row
  }
  return last[b.length]!
}

/** What may have been meant: the shortest word that begins so, or else the first of the least different ones. */
export function findClosest(words: readonly string[], typed: string): string | undefined {
  let best: string | undefined
  for (const word of words) if (word.startsWith(typed) && (best === undefined || word.length < best.length)) best = word
  if (best !== undefined) return best
  let least = 6
  for (const word of words) {
    const distance = wordDistance(word, typed)
    if (distance < least) {
      least = distance
      best = word
    }
  }
  return best
}

/** The row, or the line of the error. */
export function findVerb<Run>(table: readonly VerbRow<Run>[], operands: readonly string[]): VerbRow<Run> | string {
  const [typed] = operands
  const row = typed === undefined ? table.find((one) => one.isDefault) : table.find((one) => one.name === typed)
  if (row === undefined) {
    if (typed === undefined) return 'Command verb required.'
    const closest = findClosest(
      table.map((one) => one.name),
      typed,
    )
    return closest === undefined ? `Unknown command verb '${typed}'.` : `Unknown command verb '${typed}', did you mean '${closest}'?`
  }
  const count = typed === undefined ? 1 : operands.length
  if (row.minimum > 0 && count < row.minimum) return 'Too few arguments.'
  return count > row.maximum ? 'Too many arguments.' : row
}
