import { describe, expect, test } from 'vitest'
import { encodeUtf8 } from '@/lib/base'
import { type Assignment, decodeLossless, parseFragment } from '@/lib/systemd/fragment'

const read = (text: string) => [...parseFragment(text, { sections: ['Unit', 'Service', 'Install'] })]
const brief = (text: string) =>
  read(text).map((item) =>
    item.kind === 'assignment'
      ? `${item.line} [${item.section}] ${item.key}=${item.value}`
      : item.kind === 'section'
        ? `${item.line} [${item.name}]`
        : `${item.line} ${item.severity}: ${item.message}`,
  )

describe('lines', () => {
  test.each<readonly [string, string, readonly string[]]>([
    ['plain', '[Unit]\nA = b \n', ['1 [Unit]', '2 [Unit] A=b']],
    ['CRLF', '[Unit]\r\nA=b\r\n', ['1 [Unit]', '2 [Unit] A=b']],
    ['no line end at the end', '[Unit]\nA=b', ['1 [Unit]', '2 [Unit] A=b']],
    ['empty value', '[Unit]\nA=', ['1 [Unit]', '2 [Unit] A=']],
    ['comments', '# one\n; two\n[Unit]\n # three\nA=b # no comment', ['3 [Unit]', '5 [Unit] A=b # no comment']],
    ['continuation', '[Unit]\nA=b \\\n  c\nD=e', ['1 [Unit]', '3 [Unit] A=b    c', '4 [Unit] D=e']],
    ['comment within a continuation', '[Unit]\nA=b\\\n# gone\n; gone\nc', ['1 [Unit]', '5 [Unit] A=b c']],
    ['two backslashes are none', '[Unit]\nA=b\\\\\nC=d', ['1 [Unit]', '2 [Unit] A=b\\\\', '3 [Unit] C=d']],
    ['continuation at the end', '[Unit]\nA=b\\', ['1 [Unit]', '3 [Unit] A=b']],
    ['repeated section', '[Unit]\nA=b\n[Service]\n[Unit]\nA=c', ['1 [Unit]', '2 [Unit] A=b', '3 [Service]', '4 [Unit]', '5 [Unit] A=c']],
    ['byte order mark', '\ufeff[Unit]\nA=b', ['1 [Unit]', '2 [Unit] A=b']],
  ])('%s', (_, text, expected) => expect(brief(text)).toEqual(expected))
})

describe('complaints', () => {
  test.each<readonly [string, string, readonly string[]]>([
    ['no section', 'A=b\n[Unit]', ['1 warning: Assignment outside of section. Ignoring.', '2 [Unit]']],
    ['no assignment', '[Unit]\nwords', ['1 [Unit]', "2 warning: Missing '=', ignoring line."]],
    ['no key', '[Unit]\n=b', ['1 [Unit]', "2 warning: Missing key name before '=', ignoring line."]],
    ['unknown section', '[Other]\nA=b\n[Unit]', ['1 [Other]', "1 warning: Unknown section 'Other'. Ignoring.", '3 [Unit]']],
    ['private section', '[X-Other]\nA=b', ['1 [X-Other]']],
    ['open header', '[Unit\nA=b', ["1 error: Invalid section header '[Unit'"]],
  ])('%s', (_, text, expected) => expect(brief(text).filter((line) => !/ debug: /.test(line))).toEqual(expected))

  test('a header that never closes ends reading', () => {
    expect(read('[Unit\nA=b').at(-1)).toMatchObject({ kind: 'complaint', fatal: { name: 'EBADMSG' } })
  })
})

describe('places', () => {
  const text = '[Unit]\nAfter = a.service \\\n# between\n  b.service\n'
  const assignment = read(text).find((item): item is Assignment => item.kind === 'assignment')!

  test('of the key and of what the value is made of', () => {
    expect(text.slice(assignment.keyFrom, assignment.keyTo)).toBe('After')
    const at = assignment.value.indexOf('b.service')
    expect(text.slice(assignment.offsetOf(at), assignment.offsetOf(at + 9))).toBe('b.service')
  })

  test('of the first and the last line', () => expect([assignment.firstLine, assignment.line]).toEqual([2, 4]))
})

describe('bytes', () => {
  test('UTF-8 as it is', () => expect(decodeLossless(encodeUtf8('설명 é \u{1f600}'))).toBe('설명 é \u{1f600}'))
  test('others one by one', () => expect(decodeLossless(Uint8Array.of(97, 0xff, 0xc3, 0xa9))).toBe('a\udcffé'))
  test('what is no UTF-8 ends reading', () => {
    const message = 'String is not UTF-8 clean, ignoring assignment: A=\ufffd'
    expect(read('[Unit]\nA=\udcff\nB=c').slice(1)).toMatchObject([{ severity: 'warning', message, line: 2, fatal: { name: 'EINVAL' } }])
  })
})

test('one assignment of a megabyte is too long, and a hundred thousand lines take little time', () => {
  expect(read(`[Unit]\nA=${'x'.repeat(1 << 20)}`).at(-1)).toMatchObject({ kind: 'complaint', fatal: { name: 'ENOBUFS' } })
  const started = performance.now()
  expect(read(`[Unit]\n${'A=b\\\n'.repeat(100_000)}c\n`).length).toBeGreaterThan(0)
  expect(read(`[Unit]\n${'A=b\n'.repeat(100_000)}`)).toHaveLength(100_001)
  expect(performance.now() - started).toBeLessThan(5000)
})
