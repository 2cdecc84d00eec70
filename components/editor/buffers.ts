// The open files of one machine: what is in the editor, what is on disk, and what happens when both change.
import { createStore, type StoreApi } from 'zustand/vanilla'
import { type FileVersion, isFileFailure, type MachineEvent, type RemoteMachine } from '@/lib/machine/client'
import { decodeFile, type DecodedFile, emptyFile, encodeFile, sameBytes, showBytes } from './text-file'

/** Where the disk stands against the text that the buffer began with. */
export type DiskState =
  | { readonly kind: 'same' }
  /** Not there yet; saving makes it. */
  | { readonly kind: 'new' }
  | { readonly kind: 'deleted' }
  | { readonly kind: 'changed'; readonly file: DecodedFile; readonly bytes: Uint8Array; readonly version: FileVersion }

export type Buffer = {
  readonly path: string
  readonly text: string
  /** What the disk held when text and disk were last the same. */
  readonly file: DecodedFile
  readonly bytes: Uint8Array
  readonly version: FileVersion | undefined
  readonly disk: DiskState
  readonly readOnly: boolean
  /** Counts replacements that did not come from typing. */
  readonly revision: number
}

export type Draft = { readonly path: string; readonly text: string; readonly base: string }
export type EditorFault = { readonly path: string; readonly message: string }
export type EditorState = {
  readonly buffers: readonly Buffer[]
  readonly active: string | undefined
  readonly comparing: boolean
  readonly fault: EditorFault | undefined
  readonly goTo: { readonly path: string; readonly line: number } | undefined
  /** Files for which a program on the machine (nano, systemctl edit) waits. */
  readonly awaited: readonly string[]
}

export type FileDoor = Pick<RemoteMachine, 'readFile' | 'writeFile' | 'editorClosed'>

export const isDirty = (buffer: Buffer): boolean => !buffer.readOnly && (buffer.text !== buffer.file.text || buffer.disk.kind === 'deleted')

export class Buffers {
  readonly store: StoreApi<EditorState> = createStore(() => ({
    buffers: [],
    active: undefined,
    comparing: false,
    fault: undefined,
    goTo: undefined,
    awaited: [],
  }))
  private readonly door: () => FileDoor | undefined

  constructor(door: () => FileDoor | undefined) {
    this.door = door
  }

  buffer(path: string): Buffer | undefined {
    return this.store.getState().buffers.find((one) => one.path === path)
  }

  get paths(): readonly string[] {
    return this.store.getState().buffers.map((one) => one.path)
  }

  /** Opens a file and shows it; one that does not exist opens empty. */
  async open(path: string, options: { readonly line?: number; readonly show?: boolean } = {}): Promise<boolean> {
    const show = options.show ?? true
    if (this.buffer(path) === undefined) {
      const door = this.door()
      if (door === undefined) return false
      const answer = await door.readFile(path)
      if (isFileFailure(answer) && answer.errno !== 'ENOENT') {
        this.store.setState({ fault: { path, message: answer.message } })
        return false
      }
      if (this.buffer(path) === undefined) {
        const buffer = isFileFailure(answer) ? this.fresh(path) : this.read(path, answer.bytes, answer.version)
        this.store.setState(({ buffers }) => ({ buffers: [...buffers, buffer] }))
      }
    }
    if (show) this.show(path)
    if (options.line !== undefined) this.store.setState({ goTo: { path, line: options.line } })
    return true
  }

  show(path: string): void {
    this.store.setState({ active: path, comparing: false, fault: undefined })
  }

  close(path: string): void {
    this.store.setState(({ buffers, active }) => {
      const index = buffers.findIndex((one) => one.path === path)
      const rest = buffers.filter((one) => one.path !== path)
      return { buffers: rest, comparing: false, active: active === path ? (rest[index] ?? rest[index - 1])?.path : active }
    })
    this.done(path)
  }

  /** A program on the machine waits until the learner is done with this file. */
  await(path: string): void {
    this.store.setState(({ awaited }) => ({ awaited: [...new Set([...awaited, path])] }))
  }

  /** Tells the waiting program that it may go on. */
  done(path: string): void {
    if (!this.store.getState().awaited.includes(path)) return
    this.store.setState(({ awaited }) => ({ awaited: awaited.filter((one) => one !== path) }))
    void this.door()?.editorClosed(path)
  }

  /** What the learner typed. */
  type(path: string, text: string): void {
    this.patch(path, (buffer) => (buffer.readOnly || buffer.text === text ? buffer : { ...buffer, text }))
  }

  /** Writes into the machine. A change on disk that was not seen yet is not overwritten. */
  async save(path: string): Promise<boolean> {
    const buffer = this.buffer(path)
    const door = this.door()
    if (buffer === undefined || door === undefined || buffer.readOnly) return false
    if (buffer.disk.kind === 'changed') return false
    const { text } = buffer
    const bytes = encodeFile(text, buffer.file)
    const expected = buffer.disk.kind === 'same' ? buffer.version : undefined
    const answer = await door.writeFile(path, bytes, expected)
    if (isFileFailure(answer)) {
      if (answer.errno === 'ESTALE') await this.lookAtDisk(path)
      else this.store.setState({ fault: { path, message: answer.message } })
      return false
    }
    this.store.setState({ fault: undefined })
    // Typing may have gone on meanwhile: only the base moves.
    this.patch(path, (one) => ({
      ...one,
      file: decodeFile(bytes) ?? one.file,
      bytes,
      version: answer.version,
      disk: { kind: 'same' },
    }))
    return true
  }

  /** The change on disk is dropped at the next save. */
  keepMine(path: string): void {
    this.store.setState({ comparing: false })
    this.patch(path, (buffer) =>
      buffer.disk.kind === 'changed'
        ? { ...buffer, file: buffer.disk.file, bytes: buffer.disk.bytes, version: buffer.disk.version, disk: { kind: 'same' } }
        : buffer,
    )
  }

  takeTheirs(path: string): void {
    this.store.setState({ comparing: false })
    this.patch(path, (buffer) => {
      if (buffer.disk.kind !== 'changed') return buffer
      const { file, bytes, version } = buffer.disk
      return { ...buffer, text: file.text, file, bytes, version, disk: { kind: 'same' }, revision: buffer.revision + 1 }
    })
  }

  compare(on: boolean): void {
    this.store.setState({ comparing: on })
  }

  forgetFault(): void {
    this.store.setState({ fault: undefined })
  }

  reached(): void {
    this.store.setState({ goTo: undefined })
  }

  async receive(event: MachineEvent): Promise<void> {
    if (event.type !== 'file-changed') return
    const buffer = this.buffer(event.path)
    if (buffer === undefined) return
    if (event.version !== undefined) {
      if (event.version !== buffer.version) await this.lookAtDisk(event.path)
      return
    }
    if (event.movedTo !== undefined && this.buffer(event.movedTo) === undefined) this.rename(event.path, event.movedTo)
    // An editor that saves by rename makes a file vanish for a moment: look again.
    else await this.lookAtDisk(event.path)
  }

  /** After a restart or an undo: every buffer is compared with the disk that is there now. */
  async refresh(): Promise<void> {
    for (const path of this.paths) await this.lookAtDisk(path)
  }

  /** Unsaved work, to be kept across a reload. */
  drafts(): readonly Draft[] {
    return this.store
      .getState()
      .buffers.filter(isDirty)
      .map(({ path, text, file }) => ({ path, text, base: file.text }))
  }

  async restore(draft: Draft): Promise<void> {
    if (!(await this.open(draft.path, { show: false }))) return
    this.patch(draft.path, (buffer) => {
      if (buffer.readOnly) return buffer
      const text = { ...buffer, text: draft.text, revision: buffer.revision + 1 }
      if (buffer.disk.kind !== 'same' || buffer.version === undefined || buffer.file.text === draft.base) return text
      return { ...text, disk: { kind: 'changed', file: buffer.file, bytes: buffer.bytes, version: buffer.version } }
    })
  }

  private rename(from: string, to: string): void {
    this.store.setState(({ buffers, active }) => ({
      buffers: buffers.map((one) => (one.path === from ? { ...one, path: to } : one)),
      active: active === from ? to : active,
    }))
  }

  private async lookAtDisk(path: string): Promise<void> {
    const answer = await this.door()?.readFile(path)
    if (answer === undefined) return
    this.patch(path, (buffer) => {
      if (isFileFailure(answer)) return buffer.disk.kind === 'new' ? buffer : { ...buffer, disk: { kind: 'deleted' }, version: undefined }
      const { bytes, version } = answer
      if (buffer.disk.kind !== 'new' && sameBytes(bytes, buffer.bytes)) return { ...buffer, version, disk: { kind: 'same' } }
      const theirs = this.read(path, bytes, version)
      if (buffer.text === buffer.file.text || buffer.readOnly || theirs.readOnly || buffer.text === theirs.text)
        return { ...theirs, revision: buffer.revision + 1 }
      return { ...buffer, disk: { kind: 'changed', file: theirs.file, bytes, version } }
    })
  }

  private read(path: string, bytes: Uint8Array, version: FileVersion): Buffer {
    const file = decodeFile(bytes)
    const readOnly = file === undefined
    const shown = file ?? { ...emptyFile, text: showBytes(bytes) }
    return { path, text: shown.text, file: shown, bytes, version, disk: { kind: 'same' }, readOnly, revision: 0 }
  }

  private fresh(path: string): Buffer {
    return {
      path,
      text: '',
      file: emptyFile,
      bytes: new Uint8Array(),
      version: undefined,
      disk: { kind: 'new' },
      readOnly: false,
      revision: 0,
    }
  }

  private patch(path: string, change: (buffer: Buffer) => Buffer): void {
    this.store.setState(({ buffers }) => ({ buffers: buffers.map((one) => (one.path === path ? change(one) : one)) }))
  }
}
