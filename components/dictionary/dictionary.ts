// Which words a page uses. A page sends only its own language to the browser.
import type { Locale } from './locale'
import { en } from './en'
import { ko } from './ko'

export type Dictionary = typeof en

const dictionaries: Readonly<Record<Locale, Dictionary>> = { en, ko }

export const dictionary = (locale: Locale): Dictionary => dictionaries[locale]
