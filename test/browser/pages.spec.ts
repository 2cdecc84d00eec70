// Every kind of page: accessible, quiet on the console, readable without script, in both languages and themes.
import AxeBuilder from '@axe-core/playwright'
import { expect, test } from '@playwright/test'
import { complaints, untilPrompt } from './support'

const kinds = ['', 'learn/', 'learn/first-service/', 'exercises/', 'sandbox/', 'supported/', 'licences/'] as const

for (const locale of ['en', 'ko'] as const)
  for (const kind of kinds) {
    const theme = locale === 'en' ? ('light' as const) : ('dark' as const)
    test(`${locale}/${kind} is accessible (${theme})`, async ({ page }) => {
      const found = complaints(page)
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
      await page.goto(`${locale}/${kind}`)
      if (/first-service|sandbox/.test(kind)) await untilPrompt(page)
      await expect(page.locator('html')).toHaveAttribute('data-theme', theme)
      await expect(page.locator('h1')).toHaveCount(1)
      // xterm's rows and Monaco's lines are theirs; their input fields are named by us and stay in.
      const { violations } = await new AxeBuilder({ page }).exclude('.xterm-screen').exclude('.monaco-editor .view-lines').analyze()
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`)).toEqual([])
      expect(found).toEqual([])
    })
  }

test('phone: a lesson is accessible and does not scroll sideways', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 })
  for (const path of ['ko/', 'ko/learn/what-to-use-when/', 'ko/sandbox/', 'en/learn/first-service/']) {
    await page.goto(path)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
    const pane = page.locator('.workbench-text')
    if ((await pane.count()) > 0) expect(await pane.evaluate((one) => one.scrollWidth - one.clientWidth)).toBeLessThanOrEqual(0)
    const { violations } = await new AxeBuilder({ page }).exclude('.xterm-screen').analyze()
    expect(violations.map(({ id, nodes }) => `${path} ${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([])
  }
})

test('the settings are accessible, and choices hold', async ({ page }) => {
  await page.goto('en/learn/')
  await page.getByRole('button', { name: 'Settings' }).click()
  const dialog = page.getByRole('dialog', { name: 'Settings' })
  await expect(dialog).toBeVisible()
  const { violations } = await new AxeBuilder({ page }).include('dialog').analyze()
  expect(violations.map(({ id }) => id)).toEqual([])
  await dialog.getByRole('radio', { name: 'Dark' }).check()
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
  await page.reload()
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
})

test('the door sends each to their language, and remembers a choice', async ({ browser, baseURL }) => {
  const korean = await browser.newContext({ locale: 'ko-KR', baseURL: baseURL ?? '' })
  const page = await korean.newPage()
  await page.goto('')
  await expect(page).toHaveURL(/\/ko\/$/)
  await expect(page.locator('html')).toHaveAttribute('lang', 'ko')
  await page.getByRole('link', { name: 'English' }).first().click()
  await expect(page).toHaveURL(/\/en\/$/)
  await page.goto('')
  await expect(page).toHaveURL(/\/en\/$/)
  await korean.close()
})

test('a lesson can be read without script, and its HTML holds the text', async ({ browser, baseURL, request }) => {
  const plain = await browser.newContext({ javaScriptEnabled: false, baseURL: baseURL ?? '' })
  const page = await plain.newPage()
  await page.goto('en/learn/first-service/')
  await expect(page.getByRole('heading', { name: 'Line by line' })).toBeVisible()
  await plain.close()
  const html = await (await request.get('ko/learn/first-service/')).text()
  expect(html).toContain('약속을 더한 것입니다')
  expect(html).toContain('<noscript>')
  expect(html).toMatch(/hrefLang="en"[^>]*href="[^"]*\/en\/learn\/first-service\//i)
})

test('an unknown address answers 404 in both languages', async ({ page }) => {
  const response = await page.goto('en/learn/no-such-lesson/')
  expect(response?.status()).toBe(404)
  await expect(page.getByRole('heading', { name: 'This page does not exist' })).toBeVisible()
  await expect(page.getByRole('heading', { name: '없는 페이지입니다' })).toBeVisible()
})

test('the policy stops script that is not ours', async ({ page }) => {
  await page.goto('en/sandbox/')
  await untilPrompt(page)
  const ran = await page.evaluate(async () => {
    const seen: string[] = []
    Object.assign(window, { seen })
    const script = document.createElement('script')
    script.textContent = 'window.seen.push("inline")'
    document.body.append(script)
    const image = document.createElement('img')
    image.setAttribute('onerror', 'window.seen.push("handler")')
    image.src = 'data:,'
    document.body.append(image)
    // Text as code is compiled later, out of the reach of the test's own rights.
    const later = setTimeout as (code: string) => number
    later('window.seen.push("eval")')
    await new Promise((resolve) => setTimeout(resolve, 300))
    return seen
  })
  expect(ran).toEqual([])
  expect(await page.evaluate(() => self.crossOriginIsolated)).toBe(true)
})
