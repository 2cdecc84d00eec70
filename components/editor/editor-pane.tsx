'use client'
// The editor's pane: tabs of open files, the tree, bars that ask, and an editor that arrives after the terminal.
import { FolderTree, Save, X } from 'lucide-react'
import dynamic from 'next/dynamic'
import { Component, type ReactNode, useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { useWords } from '../dictionary/provider'
import { fill } from '../dictionary/fill'
import { useSession, useSessionState } from '../machine/sessions'
import { changeSettings } from '../settings/settings'
import { useSettings } from '../settings/use-settings'
import { changeLayout, focusPane, revealPane } from '../workbench/layout'
import { PaneTools } from '../workbench/pane-tools'
import { useLayout } from '../workbench/use-layout'
import { type Buffer, type Buffers, isDirty } from './buffers'
import { buffersOf } from './editor-session'
import { FileTree } from './file-tree'
import { onOpenRequest } from './open-requests'
import { PlainEditor } from './plain-editor'
import { isUnitPath } from './unit-language'

const CodeEditor = dynamic(() => import('./code-editor'), { ssr: false, loading: EditorShape })
// The tables of the language are heavy; none of them belongs into the first load.
const TargetSelect = dynamic(() => import('./target-select').then((module) => module.TargetSelect), { ssr: false })
const CompareView = dynamic(() => import('./compare-view'), { ssr: false, loading: EditorShape })

/** The shape of what comes: lines of a unit file. */
function EditorShape() {
  const words = useWords()
  return (
    <div className="grid content-start gap-2.5 px-10 py-4">
      <span className="sr-only" role="status">
        {words.editor.loading}
      </span>
      {[64, 160, 220, 0, 88, 240, 128].map((width, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines of a fixed shape
        <span key={index} className={width === 0 ? 'h-3' : 'skeleton h-3'} style={{ width }} aria-hidden />
      ))}
    </div>
  )
}

/** Monaco may fail to load (offline, blocked): say so and offer the light editor. */
class EditorGuard extends Component<
  { readonly fallback: (retry: () => void) => ReactNode; readonly children: ReactNode },
  { failed: boolean }
> {
  override state = { failed: false }
  static getDerivedStateFromError() {
    return { failed: true }
  }
  override render() {
    return this.state.failed ? this.props.fallback(() => this.setState({ failed: false })) : this.props.children
  }
}

function Bar({ tone, text, children }: { tone: 'changing' | 'failed'; text: string; children?: ReactNode }) {
  return (
    <div
      role="alert"
      className={`flex flex-none flex-wrap items-center gap-2 border-line border-b px-3 py-1.5 text-13 ${tone === 'failed' ? 'bg-failed-soft' : 'bg-changing-soft'}`}
    >
      <span className="min-w-0 flex-1">{text}</span>
      {children}
    </div>
  )
}

function Bars({ buffers, buffer }: { buffers: Buffers; buffer: Buffer }) {
  const words = useWords()
  const t = words.editor
  const comparing = useStore(buffers.store, (state) => state.comparing)
  const awaited = useStore(buffers.store, (state) => state.awaited.includes(buffer.path))
  if (awaited && buffer.disk.kind !== 'changed')
    return (
      <Bar tone="changing" text={t.awaited}>
        <button
          type="button"
          className="button button-hand"
          onClick={() => {
            const leave = () => {
              buffers.done(buffer.path)
              focusPane('terminal')
            }
            if (isDirty(buffer)) void buffers.save(buffer.path).then((saved) => saved && leave())
            else leave()
          }}
        >
          {t.done}
        </button>
      </Bar>
    )
  if (buffer.readOnly) return <Bar tone="changing" text={t.readOnly} />
  if (buffer.disk.kind === 'deleted') return <Bar tone="failed" text={t.deleted} />
  if (buffer.disk.kind !== 'changed') return null
  return (
    <Bar tone="changing" text={t.changed}>
      <button type="button" className="button" onClick={() => buffers.keepMine(buffer.path)}>
        {t.keepMine}
      </button>
      <button type="button" className="button" onClick={() => buffers.takeTheirs(buffer.path)}>
        {t.takeTheirs}
      </button>
      <button type="button" className="button" aria-pressed={comparing} onClick={() => buffers.compare(!comparing)}>
        {comparing ? t.stopCompare : t.compare}
      </button>
    </Bar>
  )
}

function Tabs({ buffers }: { buffers: Buffers }) {
  const words = useWords()
  const t = words.editor
  const open = useStore(buffers.store, (state) => state.buffers)
  const active = useStore(buffers.store, (state) => state.active)
  const names = open.map((one) => one.path.slice(one.path.lastIndexOf('/') + 1))
  return (
    <ul aria-label={t.label} className="flex min-w-0 flex-1 items-center overflow-x-auto">
      {open.map((buffer, index) => {
        const name = names[index] ?? buffer.path
        const twice = names.indexOf(name) !== names.lastIndexOf(name)
        return (
          <li key={buffer.path} className="flex flex-none items-center">
            <button
              type="button"
              aria-current={buffer.path === active ? 'true' : undefined}
              title={buffer.path}
              className="pane-tab pr-1"
              onClick={() => buffers.show(buffer.path)}
              onAuxClick={(event) => {
                if (event.button === 1 && !isDirty(buffer)) buffers.close(buffer.path)
              }}
            >
              <span className={buffer.disk.kind === 'deleted' ? 'line-through' : ''}>{twice ? buffer.path : name}</span>
              {isDirty(buffer) && (
                <span className="text-hand" role="img" aria-label={t.unsaved}>
                  ●
                </span>
              )}
            </button>
            <button
              type="button"
              className="icon-button h-5 w-5"
              aria-label={fill(t.close, { path: buffer.path })}
              onClick={() => buffers.close(buffer.path)}
            >
              <X size={12} aria-hidden />
            </button>
          </li>
        )
      })}
      {open.length === 0 && <li className="px-2">{words.workbench.editor}</li>}
    </ul>
  )
}

export function EditorPane({ open }: { open: readonly string[] }) {
  const words = useWords()
  const session = useSession()
  const buffers = buffersOf(session, open)
  const active = useStore(buffers.store, (state) => state.active)
  const buffer = useStore(buffers.store, (state) => state.buffers.find((one) => one.path === state.active))
  const comparing = useStore(buffers.store, (state) => state.comparing)
  const fault = useStore(buffers.store, (state) => state.fault)
  const running = useSessionState((state) => state.machine.status === 'running')
  const { plainEditor, tabLeavesEditor } = useSettings()
  const { files } = useLayout()
  const [saved, setSaved] = useState('')
  const [wanted, setWanted] = useState(false)
  const t = words.editor

  useEffect(
    () =>
      onOpenRequest(session, ({ path, line, reveal, show }) => {
        void buffers.open(path, line === undefined ? { show } : { line, show })
        if (reveal) revealPane('editor')
      }),
    [session, buffers],
  )
  // Monaco waits until the prompt can be used, or a while at most.
  useEffect(() => {
    const timer = setTimeout(() => setWanted(true), running ? 120 : 4000)
    return () => clearTimeout(timer)
  }, [running])

  const save = async () => {
    if (active === undefined) return
    if (await buffers.save(active)) setSaved(fill(t.saved, { path: active }))
  }
  const plain = active !== undefined && <PlainEditor buffers={buffers} path={active} label={active} onSave={() => void save()} />
  const compared = comparing && buffer?.disk.kind === 'changed' ? buffer.disk.file.text : undefined

  return (
    <section data-pane="editor" tabIndex={-1} className="pane" aria-label={words.workbench.editor}>
      <div className="pane-head" data-pane-head="editor">
        <button
          type="button"
          className="icon-button -ml-1"
          aria-expanded={files}
          aria-label={files ? t.hideFiles : t.showFiles}
          title={files ? t.hideFiles : t.showFiles}
          onClick={() => changeLayout({ files: !files })}
        >
          <FolderTree size={15} aria-hidden />
        </button>
        <Tabs buffers={buffers} />
        {buffer !== undefined && !buffer.readOnly && (
          <button
            type="button"
            className={`icon-button w-auto grid-flow-col gap-1.5 px-2 text-13 ${isDirty(buffer) || buffer.disk.kind === 'new' ? 'text-hand' : ''}`}
            title={`${t.save} (Ctrl+S)`}
            onClick={() => void save()}
          >
            <Save size={14} aria-hidden />
            {t.save}
          </button>
        )}
        <PaneTools pane="editor" />
      </div>
      {buffer !== undefined && <Bars buffers={buffers} buffer={buffer} />}
      {fault !== undefined && (
        <Bar tone="failed" text={fill(t.failedTo, fault)}>
          <button type="button" className="button button-quiet" onClick={() => buffers.forgetFault()}>
            {words.machine.dismiss}
          </button>
        </Bar>
      )}
      <div className="flex min-h-0 flex-1">
        {files && (
          <div className="w-60 max-w-[55%] flex-none border-line border-r bg-paper">
            <FileTree active={active} />
          </div>
        )}
        <div className="relative min-w-0 flex-1">
          {active === undefined ? (
            <Nothing buffers={buffers} ready={running} />
          ) : compared !== undefined && buffer !== undefined ? (
            <CompareView path={active} left={compared} right={buffer.text} label={active} />
          ) : plainEditor ? (
            plain
          ) : wanted ? (
            <EditorGuard
              fallback={(retry) => (
                <>
                  {plain}
                  <p role="alert" className="absolute inset-x-0 bottom-0 flex items-center gap-2 bg-changing-soft px-3 py-1.5 text-13">
                    {t.failed}
                    <button type="button" className="button" onClick={retry}>
                      {t.retry}
                    </button>
                  </p>
                </>
              )}
            >
              <CodeEditor buffers={buffers} path={active} label={active} onSave={() => void save()} />
            </EditorGuard>
          ) : (
            <EditorShape />
          )}
        </div>
      </div>
      {active !== undefined && (
        <div className="flex h-6 flex-none items-center gap-3 border-line border-t bg-sunken px-3 text-[12px] text-dim max-[899px]:hidden">
          <span className="min-w-0 truncate font-mono">{active}</span>
          <span role="status" className="sr-only">
            {saved}
          </span>
          {!plainEditor && isUnitPath(active) && <TargetSelect label={t.targetVersion} />}
          {!plainEditor && (
            <button
              type="button"
              className="ml-auto whitespace-nowrap hover:text-ink"
              title={t.tabHelp}
              aria-pressed={tabLeavesEditor}
              onClick={() => changeSettings({ tabLeavesEditor: !tabLeavesEditor })}
            >
              {tabLeavesEditor ? t.tabMovesFocus : t.tabIndents} (Ctrl+M)
            </button>
          )}
        </div>
      )}
    </section>
  )
}

/** Nothing open: the one next action. */
function Nothing({ buffers, ready }: { buffers: Buffers; ready: boolean }) {
  const words = useWords()
  const t = words.editor
  const [path, setPath] = useState('/etc/systemd/system/myapp.service')
  return (
    <form
      className="grid h-full content-center justify-items-center gap-3 p-4 text-center text-13 text-dim"
      onSubmit={(event) => {
        event.preventDefault()
        if (path.startsWith('/')) void buffers.open(path.trim())
      }}
    >
      <p>{t.empty}</p>
      <span className="flex w-full max-w-md gap-2">
        <input
          className="field min-w-0 flex-1 font-mono"
          aria-label={t.openPath}
          value={path}
          onChange={(event) => setPath(event.target.value)}
        />
        <button type="submit" className="button button-hand" disabled={!ready}>
          {t.open}
        </button>
      </span>
    </form>
  )
}
