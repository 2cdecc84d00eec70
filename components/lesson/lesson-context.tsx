'use client'
// Which lesson the parts below belong to.
import { createContext, type ReactNode, useContext } from 'react'

const Slug = createContext<string | undefined>(undefined)

export function LessonContext({ slug, children }: { slug: string; children: ReactNode }) {
  return <Slug value={slug}>{children}</Slug>
}

export const useLessonSlug = (): string | undefined => useContext(Slug)
