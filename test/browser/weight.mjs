// The weight of a page before anything is done on it: the scripts its HTML names, gzipped. Budgets in kB of 1,000 bytes.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const root = fileURLToPath(new URL('../..', import.meta.url))
const out = join(root, 'out')
const base = process.env.UNITLAB_BASE_PATH ?? ''
const budget = 180_000

export function firstLoad(html, readScript) {
  const names = new Set([...html.matchAll(/<script\b[^>]*\ssrc="([^"?#]+)/g)].map(([, name]) => name))
  // A script for browsers without modules is never loaded by those that have them.
  for (const [whole, name] of html.matchAll(/<script\b[^>]*\ssrc="([^"?#]+)[^>]*>/g)) if (/\snomodule/i.test(whole)) names.delete(name)
  return [...names].reduce((sum, name) => sum + gzipSync(readScript(name), { level: 9 }).length, 0)
}

function* pages(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory() && entry.name !== '_next') yield* pages(join(folder, entry.name))
    else if (entry.name.endsWith('.html')) yield join(folder, entry.name)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  let heaviest = 0
  let over = 0
  let count = 0
  for (const page of pages(out)) {
    const weight = firstLoad(readFileSync(page, 'utf8'), (name) => {
      const path = join(out, decodeURIComponent(name.slice(base.length)))
      if (!existsSync(path)) throw new Error(`${page} names ${name}, which is not there`)
      return readFileSync(path)
    })
    count += 1
    heaviest = Math.max(heaviest, weight)
    if (weight > budget) {
      over += 1
      console.error(`${page.slice(out.length)}: ${(weight / 1000).toFixed(1)} kB of script at first load; ${budget / 1000} kB are allowed`)
    }
  }
  console.log(
    `${count} pages, the heaviest with ${(heaviest / 1000).toFixed(1)} kB of script (gzip) at first load; budget ${budget / 1000} kB.`,
  )
  process.exit(over > 0 || count === 0 ? 1 : 0)
}
