'use client'
// Hands the words of the page's language to client components.
import { createContext, type ReactNode, useContext } from 'react'
import type { Locale } from './locale'
import type { Dictionary } from './dictionary'

const Words = createContext<{ readonly locale: Locale; readonly words: Dictionary } | undefined>(undefined)

export function DictionaryProvider({ locale, words, children }: { locale: Locale; words: Dictionary; children: ReactNode }) {
  return <Words value={{ locale, words }}>{children}</Words>
}

function useDictionary() {
  const value = useContext(Words)
  if (value === undefined) throw new Error('no dictionary above this component')
  return value
}

export const useWords = (): Dictionary => useDictionary().words
export const useLocale = (): Locale => useDictionary().locale
