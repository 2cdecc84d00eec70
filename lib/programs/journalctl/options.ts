// After journalctl(1): its options in the order of --help, and the words it permutes itself.
import type { OptionRow } from '../program'

export type OptionSection = { readonly title: string; readonly rows: readonly OptionRow[] }

export const journalctlSections: readonly OptionSection[] = [
  {
    title: 'Source Options',
    rows: [
      { long: 'system', help: 'Entries of the system and its services' },
      { long: 'user', help: 'Entries of the calling user' },
      { long: 'machine', short: 'M', argument: 'required', metavar: 'CONTAINER', help: 'The journal of a local container' },
      { long: 'merge', short: 'm', help: 'Entries of all journals, also those of other machines' },
      { long: 'directory', short: 'D', argument: 'required', metavar: 'PATH', help: 'The files in this directory' },
      { long: 'file', short: 'i', argument: 'required', metavar: 'PATH', help: 'This journal file' },
      { long: 'root', argument: 'required', metavar: 'PATH', help: 'The files below this root' },
      { long: 'image', argument: 'required', metavar: 'PATH', help: 'The files in this disk image' },
      { long: 'image-policy', argument: 'required', metavar: 'POLICY', help: 'How to take a disk image apart' },
      { long: 'namespace', argument: 'required', metavar: 'NAMESPACE', help: 'The journal of this namespace' },
    ],
  },
  {
    title: 'Filtering Options',
    rows: [
      { long: 'since', short: 'S', argument: 'required', metavar: 'DATE', help: 'From this time on' },
      { long: 'until', short: 'U', argument: 'required', metavar: 'DATE', help: 'Up to this time' },
      { long: 'cursor', short: 'c', argument: 'required', metavar: 'CURSOR', help: 'From the entry of this cursor on' },
      { long: 'after-cursor', argument: 'required', metavar: 'CURSOR', help: 'From behind this cursor on' },
      { long: 'cursor-file', argument: 'required', metavar: 'FILE', help: 'From behind the cursor in FILE on; the last one is put there' },
      { long: 'boot', short: 'b', argument: 'optional', metavar: 'ID', help: 'Of this boot of the machine, or of another' },
      { long: 'unit', short: 'u', argument: 'required', metavar: 'UNIT', help: 'About this unit' },
      { long: 'user-unit', argument: 'required', metavar: 'UNIT', help: 'About this unit of the user manager' },
      { long: 'invocation', argument: 'required', metavar: 'ID', help: 'Of this run of a unit' },
      { short: 'I', help: 'Of the last run of a unit' },
      { long: 'identifier', short: 't', argument: 'required', metavar: 'STRING', help: 'With this syslog identifier' },
      { long: 'exclude-identifier', short: 'T', argument: 'required', metavar: 'STRING', help: 'Without this syslog identifier' },
      { long: 'priority', short: 'p', argument: 'required', metavar: 'RANGE', help: 'As important as this, or in this range' },
      { long: 'facility', argument: 'required', metavar: 'FACILITY...', help: 'With these syslog facilities' },
      { long: 'grep', short: 'g', argument: 'required', metavar: 'PATTERN', help: 'Whose message matches PATTERN' },
      { long: 'case-sensitive', argument: 'optional', metavar: 'BOOL', help: 'Whether PATTERN heeds capitals' },
      { long: 'dmesg', short: 'k', help: 'Messages of the kernel since it was booted' },
    ],
  },
  {
    title: 'Output Control Options',
    rows: [
      { long: 'output', short: 'o', argument: 'required', metavar: 'STRING', help: 'The form of the output; --output=help lists all' },
      { long: 'output-fields', argument: 'required', metavar: 'LIST', help: 'Fields to show in verbose, export, JSON and cat output' },
      { long: 'lines', short: 'n', argument: 'optional', metavar: '[+]INTEGER', help: 'The last (with +: the first) entries' },
      { long: 'reverse', short: 'r', help: 'Newest first' },
      { long: 'show-cursor', help: 'The cursor of the last entry at the end' },
      { long: 'utc', help: 'Times in UTC' },
      { long: 'catalog', short: 'x', help: 'Explanations where there are any' },
      { long: 'no-hostname', help: 'Without the host name' },
      { long: 'no-full', help: 'Shorten long lines' },
      { long: 'full', short: 'l' },
      { long: 'all', short: 'a', help: 'All of every field, printable or not' },
      { long: 'follow', short: 'f', help: 'Wait for new entries and show them' },
      { long: 'no-tail', help: 'All lines, also when following' },
      { long: 'truncate-newline', help: 'Only the first line of each message' },
      { long: 'quiet', short: 'q', help: 'No remarks' },
      { long: 'synchronize-on-exit', argument: 'required', metavar: 'BOOL' },
    ],
  },
  {
    title: 'Pager Control Options',
    rows: [
      { long: 'no-pager', help: 'No pager' },
      { long: 'pager-end', short: 'e', help: 'Go to the end at once' },
    ],
  },
  {
    title: 'Forward Secure Sealing (FSS) Options',
    rows: [
      { long: 'interval', argument: 'required', metavar: 'TIME', help: 'How often the key changes' },
      { long: 'verify-key', argument: 'required', metavar: 'KEY', help: 'Key to verify with' },
      { long: 'force', help: 'Replace the keys that are there' },
    ],
  },
  {
    title: 'Commands',
    rows: [
      { long: 'help', short: 'h', help: 'This text' },
      { long: 'version', help: 'The version' },
      { long: 'fields', short: 'N', help: 'Names of all fields in use' },
      { long: 'field', short: 'F', argument: 'required', metavar: 'FIELD', help: 'All values of a field' },
      { long: 'list-boots', help: 'The boots on record' },
      { long: 'list-invocations', help: 'The runs of a unit on record' },
      { long: 'list-namespaces', help: 'The journal namespaces' },
      { long: 'disk-usage', help: 'The room that all files take' },
      { long: 'vacuum-size', argument: 'required', metavar: 'BYTES', help: 'Delete old files until the rest takes less' },
      { long: 'vacuum-files', argument: 'required', metavar: 'INT', help: 'Delete old files until so many are left' },
      { long: 'vacuum-time', argument: 'required', metavar: 'TIME', help: 'Delete files older than this' },
      { long: 'verify', help: 'Check the files' },
      { long: 'sync', help: 'Have everything written to disk' },
      { long: 'relinquish-var', help: 'Leave the disk, go on in memory' },
      { long: 'smart-relinquish-var', help: 'The same, unless the disk is that of the root file system' },
      { long: 'flush', help: 'Bring what is in memory to the disk' },
      { long: 'rotate', help: 'Begin new files' },
      { long: 'header', help: 'Headers of the files' },
      { long: 'list-catalog', help: 'The ids of all explained messages' },
      { long: 'dump-catalog', help: 'The explanations' },
      { long: 'update-catalog', help: 'Build the catalog again' },
      { long: 'setup-keys', help: 'Make a pair of keys' },
      { long: 'new-id128' },
    ],
  },
]

export const journalctlOptions: readonly OptionRow[] = journalctlSections.flatMap((section) => section.rows)

/** The words after `-b` and `-n` are theirs when they look like it, though these options need none. */
export function joinOptionalArguments(words: readonly string[]): readonly string[] {
  const out: string[] = []
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index]!
    if (word === '--') return [...out, ...words.slice(index)]
    const next = words[index + 1]
    const wants = lastOptional(word)
    if (wants !== undefined && next !== undefined && (wants === 'b' ? isBootDescriptor(next) : isLineCount(next))) {
      out.push(word.startsWith('--') ? `${word}=${next}` : `${word}${next}`)
      index += 1
      continue
    }
    out.push(word)
    // An argument of its own may look like an option: leave it alone.
    if (takesNext(word) && next !== undefined) {
      out.push(next)
      index += 1
    }
  }
  return out
}

function lastOptional(word: string): 'b' | 'n' | undefined {
  if (word === '--boot') return 'b'
  if (word === '--lines') return 'n'
  if (!/^-[^-]/.test(word) || takesNext(word)) return undefined
  const last = word.at(-1)
  const before = word.slice(1, -1)
  const allSwitches = [...before].every((letter) => journalctlOptions.some((row) => row.short === letter && row.argument === undefined))
  return allSwitches && (last === 'b' || last === 'n') ? last : undefined
}

function takesNext(word: string): boolean {
  if (word.startsWith('--')) return journalctlOptions.some((row) => row.argument === 'required' && word === `--${row.long}`)
  if (!/^-[^-]/.test(word)) return false
  for (const [index, letter] of [...word.slice(1)].entries()) {
    const row = journalctlOptions.find((one) => one.short === letter)
    if (row === undefined || row.argument === 'optional') return false
    if (row.argument === 'required') return index === word.length - 2
  }
  return false
}

export type BootDescriptor = 'all' | { readonly id?: string; readonly offset: number }

export function parseBootDescriptor(text: string): BootDescriptor | undefined {
  if (text === 'all') return 'all'
  const match = /^([0-9a-fA-F]{32}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})?([+-]?\d+)?$/.exec(text)
  if (match === null || text === '' || (match[1] !== undefined && match[2] !== undefined && /^\d/.test(match[2]))) return undefined
  const offset = Number(match[2] ?? 0)
  return match[1] === undefined ? { offset } : { id: match[1].replaceAll('-', '').toLowerCase(), offset }
}

function isBootDescriptor(text: string): boolean {
  return parseBootDescriptor(text) !== undefined
}

export function isLineCount(text: string): boolean {
  return /^(all|\+?\d+)$/.test(text)
}
