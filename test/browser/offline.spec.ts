// Once opened, the site works without a network: pages, machine, editor.
import { expect, test } from '@playwright/test'
import { editorText, untilEditor, untilPrompt } from './support'

test('opened once, then offline', async ({ browser, baseURL }) => {
  const context = await browser.newContext({ serviceWorkers: 'allow', baseURL: baseURL ?? '' })
  const page = await context.newPage()
  await page.goto('en/learn/')
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready
  })
  await expect
    .poll(
      () =>
        page.evaluate(
          async () => (await Promise.all((await caches.keys()).map(async (key) => (await (await caches.open(key)).keys()).length)))[0] ?? 0,
        ),
      {
        timeout: 30_000,
      },
    )
    .toBeGreaterThan(40)
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
  await context.setOffline(true)
  await page.getByRole('link', { name: 'Your first service' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Your first service' })).toBeVisible()
  await untilPrompt(page)
  await untilEditor(page)
  expect(await editorText(page)).toContain('ExecStart=')
  await page.goto('ko/sandbox/')
  await untilPrompt(page)
  await context.close()
})
