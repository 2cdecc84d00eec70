// After tmpfs(5): file systems in memory, with a bound on pages and inodes.
import { errno } from '../errno'
import type { Fallible } from '../system-calls'
import { PAGE_SIZE } from './file-content'
import { FileSystem } from './file-system'
import type { FileSystemType, MountRequest } from './vfs'

type TmpfsOptions = {
  blocks: number
  inodes: number
  mode: number
  uid: number
  gid: number
  noswap: boolean
  /** devtmpfs and others say their size even when it is the default. */
  sizeGiven: boolean
}

const suffixes: Record<string, number> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 }

/** memparse(): a number in base 10, 8 or 16 with k, m, g. */
function parseAmount(text: string): number | undefined {
  const match = /^(0x[0-9a-f]+|\d+)([kmgt]?)$/i.exec(text)
  if (match === null) return undefined
  const [, digits = '', suffix = ''] = match
  const number = /^0\d/.test(digits) ? Number.parseInt(digits, 8) : Number(digits)
  return number * (suffixes[suffix.toLowerCase()] ?? 1)
}

function parseOptions(data: string, memoryPages: number, into: TmpfsOptions): boolean {
  for (const option of data.split(',')) {
    if (option === '') continue
    const at = option.indexOf('=')
    const key = at < 0 ? option : option.slice(0, at)
    const value = at < 0 ? '' : option.slice(at + 1)
    if (key === 'size') {
      const percent = /^(\d+)%$/.exec(value)
      const bytes = percent === null ? parseAmount(value) : (Number(percent[1]) * memoryPages * PAGE_SIZE) / 100
      if (bytes === undefined) return false
      into.blocks = bytes === 0 ? Number.POSITIVE_INFINITY : Math.ceil(Math.floor(bytes) / PAGE_SIZE)
      into.sizeGiven = true
    } else if (key === 'nr_blocks' || key === 'nr_inodes') {
      const amount = parseAmount(value)
      if (amount === undefined) return false
      const bound = amount === 0 ? Number.POSITIVE_INFINITY : amount
      if (key === 'nr_blocks') into.blocks = bound
      else into.inodes = bound
    } else if (key === 'mode') {
      if (!/^[0-7]+$/.test(value)) return false
      into.mode = Number.parseInt(value, 8) & 0o7777
    } else if (key === 'uid' || key === 'gid') {
      if (!/^\d+$/.test(value)) return false
      into[key] = Number(value)
    } else if (key === 'noswap') into.noswap = true
    else if (!['huge', 'mpol', 'inode32', 'inode64', 'swap'].includes(key)) return false
  }
  return true
}

/** As the kernel writes them: only what differs from the defaults. */
function showOptions(options: TmpfsOptions, defaultBlocks: number, defaultInodes: number): string[] {
  const shown: string[] = []
  if (options.blocks !== defaultBlocks) {
    const kilobytes = options.blocks === Number.POSITIVE_INFINITY ? 0 : (options.blocks * PAGE_SIZE) / 1024
    shown.push(`size=${kilobytes}k`)
  }
  if (options.inodes !== defaultInodes) shown.push(`nr_inodes=${options.inodes === Number.POSITIVE_INFINITY ? 0 : options.inodes}`)
  if (options.mode !== 0o1777) shown.push(`mode=${options.mode.toString(8).padStart(3, '0')}`)
  if (options.uid !== 0) shown.push(`uid=${options.uid}`)
  if (options.gid !== 0) shown.push(`gid=${options.gid}`)
  shown.push('inode64')
  if (options.noswap) shown.push('noswap')
  return shown
}

/** A new tmpfs (or one of its kin, such as devtmpfs) with these mount options; EINVAL when they cannot be read. */
export function createTmpfs(request: MountRequest, type = 'tmpfs'): Fallible<FileSystem> {
  const { vfs } = request
  const memoryPages = Math.floor(vfs.memoryBytes / PAGE_SIZE)
  const defaultBlocks = Math.floor(memoryPages / 2)
  const { fsuid, fsgid } = request.context.credentials
  const options: TmpfsOptions = {
    blocks: defaultBlocks,
    inodes: defaultBlocks,
    mode: 0o1777,
    uid: fsuid,
    gid: fsgid,
    noswap: false,
    sizeGiven: false,
  }
  if (!parseOptions(request.data, memoryPages, options)) return errno.EINVAL
  const fileSystem: FileSystem = new FileSystem({
    type,
    device: vfs.anonymousDevice(),
    nowUsec: vfs.nowUsec,
    root: { mode: options.mode, uid: options.uid, gid: options.gid },
    blocks: options.blocks,
    inodes: options.inodes,
    xattrs: true,
    directorySize: 'names',
    showOptions: () => showOptions(options, defaultBlocks, defaultBlocks),
    reconfigure: (data) => {
      const next = { ...options }
      if (!parseOptions(data, memoryPages, next)) return errno.EINVAL
      if (next.blocks < fileSystem.usedBlocks || next.inodes < fileSystem.usedInodes) return errno.EINVAL
      options.blocks = next.blocks
      options.inodes = next.inodes
      fileSystem.blocks = next.blocks
      fileSystem.inodes = next.inodes
      return 0
    },
  })
  return fileSystem
}

export const tmpfs: FileSystemType = {
  name: 'tmpfs',
  inUserNamespace: true,
  create: (request) => {
    const fileSystem = createTmpfs(request)
    return fileSystem instanceof FileSystem ? { fileSystem } : fileSystem
  },
}

export const ramfs: FileSystemType = {
  name: 'ramfs',
  inUserNamespace: true,
  create: ({ vfs, data }) => {
    const mode = /(?:^|,)mode=([0-7]+)/.exec(data)?.[1]
    return {
      fileSystem: new FileSystem({
        type: 'ramfs',
        device: vfs.anonymousDevice(),
        nowUsec: vfs.nowUsec,
        root: { mode: mode === undefined ? 0o755 : Number.parseInt(mode, 8) },
        xattrs: true,
        showOptions: () => (mode === undefined ? [] : [`mode=${mode}`]),
      }),
    }
  },
}
