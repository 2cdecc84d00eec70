// After echo(1): the program; shells have their own.
import { decodeEscapes } from '@/lib/shell'
import { program } from '../program'

export const echo = program({
  name: 'echo',
  path: '/usr/bin/echo',
  summary: 'write words to standard output',
  synopsis: '[SHORT-OPTION]... [STRING]...',
  options: [],
  raw: true,
  *main(process, args) {
    const words = [...args.operands]
    let newline = true
    let escapes = false
    while (words.length > 0 && /^-[neE]+$/.test(words[0]!)) {
      for (const letter of words.shift()!.slice(1)) {
        if (letter === 'n') newline = false
        else escapes = letter === 'e'
      }
    }
    const decoded = escapes ? decodeEscapes(words.join(' '), 'echo') : { text: words.join(' '), stopped: false }
    yield* process.write(1, newline && !decoded.stopped ? `${decoded.text}\n` : decoded.text)
    return 0
  },
})
