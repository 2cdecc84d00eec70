// The colours in which systemd's tools show files of settings.
const SECTION = '\x1b[0;1;36m'
const KEY = '\x1b[0;1;32m'
const COMMENT = '\x1b[0;1;38:5:245m'
const NORMAL = '\x1b[0m'

/** Nothing that is set: blank, or after `#` or `;`. */
export const isCommentLine = (line: string): boolean => /^\s*(?:[#;]|$)/.test(line)
export const isSectionLine = (line: string): boolean => /^\s*\[/.test(line)

function highlightLine(line: string): string {
  if (isCommentLine(line)) return `${COMMENT}${line}${NORMAL}`
  if (isSectionLine(line)) return `${SECTION}${line}${NORMAL}`
  const end = line.indexOf('=') + 1
  return end === 0 ? line : `${KEY}${line.slice(0, end)}${NORMAL}${line.slice(end)}`
}

/** Sections, keys and comments in colours, line by line: one that is continued is no different. */
export function highlightConfiguration(text: string): string {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines.map((line) => `${highlightLine(line)}\n`).join('')
}
