// After ip(7), ipv6(7), in-addr-util.c: Internet addresses and networks in text.
import { errno, type Errno, isErrno } from '@/lib/kernel'
import { parseUint8 } from './numbers'

/** The four bytes of `192.0.2.1`, as inet_pton(3) takes it. */
export function parseIpv4(text: string): number[] | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return undefined
  return parts.map(Number)
}

/** The eight words of an IPv6 address. */
export function parseIpv6(text: string): number[] | undefined {
  if (!/^[0-9a-fA-F:.]+$/.test(text)) return undefined
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const wordsOf = (half: string): number[] | undefined => {
    if (half === '') return []
    const words: number[] = []
    const parts = half.split(':')
    for (const [index, part] of parts.entries()) {
      if (part.includes('.')) {
        const tail = index === parts.length - 1 ? parseIpv4(part) : undefined
        if (tail === undefined) return undefined
        words.push(tail[0]! * 256 + tail[1]!, tail[2]! * 256 + tail[3]!)
      } else {
        if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined
        words.push(Number.parseInt(part, 16))
      }
    }
    return words
  }
  const head = wordsOf(halves[0]!)
  if (head === undefined) return undefined
  if (halves.length === 1) return head.length === 8 ? head : undefined
  if (halves[0]!.includes('.')) return undefined
  const tail = wordsOf(halves[1]!)
  if (tail === undefined || head.length + tail.length > 7) return undefined
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail]
}

/** As inet_ntop(3) writes it. */
export function formatIpv6(words: readonly number[]): string {
  let best = { at: -1, length: 1 }
  for (let at = 0; at < 8; at++) {
    let length = 0
    while (at + length < 8 && words[at + length] === 0) length += 1
    if (length > best.length) best = { at, length }
  }
  const hex = (from: number, to: number) =>
    words
      .slice(from, to)
      .map((word) => word.toString(16))
      .join(':')
  const mapped = best.at === 0 && (best.length === 6 || (best.length === 5 && words[5] === 0xffff))
  if (mapped) {
    const ipv4 = [words[6]! >> 8, words[6]! & 255, words[7]! >> 8, words[7]! & 255].join('.')
    return best.length === 6 ? `::${ipv4}` : `::ffff:${ipv4}`
  }
  return best.at < 0 ? hex(0, 8) : `${hex(0, best.at)}::${hex(best.at + best.length, 8)}`
}

/** `10.1.2.3/8` becomes `10.0.0.0/8`; without a length, it is one address. */
export function parseAddressPrefix(text: string): string | Errno {
  const slash = text.indexOf('/')
  const address = slash < 0 ? text : text.slice(0, slash)
  const ipv4 = parseIpv4(address)
  const ipv6 = ipv4 === undefined ? parseIpv6(address) : undefined
  if (ipv4 === undefined && ipv6 === undefined) return errno.EINVAL
  const bits = ipv4 === undefined ? 128 : 32
  let length = bits
  if (slash >= 0) {
    const given = parseUint8(text.slice(slash + 1))
    if (isErrno(given)) return given
    if (given > bits) return errno.ERANGE
    length = given
  }
  const mask = (words: readonly number[], width: number) =>
    words.map((word, index) => {
      const keep = Math.min(width, Math.max(0, length - index * width))
      return word & (((1 << keep) - 1) << (width - keep))
    })
  return ipv4 === undefined ? `${formatIpv6(mask(ipv6!, 16))}/${length}` : `${mask(ipv4, 8).join('.')}/${length}`
}
