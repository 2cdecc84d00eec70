// MD5 (RFC 1321), SHA-1, SHA-256 and SHA-512 (FIPS 180-4).
import type { Bytes } from '@/lib/base'

const rotl = (value: number, count: number): number => (value << count) | (value >>> (32 - count))
const rotr = (value: number, count: number): number => (value >>> count) | (value << (32 - count))
const hex8 = (value: number): string => (value >>> 0).toString(16).padStart(8, '0')

/** The message with its padding, length in bits at the end. */
function padded(bytes: Bytes, block: number, littleEndian: boolean): Uint8Array {
  const lengthBytes = block / 8
  const total = Math.ceil((bytes.length + 1 + lengthBytes) / block) * block
  const result = new Uint8Array(total)
  result.set(bytes)
  result[bytes.length] = 0x80
  const view = new DataView(result.buffer)
  const bits = BigInt(bytes.length) * 8n
  view.setBigUint64(total - 8, bits, littleEndian)
  return result
}

/** The fractional parts of roots of primes, from which the constants come. */
function primes(count: number): readonly number[] {
  const found: number[] = []
  for (let candidate = 2; found.length < count; candidate++) if (found.every((prime) => candidate % prime !== 0)) found.push(candidate)
  return found
}

function integerRoot(value: bigint, degree: bigint): bigint {
  let low = 0n
  let high = 1n << BigInt(Math.ceil(value.toString(2).length / Number(degree)) + 1)
  while (low < high) {
    const middle = (low + high + 1n) >> 1n
    if (middle ** degree <= value) low = middle
    else high = middle - 1n
  }
  return low
}

const fraction64 = (prime: number, degree: 2n | 3n): bigint => integerRoot(BigInt(prime) << (64n * degree), degree) & 0xffffffffffffffffn

const first80 = primes(80)
const k512 = first80.map((prime) => fraction64(prime, 3n))
const h512 = first80.slice(0, 8).map((prime) => fraction64(prime, 2n))
const k256 = k512.slice(0, 64).map((value) => Number(value >> 32n) | 0)
const h256 = h512.map((value) => Number(value >> 32n) | 0)

export function sha256(bytes: Bytes): string {
  const message = padded(bytes, 64, false)
  const view = new DataView(message.buffer)
  const hash = [...h256]
  const w = new Int32Array(64)
  for (let at = 0; at < message.length; at += 64) {
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(at + i * 4)
    for (let i = 16; i < 64; i++) {
      const s0 = rotr(w[i - 15]!, 7) ^ rotr(w[i - 15]!, 18) ^ (w[i - 15]! >>> 3)
      const s1 = rotr(w[i - 2]!, 17) ^ rotr(w[i - 2]!, 19) ^ (w[i - 2]! >>> 10)
      w[i] = (w[i - 16]! + s0 + w[i - 7]! + s1) | 0
    }
    let [a, b, c, d, e, f, g, h] = hash as [number, number, number, number, number, number, number, number]
    for (let i = 0; i < 64; i++) {
      const t1 = (h + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + ((e & f) ^ (~e & g)) + k256[i]! + w[i]!) | 0
      const t2 = ((rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0
      h = g
      g = f
      f = e
      e = (d + t1) | 0
      d = c
      c = b
      b = a
      a = (t1 + t2) | 0
    }
    for (const [index, value] of [a, b, c, d, e, f, g, h].entries()) hash[index] = (hash[index]! + value) | 0
  }
  return hash.map(hex8).join('')
}

export function sha512(bytes: Bytes): string {
  const message = padded(bytes, 128, false)
  const view = new DataView(message.buffer)
  const mask = 0xffffffffffffffffn
  const rot = (value: bigint, count: bigint) => ((value >> count) | (value << (64n - count))) & mask
  const hash = [...h512]
  const w: bigint[] = new Array(80).fill(0n)
  for (let at = 0; at < message.length; at += 128) {
    for (let i = 0; i < 16; i++) w[i] = view.getBigUint64(at + i * 8)
    for (let i = 16; i < 80; i++) {
      const s0 = rot(w[i - 15]!, 1n) ^ rot(w[i - 15]!, 8n) ^ (w[i - 15]! >> 7n)
      const s1 = rot(w[i - 2]!, 19n) ^ rot(w[i - 2]!, 61n) ^ (w[i - 2]! >> 6n)
      w[i] = (w[i - 16]! + s0 + w[i - 7]! + s1) & mask
    }
    let [a, b, c, d, e, f, g, h] = hash as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint]
    for (let i = 0; i < 80; i++) {
      const t1 = (h + (rot(e, 14n) ^ rot(e, 18n) ^ rot(e, 41n)) + ((e & f) ^ (~e & mask & g)) + k512[i]! + w[i]!) & mask
      const t2 = ((rot(a, 28n) ^ rot(a, 34n) ^ rot(a, 39n)) + ((a & b) ^ (a & c) ^ (b & c))) & mask
      h = g
      g = f
      f = e
      e = (d + t1) & mask
      d = c
      c = b
      b = a
      a = (t1 + t2) & mask
    }
    for (const [index, value] of [a, b, c, d, e, f, g, h].entries()) hash[index] = (hash[index]! + value) & mask
  }
  return hash.map((value) => value.toString(16).padStart(16, '0')).join('')
}

export function sha1(bytes: Bytes): string {
  const message = padded(bytes, 64, false)
  const view = new DataView(message.buffer)
  const hash = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476, 0xc3d2e1f0 | 0]
  const w = new Int32Array(80)
  for (let at = 0; at < message.length; at += 64) {
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(at + i * 4)
    for (let i = 16; i < 80; i++) w[i] = rotl(w[i - 3]! ^ w[i - 8]! ^ w[i - 14]! ^ w[i - 16]!, 1)
    let [a, b, c, d, e] = hash as [number, number, number, number, number]
    for (let i = 0; i < 80; i++) {
      const [f, k] =
        i < 20
          ? [(b & c) | (~b & d), 0x5a827999]
          : i < 40
            ? [b ^ c ^ d, 0x6ed9eba1]
            : i < 60
              ? [(b & c) | (b & d) | (c & d), 0x8f1bbcdc]
              : [b ^ c ^ d, 0xca62c1d6]
      const t = (rotl(a, 5) + f + e + k + w[i]!) | 0
      e = d
      d = c
      c = rotl(b, 30)
      b = a
      a = t
    }
    for (const [index, value] of [a, b, c, d, e].entries()) hash[index] = (hash[index]! + value) | 0
  }
  return hash.map(hex8).join('')
}

const md5Shifts = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]

export function md5(bytes: Bytes): string {
  const message = padded(bytes, 64, true)
  const view = new DataView(message.buffer)
  const hash = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476]
  for (let at = 0; at < message.length; at += 64) {
    let [a, b, c, d] = hash as [number, number, number, number]
    for (let i = 0; i < 64; i++) {
      const round = i >> 4
      const f = round === 0 ? (b & c) | (~b & d) : round === 1 ? (d & b) | (~d & c) : round === 2 ? b ^ c ^ d : c ^ (b | ~d)
      const g = round === 0 ? i : round === 1 ? (5 * i + 1) % 16 : round === 2 ? (3 * i + 5) % 16 : (7 * i) % 16
      const k = Math.floor(Math.abs(Math.sin(i + 1)) * 4294967296) | 0
      const t = (a + f + k + view.getInt32(at + g * 4, true)) | 0
      a = d
      d = c
      c = b
      b = (b + rotl(t, md5Shifts[round * 4 + (i & 3)]!)) | 0
    }
    for (const [index, value] of [a, b, c, d].entries()) hash[index] = (hash[index]! + value) | 0
  }
  return hash
    .map((value) => {
      const text = hex8(value)
      return text.slice(6) + text.slice(4, 6) + text.slice(2, 4) + text.slice(0, 2)
    })
    .join('')
}
