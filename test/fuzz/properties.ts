// What must hold for any unit file at all: nothing throws, nothing hangs, every place lies inside the text.
import fc from 'fast-check'
import { createUnitLanguage, parseDocument, type TextRange } from '@/lib/language'
import { parseFragment, UnitLoader } from '@/lib/systemd/fragment'
import { verify } from '@/lib/systemd/analyze'
import { NOW_USEC, SYSTEM, treeReader } from '../language/tree'
import { unitPath, unitText } from './unit-files'

const BASE = {
  ...SYSTEM,
  '/etc/systemd/system/web.service': '[Unit]\nAfter=fuzz.service\n[Service]\nExecStart=/usr/bin/web\n',
  '/etc/systemd/system/a.service': '[Unit]\nBefore=fuzz.service\n[Service]\nExecStart=/usr/bin/true\n',
}
const SLOW_MS = 2000

function inside(range: TextRange, text: string, what: string): void {
  if (
    !(Number.isInteger(range.from) && Number.isInteger(range.to) && range.from >= 0 && range.from <= range.to && range.to <= text.length)
  ) {
    throw new Error(`${what}: ${range.from}–${range.to} is outside of ${text.length}`)
  }
}

const clean = (text: string): string => new TextDecoder().decode(new TextEncoder().encode(text))

/** One round with one text; throws when something does not hold. */
export function judge(path: string, raw: string, offsets: readonly number[]): void {
  const text = clean(raw)
  const start = performance.now()
  const reader = treeReader({ ...BASE, [path]: text })
  for (const item of parseFragment(raw, { sections: ['Unit', 'Service', 'Install', 'Timer', 'Socket', 'Mount', 'Path'] })) {
    if (item.kind === 'assignment')
      for (let index = 0; index <= item.value.length; index++)
        inside({ from: item.offsetOf(index), to: raw.length }, raw, `offset ${index} of ${item.key}`)
    else inside(item, raw, item.kind)
  }
  for (const item of parseDocument(raw).items) {
    inside(item, raw, item.kind)
    if (item.kind === 'assignment') inside({ from: item.valueFrom, to: item.valueTo }, raw, 'value')
  }
  const name = path.slice(path.lastIndexOf('/') + 1).replace('@.', '@x.')
  if (!name.endsWith('.conf')) {
    for (const one of new UnitLoader(reader).load(name).diagnostics)
      if (one.from !== undefined && one.to !== undefined) inside({ from: one.from, to: one.to }, text, one.text)
    verify(reader, [path])
  }
  const language = createUnitLanguage({ reader, facts: { nowUsec: NOW_USEC, userHome: '/home/learner' }, target: 240 })
  for (const one of language.diagnostics(path, text)) inside(one, text, one.message)
  for (const fix of language.fixes(path, text, 0, text.length))
    for (const edit of fix.edits) if (edit.path === path) inside(edit, text, fix.title)
  for (const one of language.hints(path, text)) inside({ from: one.at, to: one.at }, text, one.text)
  let last = 0
  for (const one of language.tokens(path, text)) {
    inside(one, text, one.type)
    if (one.from < last) throw new Error(`colours overlap at ${one.from}`)
    last = one.to
  }
  for (const one of [...language.folding(path, text), ...language.outline(path, text)]) inside(one, text, 'shape')
  const tidy = language.format(path, text)
  if (language.format(path, tidy) !== tidy) throw new Error('formatting twice is not formatting once')
  for (const one of offsets) {
    const offset = text.length === 0 ? 0 : one % (text.length + 1)
    for (const item of language.complete(path, text, offset)) inside(item, text, item.label)
    const hover = language.hover(path, text, offset)
    if (hover) inside(hover, text, 'hover')
    language.definition(path, text, offset)
    language.references(path, text, offset)
    language.rename(path, text, offset, 'renamed')
  }
  language.effective(path)
  const took = performance.now() - start
  if (took > SLOW_MS) throw new Error(`took ${Math.round(took)} ms`)
}

export function run(seconds: number, seed: number): { readonly rounds: number; readonly failure: string | undefined } {
  let rounds = 0
  const result = fc.check(
    fc.property(unitPath, unitText, fc.array(fc.nat(3000), { minLength: 1, maxLength: 4 }), (path, text, offsets) => {
      rounds += 1
      judge(path, text, offsets)
    }),
    { seed, numRuns: 10_000_000, interruptAfterTimeLimit: seconds * 1000, markInterruptAsFailure: false, endOnFailure: false },
  )
  return { rounds, failure: result.failed ? `${fc.defaultReportMessage(result)}\n${String(result.errorInstance)}` : undefined }
}
