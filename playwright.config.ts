import { existsSync } from 'node:fs'
import { defineConfig } from '@playwright/test'

const port = Number(process.env['UNITLAB_TEST_PORT'] ?? 4310)
const base = process.env['UNITLAB_BASE_PATH'] ?? ''
const installed = [process.env['UNITLAB_CHROMIUM'], '/usr/bin/chromium'].find((path) => path !== undefined && existsSync(path))

export default defineConfig({
  testDir: 'test/browser',
  testMatch: '**/*.spec.ts',
  workers: 1,
  fullyParallel: false,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  retries: 0,
  reporter: [['list']],
  outputDir: 'test-results',
  use: {
    baseURL: `http://localhost:${port}${base}/`,
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
    trace: 'retain-on-failure',
    launchOptions: installed === undefined ? {} : { executablePath: installed },
  },
  webServer: {
    command: 'node test/browser/server.mjs',
    url: `http://localhost:${port}${base}/`,
    env: { UNITLAB_TEST_PORT: String(port) },
    reuseExistingServer: false,
  },
})
