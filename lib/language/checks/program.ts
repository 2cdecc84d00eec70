// What a command line runs, as far as its text and the tree tell.
import type { ExecCommand } from '@/lib/systemd/fragment'
import type { UnitTree } from '../tree'

export type Program = {
  /** Last part of the path. */
  readonly name: string
  readonly command: ExecCommand
  /** Text of the script that runs, when it is one and can be read. */
  readonly script: string | undefined
  readonly scriptPath: string | undefined
}

const INTERPRETERS = /^(?:ba|da|z|k)?sh$|^python[\d.]*$|^perl$|^ruby$|^node$/
const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

export function programOf(tree: UnitTree, command: ExecCommand): Program {
  const name = baseName(command.path)
  const first = command.argv.slice(1).find((word) => !word.startsWith('-'))
  if (INTERPRETERS.test(name)) {
    const inline = command.argv.indexOf('-c')
    if (inline > 0) return { name, command, script: command.argv[inline + 1], scriptPath: undefined }
    return { name, command, script: first?.startsWith('/') ? tree.text(first) : undefined, scriptPath: first }
  }
  const text = command.path.startsWith('/') ? tree.text(command.path) : undefined
  return { name, command, script: text?.startsWith('#!') ? text : undefined, scriptPath: text?.startsWith('#!') ? command.path : undefined }
}

export const isShell = (name: string): boolean => /^(?:ba|da|z|k)?sh$/.test(name)

/** Lines of a script that do something. */
export const scriptLines = (script: string): readonly string[] =>
  script
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
