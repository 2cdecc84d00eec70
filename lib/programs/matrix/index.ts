// The hardening matrix: a probe and its small companions. They are on the probe's machine only.
import { program, type Program } from '../program'
import { matrixProbe } from './probe'

export { listener as matrixListener, sleeper as matrixSleeper } from './lab'
export { actions as matrixActions } from './probe'

/** A program without a C library that ends at once. */
const matrixTrue = program({
  name: 'matrix-true',
  path: '/usr/local/lib/matrix/true',
  summary: 'ends at once',
  options: [],
  raw: true,
  *main(process) {
    yield* process.syscall('exit', 0)
    return 0
  },
})

export const matrixPrograms: readonly Program[] = [matrixProbe, matrixTrue]
