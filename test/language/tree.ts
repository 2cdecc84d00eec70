// A small tree of files in memory, and markers: `|` is the cursor.
import type { FileReader, FileStatus } from '@/lib/base'
import { createUnitLanguage, type UnitCompletion, type UnitLanguage, type UnitLanguageOptions } from '@/lib/language'

export type Files = Readonly<Record<string, string | { readonly link: string } | { readonly mode: number; readonly text: string }>>

const encoder = new TextEncoder()

export function treeReader(files: Files): FileReader {
  const directories = new Map<string, Set<string>>([['/', new Set()]])
  for (const path of Object.keys(files)) {
    const parts = path.split('/').slice(1)
    let at = ''
    for (const part of parts) {
      const parent = at === '' ? '/' : at
      const names = directories.get(parent) ?? new Set()
      names.add(part)
      directories.set(parent, names)
      at = `${at}/${part}`
    }
  }
  const sizes = new Map<string, number>()
  const sizeOf = (path: string, text: string): number => {
    const size = sizes.get(path) ?? encoder.encode(text).length
    sizes.set(path, size)
    return size
  }
  const resolve = (path: string): string => {
    const file = files[path]
    return file !== undefined && typeof file === 'object' && 'link' in file ? resolve(file.link) : path
  }
  const statusOf = (path: string): FileStatus | undefined => {
    const common = { uid: 0, gid: 0, mtimeUsec: 1 }
    const file = files[path]
    if (directories.has(path)) return { ...common, kind: 'directory', mode: 0o755, size: 0 }
    if (file === undefined) return undefined
    if (typeof file === 'string') return { ...common, kind: 'file', mode: 0o644, size: sizeOf(path, file) }
    if ('link' in file) return { ...common, kind: 'symlink', mode: 0o777, size: file.link.length }
    return { ...common, kind: 'file', mode: file.mode, size: sizeOf(path, file.text) }
  }
  return {
    readFile(path) {
      const file = files[resolve(path)]
      if (file === undefined || (typeof file === 'object' && 'link' in file)) return undefined
      return encoder.encode(typeof file === 'string' ? file : file.text)
    },
    readDirectory: (path) => {
      const names = directories.get(path)
      return names && [...names].sort()
    },
    status: (path) => statusOf(resolve(path)),
    linkStatus: statusOf,
    readLink: (path) => {
      const file = files[path]
      return typeof file === 'object' && 'link' in file ? file.link : undefined
    },
  }
}

const program = { mode: 0o755, text: '\x7fELF' }

export const SYSTEM: Files = {
  '/etc/passwd':
    'root:x:0:0:root:/root:/bin/bash\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\nlearner:x:1000:1000:Learner:/home/learner:/bin/bash\n',
  '/etc/group': 'root:x:0:\nadm:x:4:\nwww-data:x:33:\nlearner:x:1000:\n',
  '/etc/hostname': 'lab\n',
  '/etc/machine-id': '0123456789abcdef0123456789abcdef\n',
  '/sys/fs/cgroup/cgroup.controllers': 'cpu memory\n',
  '/usr/bin/sleep': program,
  '/usr/bin/true': program,
  '/usr/bin/node': program,
  '/usr/bin/curl': program,
  '/usr/bin/web': program,
  '/usr/sbin/nginx': program,
  '/bin/sh': program,
  '/usr/bin/plain': 'not executable',
  '/usr/lib/systemd/system/multi-user.target':
    '[Unit]\nDescription=Multi-User System\nRequires=basic.target\nAfter=basic.target\nAllowIsolate=yes\n',
  '/usr/lib/systemd/system/basic.target': '[Unit]\nDescription=Basic System\nRequires=sysinit.target\nAfter=sysinit.target\n',
  '/usr/lib/systemd/system/sysinit.target': '[Unit]\nDescription=System Initialization\n',
  '/usr/lib/systemd/system/network.target': '[Unit]\nDescription=Network\n',
  '/usr/lib/systemd/system/network-online.target': '[Unit]\nDescription=Network is Online\n',
  '/usr/lib/systemd/system/timers.target': '[Unit]\nDescription=Timer Units\n',
  '/usr/lib/systemd/system/sockets.target': '[Unit]\nDescription=Socket Units\n',
}

/** 2026-11-22 12:00:00 UTC. */
export const NOW_USEC = 1_795_348_800_000_000

export function unitLanguage(files: Files = {}, options: Partial<UnitLanguageOptions> = {}): UnitLanguage {
  return createUnitLanguage({ reader: treeReader({ ...SYSTEM, ...files }), facts: { nowUsec: NOW_USEC }, ...options })
}

export const SERVICE = '/etc/systemd/system/web.service'

export function marked(text: string): { readonly text: string; readonly offset: number } {
  const offset = text.indexOf('|')
  return { text: text.slice(0, offset) + text.slice(offset + 1), offset }
}

export function completions(textWithCursor: string, path = SERVICE, files: Files = {}): readonly UnitCompletion[] {
  const { text, offset } = marked(textWithCursor)
  return unitLanguage(files).complete(path, text, offset)
}

/** What the text is after an item was taken. */
export function taken(textWithCursor: string, label: string, path = SERVICE, files: Files = {}): string | undefined {
  const { text } = marked(textWithCursor)
  const item = completions(textWithCursor, path, files).find((one) => one.label === label)
  return item && text.slice(0, item.from) + item.insert + text.slice(item.to)
}
