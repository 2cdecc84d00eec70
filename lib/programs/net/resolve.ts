// Names to addresses: numbers, /etc/hosts, localhost. There is no name server here.
import { decodeUtf8 } from '@/lib/base'
import type { Process } from '@/lib/kernel'

export type InetAddress = { readonly domain: 'AF_INET' | 'AF_INET6'; readonly address: string }

export function resolveHost(process: Process, name: string): readonly InetAddress[] {
  const bare = name.replace(/^\[|\]$/g, '')
  if (/^\d+\.\d+\.\d+\.\d+$/.test(bare)) return [{ domain: 'AF_INET', address: bare }]
  if (bare.includes(':')) return [{ domain: 'AF_INET6', address: bare }]
  const found: InetAddress[] = []
  const hosts = process.fileReader().readFile('/etc/hosts')
  for (const line of hosts === undefined ? [] : decodeUtf8(hosts).split('\n')) {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (address !== undefined && names.includes(bare)) found.push({ domain: address.includes(':') ? 'AF_INET6' : 'AF_INET', address })
  }
  if (found.length === 0 && (bare === 'localhost' || bare.endsWith('.localhost'))) found.push({ domain: 'AF_INET', address: '127.0.0.1' })
  return [...found].sort((a, b) => (a.domain === b.domain ? 0 : a.domain === 'AF_INET6' ? -1 : 1))
}

const services: Readonly<Record<string, number>> = {
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  domain: 53,
  http: 80,
  pop3: 110,
  ntp: 123,
  imap2: 143,
  https: 443,
  'http-alt': 8080,
}
export const portOf = (text: string): number | undefined =>
  /^\d+$/.test(text) ? (Number(text) <= 65535 ? Number(text) : undefined) : services[text]
