// Times of the machine as people read them. Its zone is UTC, whatever the browser's is.
import type { Usec } from '@/lib/base'

/** `Tue 2026-11-24 14:03:07`. */
export function clockText(usec: Usec): { readonly day: string; readonly time: string } {
  const iso = new Date(usec / 1000).toISOString()
  const weekday = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][new Date(usec / 1000).getUTCDay()]
  return { day: `${weekday} ${iso.slice(0, 10)}`, time: iso.slice(11, 19) }
}

/** `3 s`, `2 min`, `5 h`, `3 d`: how far away, roughly. */
export function spanText(usec: Usec): string {
  const seconds = usec / 1_000_000
  if (seconds < 1) return `${Math.max(0, Math.round(seconds * 1000))} ms`
  if (seconds < 90) return `${Math.round(seconds)} s`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86_400)} d`
}
