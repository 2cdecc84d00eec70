// The reader's choices. In localStorage, because they are needed before the first paint.
import { createStore } from 'zustand/vanilla'

export type Settings = {
  readonly theme: 'system' | 'light' | 'dark'
  readonly density: 'comfortable' | 'compact'
  /** Pixels of code and terminal. */
  readonly fontSize: number
  readonly motion: 'system' | 'reduced'
  readonly screenReader: boolean
  readonly tabLeavesEditor: boolean
  readonly plainEditor: boolean
  readonly typing: boolean
}

export const defaultSettings: Settings = {
  theme: 'system',
  density: 'comfortable',
  fontSize: 13,
  motion: 'system',
  screenReader: false,
  tabLeavesEditor: false,
  plainEditor: false,
  typing: true,
}

export const settingsKey = 'unitlab:settings'
export const localeKey = 'unitlab:locale'
export const fontSizes = [12, 13, 14, 15, 17, 20] as const

/** Takes from stored text only what has the right shape. */
export function readSettings(text: string | null): Settings {
  let stored: Partial<Record<keyof Settings, unknown>>
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    stored = typeof value === 'object' && value !== null ? value : {}
  } catch {
    stored = {}
  }
  const one = <T extends string>(value: unknown, allowed: readonly T[], otherwise: T): T =>
    allowed.includes(value as T) ? (value as T) : otherwise
  const flag = (value: unknown, otherwise: boolean): boolean => (typeof value === 'boolean' ? value : otherwise)
  return {
    theme: one(stored.theme, ['system', 'light', 'dark'], defaultSettings.theme),
    density: one(stored.density, ['comfortable', 'compact'], defaultSettings.density),
    fontSize: fontSizes.includes(stored.fontSize as (typeof fontSizes)[number]) ? (stored.fontSize as number) : defaultSettings.fontSize,
    motion: one(stored.motion, ['system', 'reduced'], defaultSettings.motion),
    screenReader: flag(stored.screenReader, defaultSettings.screenReader),
    tabLeavesEditor: flag(stored.tabLeavesEditor, defaultSettings.tabLeavesEditor),
    plainEditor: flag(stored.plainEditor, defaultSettings.plainEditor),
    typing: flag(stored.typing, defaultSettings.typing),
  }
}

/** localStorage may be refused altogether. */
export function remembered(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}
export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // Without storage a choice lasts as long as the page.
  }
}

export const settings = createStore<Settings>(() =>
  typeof window === 'undefined' ? defaultSettings : readSettings(remembered(settingsKey)),
)

export function changeSettings(patch: Partial<Settings>): void {
  settings.setState(patch)
  remember(settingsKey, JSON.stringify(settings.getState()))
  applySettings(settings.getState())
}

export const prefersDark = (): boolean => matchMedia('(prefers-color-scheme: dark)').matches
export const isDark = (current: Settings): boolean => current.theme === 'dark' || (current.theme === 'system' && prefersDark())
export const hasMotion = (current: Settings): boolean =>
  current.motion === 'system' && !matchMedia('(prefers-reduced-motion: reduce)').matches

/** Writes the choices onto the document; `beforePaint` does the same earlier. */
export function applySettings(current: Settings): void {
  const { dataset, style } = document.documentElement
  dataset['theme'] = isDark(current) ? 'dark' : 'light'
  dataset['density'] = current.density
  dataset['motion'] = current.motion
  style.setProperty('--code', `${current.fontSize}px`)
}

/** Runs in the head before anything is painted, so that no page flashes in the wrong theme. */
export const beforePaint = `(function(){var d=document.documentElement,s={};try{s=JSON.parse(localStorage.getItem(${JSON.stringify(settingsKey)})||'{}')||{}}catch(e){}
var dark=s.theme==='dark'||(s.theme!=='light'&&matchMedia('(prefers-color-scheme: dark)').matches);d.dataset.theme=dark?'dark':'light';
if(s.density==='compact')d.dataset.density='compact';if(s.motion==='reduced')d.dataset.motion='reduced';if(+s.fontSize>=12&&+s.fontSize<=20)d.style.setProperty('--code',+s.fontSize+'px')})()`
