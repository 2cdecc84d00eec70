// systemd-analyze verify: units by path or by name, as the manager would load them.
import { isErrno } from '@/lib/kernel'
import { verify } from '@/lib/systemd/analyze'
import { ANY, type VerbRow } from '../systemd-verbs'
import type { Verb } from './context'

export const verifyVerb: VerbRow<Verb> = {
  name: 'verify',
  minimum: 2,
  maximum: ANY,
  *run(args, { process, reader, options, console }) {
    const { nodename, release } = process.uname()
    const cwd = yield* process.getcwd()
    const answer = verify(reader, args, {
      scope: options.scope === 'user' ? 'user' : 'system',
      man: options.man,
      recursiveErrors: options.recursiveErrors,
      instance: options.instance,
      environment: new Map(Object.entries(process.env)),
      hostname: nodename,
      kernelRelease: release,
      ...(options.root === undefined ? {} : { root: options.root }),
      ...(isErrno(cwd) ? {} : { workingDirectory: cwd }),
      showMan: (page) => (reader.status(`/usr/share/man/${page}`) === undefined ? 1 : 0),
    })
    for (const line of answer.lines) yield* console.log('error', line)
    return answer.status
  },
}
