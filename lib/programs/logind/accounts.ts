// After passwd(5): the account rows that login and logind need.
import { decodeUtf8 } from '@/lib/base'
import type { Process } from '@/lib/kernel'

export type Account = { readonly name: string; readonly uid: number; readonly gid: number; readonly home: string; readonly shell: string }

function rows(process: Process, path: string): readonly (readonly string[])[] {
  const bytes = process.fileReader().readFile(path)
  return bytes === undefined
    ? []
    : decodeUtf8(bytes)
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.split(':'))
}

export function findAccount(process: Process, wanted: string | number): Account | undefined {
  const row = rows(process, '/etc/passwd').find((one) => (typeof wanted === 'number' ? Number(one[2]) === wanted : one[0] === wanted))
  if (row === undefined) return undefined
  return { name: row[0] ?? '', uid: Number(row[2]), gid: Number(row[3]), home: row[5] ?? '/', shell: row[6] || '/bin/sh' }
}

/** Supplementary groups, the primary one among them, ascending. */
export function groupsOf(process: Process, account: Account): readonly number[] {
  const groups = rows(process, '/etc/group')
    .filter((row) => (row[3] ?? '').split(',').includes(account.name))
    .map((row) => Number(row[2]))
  return [...new Set([account.gid, ...groups])].sort((a, b) => a - b)
}
