// Required by @next/mdx. A lesson's own parts are given by its page, which knows language and lesson.
import type { MDXComponents } from 'mdx/types'

export function useMDXComponents(components: MDXComponents): MDXComponents {
  return components
}
