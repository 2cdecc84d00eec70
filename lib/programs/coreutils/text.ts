// Small filters of text: tac, rev, nl, fold, cut, tr, uniq, comm.
import { program, type Program } from '../program'
import { isErrno, type Syscall } from '@/lib/kernel'
import { eachFile, linesOf, missingOperand, print, programName } from './streams'

const tac = program({
  name: 'tac',
  path: '/usr/bin/tac',
  summary: 'prints files with the last line first',
  options: [],
  *main(process, args): Syscall<number> {
    return yield* eachFile(process, args.operands, function* (text) {
      yield* print(
        process,
        [...linesOf(text)]
          .reverse()
          .map((line) => `${line}\n`)
          .join(''),
      )
    })
  },
})

const rev = program({
  name: 'rev',
  path: '/usr/bin/rev',
  summary: 'prints each line backwards',
  options: [],
  *main(process, args): Syscall<number> {
    return yield* eachFile(process, args.operands, function* (text) {
      yield* print(
        process,
        linesOf(text)
          .map((line) => `${[...line].reverse().join('')}\n`)
          .join(''),
      )
    })
  },
})

const nl = program({
  name: 'nl',
  path: '/usr/bin/nl',
  summary: 'numbers lines',
  options: [{ short: 'b', long: 'body-numbering', argument: 'required', help: 'a: all lines, t: those that are not empty' }],
  *main(process, args): Syscall<number> {
    let number = 0
    return yield* eachFile(process, args.operands, function* (text) {
      let out = ''
      for (const line of linesOf(text)) {
        const counted = args.value('body-numbering') === 'a' || line !== ''
        if (counted) number += 1
        out += counted ? `${String(number).padStart(6)}\t${line}\n` : `       ${line}\n`
      }
      yield* print(process, out)
    })
  },
})

const fold = program({
  name: 'fold',
  path: '/usr/bin/fold',
  summary: 'breaks long lines',
  options: [
    { short: 'w', long: 'width', argument: 'required', help: 'columns instead of 80' },
    { short: 's', long: 'spaces', help: 'break at blanks' },
  ],
  *main(process, args): Syscall<number> {
    const width = Math.max(1, Number(args.value('width') ?? 80))
    return yield* eachFile(process, args.operands, function* (text) {
      let out = ''
      for (const line of linesOf(text)) {
        let rest = line
        while (rest.length > width) {
          const blank = args.has('spaces') ? rest.lastIndexOf(' ', width - 1) + 1 : 0
          const at = blank > 0 ? blank : width
          out += `${rest.slice(0, at)}\n`
          rest = rest.slice(at)
        }
        out += `${rest}\n`
      }
      yield* print(process, out)
    })
  },
})

/** `1,3-5,7-` → predicate over positions from 1. */
function parseRanges(text: string): ((position: number) => boolean) | undefined {
  const ranges: (readonly [number, number])[] = []
  for (const part of text.split(/[, ]/)) {
    const match = /^(\d*)(-?)(\d*)$/.exec(part)
    if (match === null || (match[1] === '' && match[3] === '')) return undefined
    const from = match[1] === '' ? 1 : Number(match[1])
    const to = match[2] === '' ? from : match[3] === '' ? Number.POSITIVE_INFINITY : Number(match[3])
    if (from < 1 || to < from) return undefined
    ranges.push([from, to])
  }
  return (position) => ranges.some(([from, to]) => position >= from && position <= to)
}

const cut = program({
  name: 'cut',
  path: '/usr/bin/cut',
  synopsis: 'OPTION... [FILE]...',
  summary: 'prints parts of each line',
  options: [
    { short: 'b', long: 'bytes', argument: 'required', metavar: 'LIST', help: 'these bytes' },
    { short: 'c', long: 'characters', argument: 'required', metavar: 'LIST', help: 'these characters' },
    { short: 'd', long: 'delimiter', argument: 'required', metavar: 'DELIM', help: 'what parts fields, instead of TAB' },
    { short: 'f', long: 'fields', argument: 'required', metavar: 'LIST', help: 'these fields' },
    { long: 'complement', help: 'all but these' },
    { short: 's', long: 'only-delimited', help: 'no lines without delimiter' },
    { long: 'output-delimiter', argument: 'required', metavar: 'STRING', help: 'what parts fields in the output' },
    { short: 'n', help: 'has no effect' },
  ],
  *main(process, args): Syscall<number> {
    const list = args.value('fields') ?? args.value('characters') ?? args.value('bytes')
    const name = programName(process)
    if (list === undefined) {
      yield* process.write(
        2,
        `${name}: you must specify a list of bytes, characters, or fields\nTry '${name} --help' for more information.\n`,
      )
      return 1
    }
    const ranges = parseRanges(list)
    if (ranges === undefined) {
      yield* process.write(2, `${name}: invalid field value ‘${list}’\nTry '${name} --help' for more information.\n`)
      return 1
    }
    const wanted = args.has('complement') ? (position: number) => !ranges(position) : ranges
    const delimiter = args.value('delimiter') ?? '\t'
    if (args.has('delimiter') && [...delimiter].length !== 1) {
      yield* process.write(2, `${name}: the delimiter must be a single character\nTry '${name} --help' for more information.\n`)
      return 1
    }
    const joint = args.value('output-delimiter') ?? delimiter
    return yield* eachFile(process, args.operands, function* (text) {
      let out = ''
      for (const line of linesOf(text)) {
        if (!args.has('fields')) {
          out += `${[...line].filter((_, index) => wanted(index + 1)).join('')}\n`
          continue
        }
        const fields = line.split(delimiter)
        if (fields.length === 1) {
          if (!args.has('only-delimited')) out += `${line}\n`
          continue
        }
        out += `${fields.filter((_, index) => wanted(index + 1)).join(joint)}\n`
      }
      yield* print(process, out)
    })
  },
})

const trClasses: Readonly<Record<string, string>> = {
  lower: 'abcdefghijklmnopqrstuvwxyz',
  upper: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  digit: '0123456789',
  alpha: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
  alnum: '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
  space: ' \t\n\v\f\r',
  blank: ' \t',
  punct: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
  cntrl: Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).join('') + '\x7f',
  print: Array.from({ length: 95 }, (_, code) => String.fromCharCode(code + 32)).join(''),
  xdigit: '0123456789ABCDEFabcdef',
}

function trSet(text: string): string {
  let out = ''
  const chars = text
    .replace(/\[:(\w+):\]/g, (whole, name: string) => trClasses[name]?.replaceAll('-', '\\-') ?? whole)
    .replace(/\\([0-7]{1,3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
  for (let at = 0; at < chars.length; at++) {
    let char = chars[at] ?? ''
    if (char === '\\') {
      at += 1
      const next = chars[at] ?? '\\'
      char = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' }[next] ?? next
      out += char
      continue
    }
    if (chars[at + 1] === '-' && at + 2 < chars.length) {
      const end = chars[at + 2] ?? ''
      for (let code = char.charCodeAt(0); code <= end.charCodeAt(0); code++) out += String.fromCharCode(code)
      at += 2
    } else out += char
  }
  return out
}

const tr = program({
  name: 'tr',
  path: '/usr/bin/tr',
  synopsis: '[OPTION]... STRING1 [STRING2]',
  summary: 'replaces, squeezes or deletes characters of standard input',
  options: [
    { short: 'c', long: 'complement', help: 'all characters but those of STRING1' },
    { short: 'C', help: 'as -c' },
    { short: 'd', long: 'delete', help: 'delete those of STRING1' },
    { short: 's', long: 'squeeze-repeats', help: 'print repeats once' },
    { short: 't', long: 'truncate-set1', help: 'shorten STRING1 to the length of STRING2' },
  ],
  *main(process, args): Syscall<number> {
    const [one, two] = args.operands
    if (one === undefined) return yield* missingOperand(process)
    const name = programName(process)
    if (two === undefined && !args.has('delete') && !args.has('squeeze-repeats')) {
      yield* process.write(
        2,
        `${name}: missing operand after ‘${one}’\nTwo strings must be given when translating.\nTry '${name} --help' for more information.\n`,
      )
      return 1
    }
    const from = trSet(one)
    const to = two === undefined ? '' : trSet(two)
    const complement = args.has('complement') || args.has('C')
    const inSet = (char: string): boolean => from.includes(char) !== complement
    const squeezed = args.has('squeeze-repeats') ? (char: string) => (two === undefined ? inSet(char) : to.includes(char)) : () => false
    const decoder = new TextDecoder()
    let last = ''
    for (;;) {
      const chunk = yield* process.read(0, 65_536)
      if (isErrno(chunk) || chunk.length === 0) return 0
      let out = ''
      for (const char of decoder.decode(chunk, { stream: true })) {
        let shown = char
        if (args.has('delete')) {
          if (inSet(char)) continue
        } else if (two !== undefined && inSet(char)) {
          const index = complement ? to.length - 1 : Math.min(from.indexOf(char), to.length - 1)
          shown = to[index] ?? char
        }
        if (shown === last && squeezed(shown)) continue
        last = shown
        out += shown
      }
      if (!(yield* print(process, out))) return 1
    }
  },
})

const uniq = program({
  name: 'uniq',
  path: '/usr/bin/uniq',
  synopsis: '[OPTION]... [INPUT [OUTPUT]]',
  summary: 'prints equal neighbouring lines once',
  options: [
    { short: 'c', long: 'count', help: 'how often each came' },
    { short: 'd', long: 'repeated', help: 'only lines that came more than once' },
    { short: 'u', long: 'unique', help: 'only lines that came once' },
    { short: 'i', long: 'ignore-case', help: 'upper and lower case are the same' },
    { short: 'f', long: 'skip-fields', argument: 'required', metavar: 'N', help: 'do not compare the first fields' },
    { short: 's', long: 'skip-chars', argument: 'required', metavar: 'N', help: 'do not compare the first characters' },
  ],
  *main(process, args): Syscall<number> {
    const key = (line: string): string => {
      let text = line
      for (let left = Number(args.value('skip-fields') ?? 0); left > 0; left--) text = text.replace(/^\s*\S*/, '')
      text = text.slice(Number(args.value('skip-chars') ?? 0))
      return args.has('ignore-case') ? text.toLowerCase() : text
    }
    return yield* eachFile(process, args.operands.slice(0, 1), function* (text) {
      let out = ''
      const lines = linesOf(text)
      for (let at = 0; at < lines.length; ) {
        let end = at + 1
        while (end < lines.length && key(lines[end] ?? '') === key(lines[at] ?? '')) end += 1
        const count = end - at
        if (!(args.has('repeated') && count < 2) && !(args.has('unique') && count > 1))
          out += `${args.has('count') ? `${String(count).padStart(7)} ` : ''}${lines[at]}\n`
        at = end
      }
      yield* print(process, out)
    })
  },
})

const comm = program({
  name: 'comm',
  path: '/usr/bin/comm',
  synopsis: '[OPTION]... FILE1 FILE2',
  summary: 'compares two sorted files line by line',
  options: [
    { short: '1', help: 'no lines that only FILE1 has' },
    { short: '2', help: 'no lines that only FILE2 has' },
    { short: '3', help: 'no lines that both have' },
  ],
  *main(process, args): Syscall<number> {
    if (args.operands.length < 2) return yield* missingOperand(process)
    const texts: (readonly string[])[] = []
    const status = yield* eachFile(process, args.operands.slice(0, 2), function* (text) {
      texts.push(linesOf(text))
    })
    const [left = [], right = []] = texts
    const tabs = [0, args.has('1') ? 0 : 1, (args.has('1') ? 0 : 1) + (args.has('2') ? 0 : 1)]
    let out = ''
    let i = 0
    let j = 0
    while (i < left.length || j < right.length) {
      const [a, b] = [left[i], right[j]]
      const which = b === undefined || (a !== undefined && a < b) ? 0 : a === undefined || b < a ? 1 : 2
      if (which !== 1) i += 1
      if (which !== 0) j += 1
      if (!args.has(String(which + 1))) out += `${'\t'.repeat(tabs[which] ?? 0)}${which === 1 ? b : a}\n`
    }
    yield* print(process, out)
    return status
  },
})

export const textPrograms: readonly Program[] = [tac, rev, nl, fold, cut, tr, uniq, comm]
