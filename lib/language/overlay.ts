// The tree of files as open editors would leave it.
import { encodeUtf8, type FileReader, type FileStatus } from '@/lib/base'
import { realPathOf } from '@/lib/systemd/directives'

export class OverlayReader implements FileReader {
  private readonly texts = new Map<string, string>()
  private readonly below: FileReader
  /** Saved again and again by a person: later than all that is on disk. */
  private mtimeUsec = 0

  constructor(below: FileReader) {
    this.below = below
  }

  /** True when the tree has a file more than before. */
  put(path: string, text: string): boolean {
    const at = realPathOf(this.below, path) ?? path
    const isNew = !this.texts.has(at) && this.below.linkStatus(at) === undefined
    // A file that was empty is a mask no more, and the other way about.
    const wasEmpty = this.texts.get(at) === '' || (!this.texts.has(at) && this.below.status(at)?.size === 0)
    this.texts.set(at, text)
    this.mtimeUsec += 1
    return isNew || wasEmpty !== (text === '')
  }

  drop(path: string): void {
    this.texts.delete(realPathOf(this.below, path) ?? path)
  }

  text(path: string): string | undefined {
    return this.texts.get(path)
  }

  private open(path: string): string | undefined {
    if (this.texts.size === 0) return undefined
    const direct = this.texts.get(path)
    if (direct !== undefined) return direct
    if (this.below.readLink(path) === undefined) return undefined
    const real = realPathOf(this.below, path)
    return real === undefined ? undefined : this.texts.get(real)
  }

  readFile(path: string): Uint8Array | undefined {
    const text = this.open(path)
    return text === undefined ? this.below.readFile(path) : encodeUtf8(text)
  }

  readDirectory(path: string): readonly string[] | undefined {
    const names = this.below.readDirectory(path)
    const extra = new Set<string>()
    const prefix = path === '/' ? '/' : `${path}/`
    for (const one of this.texts.keys()) {
      if (!one.startsWith(prefix)) continue
      const name = one.slice(prefix.length).split('/')[0]!
      if (!names?.includes(name)) extra.add(name)
    }
    return extra.size === 0 ? names : [...(names ?? []), ...extra].sort()
  }

  private made(path: string): FileStatus | undefined {
    const text = this.open(path)
    // Trees of files have no /sys; the machine that they are for has one.
    if (path === '/sys/fs/cgroup') return { kind: 'directory', mode: 0o555, uid: 0, gid: 0, size: 0, mtimeUsec: 0 }
    const rest = { uid: 0, gid: 0, mtimeUsec: this.mtimeUsec }
    if (text !== undefined) return { ...rest, kind: 'file', mode: 0o644, size: text.length }
    for (const one of this.texts.keys()) if (one.startsWith(`${path}/`)) return { ...rest, kind: 'directory', mode: 0o755, size: 0 }
    return undefined
  }

  status(path: string): FileStatus | undefined {
    const text = this.open(path)
    const found = this.below.status(path)
    if (text !== undefined && found !== undefined) return { ...found, kind: 'file', size: text.length }
    return found ?? this.made(path)
  }

  linkStatus(path: string): FileStatus | undefined {
    const found = this.below.linkStatus(path)
    const text = this.texts.get(path)
    return found !== undefined && text !== undefined ? { ...found, size: text.length } : (found ?? this.made(path))
  }

  readLink(path: string): string | undefined {
    return this.below.readLink(path)
  }
}
