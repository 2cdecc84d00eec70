// The profile of a portable service (portablectl(1)): settings that its units get when they are attached.
import type { FileReader } from '@/lib/base'

const FOLDERS = ['/etc', '/run', '/usr/local/lib', '/usr/lib'].map((prefix) => `${prefix}/systemd/portable/profile`)

/** By name or path; what is wrong when there is none. */
export function readProfile(reader: FileReader, profile: string | undefined): Uint8Array | string | undefined {
  if (profile === undefined) return undefined
  const byPath = profile.startsWith('/')
  const candidates = byPath ? [profile] : FOLDERS.map((folder) => `${folder}/${profile}/service.conf`)
  const path = candidates.find((one) => reader.status(one) !== undefined)
  const bytes = path === undefined ? undefined : reader.readFile(path)
  return bytes ?? `Failed to ${byPath ? 'copy' : `find portable profile ${profile}`}: No such file or directory`
}
