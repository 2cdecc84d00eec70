// After dircolors(1): what LS_COLORS means.
import type { FileKind } from '@/lib/base'

export type ColorTable = { readonly codes: ReadonlyMap<string, string>; readonly suffixes: readonly (readonly [string, string])[] }

const defaults =
  'rs=0:di=01;34:ln=01;36:mh=00:pi=40;33:so=01;35:do=01;35:bd=40;33;01:cd=40;33;01:or=40;31;01:mi=00:su=37;41:sg=30;43:ca=00:tw=30;42:ow=34;42:st=37;44:ex=01;32'

export function parseColors(text: string | undefined): ColorTable {
  const codes = new Map<string, string>()
  const suffixes: [string, string][] = []
  for (const item of `${defaults}:${text ?? ''}`.split(':')) {
    const equals = item.indexOf('=')
    if (equals < 0) continue
    const key = item.slice(0, equals)
    const value = item.slice(equals + 1)
    if (key.startsWith('*')) suffixes.push([key.slice(1), value])
    else codes.set(key, value)
  }
  return { codes, suffixes: suffixes.reverse() }
}

export type ColoredFile = {
  readonly name: string
  readonly kind: FileKind
  readonly mode: number
  readonly nlink: number
  readonly target?: { readonly kind: FileKind; readonly mode: number } | undefined
  readonly orphan: boolean
}

const isNothing = (code: string | undefined): boolean => code === undefined || code === '' || code === '0' || code === '00'

export function colorOf(table: ColorTable, file: ColoredFile): string | undefined {
  const { codes } = table
  const pick = (key: string) => (isNothing(codes.get(key)) ? undefined : codes.get(key))
  if (file.kind === 'symlink') {
    if (file.orphan && pick('or') !== undefined) return pick('or')
    if (codes.get('ln') === 'target' && file.target !== undefined) return colorOf(table, { ...file, ...file.target, target: undefined })
    return pick('ln')
  }
  switch (file.kind) {
    case 'directory': {
      const sticky = (file.mode & 0o1000) !== 0
      const otherWritable = (file.mode & 0o002) !== 0
      return (sticky && otherWritable ? pick('tw') : otherWritable ? pick('ow') : sticky ? pick('st') : undefined) ?? pick('di')
    }
    case 'fifo':
      return pick('pi')
    case 'socket':
      return pick('so')
    case 'block-device':
      return pick('bd')
    case 'character-device':
      return pick('cd')
    default: {
      if (file.mode & 0o4000 && pick('su') !== undefined) return pick('su')
      if (file.mode & 0o2000 && pick('sg') !== undefined) return pick('sg')
      if (file.mode & 0o111 && pick('ex') !== undefined) return pick('ex')
      const suffix = table.suffixes.find(([end]) => file.name.endsWith(end))
      return suffix === undefined || isNothing(suffix[1]) ? pick('fi') : suffix[1]
    }
  }
}
