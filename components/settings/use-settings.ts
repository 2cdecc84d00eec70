'use client'
import { useEffect, useSyncExternalStore } from 'react'
import { applySettings, defaultSettings, isDark, settings, type Settings } from './settings'

export const useSettings = (): Settings => useSyncExternalStore(settings.subscribe, settings.getState, () => defaultSettings)

function onThemeChange(listener: () => void): () => void {
  const query = matchMedia('(prefers-color-scheme: dark)')
  query.addEventListener('change', listener)
  const unsubscribe = settings.subscribe(listener)
  return () => {
    query.removeEventListener('change', listener)
    unsubscribe()
  }
}

export const useDark = (): boolean =>
  useSyncExternalStore(
    onThemeChange,
    () => isDark(settings.getState()),
    () => false,
  )

/** Keeps the document in step with the choices and with the system's theme. */
export function useApplySettings(): void {
  const current = useSettings()
  const dark = useDark()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the system's theme matters through isDark
  useEffect(() => applySettings(current), [current, dark])
}
