// SipHash-2-4 (Aumasson, Bernstein), over 64-bit integers.
import { encodeUtf8 } from '@/lib/base'

const MASK = 2n ** 64n - 1n
const rotate = (value: bigint, bits: bigint): bigint => ((value << bits) | (value >> (64n - bits))) & MASK
const little = (bytes: ArrayLike<number>, offset: number, count: number): bigint => {
  let value = 0n
  for (let index = count - 1; index >= 0; index--) value = (value << 8n) | BigInt(bytes[offset + index]!)
  return value
}

/** @param key 16 bytes */
export function siphash24(text: string | Uint8Array, key: readonly number[]): bigint {
  const bytes = typeof text === 'string' ? encodeUtf8(text) : text
  const k0 = little(key, 0, 8)
  const k1 = little(key, 8, 8)
  let v0 = k0 ^ 0x736f6d6570736575n
  let v1 = k1 ^ 0x646f72616e646f6dn
  let v2 = k0 ^ 0x6c7967656e657261n
  let v3 = k1 ^ 0x7465646279746573n
  const rounds = (count: number): void => {
    for (let round = 0; round < count; round++) {
      v0 = (v0 + v1) & MASK
      v1 = rotate(v1, 13n) ^ v0
      v0 = rotate(v0, 32n)
      v2 = (v2 + v3) & MASK
      v3 = rotate(v3, 16n) ^ v2
      v0 = (v0 + v3) & MASK
      v3 = rotate(v3, 21n) ^ v0
      v2 = (v2 + v1) & MASK
      v1 = rotate(v1, 17n) ^ v2
      v2 = rotate(v2, 32n)
    }
  }
  const whole = bytes.length - (bytes.length % 8)
  for (let offset = 0; offset < whole; offset += 8) {
    const word = little(bytes, offset, 8)
    v3 ^= word
    rounds(2)
    v0 ^= word
  }
  const last = little(bytes, whole, bytes.length % 8) | (BigInt(bytes.length & 0xff) << 56n)
  v3 ^= last
  rounds(2)
  v0 ^= last
  v2 ^= 0xffn
  rounds(4)
  return v0 ^ v1 ^ v2 ^ v3
}
