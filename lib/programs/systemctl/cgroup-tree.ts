// After show_cgroup(): the processes of a control group as a tree.
import { ANSI_GREY, ellipsize } from '@/lib/base'
import type { UnitProcess } from '@/lib/systemd/bus'

export type TreeLook = {
  readonly paint: (color: string, text: string) => string /** Columns; infinite: whole lines. */
  readonly columns: number
}

type Node = { readonly path: string; readonly processes: UnitProcess[]; readonly children: Node[] }

/** Lines below the control group `path`, each with `prefix` in front. */
export function cgroupTree(path: string, processes: readonly UnitProcess[], prefix: string, look: TreeLook): readonly string[] {
  const root: Node = { path: path.replace(/\/$/, ''), processes: [], children: [] }
  for (const process of processes) nodeAt(root, process.path.replace(/\/$/, '')).processes.push(process)
  const lines: string[] = []
  render(root, prefix, look, lines)
  return lines
}

function nodeAt(root: Node, path: string): Node {
  if (path === root.path || !path.startsWith(`${root.path}/`)) return root
  let node = root
  for (const part of path.slice(root.path.length + 1).split('/')) {
    const own = `${node.path}/${part}`
    let child = node.children.find((one) => one.path === own)
    if (child === undefined) {
      child = { path: own, processes: [], children: [] }
      node.children.push(child)
    }
    node = child
  }
  return node
}

function render(node: Node, prefix: string, look: TreeLook, lines: string[]): void {
  const processes = [...node.processes].sort((a, b) => a.pid - b.pid)
  const children = [...node.children].sort((a, b) => (a.path < b.path ? -1 : 1))
  const width = String(processes.at(-1)?.pid ?? 0).length
  for (const [index, process] of processes.entries()) {
    const last = index === processes.length - 1 && children.length === 0
    const room = look.columns - prefix.length - 2
    const text = `${String(process.pid).padStart(width)} ${process.command}`
    const shown = Number.isFinite(room) && room > 0 ? ellipsize(text, room, 100) : text
    lines.push(`${prefix}${last ? '└─' : '├─'}${look.paint(ANSI_GREY, shown)}`)
  }
  for (const [index, child] of children.entries()) {
    const last = index === children.length - 1
    lines.push(`${prefix}${last ? '└─' : '├─'}${child.path.slice(child.path.lastIndexOf('/') + 1)}`)
    render(child, `${prefix}${last ? '  ' : '│ '}`, look, lines)
  }
}
