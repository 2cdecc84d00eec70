/** Seeded generator (splitmix32 steps): the machine's only source of chance. */
export class SeededRandom {
  private state: number

  constructor(seed: number) {
    this.state = seed >>> 0
  }

  /** 32 random bits, unsigned. */
  next32(): number {
    this.state = (this.state + 0x9e3779b9) >>> 0
    let z = this.state
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return (z ^ (z >>> 15)) >>> 0
  }

  /** An integer from 0 to below `limit` (at most 2^53). */
  below(limit: number): number {
    return Math.floor(((this.next32() * 0x200000 + (this.next32() >>> 11)) / 0x20000000000000) * limit)
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.next32() & 0xff)
  }

  /** A 128-bit id as 32 hex digits, as sd_id128 prints them. */
  id128(): string {
    return Array.from(this.bytes(16), (byte) => byte.toString(16).padStart(2, '0')).join('')
  }
}
