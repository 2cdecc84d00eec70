import Link from 'next/link'
import type { Locale } from '../dictionary/locale'
import type { Dictionary } from '../dictionary'

export function Footer({ locale, words }: { locale: Locale; words: Dictionary }) {
  return (
    <footer className="border-line border-t">
      <div className="mx-auto flex max-w-[1040px] flex-wrap items-center gap-x-6 gap-y-1 px-6 py-5 text-13 text-dim max-sm:px-4">
        <span>{words.site.source}</span>
        <Link href={`/${locale}/supported/`} prefetch={false} className="text-dim">
          {words.site.supported}
        </Link>
        <Link href={`/${locale}/licences/`} prefetch={false} className="text-dim">
          {words.site.licences}
        </Link>
        <span className="ml-auto max-sm:ml-0">{words.site.offlineReady}</span>
      </div>
    </footer>
  )
}
