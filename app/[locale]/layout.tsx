import type { Metadata, Viewport } from 'next'
import { notFound } from 'next/navigation'
import type { ReactNode } from 'react'
import { dictionary, isLocale, locales } from '@/components/dictionary'
import { DictionaryProvider } from '@/components/dictionary/provider'
import { beforePaint } from '@/components/settings/settings'
import { Header } from '@/components/site/header'
import { OfflineWorker } from '@/components/site/offline-worker'
import { WorkerProvider } from '../worker-provider'
import '../styles/fonts.css'
import '../styles/site.css'

type Props = { readonly params: Promise<{ locale: string }>; readonly children: ReactNode }

export const dynamicParams = false
export const generateStaticParams = () => locales.map((locale) => ({ locale }))

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  interactiveWidget: 'resizes-content',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#fbfaf7' },
    { media: '(prefers-color-scheme: dark)', color: '#12151a' },
  ],
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale } = await params
  if (!isLocale(locale)) return {}
  const { site } = dictionary(locale)
  return {
    title: { default: `${site.name} — ${site.tagline}`, template: `%s — ${site.name}` },
    description: site.description,
    applicationName: site.name,
  }
}

export default async function LocaleLayout({ params, children }: Props) {
  const { locale } = await params
  if (!isLocale(locale)) notFound()
  const words = dictionary(locale)
  return (
    <html lang={locale} data-theme="light" suppressHydrationWarning>
      <head>
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: our own constant; it must run before the first paint */}
        <script dangerouslySetInnerHTML={{ __html: beforePaint }} />
      </head>
      <body className="flex min-h-dvh flex-col [--header:48px]">
        <DictionaryProvider locale={locale} words={words}>
          <a href="#content" className="skip button button-hand">
            {words.site.skip}
          </a>
          <Header />
          <WorkerProvider>{children}</WorkerProvider>
          <OfflineWorker />
        </DictionaryProvider>
      </body>
    </html>
  )
}
