import { expect, test } from 'vitest'
import { run } from './properties'

const SECONDS = 30

test(
  'half a minute of unit files that nobody writes',
  () => {
    const { rounds, failure } = run(SECONDS, 257)
    expect(failure).toBeUndefined()
    expect(rounds).toBeGreaterThan(20)
  },
  SECONDS * 4000,
)
