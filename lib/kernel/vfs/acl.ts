// After acl(5): the named entries of an access list, kept in the extended attribute `system.posix_acl_access` as text
// (`user:1000:r--,group:4:r-x`, numeric ids); the file mode is the rest of the list.
import { type Credentials, inGroup } from '../credentials'
import type { Inode } from './inode'

export const ACL_ACCESS = 'system.posix_acl_access'
/** Kept and shown, not handed down to new files. */
export const ACL_DEFAULT = 'system.posix_acl_default'

/** Permission bits that a named entry gives this process; undefined when none names it. */
export function aclGranted(inode: Inode, credentials: Credentials): number | undefined {
  const text = inode.xattrs?.get(ACL_ACCESS)
  if (text === undefined || credentials.fsuid === inode.uid) return undefined
  let ofGroups: number | undefined
  for (const entry of text.split(',')) {
    const [kind, id, bits] = entry.split(':')
    const granted = (bits?.includes('r') ? 4 : 0) | (bits?.includes('w') ? 2 : 0) | (bits?.includes('x') ? 1 : 0)
    if (kind === 'user' && Number(id) === credentials.fsuid) return granted
    if (kind === 'group' && inGroup(credentials, Number(id))) ofGroups = (ofGroups ?? 0) | granted
  }
  if (ofGroups !== undefined && inGroup(credentials, inode.gid)) return ofGroups | ((inode.mode >> 3) & 7)
  return ofGroups
}
