import { describe, expect, test } from 'vitest'
import { processTree, treeText } from '@/components/picture/process-tree'
import type { ProcessRow } from '@/lib/machine/client'

const row = (pid: number, ppid: number, command: string): ProcessRow => ({
  pid,
  ppid,
  pgid: pid,
  sid: pid,
  comm: command,
  command,
  user: 'root',
  state: 'S',
  tty: '',
  unit: '',
  memory: 0,
})

describe('the process tree', () => {
  test('as text, by pid, without kernel threads', () => {
    const rows = [
      row(20, 10, 'child'),
      row(10, 1, 'shell'),
      row(1, 0, 'init'),
      row(2, 0, 'kthreadd'),
      row(3, 2, 'kworker'),
      row(30, 1, 'daemon'),
      row(21, 20, 'grandchild'),
      row(22, 10, 'other'),
    ]
    expect(treeText(processTree(rows))).toBe(
      ['1 init [S]', '├─10 shell [S]', '│ ├─20 child [S]', '│ │ └─21 grandchild [S]', '│ └─22 other [S]', '└─30 daemon [S]'].join('\n'),
    )
  })

  test('one whose parent is unknown stands by itself', () => {
    expect(processTree([row(5, 99, 'orphan')]).map(({ depth }) => depth)).toEqual([0])
  })
})
