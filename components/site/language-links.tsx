'use client'
// The same page in the other languages. The machine goes on running, the place in the text stays.
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { localeNames, locales } from '../dictionary/locale'
import { useLocale } from '../dictionary/provider'
import { localeKey, remember } from '../settings/settings'

export function LanguageLinks() {
  const path = usePathname()
  const locale = useLocale()
  return (
    <span className="flex items-center gap-3 text-13">
      {locales.map((one) =>
        one === locale ? (
          <span key={one} aria-current="true" lang={one} className="font-semibold">
            {localeNames[one]}
          </span>
        ) : (
          <Link
            key={one}
            href={path.replace(/^\/[a-z]{2}(?=\/|$)/, `/${one}`)}
            hrefLang={one}
            lang={one}
            scroll={false}
            prefetch={false}
            onClick={() => remember(localeKey, one)}
          >
            {localeNames[one]}
          </Link>
        ),
      )}
    </span>
  )
}
