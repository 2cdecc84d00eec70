// After pwd(1).
import { isErrno } from '@/lib/kernel'
import { program } from '../program'
import { complain } from '../stdio'

export const pwd = program({
  name: 'pwd',
  path: '/usr/bin/pwd',
  summary: 'print the working directory',
  options: [
    { short: 'L', long: 'logical', help: 'as PWD says, with symbolic links' },
    { short: 'P', long: 'physical', help: 'without symbolic links' },
  ],
  *main(process, args) {
    const cwd = yield* process.getcwd()
    if (isErrno(cwd)) {
      yield* complain(process, 'cannot get current directory', cwd)
      return 1
    }
    yield* process.write(1, `${args.has('logical') ? (process.env['PWD'] ?? cwd) : cwd}\n`)
    return 0
  },
})
