// A text in every language of the site.
import type { Language } from '../unit-language'

export type Words = readonly [en: string, ko: string]

export type Values = Readonly<Record<string, string | number | Words>>

/** `{name}` places are filled in. */
export function say(words: Words, language: Language, values: Values = {}): string {
  const index = language === 'ko' ? 1 : 0
  return words[index].replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    return value === undefined ? whole : typeof value === 'object' ? value[index] : `${value}`
  })
}
