import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { finish, policy, scriptHashes, withPolicy } from '../../bin/finish-export.mjs'

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

describe('the policy of a page', () => {
  test('allows exactly the inline scripts that are in it', () => {
    const html =
      '<html><head><script>a()</script></head><body><script src="/x.js" async=""></script><script id="_R_">b("<")</script></body></html>'
    expect(scriptHashes(html)).toEqual([hash('a()'), hash('b("<")')])
    expect(policy(html)).toContain(`script-src 'self' 'wasm-unsafe-eval' ${hash('a()')} ${hash('b("<")')};`)
    expect(policy(html)).not.toMatch(/script-src[^;]*'unsafe-/)
  })

  test('stands first in the head and is renewed, not doubled', () => {
    const once = withPolicy('<html><head><script>a()</script></head></html>')
    expect(once).toMatch(/^<html><head><meta http-equiv="Content-Security-Policy" content="default-src &?/)
    expect(withPolicy(once)).toBe(once)
  })
})

describe('the finished export', () => {
  test('has a service worker that knows its pages, and a headers file', () => {
    const out = mkdtempSync(join(tmpdir(), 'export-'))
    mkdirSync(join(out, 'en'))
    mkdirSync(join(out, '_next/static'), { recursive: true })
    writeFileSync(join(out, 'index.html'), '<html><head></head></html>')
    writeFileSync(join(out, 'en/index.html'), '<html><head></head></html>')
    writeFileSync(join(out, 'en/index.txt'), 'payload')
    writeFileSync(join(out, '_next/static/a.js'), 'a')
    writeFileSync(join(out, '_next/static/font.woff2'), 'f')
    expect(finish(out, '/lab')).toEqual({ pages: 2, files: 4 })
    const worker = readFileSync(join(out, 'offline.js'), 'utf8')
    expect(worker).toContain('const base = "/lab"')
    expect(worker).toContain('["_next/static/a.js","en/","en/index.txt",""]')
    expect(readFileSync(join(out, '_headers'), 'utf8')).toContain('Cross-Origin-Embedder-Policy: require-corp')
    const version = (text: string) => /unitlab-([0-9a-f]{16})/.exec(text)?.[1]
    writeFileSync(join(out, 'en/index.txt'), 'another')
    finish(out, '/lab')
    expect(version(readFileSync(join(out, 'offline.js'), 'utf8'))).not.toBe(version(worker))
  })
})
