// Addresses that leave the site or tell search engines of the other language.
import type { Metadata } from 'next'
import { locales } from '@/components/dictionary'

/** A page of the manual as Debian 13 ships it: `systemd.service(5)`. */
export function manualAddress(page: string): string {
  const match = /^(.+)\((\d)\)$/.exec(page)
  return match === null ? 'https://manpages.debian.org/trixie/' : `https://manpages.debian.org/trixie/${match[1]}.${match[2]}.en.html`
}

const base = process.env['UNITLAB_BASE_PATH'] ?? ''

/** hreflang links of a page that exists in every language. `path` begins after the language: `learn/`. */
export const alternates = (path: string): Metadata['alternates'] => ({
  languages: { ...Object.fromEntries(locales.map((locale) => [locale, `${base}/${locale}/${path}`])), 'x-default': `${base}/en/${path}` },
})
