'use client'
// The machine's files. Directories are read when opened and watched while they are.
import { ChevronDown, ChevronRight, File, FilePlus, Folder, FolderPlus, Link2, Pencil, Trash2 } from 'lucide-react'
import { type KeyboardEvent, useCallback, useEffect, useId, useMemo, useRef, useState } from 'react'
import { type DirectoryRow, isFileFailure } from '@/lib/machine/client'
import { useWords } from '../dictionary/provider'
import { fill } from '../dictionary/fill'
import { useSession, useSessionState } from '../machine/sessions'
import { openInEditor } from './open-requests'

type Row = { readonly path: string; readonly depth: number; readonly entry: DirectoryRow; readonly open: boolean }
type Listing = readonly DirectoryRow[]

const atFirst: readonly string[] = ['/', '/etc', '/etc/systemd', '/etc/systemd/system']
const join = (folder: string, name: string): string => (folder === '/' ? `/${name}` : `${folder}/${name}`)
const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/'
const isFolder = (entry: DirectoryRow): boolean => entry.kind === 'directory'

function rowsOf(listings: ReadonlyMap<string, Listing>, open: ReadonlySet<string>): readonly Row[] {
  const rows: Row[] = []
  const walk = (folder: string, depth: number): void => {
    const entries = [...(listings.get(folder) ?? [])].sort(
      (a, b) => Number(isFolder(b)) - Number(isFolder(a)) || (a.name < b.name ? -1 : 1),
    )
    for (const entry of entries) {
      const path = join(folder, entry.name)
      const opened = isFolder(entry) && open.has(path)
      rows.push({ path, depth, entry, open: opened })
      if (opened) walk(path, depth + 1)
    }
  }
  walk('/', 0)
  return rows
}

export function FileTree({ active }: { active: string | undefined }) {
  const words = useWords()
  const session = useSession()
  const running = useSessionState((state) => state.machine.status === 'running')
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set(atFirst))
  const [listings, setListings] = useState<ReadonlyMap<string, Listing>>(new Map())
  const [focused, setFocused] = useState(active ?? '/etc/systemd/system')
  const [asking, setAsking] = useState<{ readonly kind: 'file' | 'folder' | 'rename' | 'remove'; readonly path: string }>()
  const [fault, setFault] = useState<string>()
  const tree = useRef<HTMLDivElement>(null)
  const rows = useMemo(() => rowsOf(listings, open), [listings, open])
  const t = words.editor

  const list = useCallback(
    async (folder: string) => {
      const answer = await session.client?.listDirectory(folder)
      if (answer === undefined) return
      setListings((before) => {
        const after = new Map(before)
        if (isFileFailure(answer)) after.delete(folder)
        else after.set(folder, answer)
        return after
      })
    },
    [session],
  )

  useEffect(() => {
    session.watchFor('tree', [...open])
    if (running) for (const folder of open) void list(folder)
    const stop = session.listen((event) => {
      if (event.type === 'file-changed' && open.has(event.path)) void list(event.path)
    })
    return stop
  }, [open, running, session, list])
  useEffect(() => () => session.watchFor('tree', []), [session])

  const toggle = (path: string) =>
    setOpen((before) => {
      const after = new Set(before)
      if (!after.delete(path)) after.add(path)
      return after
    })
  const activate = (row: Row) => (isFolder(row.entry) ? toggle(row.path) : openInEditor(session, row.path))
  const focusRow = (path: string) => {
    setFocused(path)
    requestAnimationFrame(() => tree.current?.querySelector<HTMLElement>(`[data-path="${CSS.escape(path)}"]`)?.focus())
  }

  const onKey = (event: KeyboardEvent, row: Row) => {
    const index = rows.indexOf(row)
    const go = (to: Row | undefined) => {
      if (to !== undefined) focusRow(to.path)
    }
    switch (event.key) {
      case 'ArrowDown':
        go(rows[index + 1])
        break
      case 'ArrowUp':
        go(rows[index - 1])
        break
      case 'Home':
        go(rows[0])
        break
      case 'End':
        go(rows.at(-1))
        break
      case 'ArrowRight':
        if (isFolder(row.entry) && !row.open) toggle(row.path)
        else go(rows[index + 1])
        break
      case 'ArrowLeft':
        if (row.open) toggle(row.path)
        else go(rows.find((one) => one.path === parentOf(row.path)))
        break
      case 'Enter':
      case ' ':
        activate(row)
        break
      case 'F2':
        setAsking({ kind: 'rename', path: row.path })
        break
      case 'Delete':
        setAsking({ kind: 'remove', path: row.path })
        break
      default:
        return
    }
    event.preventDefault()
  }

  const here = rows.find((row) => row.path === focused)
  const folder = here === undefined ? '/etc/systemd/system' : isFolder(here.entry) ? here.path : parentOf(here.path)
  const tabStop = here === undefined ? rows[0]?.path : focused

  const act = async (value: string) => {
    const question = asking
    const { client } = session
    if (question === undefined || client === undefined) return
    const { kind, path } = question
    const target = value.startsWith('/') ? value : join(kind === 'rename' ? parentOf(path) : path, value)
    const answer = await (kind === 'file'
      ? client.writeFile(target, new Uint8Array()).then((one) => (isFileFailure(one) ? one : undefined))
      : kind === 'folder'
        ? client.makeDirectory(target)
        : kind === 'rename'
          ? client.rename(path, target)
          : client.remove(path))
    setAsking(undefined)
    setFault(answer === undefined ? undefined : fill(t.failedTo, { path: kind === 'remove' ? path : target, message: answer.message }))
    await list(parentOf(target))
    if (kind === 'remove') await list(parentOf(path))
    if (answer === undefined && kind === 'file') openInEditor(session, target)
  }

  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex h-8 flex-none items-center gap-0.5 px-1.5">
        <button
          type="button"
          className="icon-button"
          aria-label={t.newFile}
          title={t.newFile}
          onClick={() => setAsking({ kind: 'file', path: folder })}
        >
          <FilePlus size={14} aria-hidden />
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label={t.newFolder}
          title={t.newFolder}
          onClick={() => setAsking({ kind: 'folder', path: folder })}
        >
          <FolderPlus size={14} aria-hidden />
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label={t.rename}
          title={`${t.rename} (F2)`}
          disabled={here === undefined}
          onClick={() => setAsking({ kind: 'rename', path: focused })}
        >
          <Pencil size={13} aria-hidden />
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label={t.remove}
          title={t.remove}
          disabled={here === undefined}
          onClick={() => setAsking({ kind: 'remove', path: focused })}
        >
          <Trash2 size={13} aria-hidden />
        </button>
      </div>
      {asking !== undefined && (
        <Question key={asking.kind + asking.path} {...asking} onAnswer={(value) => void act(value)} onCancel={() => setAsking(undefined)} />
      )}
      {fault !== undefined && (
        <p role="alert" className="px-3 py-1 text-[12px] text-failed">
          {fault}
        </p>
      )}
      <div ref={tree} role="tree" aria-label={t.files} className="min-h-0 flex-1 overflow-auto pb-2 font-mono text-[12px]">
        {rows.map((row) => (
          <div
            key={row.path}
            role="treeitem"
            data-path={row.path}
            aria-level={row.depth + 1}
            aria-expanded={isFolder(row.entry) ? row.open : undefined}
            aria-selected={row.path === active}
            tabIndex={row.path === tabStop ? 0 : -1}
            onFocus={() => setFocused(row.path)}
            onClick={() => activate(row)}
            onKeyDown={(event) => onKey(event, row)}
            style={{ paddingInlineStart: 8 + row.depth * 12 }}
            className={`flex h-6 w-max min-w-full cursor-default items-center gap-1 pr-3 -outline-offset-2 hover:bg-sunken ${row.path === active ? 'bg-hand-soft' : ''}`}
            title={row.entry.target === undefined ? row.path : `${row.path} → ${row.entry.target}`}
          >
            <span className="grid w-3.5 flex-none place-items-center text-dim">
              {isFolder(row.entry) ? row.open ? <ChevronDown size={12} aria-hidden /> : <ChevronRight size={12} aria-hidden /> : null}
            </span>
            <span className="flex-none text-dim">
              {isFolder(row.entry) ? (
                <Folder size={13} aria-hidden />
              ) : row.entry.kind === 'symlink' ? (
                <Link2 size={13} aria-hidden />
              ) : (
                <File size={13} aria-hidden />
              )}
            </span>
            <span className="whitespace-nowrap">{row.entry.name}</span>
          </div>
        ))}
      </div>
    </div>
  )
}

type QuestionProps = {
  readonly kind: 'file' | 'folder' | 'rename' | 'remove'
  readonly path: string
  readonly onAnswer: (value: string) => void
  readonly onCancel: () => void
}

function Question({ kind, path, onAnswer, onCancel }: QuestionProps) {
  const words = useWords()
  const t = words.editor
  const [value, setValue] = useState(kind === 'rename' ? path.slice(path.lastIndexOf('/') + 1) : '')
  const field = useRef<HTMLInputElement>(null)
  const submit = useRef<HTMLButtonElement>(null)
  const id = useId()
  useEffect(() => {
    if (field.current === null) submit.current?.focus()
    field.current?.focus()
    field.current?.select()
  }, [])
  const label = kind === 'file' ? t.newFile : kind === 'folder' ? t.newFolder : kind === 'rename' ? t.rename : fill(t.removeAsk, { path })
  return (
    <form
      className="grid gap-1.5 border-line border-y bg-sunken p-2 text-[12px]"
      onSubmit={(event) => {
        event.preventDefault()
        if (kind === 'remove' || value.trim() !== '') onAnswer(value.trim())
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onCancel()
      }}
    >
      {kind === 'remove' ? <p>{label}</p> : <label htmlFor={id}>{label}</label>}
      {(kind === 'file' || kind === 'folder') && <span className="truncate font-mono text-dim">{path}/</span>}
      {kind !== 'remove' && (
        <input
          ref={field}
          id={id}
          className="field font-mono"
          value={value}
          placeholder={kind === 'file' ? 'myapp.service' : ''}
          onChange={(event) => setValue(event.target.value)}
        />
      )}
      <span className="flex gap-1.5">
        <button type="submit" className="button" ref={submit}>
          {kind === 'remove' ? t.remove : words.common.ok}
        </button>
        <button type="button" className="button button-quiet" onClick={onCancel}>
          {words.common.cancel}
        </button>
      </span>
    </form>
  )
}
