/** Thrown only for faults of ours; nothing that a learner types reaches it. */
export class InvariantError extends Error {}

export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message)
}

export function unreachable(value: never): never {
  throw new InvariantError(`unreachable: ${String(value)}`)
}
