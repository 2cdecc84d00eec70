// Writes lib/systemd/seccomp-groups/groups.generated.ts from recordings of `systemd-analyze syscall-filter` and `filesystems`:
//
//   UNITLAB_RECORDINGS=DIR node test/systemd/record/seccomp-groups.mjs
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const tables = join(process.env.UNITLAB_RECORDINGS, 'corpus/tables')
const output = (name) => JSON.parse(readFileSync(join(tables, `${name}-257.json`), 'utf8')).stdout
const groups = (text) =>
  text
    .split(/\n\n/)
    .filter((block) => block.startsWith('@'))
    .map((block) => {
      const [name, description, ...members] = block.split('\n').filter(Boolean)
      return { name, description: description.replace(/^\s*# /, ''), members: members.map((line) => line.trim()) }
    })
const quote = (text) => `'${text.replaceAll("'", "\\'")}'`
const rows = (list) =>
  list.map(({ name, description, members }) => `  [${quote(name)}, ${quote(description)}, ${quote(members.join(' '))}],\n`).join('')

const magics = new Map()
const filesystems = groups(output('filesystems')).map((group) => ({
  ...group,
  members: group.members.map((line) => {
    const [, name, magic] = /^(\S+)(?: \(magic: (.*)\))?$/.exec(line)
    if (magic !== undefined) magics.set(name, magic)
    return name
  }),
}))
writeFileSync(
  new URL('../../../lib/systemd/seccomp-groups/groups.generated.ts', import.meta.url),
  `// Generated from systemd 257's own answers by test/systemd/record/seccomp-groups.mjs. Do not edit.
export type GroupRow = readonly [name: string, description: string, members: string]

/** In the order of \`systemd-analyze syscall-filter\`; members that begin with @ are groups. */
export const SYSCALL_GROUPS: readonly GroupRow[] = [
${rows(groups(output('syscall-filter')))}]

/** In the order of \`systemd-analyze filesystems\`. */
export const FILESYSTEM_GROUPS: readonly GroupRow[] = [
${rows(filesystems)}]

/** Magic numbers of statfs(2) as the tool prints them: the name of another filesystem with the same one in brackets. */
export const FILESYSTEM_MAGIC: Readonly<Record<string, string>> = {
${[...magics].map(([name, magic]) => `  ${quote(name)}: ${quote(magic)},\n`).join('')}}
`,
)
