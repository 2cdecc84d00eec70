// What stays in this browser: machines, progress. Everything answers, also where storage is refused; failures are told once.
import { clear, createStore, del, entries, get, set, type UseStore } from 'idb-keyval'

export type StorageTrouble = 'refused' | 'full'

let store: UseStore | undefined
let trouble: StorageTrouble | undefined
const listeners = new Set<(trouble: StorageTrouble) => void>()

export function onStorageTrouble(listener: (trouble: StorageTrouble) => void): () => void {
  listeners.add(listener)
  if (trouble !== undefined) listener(trouble)
  return () => {
    listeners.delete(listener)
  }
}

function tell(error: unknown): void {
  const full = error instanceof DOMException && error.name === 'QuotaExceededError'
  const next: StorageTrouble = full ? 'full' : 'refused'
  if (trouble === next) return
  trouble = next
  for (const listener of listeners) listener(next)
}

function opened(): UseStore {
  store ??= createStore('unitlab', 'kept')
  return store
}

export async function keep(key: string, value: unknown): Promise<boolean> {
  try {
    await set(key, value, opened())
    return true
  } catch (error) {
    tell(error)
    return false
  }
}

/** What was kept, if it still has the shape that the caller expects. */
export async function kept<T>(key: string, isShape: (value: unknown) => value is T): Promise<T | undefined> {
  try {
    const value: unknown = await get(key, opened())
    return isShape(value) ? value : undefined
  } catch (error) {
    tell(error)
    return undefined
  }
}

export async function drop(key: string): Promise<void> {
  try {
    await del(key, opened())
  } catch (error) {
    tell(error)
  }
}

export async function everythingKept(): Promise<readonly (readonly [string, unknown])[]> {
  try {
    return (await entries<string, unknown>(opened())).map(([key, value]) => [String(key), value] as const)
  } catch (error) {
    tell(error)
    return []
  }
}

export async function forgetEverything(): Promise<void> {
  try {
    await clear(opened())
  } catch (error) {
    tell(error)
  }
}

export type Persistence = 'kept' | 'may-go' | 'none'

/** Asks the browser once to keep what we store. */
export async function askForPersistence(): Promise<Persistence> {
  try {
    if (navigator.storage?.persist === undefined) return 'may-go'
    return (await navigator.storage.persisted()) || (await navigator.storage.persist()) ? 'kept' : 'may-go'
  } catch {
    return 'none'
  }
}
