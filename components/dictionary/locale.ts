// The languages of the site. A text exists in all of them or not at all.
export const locales = ['en', 'ko'] as const
export type Locale = (typeof locales)[number]
export const isLocale = (text: string): text is Locale => (locales as readonly string[]).includes(text)
/** A language's name in itself. */
export const localeNames: Readonly<Record<Locale, string>> = { en: 'English', ko: '한국어' }
