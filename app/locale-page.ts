// What every page below a language begins with.
import { notFound } from 'next/navigation'
import { type Dictionary, dictionary, isLocale, type Locale } from '@/components/dictionary'

export type LocaleParams = { readonly params: Promise<{ locale: string }> }

export async function localeOf(params: LocaleParams['params']): Promise<{ readonly locale: Locale; readonly words: Dictionary }> {
  const { locale } = await params
  if (!isLocale(locale)) notFound()
  return { locale, words: dictionary(locale) }
}
