// The unit-file language beside the machine: it reads the machine's own disk, as the manager does. Lives in the worker.
import { createUnitLanguage, type UnitLanguage } from '@/lib/language'
import type { FileReader, Usec } from '@/lib/base'
import type { LanguageAsker } from '@/lib/machine/client'

type Files = { readonly reader: () => FileReader | undefined; readonly nowUsec: () => Usec }

const methods = [
  'open',
  'close',
  'refresh',
  'diagnostics',
  'complete',
  'hover',
  'hints',
  'fixes',
  'definition',
  'references',
  'renameRange',
  'rename',
  'format',
  'folding',
  'outline',
  'tokens',
  'effective',
] as const
type Method = (typeof methods)[number]
const isMethod = (name: string): name is Method => (methods as readonly string[]).includes(name)

/** Reads through to the machine that runs now: a reset puts another in its place. */
function present(files: Files): FileReader {
  return {
    readFile: (path) => files.reader()?.readFile(path),
    readDirectory: (path) => files.reader()?.readDirectory(path),
    status: (path) => files.reader()?.status(path),
    linkStatus: (path) => files.reader()?.linkStatus(path),
    readLink: (path) => files.reader()?.readLink(path),
  }
}

export function languageHost(files: Files): (asker: LanguageAsker, method: string, args: readonly unknown[]) => unknown {
  const made = new Map<string, UnitLanguage>()
  const facts = {
    get nowUsec() {
      return files.nowUsec()
    },
  }
  return ({ language, target }, method, args) => {
    if (!isMethod(method)) throw new TypeError(`the unit language has no ${method}`)
    const key = `${language} ${target}`
    let one = made.get(key)
    if (one === undefined) {
      one = createUnitLanguage({ reader: present(files), language, target, facts })
      made.set(key, one)
    }
    const answer = one[method] as (...rest: readonly unknown[]) => unknown
    return answer(...args)
  }
}
