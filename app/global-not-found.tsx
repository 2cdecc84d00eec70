import type { Metadata } from 'next'
import { dictionary, localeNames, locales } from '@/components/dictionary'
import { beforePaint } from '@/components/settings/settings'
import { Mark } from '@/components/site/mark'
import './styles/fonts.css'
import './styles/site.css'

const base = process.env['UNITLAB_BASE_PATH'] ?? ''

export const metadata: Metadata = { title: '404 — Unitlab' }

/** One file serves every language, since a static host has one 404 page. */
export default function NotFoundPage() {
  return (
    <html lang="en" data-theme="light" suppressHydrationWarning>
      <head>
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: our own constant; it must run before the first paint */}
        <script dangerouslySetInnerHTML={{ __html: beforePaint }} />
      </head>
      <body>
        <main id="content" className="grid min-h-dvh place-items-center p-6">
          <div className="grid max-w-md gap-8">
            <span className="text-brand">
              <Mark size={36} />
            </span>
            {locales.map((locale, index) => {
              const { site } = dictionary(locale)
              const Heading = index === 0 ? 'h1' : 'h2'
              return (
                <section key={locale} lang={locale} className="grid gap-2">
                  <Heading className="text-21">{site.notFound}</Heading>
                  <p className="text-dim">{site.notFoundText}</p>
                  <p className="flex gap-4">
                    <a href={`${base}/${locale}/`}>{site.home}</a>
                    <a href={`${base}/${locale}/learn/`}>{site.learn}</a>
                    <a href={`${base}/${locale}/sandbox/`}>{site.sandbox}</a>
                    <span className="sr-only">{localeNames[locale]}</span>
                  </p>
                </section>
              )
            })}
          </div>
        </main>
      </body>
    </html>
  )
}
