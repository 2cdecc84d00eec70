// After systemd.resource-control(5), IPAddressAllow=: which addresses the processes of a cgroup may talk to.
import type { Cgroup } from './cgroup'
import type { Cause } from './system-calls'
import type { Task } from './task'

/** `127.0.0.0/8`, `::1/128`, `any`. Allowed wins over denied; what neither names is allowed. */
export type AddressFilter = { readonly allow: readonly string[]; readonly deny: readonly string[]; readonly cause: Cause | undefined }

/** Undefined: may pass. Otherwise the filter that drops it. */
export function egressVerdict(task: Task, address: string): AddressFilter | undefined {
  let denied: AddressFilter | undefined
  for (let group: Cgroup | undefined = task.cgroup; group !== undefined; group = group.parent) {
    const { interfaces } = group.programs
    if (interfaces !== undefined && interfaces.names.has('lo') !== interfaces.allow)
      return { allow: [], deny: ['any'], cause: interfaces.cause }
    const filter = group.programs.addresses
    if (filter === undefined) continue
    if (filter.allow.some((range) => contains(range, address))) return undefined
    if (denied === undefined && filter.deny.some((range) => contains(range, address))) denied = filter
  }
  return denied
}

export function contains(range: string, address: string): boolean {
  if (range === 'any') return true
  const [base = '', length] = range.split('/')
  const one = bits(base)
  const other = bits(address)
  if (one === undefined || other === undefined || one.length !== other.length) return false
  const count = length === undefined ? one.length : Number(length)
  return one.slice(0, count) === other.slice(0, count)
}

/** An address as a text of 32 or 128 binary digits. */
function bits(address: string): string | undefined {
  const binary = (value: number, width: number): string => value.toString(2).padStart(width, '0')
  if (/^\d+\.\d+\.\d+\.\d+$/.test(address))
    return address
      .split('.')
      .map((part) => binary(Number(part), 8))
      .join('')
  if (!address.includes(':')) return undefined
  const [head = '', tail] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const middle = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
  const parts = [...left, ...middle, ...right]
  return parts.length === 8 ? parts.map((part) => binary(Number.parseInt(part, 16), 16)).join('') : undefined
}
