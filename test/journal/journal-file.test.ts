import { describe, expect, it } from 'vitest'
import { concatBytes } from '@/lib/base'
import { encodeHeader, Journal, JournalFile, JournalFileWriter, Match, parseMatch, type Field } from '@/lib/journal'

const header = { fileId: 'f'.repeat(32), machineId: 'a'.repeat(32), seqnumId: '5'.repeat(32) }
const boot = (digit: string) => digit.repeat(32)

function fileOf(entries: readonly { seqnum: number; usec: number; boot?: string; fields: readonly Field[] }[], id = header): JournalFile {
  const writer = new JournalFileWriter()
  const parts = [encodeHeader(id)]
  for (const { seqnum, usec, boot: bootId = boot('b'), fields } of entries) {
    parts.push(writer.encode({ seqnum, realtimeUsec: usec, monotonicUsec: usec, bootId }, fields))
  }
  return JournalFile.parse('/x.journal', concatBytes(parts))!
}

const messages = (journal: Journal, back = false) =>
  [...(back ? journal.backward() : journal.forward())].map((entry) => entry.get('MESSAGE'))

describe('journal files', () => {
  it('give back what was written, bytes and repeated fields too', () => {
    const fields: Field[] = [
      ['MESSAGE', 'one\ntwo'],
      ['DATA', Uint8Array.of(0, 255, 10)],
      ['X', '1'],
      ['X', '2'],
      ['MESSAGE_EMPTY', ''],
    ]
    const entry = fileOf([{ seqnum: 7, usec: 1_795_354_068_582_541, fields }]).entry(0)
    expect(entry).toMatchObject({ seqnum: 7, seqnumId: header.seqnumId, realtimeUsec: 1_795_354_068_582_541, bootId: boot('b') })
    expect(entry.fields()).toEqual(expect.arrayContaining(fields))
    expect(entry.fields()).toHaveLength(fields.length + 1)
  })

  it('take what is appended later, even in pieces', () => {
    const writer = new JournalFileWriter()
    const file = JournalFile.parse('/x', encodeHeader(header))!
    const stamp = { seqnum: 1, realtimeUsec: 5, monotonicUsec: 5, bootId: boot('b') }
    const bytes = concatBytes([
      writer.encode(stamp, [['MESSAGE', 'first']]),
      writer.encode({ ...stamp, seqnum: 2 }, [['MESSAGE', 'second']]),
    ])
    for (const byte of bytes) file.append(Uint8Array.of(byte))
    expect(messages(new Journal([file]))).toEqual(['first', 'second'])
  })

  it('are continued by a writer that knows what is in them', () => {
    const file = fileOf([{ seqnum: 1, usec: 1, fields: [['MESSAGE', 'same text over and over']] }])
    const more = JournalFileWriter.continuing(file).encode({ seqnum: 2, realtimeUsec: 2, monotonicUsec: 2, bootId: boot('b') }, [
      ['MESSAGE', 'same text over and over'],
    ])
    expect(more.length).toBeLessThan(16)
    file.append(more)
    expect(messages(new Journal([file]))).toEqual(['same text over and over', 'same text over and over'])
  })

  it('end where they are damaged', () => {
    const file = fileOf([{ seqnum: 1, usec: 1, fields: [['MESSAGE', 'good']] }])
    file.append(Uint8Array.of(99, 1, 2, 3))
    expect(file.entryCount).toBe(1)
    expect(JournalFile.parse('/x', Uint8Array.of(1, 2, 3))).toBeUndefined()
  })
})

describe('a journal of several files', () => {
  const one = fileOf([
    {
      seqnum: 1,
      usec: 10,
      fields: [
        ['MESSAGE', 'a'],
        ['_UID', '0'],
        ['PRIORITY', '6'],
      ],
    },
    {
      seqnum: 4,
      usec: 40,
      fields: [
        ['MESSAGE', 'd'],
        ['_UID', '0'],
        ['PRIORITY', '3'],
      ],
    },
  ])
  const two = fileOf([
    {
      seqnum: 2,
      usec: 20,
      fields: [
        ['MESSAGE', 'b'],
        ['_UID', '1000'],
        ['PRIORITY', '4'],
      ],
    },
    {
      seqnum: 3,
      usec: 30,
      fields: [
        ['MESSAGE', 'c'],
        ['_UID', '1000'],
        ['PRIORITY', '6'],
      ],
    },
  ])

  it('is read in order, both ways', () => {
    const journal = new Journal([one, two])
    expect(messages(journal)).toEqual(['a', 'b', 'c', 'd'])
    expect(messages(journal, true)).toEqual(['d', 'c', 'b', 'a'])
  })

  it('goes on from where reading ended', () => {
    const journal = new Journal([one, two])
    const positions = journal.end()
    expect([...journal.forward(undefined, positions)]).toEqual([])
    const writer = JournalFileWriter.continuing(one)
    one.append(writer.encode({ seqnum: 5, realtimeUsec: 50, monotonicUsec: 50, bootId: boot('b') }, [['MESSAGE', 'e']]))
    expect([...journal.forward(undefined, positions)].map((entry) => entry.get('MESSAGE'))).toEqual(['e'])
    expect([...journal.forward(undefined, positions)]).toEqual([])
  })

  it('seeks by time', () => {
    const journal = new Journal([one, two])
    expect([...journal.forward({ realtimeUsec: 25 })].map((entry) => entry.get('MESSAGE'))).toEqual(['c', 'd', 'e'])
    expect([...journal.backward({ realtimeUsec: 25 })].map((entry) => entry.get('MESSAGE'))).toEqual(['b', 'a'])
  })

  it('lists values with the latest to appear first', () => {
    expect(new Journal([one]).uniqueValues('PRIORITY')).toEqual(['3', '6'])
  })

  const matched = (match: Match) => messages(new Journal([one, two], match))
  it.each([
    ['one field', new Match().add('PRIORITY', '6'), ['a', 'c']],
    ['the same field twice: either', new Match().add('PRIORITY', '3').add('PRIORITY', '4'), ['b', 'd']],
    ['different fields: both', new Match().add('PRIORITY', '6').add('_UID', '1000'), ['c']],
    ['a disjunction', new Match().add('PRIORITY', '3').addDisjunction().add('_UID', '1000'), ['b', 'c', 'd']],
    [
      'a conjunction of disjunctions',
      new Match().add('_UID', '0').addDisjunction().add('PRIORITY', '4').addConjunction().add('PRIORITY', '4').add('PRIORITY', '3'),
      ['b', 'd'],
    ],
    ['a value nobody has', new Match().add('PRIORITY', '7'), []],
    ['nothing', new Match(), ['a', 'b', 'c', 'd', 'e']],
  ] as const)('matches by %s', (_name, match, wanted) => expect(matched(match)).toEqual(wanted))
})

it.each([
  ['PRIORITY=3', { name: 'PRIORITY', value: '3' }],
  ['_PID=1', { name: '_PID', value: '1' }],
  ['A=', { name: 'A', value: '' }],
  ['__CURSOR=x', undefined],
  ['foo', undefined],
  ['=x', undefined],
  ['lower=1', undefined],
])('a match is written FIELD=value: %s', (text, wanted) => expect(parseMatch(text)).toEqual(wanted))
