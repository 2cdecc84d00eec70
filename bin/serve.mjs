// Serves `out/` on localhost with the headers that a strict page needs: no framing, cross-origin isolation.
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { root } from './setup.mjs'

export const headers = {
  'Content-Security-Policy': "frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
}

/** Resolves with the address once the server listens. Takes the next free port when `port` is busy. */
export async function serve({ port = 3000, basePath = process.env.UNITLAB_BASE_PATH ?? '', tries = 20 } = {}) {
  const { default: sirv } = await import('sirv')
  const files = sirv(join(root, 'out'), {
    dev: false,
    etag: true,
    dotfiles: false,
    setHeaders: (response, path) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
      response.setHeader('Cache-Control', path.startsWith('/_next/static/') ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
  const server = createServer((request, response) => {
    if (basePath !== '') {
      if (!request.url.startsWith(`${basePath}/`)) {
        response.writeHead(302, { Location: `${basePath}/` }).end()
        return
      }
      request.url = request.url.slice(basePath.length)
    }
    files(request, response, () => {
      const page = join(root, 'out', '404.html')
      response.writeHead(404, { ...headers, 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-cache' })
      response.end(existsSync(page) ? readFileSync(page) : 'Not found')
    })
  })
  for (let attempt = 0; ; attempt++) {
    try {
      await new Promise((done, fail) => {
        server.once('error', fail)
        server.listen(port + attempt, '127.0.0.1', done)
      })
      return { server, address: `http://localhost:${port + attempt}${basePath}/` }
    } catch (error) {
      if (error.code !== 'EADDRINUSE' || attempt >= tries) throw error
    }
  }
}
