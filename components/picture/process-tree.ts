// The process table as a tree, and as text in the manner of pstree. Pure.
import type { ProcessRow } from '@/lib/machine/client'

export type ProcessNode = { readonly row: ProcessRow; readonly depth: number; readonly last: boolean; readonly trunks: readonly boolean[] }

const isKernelThread = (row: ProcessRow): boolean => row.pid === 2 || row.ppid === 2

/** Depth first, by pid. `trunks`: at each depth, whether a line goes on below. Kernel threads are left out. */
export function processTree(processes: Iterable<ProcessRow>): readonly ProcessNode[] {
  const rows = [...processes].filter((row) => !isKernelThread(row)).sort((a, b) => a.pid - b.pid)
  const known = new Set(rows.map((row) => row.pid))
  const children = new Map<number, ProcessRow[]>()
  const roots: ProcessRow[] = []
  for (const row of rows) {
    if (!known.has(row.ppid) || row.ppid === row.pid) roots.push(row)
    else children.set(row.ppid, [...(children.get(row.ppid) ?? []), row])
  }
  const nodes: ProcessNode[] = []
  const walk = (siblings: readonly ProcessRow[], depth: number, trunks: readonly boolean[]): void => {
    for (const [index, row] of siblings.entries()) {
      const last = index === siblings.length - 1
      nodes.push({ row, depth, last, trunks })
      walk(children.get(row.pid) ?? [], depth + 1, depth === 0 ? [] : [...trunks, !last])
    }
  }
  walk(roots, 0, [])
  return nodes
}

export const treeText = (nodes: readonly ProcessNode[]): string =>
  nodes
    .map(({ row, depth, last, trunks }) => {
      const lead = depth === 0 ? '' : `${trunks.map((on) => (on ? '│ ' : '  ')).join('')}${last ? '└─' : '├─'}`
      return `${lead}${row.pid} ${row.command || row.comm} [${row.state}]`
    })
    .join('\n')
