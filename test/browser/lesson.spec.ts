// The first lesson one writes a unit in, from the edit to the passed exercise: in the browser, with the real machine.
import { expect, test } from '@playwright/test'
import { complaints, screen, type, untilPrompt, writeInEditor } from './support'

test('edit, reload, enable, status, journal, Ctrl-C, exercise passes', async ({ page }) => {
  test.setTimeout(150_000)
  const found = complaints(page)
  await page.goto('en/learn/first-service/')
  await untilPrompt(page)
  const card = page.locator('[data-exercise="first-service"]')
  await card.getByRole('button', { name: 'Work on this exercise' }).click()
  await expect(card.locator('[data-check]')).toHaveCount(4)
  await expect(page.getByRole('button', { name: 'myapp.service', exact: true })).toHaveAttribute('aria-current', 'true')
  await writeInEditor(
    page,
    '[Unit]\nDescription=My application\n\n[Service]\nExecStart=/usr/local/bin/myapp\nRestart=on-failure\n\n[Install]\nWantedBy=multi-user.target\n',
  )
  await page.keyboard.press('ControlOrMeta+S')
  await type(page, 'systemctl daemon-reload && systemctl enable --now myapp', /Created symlink '[^']*' → '[^']*'\./)
  await type(page, 'systemctl status myapp', /Active: active \(running\)/)
  await type(page, 'journalctl -u myapp -f', /myapp\[\d+\]: still here/)
  await page.keyboard.press('Control+c')
  await expect.poll(() => screen(page)).toMatch(/\^C\n+.*# ?$/)
  await expect(card.locator('[data-check="active:myapp.service"]')).toHaveAttribute('data-state', 'passed')
  await card.getByRole('button', { name: 'Check on a copy of my machine' }).click()
  await expect(card.getByText('All goals are met.')).toBeVisible({ timeout: 60_000 })
  await page.reload()
  await expect(card.getByText('All goals are met.')).toBeVisible({ timeout: 30_000 })
  expect(found).toEqual([])
})

test('a wrong answer is told what was seen, and hints come on request', async ({ page }) => {
  test.setTimeout(120_000)
  await page.goto('ko/learn/first-service/')
  await untilPrompt(page)
  const card = page.locator('[data-exercise="first-service"]')
  await card.getByRole('button', { name: '이 문제 풀기' }).click()
  await card.getByRole('button', { name: '내 기계의 복사본으로 확인하기' }).click()
  const first = card.locator('[data-check]').first()
  await expect(first).toHaveAttribute('data-state', 'failed', { timeout: 60_000 })
  await expect(first.getByText('확인한 것:')).toBeVisible()
  await card.getByRole('button', { name: '힌트 1/3' }).click()
  await expect(card.getByText('세 줄이 빠져 있습니다.', { exact: false })).toBeVisible()
  await card.getByRole('button', { name: '풀이 보기' }).click()
  await card.getByText('풀이와 비교하기').click()
  await expect(card.locator('[data-compare]').first()).toContainText('ExecStart', { timeout: 30_000 })
})

test('the editor speaks the language of unit files', async ({ page }) => {
  test.setTimeout(120_000)
  await page.goto('en/learn/first-service/')
  await untilPrompt(page)
  await writeInEditor(page, '[Service]\nExecStart=/usr/local/bin/speaker\nRestart=allways\n')
  const squiggle = page.locator('.monaco-editor .squiggly-warning, .monaco-editor .squiggly-error')
  await expect(squiggle.first()).toBeVisible({ timeout: 20_000 })
  await page.keyboard.press('ControlOrMeta+End')
  await page.keyboard.type('RestartS')
  const widget = page.locator('.suggest-widget.visible')
  await expect(widget.getByText('RestartSec', { exact: false }).first()).toBeVisible({ timeout: 20_000 })
  await page.keyboard.press('Escape')
  await page.locator('.view-line').filter({ hasText: 'ExecStart' }).locator('span', { hasText: 'ExecStart' }).last().hover()
  await expect(page.locator('.monaco-hover:visible')).toContainText('ExecStart', { timeout: 20_000 })
})
