// After `next build`: gives each page its Content-Security-Policy, writes the service worker and the headers file.
// Inline scripts are allowed by their hashes alone, so nothing that reaches a page as text can run in it.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Hashes of the inline scripts of a page, in order, each once. */
export function scriptHashes(html) {
  const hashes = new Set()
  for (const [, attributes, text] of html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/gi)) {
    if (/\ssrc\s*=/i.test(attributes) || /\stype\s*=\s*["']?application\/(ld\+)?json/i.test(attributes)) continue
    hashes.add(`'sha256-${createHash('sha256').update(text).digest('base64')}'`)
  }
  return [...hashes]
}

export function policy(html) {
  return [
    "default-src 'self'",
    `script-src 'self' 'wasm-unsafe-eval' ${scriptHashes(html).join(' ')}`.trim(),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
}

/** The page with its policy as the first thing in its head. A page that has one already gets a fresh one. */
export function withPolicy(html) {
  const bare = html.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/g, '')
  const escaped = policy(bare).replaceAll('"', '&quot;')
  return bare.replace(/<head>/i, `<head><meta http-equiv="Content-Security-Policy" content="${escaped}"/>`)
}

function* walk(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* walk(path)
    else yield path
  }
}

/** What the service worker keeps from the start; the rest it keeps when it was asked for. */
const isPrecached = (path) => !/\.(map|woff2)$/.test(path) && !/^(_headers|offline\.js|404\.html)$/.test(path)

/**
 * Network first for pages, so that a new version shows; cache first for what has its hash in its name.
 * Answers are made anew from their bodies: a cached response would carry its own address, and workers that are
 * given their parts in the fragment of theirs would not find them.
 */
export function serviceWorker({ version, files, base }) {
  return `// Keeps the site for offline use. Written by bin/finish-export.mjs.
const name = 'unitlab-${version}'
const base = ${JSON.stringify(base)}
const files = ${JSON.stringify(files)}
self.addEventListener('install', (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(name)
    // One by one: a file that a host refuses must not spoil the rest.
    await Promise.allSettled(files.map((file) => cache.add(new Request(base + '/' + file, { cache: 'no-cache' }))))
    await self.skipWaiting()
  })())
})
self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    for (const key of await caches.keys()) if (key.startsWith('unitlab-') && key !== name) await caches.delete(key)
    await self.clients.claim()
  })())
})
const again = (response) => response && new Response(response.body, { status: response.status, statusText: response.statusText, headers: response.headers })
const find = async (request) => {
  const cache = await caches.open(name)
  const found = await cache.match(request, { ignoreSearch: true })
  if (found || request.mode !== 'navigate') return again(found)
  const address = new URL(request.url)
  return again(await cache.match(address.pathname.replace(/\\/?$/, '/index.html')))
}
self.addEventListener('fetch', (event) => {
  const { request } = event
  const address = new URL(request.url)
  if (request.method !== 'GET' || address.origin !== location.origin || !address.pathname.startsWith(base + '/')) return
  const lasting = address.pathname.startsWith(base + '/_next/static/')
  event.respondWith((async () => {
    if (lasting) {
      const found = await find(request)
      if (found) return found
    }
    try {
      const response = await fetch(request)
      if (response.ok && response.type === 'basic') {
        const copy = response.clone()
        event.waitUntil(caches.open(name).then((cache) => cache.put(address.origin + address.pathname, copy)))
      }
      return response
    } catch (error) {
      const found = await find(request)
      if (found) return found
      throw error
    }
  })())
})
`
}

const headersFile = `/*
  Content-Security-Policy: frame-ancestors 'none'
  Cross-Origin-Opener-Policy: same-origin
  Cross-Origin-Embedder-Policy: require-corp
  Cross-Origin-Resource-Policy: same-origin
  Referrer-Policy: no-referrer
  X-Content-Type-Options: nosniff

/_next/static/*
  Cache-Control: public, max-age=31536000, immutable
`

export function finish(out, base = '') {
  const files = []
  const digest = createHash('sha256')
  let pages = 0
  for (const path of walk(out)) {
    const name = relative(out, path).split(sep).join('/')
    if (name.endsWith('.html')) {
      const html = readFileSync(path, 'utf8')
      writeFileSync(path, withPolicy(html))
      pages += 1
    }
    if (!isPrecached(name)) continue
    digest.update(`${name}\0${statSync(path).size}\0`)
    if (!name.startsWith('_next/static/')) digest.update(readFileSync(path))
    // A page is asked for by its folder.
    files.push(name === 'index.html' ? '' : name.replace(/(^|\/)index\.html$/, '$1'))
  }
  writeFileSync(join(out, 'offline.js'), serviceWorker({ version: digest.digest('hex').slice(0, 16), files, base }))
  writeFileSync(join(out, '_headers'), headersFile)
  return { pages, files: files.length }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const out = fileURLToPath(new URL('../out', import.meta.url))
  if (!existsSync(out)) {
    console.error('There is no out/: run the build first.')
    process.exit(1)
  }
  const { pages, files } = finish(out, process.env.UNITLAB_BASE_PATH ?? '')
  console.log(`Policies for ${pages} pages; ${files} files for offline use.`)
}
