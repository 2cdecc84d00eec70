import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import { dictionary } from '@/components/dictionary'
import { beforePaint } from '@/components/settings/settings'
import '../styles/fonts.css'
import '../styles/site.css'

export const metadata: Metadata = {
  title: `Unitlab — ${dictionary('en').site.tagline}`,
  description: dictionary('en').site.description,
  alternates: { languages: { en: './en/', ko: './ko/', 'x-default': './' } },
}

export default function ChooserLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" data-theme="light" suppressHydrationWarning>
      <head>
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: our own constant; it must run before the first paint */}
        <script dangerouslySetInnerHTML={{ __html: beforePaint }} />
      </head>
      <body>{children}</body>
    </html>
  )
}
