'use client'
// Which version of systemd the files are checked against, by the distributions that carry it.
import { useStore } from 'zustand'
import { TARGET_VERSIONS } from '@/lib/language'
import { chooseTargetVersion, targetVersion } from './target-version'

export function TargetSelect({ label }: { readonly label: string }) {
  const version = useStore(targetVersion, (state) => state.version)
  return (
    <select
      aria-label={label}
      title={label}
      className="max-w-44 truncate bg-transparent hover:text-ink"
      value={version}
      onChange={(event) => chooseTargetVersion(Number(event.target.value))}
    >
      {[...TARGET_VERSIONS].reverse().map((one) => (
        <option key={one.version} value={one.version}>
          systemd {one.version} ({one.distributions[0]})
        </option>
      ))}
    </select>
  )
}
