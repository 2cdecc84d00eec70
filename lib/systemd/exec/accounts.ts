// After passwd(5) and group(5): users and groups of a unit, by name or number.
import { decodeUtf8 } from '@/lib/base'
import type { Process } from '@/lib/kernel'

export type Identity = { readonly name: string; readonly uid: number; readonly gid: number; readonly home: string; readonly shell: string }

function rows(process: Process, path: string): readonly (readonly string[])[] {
  const bytes = process.fileReader().readFile(path)
  return bytes === undefined
    ? []
    : decodeUtf8(bytes)
        .split('\n')
        .filter((line) => line.includes(':'))
        .map((line) => line.split(':'))
}

/** A user by name, or by number (which then need not be in the table). */
export function findUser(process: Process, wanted: string): Identity | undefined {
  const numeric = /^\d+$/.test(wanted) ? Number(wanted) : undefined
  const row = rows(process, '/etc/passwd').find((one) => one[0] === wanted || (numeric !== undefined && Number(one[2]) === numeric))
  if (row !== undefined)
    return { name: row[0] ?? '', uid: Number(row[2]), gid: Number(row[3]), home: row[5] ?? '/', shell: row[6] ?? '/bin/sh' }
  return numeric === undefined ? undefined : { name: String(numeric), uid: numeric, gid: numeric, home: '/', shell: '/bin/sh' }
}

export function findGroup(process: Process, wanted: string): number | undefined {
  const row = rows(process, '/etc/group').find((one) => one[0] === wanted)
  if (row !== undefined) return Number(row[2])
  return /^\d+$/.test(wanted) ? Number(wanted) : undefined
}

/** Groups that list the user as a member. */
export function memberships(process: Process, name: string): readonly number[] {
  return rows(process, '/etc/group')
    .filter((row) => (row[3] ?? '').split(',').includes(name))
    .map((row) => Number(row[2]))
}
