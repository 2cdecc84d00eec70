'use client'
import { useEffect } from 'react'

/** Registers the service worker that keeps the site for offline use. It exists in exported builds only. */
export function OfflineWorker() {
  useEffect(() => {
    if (process.env.NODE_ENV !== 'production' || navigator.serviceWorker === undefined) return
    const base = process.env['UNITLAB_BASE_PATH'] ?? ''
    navigator.serviceWorker.register(`${base}/offline.js`, { scope: `${base}/` }).catch(() => {
      // A host without it serves the site all the same.
    })
  }, [])
  return null
}
