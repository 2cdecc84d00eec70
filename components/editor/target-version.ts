// The version of systemd that the reader's files must work with.
import { createStore } from 'zustand/vanilla'
import { remember, remembered } from '../settings/settings'

const key = 'unitlab:target-version'
export const NEWEST = 257

const read = (): number => {
  const version = Number(typeof window === 'undefined' ? NEWEST : remembered(key))
  return version >= 200 && version <= NEWEST ? version : NEWEST
}

export const targetVersion = createStore<{ readonly version: number }>(() => ({ version: read() }))

export function chooseTargetVersion(version: number): void {
  targetVersion.setState({ version })
  remember(key, `${version}`)
}
