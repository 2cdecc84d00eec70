'use client'
import { useEffect, useSyncExternalStore } from 'react'
import { loadProgress, noProgress, type Progress, progress } from './progress'

const server = { ...noProgress, loaded: false }

/** Progress as it stands; `loaded` tells an empty one from one not read yet. */
export function useProgress(): Progress & { readonly loaded: boolean } {
  useEffect(() => {
    void loadProgress()
  }, [])
  return useSyncExternalStore(progress.subscribe, progress.getState, () => server)
}
