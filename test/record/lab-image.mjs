#!/usr/bin/env node
// Restates facts of the recorded Debian 13 machine (paths, modes, sizes, unit directives) as image data.
//   node test/record/lab-image.mjs RECORDINGS     writes lib/machine/images/lab/{units,files}.json
// Comments and prose of the recorded files are left out: only names, directives and values are kept.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const recordings = process.argv[2] ?? process.env.UNITLAB_RECORDINGS
const lab = (name) => readFileSync(join(recordings, 'lab', name), 'utf8')
const target = new URL('../../lib/machine/images/lab/', import.meta.url)

/** Unit text → [[section, [[key, value], …]], …]; continuation lines joined, comments gone. */
function restate(text) {
  const sections = []
  let pending = ''
  for (const raw of text.split('\n')) {
    const line = raw.trim()
    if (line.startsWith('#') || line.startsWith(';')) continue
    const whole = pending + line
    if (line.endsWith('\\')) {
      pending = `${whole.slice(0, -1).trimEnd()} `
      continue
    }
    pending = ''
    if (whole === '') continue
    if (whole.startsWith('[')) sections.push([whole.slice(1, whole.indexOf(']')), []])
    else {
      const at = whole.indexOf('=')
      sections.at(-1)[1].push([whole.slice(0, at).trim(), whole.slice(at + 1).trim()])
    }
  }
  return sections
}

function parts(text) {
  const found = []
  for (const piece of text.split(/^==> /m).slice(1)) {
    const end = piece.indexOf('\n')
    found.push([piece.slice(0, end).replace(/ <==$/, ''), piece.slice(end + 1)])
  }
  return found
}

const units = {}
for (const [name, text] of parts(lab('units-content.txt'))) units[join('/usr/lib/systemd/system', name)] = restate(text)
for (const [name, text] of parts(lab('user-units-content.txt')))
  units[name.startsWith('/') ? name : join('/usr/lib/systemd/user', name)] = restate(text)
for (const [name, text] of parts(lab('dropins-content.txt'))) if (name.startsWith('/usr/')) units[name] = restate(text)

const links = {}
for (const line of lab('ls-etc-systemd-links.txt').split('\n')) {
  const [path, to] = line.split(' -> ')
  if (to !== undefined) links[path] = to
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const bits = (text) => {
  let mode = 0
  for (let i = 0; i < 9; i++) if (!'-ST'.includes(text[i + 1])) mode |= 1 << (8 - i)
  if ('sS'.includes(text[3])) mode |= 0o4000
  if ('sS'.includes(text[6])) mode |= 0o2000
  if ('tT'.includes(text[9])) mode |= 0o1000
  return mode
}
/** path → [kind, mode, owner, group, size | target, seconds] */
const files = {}
const row = (path, mode, owner, group, size, time, link) => {
  const kind = { d: 'd', l: 'l', '-': 'f' }[mode[0]]
  if (kind !== undefined) files[path] = [kind, bits(mode), owner, group, kind === 'l' ? link : kind === 'f' ? size : 0, time]
}
for (const [folder, text] of parts(lab('ls-dirs.txt'))) {
  if (/^\/(dev|sys|proc|run|tmp)(\/|$)/.test(folder)) continue
  for (const line of text.split('\n')) {
    const match = /^([-dlcbps][-rwxsStT]{9})[+.]? +\d+ (\S+) +(\S+) +(\d+) (\w{3}) +(\d+) +(\S+) (.*)$/.exec(line)
    if (match === null) continue
    const [, mode, owner, group, size, month, day, clock, rest] = match
    const [name, link] = rest.split(' -> ')
    if (name === '..' || (name === '.' && folder !== '/')) continue
    const year = clock.includes(':') ? (months.indexOf(month) > 10 ? 2025 : 2026) : Number(clock)
    const [hour, minute] = clock.includes(':') ? clock.split(':').map(Number) : [0, 0]
    const seconds = Date.UTC(year, months.indexOf(month), Number(day), hour, minute) / 1000
    row(name === '.' ? '/' : join(folder, name), mode, owner, group, Number(size), seconds, link)
  }
}
const image = Date.UTC(2026, 10, 22, 13, 11) / 1000
for (const line of lab('ls-etc-systemd.txt').split('\n')) {
  const match = /^(\S+) (\S+) (\S+) (\/\S+?)$/.exec(line)
  if (match !== null && match[1][0] !== 'l' && files[match[4]] === undefined) row(match[4], match[1], match[2], match[3], 0, image)
}
for (const line of lab('executables.txt').split('\n')) {
  const match = /^(\S+) (\d+) (\S+) ?(.*)$/.exec(line)
  if (match !== null) row(match[3], match[1], 'root', 'root', Number(match[2]), image, match[4])
}
// Files whose names say that a program made them while the machine was being prepared.
for (const path of Object.keys(files))
  if (/^\/(var\/log\/journal|var\/lib\/systemd\/(catalog|random-seed)|etc\/\.|lost)/.test(path)) delete files[path]

const write = (name, rows) => {
  const body = Object.entries(rows)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`)
  writeFileSync(new URL(name, target), `{\n${body.join(',\n')}\n}\n`)
}
write('units.json', units)
write('links.json', links)
write('files.json', files)
console.log(`${Object.keys(units).length} units, ${Object.keys(links).length} links, ${Object.keys(files).length} files`)
