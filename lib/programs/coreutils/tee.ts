// After tee(1).
import { isErrno, O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } from '@/lib/kernel'
import { program } from '../program'
import { complain, readChunk } from '../stdio'

export const tee = program({
  name: 'tee',
  path: '/usr/bin/tee',
  summary: 'copy standard input to files and to standard output',
  synopsis: '[OPTION]... [FILE]...',
  options: [
    { short: 'a', long: 'append', help: 'add to the files' },
    { short: 'i', long: 'ignore-interrupts', help: 'ignore Ctrl-C' },
    { short: 'p', help: 'go on when an output fails' },
  ],
  *main(process, args) {
    if (args.has('ignore-interrupts')) yield* process.sigaction(2, 'ignore')
    let status = 0
    const outputs: { fd: number; name: string }[] = [{ fd: 1, name: 'standard output' }]
    for (const path of args.operands) {
      const fd = yield* process.open(path, O_WRONLY | O_CREAT | (args.has('append') ? O_APPEND : O_TRUNC), 0o666)
      if (isErrno(fd)) {
        yield* complain(process, path, fd)
        status = 1
      } else outputs.push({ fd, name: path })
    }
    for (;;) {
      const chunk = yield* readChunk(process, 0)
      if (isErrno(chunk)) {
        yield* complain(process, 'read error', chunk)
        return 1
      }
      if (chunk.length === 0) return status
      for (const output of [...outputs]) {
        const written = yield* process.write(output.fd, chunk)
        if (!isErrno(written)) continue
        yield* complain(process, output.name, written)
        outputs.splice(outputs.indexOf(output), 1)
        status = 1
      }
    }
  },
})
