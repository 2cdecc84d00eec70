import type { Metadata } from 'next'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Footer } from '@/components/site/footer'
import { alternates } from '../../addresses'
import { packageLicences } from '../../licences'
import { type LocaleParams, localeOf } from '../../locale-page'

export async function generateMetadata({ params }: LocaleParams): Promise<Metadata> {
  const { words } = await localeOf(params)
  return { title: words.licences.title, description: words.licences.lead, alternates: alternates('licences/') }
}

export default async function Licences({ params }: LocaleParams) {
  const { locale, words } = await localeOf(params)
  const t = words.licences
  const ours = readFileSync(join(process.cwd(), 'LICENSE'), 'utf8')
  return (
    <>
      <main id="content" tabIndex={-1} className="page focus-visible:outline-none">
        <h1 className="text-28">{t.title}</h1>
        <p className="mt-2 max-w-prose text-dim">{t.lead}</p>
        <details className="mt-6 border-line border-t py-3">
          <summary className="font-semibold text-hand">{t.ours}</summary>
          <pre className="mt-3 whitespace-pre-wrap text-[12px]">{ours}</pre>
        </details>
        <ul>
          {packageLicences().map(({ name, version, licence, texts }) => (
            <li key={name} className="border-line border-t py-2">
              <details>
                <summary className="flex flex-wrap items-baseline gap-x-3">
                  <span className="font-mono text-13 text-hand">{name}</span>
                  <span className="text-13 text-dim">
                    {version} · {licence}
                  </span>
                </summary>
                {texts.map((text) => (
                  <pre key={text.slice(0, 80)} className="mt-3 whitespace-pre-wrap text-[12px]">
                    {text}
                  </pre>
                ))}
              </details>
            </li>
          ))}
        </ul>
      </main>
      <Footer locale={locale} words={words} />
    </>
  )
}
