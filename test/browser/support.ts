// What the browser tests share: waiting for a prompt, reading a terminal, the complaints of a page.
import { expect, type Page } from '@playwright/test'

/** Errors of the console and of the page, policy violations included. */
export function complaints(page: Page): readonly string[] {
  const found: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') found.push(message.text())
  })
  page.on('pageerror', (error) => found.push(error.message))
  return found
}

export const screen = (page: Page, number = 1): Promise<string> => page.evaluate((which) => window.unitlabScreen?.(which) ?? '', number)

export async function untilPrompt(page: Page): Promise<void> {
  await expect.poll(() => screen(page), { timeout: 30_000 }).toMatch(/[#$] ?$/)
}

/** Types a line into the terminal and waits until its output matches. */
export async function type(page: Page, line: string, output: RegExp | string): Promise<void> {
  await page.locator('.xterm-helper-textarea').first().focus()
  await page.keyboard.type(line)
  await page.keyboard.press('Enter')
  await expect.poll(() => screen(page), { timeout: 30_000 }).toMatch(output)
}

export const editorText = (page: Page): Promise<string> => page.evaluate(() => window.unitlabEditor?.editor.getModel()?.getValue() ?? '')

export async function untilEditor(page: Page): Promise<void> {
  await page.waitForFunction(() => (window.unitlabEditor?.editor.getModel() ?? null) !== null, undefined, { timeout: 30_000 })
}

/** Replaces the text of the open file as a person would: select all, type. */
export async function writeInEditor(page: Page, text: string): Promise<void> {
  await untilEditor(page)
  await page.evaluate(() => window.unitlabEditor?.editor.focus())
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.press('Delete')
  await page.keyboard.insertText(text)
  await expect.poll(() => editorText(page)).toBe(text)
}

declare global {
  interface Window {
    unitlabScreen?: (number?: number) => string
    unitlabEditor?: { readonly editor: { focus(): void; getModel(): { getValue(): string } | null } }
  }
}
