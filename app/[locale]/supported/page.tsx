import type { Metadata } from 'next'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Footer } from '@/components/site/footer'
import { alternates } from '../../addresses'
import { type LocaleParams, localeOf } from '../../locale-page'

export async function generateMetadata({ params }: LocaleParams): Promise<Metadata> {
  const { words } = await localeOf(params)
  return { title: words.site.supported, description: words.supported.lead, alternates: alternates('supported/') }
}

type Figures = Readonly<Record<string, { readonly cases: number; readonly agree: number }>>

/** Figures of the last conformance run, when there was one before the build. */
function figures(): Figures | undefined {
  const path = join(process.cwd(), '.build', 'conformance.json')
  if (!existsSync(path)) return undefined
  const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
  if (typeof value !== 'object' || value === null) return undefined
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, one]: [string, unknown]) =>
      typeof one === 'object' &&
      one !== null &&
      'cases' in one &&
      'agree' in one &&
      typeof one.cases === 'number' &&
      typeof one.agree === 'number'
        ? [[name, { cases: one.cases, agree: one.agree }]]
        : [],
    ),
  )
}

export default async function Supported({ params }: LocaleParams) {
  const { locale, words } = await localeOf(params)
  const t = words.supported
  const rows = Object.entries(figures() ?? {})
  return (
    <>
      <main id="content" tabIndex={-1} className="page focus-visible:outline-none">
        <h1 className="text-28">{words.site.supported}</h1>
        <p className="mt-2 max-w-prose text-17 text-dim">{t.lead}</p>
        {rows.length === 0 ? (
          <p className="mt-8 rounded-md border border-line bg-sunken px-4 py-3 text-dim">{t.missing}</p>
        ) : (
          <table className="mt-8 w-full max-w-2xl text-13">
            <thead className="text-dim">
              <tr>
                <th className="py-2 text-start font-normal">{t.set}</th>
                <th className="py-2 text-end font-normal">{t.cases}</th>
                <th className="py-2 text-end font-normal">{t.agree}</th>
                <th className="py-2 text-end font-normal">{t.rate}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(([name, { cases, agree }]) => (
                <tr key={name} className="border-line border-t">
                  <td className="py-1.5 font-mono">{name}</td>
                  <td className="py-1.5 text-end tabular-nums">{cases}</td>
                  <td className="py-1.5 text-end tabular-nums">{agree}</td>
                  <td className="py-1.5 text-end tabular-nums">{cases === 0 ? '–' : `${((agree / cases) * 100).toFixed(1)} %`}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </main>
      <Footer locale={locale} words={words} />
    </>
  )
}
