// Bytes of a regular file: pieces of 64 KiB with holes. Which pages of 4 KiB are allocated is kept apart from what they
// hold, so that a gigabyte of zeros costs blocks of the disk but no memory of the host.
import type { Bytes } from '@/lib/base'

export const PAGE_SIZE = 4096
const PIECE_SIZE = 65_536
const PAGES_PER_PIECE = PIECE_SIZE / PAGE_SIZE
const ALL_PAGES = (1 << PAGES_PER_PIECE) - 1

function bitCount(mask: number): number {
  let count = 0
  for (let left = mask; left !== 0; left &= left - 1) count += 1
  return count
}

/** Pages touched by bytes [from, to) of one piece. */
function pageMask(from: number, to: number): number {
  if (to <= from) return 0
  const first = Math.floor(from / PAGE_SIZE)
  const last = Math.floor((to - 1) / PAGE_SIZE)
  return ((1 << (last + 1)) - 1) & ~((1 << first) - 1)
}

function isZero(bytes: Bytes): boolean {
  for (let index = 0; index < bytes.length; index++) if (bytes[index] !== 0) return false
  return true
}

export class FileContent {
  size: number
  /** Pages allocated. */
  pages: number
  /** Shared bytes of an image; nothing was written yet. */
  private base: Bytes | undefined
  private pieces: (Uint8Array | undefined)[] = []
  private masks: number[] = []

  /** @param size may be greater than the bytes: the rest reads as zeros but takes room on the disk */
  constructor(base?: Bytes, size: number = base?.length ?? 0) {
    this.base = base
    this.size = size
    this.pages = base === undefined ? 0 : Math.ceil(size / PAGE_SIZE)
  }

  read(offset: number, count: number): Bytes {
    const length = Math.max(0, Math.min(count, this.size - offset))
    if (length === 0) return new Uint8Array(0)
    if (this.base !== undefined) {
      if (offset + length <= this.base.length) return this.base.slice(offset, offset + length)
      const bytes = new Uint8Array(length)
      if (offset < this.base.length) bytes.set(this.base.subarray(offset))
      return bytes
    }
    const first = Math.floor(offset / PIECE_SIZE)
    const within = offset - first * PIECE_SIZE
    if (within + length <= PIECE_SIZE) {
      const piece = this.pieces[first]
      if (piece !== undefined && within + length <= piece.length) return piece.slice(within, within + length)
    }
    const bytes = new Uint8Array(length)
    for (let at = offset; at < offset + length; ) {
      const index = Math.floor(at / PIECE_SIZE)
      const start = at - index * PIECE_SIZE
      const end = Math.min(PIECE_SIZE, start + offset + length - at)
      const piece = this.pieces[index]
      if (piece !== undefined && start < piece.length) bytes.set(piece.subarray(start, Math.min(end, piece.length)), at - offset)
      at += end - start
    }
    return bytes
  }

  /** Pages that a write there would allocate anew. */
  pagesNeeded(offset: number, count: number): number {
    this.own()
    let needed = 0
    for (let at = offset; at < offset + count; ) {
      const index = Math.floor(at / PIECE_SIZE)
      const start = at - index * PIECE_SIZE
      const end = Math.min(PIECE_SIZE, start + offset + count - at)
      needed += bitCount(pageMask(start, end) & ~(this.masks[index] ?? 0))
      at += end - start
    }
    return needed
  }

  write(offset: number, data: Bytes): void {
    if (data.length === 0) return
    this.own()
    for (let at = 0; at < data.length; ) {
      const index = Math.floor((offset + at) / PIECE_SIZE)
      const start = offset + at - index * PIECE_SIZE
      const end = Math.min(PIECE_SIZE, start + data.length - at)
      const part = data.subarray(at, at + end - start)
      this.allocate(index, pageMask(start, end))
      const piece = this.pieces[index]
      if (piece !== undefined && end <= piece.length) piece.set(part, start)
      else if (piece !== undefined || !isZero(part)) this.grow(index, end).set(part, start)
      at += end - start
    }
    if (offset + data.length > this.size) this.size = offset + data.length
  }

  truncate(size: number): void {
    this.own()
    if (size < this.size) {
      const keep = Math.ceil(size / PIECE_SIZE)
      for (let index = keep; index < this.masks.length; index++) this.pages -= bitCount(this.masks[index] ?? 0)
      this.masks.length = Math.min(this.masks.length, keep)
      this.pieces.length = Math.min(this.pieces.length, keep)
      const within = size - (keep - 1) * PIECE_SIZE
      if (keep > 0 && within < PIECE_SIZE) {
        const mask = this.masks[keep - 1] ?? 0
        const kept = mask & pageMask(0, within)
        this.pages -= bitCount(mask) - bitCount(kept)
        if (this.masks.length === keep) this.masks[keep - 1] = kept
        this.pieces[keep - 1]?.fill(0, within)
      }
    }
    this.size = size
  }

  /** All bytes, without the zeros at the end that were never written. */
  bytes(): Bytes {
    if (this.base !== undefined) return this.base
    let end = 0
    for (const [index, piece] of this.pieces.entries()) if (piece !== undefined) end = index * PIECE_SIZE + piece.length
    return this.read(0, Math.min(end, this.size))
  }

  private allocate(index: number, mask: number): void {
    while (this.masks.length <= index) this.masks.push(0)
    const held = this.masks[index]!
    if ((mask & ~held) === 0) return
    this.pages += bitCount(mask & ~held)
    this.masks[index] = held | mask
  }

  private grow(index: number, end: number): Uint8Array {
    const piece = this.pieces[index]
    let length = Math.max(64, piece?.length ?? 0)
    while (length < end) length *= 2
    const grown = new Uint8Array(Math.min(length, PIECE_SIZE))
    if (piece !== undefined) grown.set(piece)
    while (this.pieces.length <= index) this.pieces.push(undefined)
    this.pieces[index] = grown
    return grown
  }

  /** Leaves the image's bytes: from here on they are ours. */
  private own(): void {
    const { base } = this
    if (base === undefined) return
    this.base = undefined
    const pages = Math.ceil(this.size / PAGE_SIZE)
    for (let left = pages; left > 0; left -= PAGES_PER_PIECE) this.masks.push(left >= PAGES_PER_PIECE ? ALL_PAGES : (1 << left) - 1)
    for (let index = 0; index * PIECE_SIZE < base.length; index++) {
      const part = base.subarray(index * PIECE_SIZE, (index + 1) * PIECE_SIZE)
      this.grow(index, part.length).set(part)
    }
  }
}
