// After true(1) and false(1).
import { program } from '../program'

export const trueProgram = program({
  name: 'true',
  path: '/usr/bin/true',
  summary: 'succeed',
  options: [],
  raw: true,
  *main() {
    return 0
  },
})

export const falseProgram = program({
  name: 'false',
  path: '/usr/bin/false',
  summary: 'fail',
  options: [],
  raw: true,
  *main() {
    return 1
  },
})
