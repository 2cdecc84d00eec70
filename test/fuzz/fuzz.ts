// `npm run fuzz`: ten minutes of unit files that nobody writes; `-- --seconds N`, `-- --seed N`.
import { run } from './properties'

const option = (name: string): number | undefined => {
  const at = process.argv.indexOf(name)
  return at < 0 ? undefined : Number(process.argv[at + 1])
}
const seconds = option('--seconds') ?? 600
const seed = option('--seed') ?? Date.now() % 2 ** 31
console.log(`unit files for ${seconds} s, seed ${seed}`)
const { rounds, failure } = run(seconds, seed)
if (failure !== undefined) {
  console.error(failure)
  process.exitCode = 1
} else console.log(`${rounds} rounds, nothing found`)
