// Reads the project's own sources for the architecture tests.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

export type Source = { readonly path: string; readonly text: string }

/** All TypeScript sources below a folder of the project, generated ones too. */
export function sources(folder: string): readonly Source[] {
  const found: Source[] = []
  const walk = (path: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const full = join(path, entry.name)
      if (entry.isDirectory()) walk(full)
      else if (/\.(ts|tsx|mdx)$/.test(entry.name)) found.push({ path: relative(root, full), text: readFileSync(full, 'utf8') })
    }
  }
  walk(join(root, folder))
  return found
}

/** Text with comments blanked; strings stay. */
export function withoutComments(text: string): string {
  return text.replace(
    /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    (whole, string: string | undefined) => string ?? whole.replace(/[^\n]/g, ' '),
  )
}

/** Modules that a source names in `import`, `export … from` and `import()`. */
export function imports(source: Source): readonly string[] {
  const text = withoutComments(source.text)
  const found: string[] = []
  for (const match of text.matchAll(
    /(?:^|[\s;])(?:import|export)\b[^'"`;]*?from\s*['"]([^'"]+)['"]|(?:^|[\s;])import\s*['"]([^'"]+)['"]|\bimport\(\s*['"`]([^'"`]+)['"`]/g,
  )) {
    const name = match[1] ?? match[2] ?? match[3]
    if (name !== undefined) found.push(name)
  }
  return found
}
