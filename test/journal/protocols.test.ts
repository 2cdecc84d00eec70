import { describe, expect, it } from 'vitest'
import { encodeUtf8, formatBytes, parseByteSize } from '@/lib/base'
import {
  catalogText,
  decodeNative,
  encodeNative,
  formatCursor,
  entryOf,
  messageId,
  modulateBurst,
  parseCursor,
  parseStreamHeader,
  parseSyslog,
  RateLimit,
  splitPriority,
  encodeStreamHeader,
  type Field,
} from '@/lib/journal'

describe('the native protocol', () => {
  it('carries text, many lines and bytes', () => {
    const fields: Field[] = [
      ['MESSAGE', 'two\nlines'],
      ['PRIORITY', '3'],
      ['DATA', Uint8Array.of(0, 10, 255)],
      ['X', 'after'],
    ]
    expect(decodeNative(encodeNative(fields))).toEqual([fields])
  })
  it('drops names that a client may not send', () => {
    expect(decodeNative(encodeUtf8('MESSAGE=x\n_PID=7\nbad name=x\n9X=y\nlower=z\n'))).toEqual([[['MESSAGE', 'x']]])
  })
  it('survives a size that points nowhere', () => {
    expect(decodeNative(encodeUtf8('A=1\nMESSAGE\n\xff\xff\xff\xff\xff\xff\xff\x7f'))).toEqual([[['A', '1']]])
  })
  it('knows an entry from the next by an empty line', () =>
    expect(decodeNative(encodeUtf8('A=1\n\nB=2\n'))).toEqual([[['A', '1']], [['B', '2']]]))
})

// As a journald of systemd 257 stored these datagrams.
it.each([
  [
    '<13>Nov 22 13:28:10 cron[379]: (CRON) INFO',
    { priority: 13, timestamp: 'Nov 22 13:28:10 ', identifier: 'cron', pid: '379', message: '(CRON) INFO' },
  ],
  ['<34>tag: with tag', { priority: 34, identifier: 'tag', message: 'with tag', keepRaw: true }],
  ['no priority at all', { priority: 14, message: 'no priority at all', keepRaw: true }],
  ['<3>Nov 22 13:28:10 just text here', { priority: 3, timestamp: 'Nov 22 13:28:10 ', message: 'just text here' }],
  ['<999999>x', { priority: 14, message: '<999999>x', keepRaw: true }],
  ['<14>name[12]:no space', { priority: 14, message: 'name[12]:no space', keepRaw: true }],
  ['<14>a b c: text', { priority: 14, message: 'a b c: text', keepRaw: true }],
  ['<14>Nov  2 03:28:10 host prog: text\n\n', { priority: 14, timestamp: 'Nov  2 03:28:10 ', message: 'host prog: text', keepRaw: true }],
  ['  <12>lead: space', { priority: 12, identifier: 'lead', message: 'space', keepRaw: true }],
  ['<12> lead2: spc', { priority: 12, identifier: 'lead2', message: 'spc', keepRaw: true }],
  ['<30>x[]: empty pid', { priority: 30, identifier: 'x', pid: '', message: 'empty pid', keepRaw: true }],
  ['<30>prog:', { priority: 30, identifier: 'prog', message: '', keepRaw: true }],
  ['<30>: odd', { priority: 30, identifier: '', message: 'odd', keepRaw: true }],
  ['<30>tab:\ttext', { priority: 30, identifier: 'tab', message: 'text', keepRaw: true }],
])('syslog %j', (text, wanted) => expect(parseSyslog(text)).toEqual(wanted))

describe('the stdout stream', () => {
  it('begins with a header', () => {
    const header = {
      identifier: 'web',
      unitId: 'web.service',
      priority: 30,
      levelPrefix: true,
      forwardToSyslog: false,
      forwardToKmsg: false,
      forwardToConsole: true,
    }
    expect(encodeStreamHeader(header)).toBe('web\nweb.service\n30\n1\n0\n0\n1\n')
    expect(parseStreamHeader(encodeStreamHeader(header).split('\n').slice(0, 7))).toEqual(header)
    expect(parseStreamHeader(['web', '', 'x', '1', '0', '0', '0'])).toBeUndefined()
  })
  it.each([
    ['<3>err', 27, 'err'],
    ['<13>fac', 30, '<13>fac'],
    ['<9>nine', 30, '<9>nine'],
    ['plain', 30, 'plain'],
  ])('%s', (line, priority, text) => expect(splitPriority(line, 30, false)).toEqual({ priority, text }))
  it('with facility, as /dev/kmsg has it', () => expect(splitPriority('<30>x', 6, true)).toEqual({ priority: 30, text: 'x' }))
})

describe('rate limits', () => {
  it('let a burst through, count what they drop, and say so later', () => {
    const limit = new RateLimit()
    const test = (now: number) => limit.test('x.service', 6, now, 30_000_000, 3, 0)
    expect([1, 2, 3, 4, 5].map((now) => test(now * 1000))).toEqual([1, 1, 1, 0, 0])
    expect(test(31_000_001)).toBe(1 + 2)
  })
  it('count services and importance apart', () => {
    const limit = new RateLimit()
    expect([
      limit.test('a', 6, 1, 10, 1, 0),
      limit.test('a', 6, 2, 10, 1, 0),
      limit.test('a', 3, 2, 10, 1, 0),
      limit.test('b', 6, 2, 10, 1, 0),
    ]).toEqual([1, 0, 1, 1])
  })
  it('are off at zero', () => expect(new RateLimit().test('a', 6, 1, 0, 5, 0)).toBe(1))
  it.each([
    [0, 4],
    [1 << 20, 4],
    [300 << 20, 12],
    [2.5 * 2 ** 30, 15],
  ])('grow with the free disk: %d', (available, burst) => expect(modulateBurst(4, available)).toBe(burst))
})

it('a cursor names an entry', () => {
  const entry = entryOf(
    { seqnum: 899, seqnumId: 'a6'.repeat(16), realtimeUsec: 1_795_354_063_723_296, monotonicUsec: 45_333_416, bootId: 'b0'.repeat(16) },
    [],
  )
  expect(formatCursor(entry)).toMatch(/^s=(a6){16};i=383;b=(b0){16};m=2b3bba8;t=660dd7136db20;x=[0-9a-f]+$/)
  expect(parseCursor(formatCursor(entry))).toMatchObject({ seqnum: 899, realtimeUsec: 1_795_354_063_723_296 })
  expect(parseCursor('bad')).toBeUndefined()
  expect(parseCursor('s=1')).toBeUndefined()
})

it('the catalog fills in the entry', () => {
  const text = catalogText(messageId.unitStopped, (name) => ({ UNIT: 'x.service', JOB_ID: '7', JOB_RESULT: 'done' })[name])
  expect(text).toMatch(
    /^Subject: A stop job for unit x\.service has finished\nDefined-By: systemd\nSupport: https:\/\/www\.debian\.org\/support\n\n/,
  )
  expect(text).toContain('number 7 and ended with: done')
  expect(catalogText('0'.repeat(32), () => undefined)).toBeUndefined()
})

it.each([
  [0, '0B'],
  [1023, '1023B'],
  [568 * 1024, '568K'],
  [1_269_760, '1.2M'],
  [10_149_888, '9.6M'],
  [8_880_128, '8.4M'],
  [2_659_155_968, '2.4G'],
  [154_710_016, '147.5M'],
])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text))

it.each([
  ['1M', 1 << 20],
  ['1.5G', 1.5 * 2 ** 30],
  ['1G 512M', 1.5 * 2 ** 30],
  ['4096', 4096],
  ['x', undefined],
  ['1M 1G', undefined],
])('a size is written %s', (text, bytes) => expect(parseByteSize(text)).toBe(bytes))
