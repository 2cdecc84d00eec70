import { beforeEach, describe, expect, test } from 'vitest'
import { Buffers, type FileDoor, isDirty } from '@/components/editor/buffers'

const bytes = (text: string) => new TextEncoder().encode(text)
const unit = '/etc/systemd/system/a.service'

/** A disk of one folder, with the versions and refusals of the real host. */
class Disk implements FileDoor {
  readonly files = new Map<string, { bytes: Uint8Array; version: string }>()
  private count = 0
  put(path: string, text: string | Uint8Array): string {
    const version = `v${++this.count}`
    this.files.set(path, { bytes: typeof text === 'string' ? bytes(text) : text, version })
    return version
  }
  text(path: string): string | undefined {
    const file = this.files.get(path)
    return file && new TextDecoder().decode(file.bytes)
  }
  async readFile(path: string) {
    const file = this.files.get(path)
    if (file === undefined) return { errno: 'ENOENT', message: 'No such file or directory' }
    return { ...file, mode: 0o644, owner: 'root', group: 'root' }
  }
  async writeFile(path: string, content: Uint8Array, expected?: string) {
    if (path.startsWith('/proc')) return { errno: 'EACCES', message: 'Permission denied' }
    if (expected !== undefined && this.files.get(path)?.version !== expected) return { errno: 'ESTALE', message: 'Stale file handle' }
    return { version: this.put(path, content) }
  }
  readonly closed: string[] = []
  async editorClosed(path: string) {
    this.closed.push(path)
  }
}

let disk: Disk
let buffers: Buffers
const buffer = () => {
  const found = buffers.buffer(unit)
  if (found === undefined) throw new Error('not open')
  return found
}
const changedOnDisk = async (text: string) => {
  await buffers.receive({ type: 'file-changed', path: unit, version: disk.put(unit, text) })
}

beforeEach(async () => {
  disk = new Disk()
  disk.put(unit, '[Service]\n')
  buffers = new Buffers(() => disk)
  await buffers.open(unit)
})

describe('a buffer and its file', () => {
  test('saving writes and is clean again', async () => {
    buffers.type(unit, '[Service]\nExecStart=/bin/true\n')
    expect(isDirty(buffer())).toBe(true)
    expect(await buffers.save(unit)).toBe(true)
    expect(disk.text(unit)).toBe('[Service]\nExecStart=/bin/true\n')
    expect(isDirty(buffer())).toBe(false)
  })

  test('a change on disk is taken silently when nothing was typed', async () => {
    await changedOnDisk('[Unit]\n')
    expect(buffer()).toMatchObject({ text: '[Unit]\n', disk: { kind: 'same' }, revision: 1 })
  })

  test('both changed: mine is kept or theirs is taken, and saving waits for the answer', async () => {
    buffers.type(unit, 'mine\n')
    await changedOnDisk('theirs\n')
    expect(buffer().disk.kind).toBe('changed')
    expect(await buffers.save(unit)).toBe(false)
    expect(disk.text(unit)).toBe('theirs\n')
    buffers.keepMine(unit)
    expect(isDirty(buffer())).toBe(true)
    expect(await buffers.save(unit)).toBe(true)
    expect(disk.text(unit)).toBe('mine\n')

    buffers.type(unit, 'mine again\n')
    await changedOnDisk('theirs again\n')
    buffers.takeTheirs(unit)
    expect(buffer()).toMatchObject({ text: 'theirs again\n', disk: { kind: 'same' } })
    expect(isDirty(buffer())).toBe(false)
  })

  test('both changed to the same text: nothing to ask', async () => {
    buffers.type(unit, 'same\n')
    await changedOnDisk('same\n')
    expect(buffer().disk.kind).toBe('same')
    expect(isDirty(buffer())).toBe(false)
  })

  test('a change that no event told of is not overwritten', async () => {
    disk.put(unit, 'theirs\n')
    buffers.type(unit, 'mine\n')
    expect(await buffers.save(unit)).toBe(false)
    expect(disk.text(unit)).toBe('theirs\n')
    expect(buffer().disk.kind).toBe('changed')
  })

  test('a deleted file stays open and can be made again', async () => {
    disk.files.delete(unit)
    await buffers.receive({ type: 'file-changed', path: unit })
    expect(buffer().disk.kind).toBe('deleted')
    expect(isDirty(buffer())).toBe(true)
    expect(await buffers.save(unit)).toBe(true)
    expect(disk.text(unit)).toBe('[Service]\n')
  })

  test('a moved file takes its buffer along', async () => {
    buffers.type(unit, 'mine\n')
    await buffers.receive({ type: 'file-changed', path: unit, movedTo: '/etc/systemd/system/b.service' })
    expect(buffers.paths).toEqual(['/etc/systemd/system/b.service'])
    expect(buffers.buffer('/etc/systemd/system/b.service')?.text).toBe('mine\n')
    expect(buffers.store.getState().active).toBe('/etc/systemd/system/b.service')
  })

  test('a file that does not exist opens empty and is made by saving', async () => {
    await buffers.open('/root/new')
    expect(buffers.buffer('/root/new')?.disk.kind).toBe('new')
    buffers.type('/root/new', 'hello\n')
    expect(await buffers.save('/root/new')).toBe(true)
    expect(disk.text('/root/new')).toBe('hello\n')
  })

  test('a refused write says why and keeps the text', async () => {
    await buffers.open('/proc/version')
    buffers.type('/proc/version', 'x')
    expect(await buffers.save('/proc/version')).toBe(false)
    expect(buffers.store.getState().fault).toEqual({ path: '/proc/version', message: 'Permission denied' })
    expect(buffers.buffer('/proc/version')?.text).toBe('x')
  })

  test('what is no text opens read-only and cannot be written', async () => {
    disk.put('/bin/x', Uint8Array.of(0x7f, 0x45, 0xff))
    await buffers.open('/bin/x')
    buffers.type('/bin/x', 'text')
    expect(await buffers.save('/bin/x')).toBe(false)
    expect(disk.files.get('/bin/x')?.bytes).toEqual(Uint8Array.of(0x7f, 0x45, 0xff))
  })

  test('a program that waits is told once, by finishing or by closing', async () => {
    buffers.done(unit)
    expect(disk.closed).toEqual([])
    buffers.await(unit)
    buffers.done(unit)
    buffers.done(unit)
    expect(disk.closed).toEqual([unit])
    buffers.await(unit)
    buffers.close(unit)
    expect(disk.closed).toEqual([unit, unit])
  })

  test('a draft comes back; over a changed disk it asks', async () => {
    buffers.type(unit, 'mine\n')
    const drafts = buffers.drafts()
    const again = new Buffers(() => disk)
    await again.restore(drafts[0]!)
    expect(again.buffer(unit)).toMatchObject({ text: 'mine\n', disk: { kind: 'same' } })
    disk.put(unit, 'theirs\n')
    const third = new Buffers(() => disk)
    await third.restore(drafts[0]!)
    expect(third.buffer(unit)).toMatchObject({ text: 'mine\n', disk: { kind: 'changed' } })
  })
})
