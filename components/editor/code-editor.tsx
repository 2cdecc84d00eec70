'use client'
// Monaco over the active buffer. One editor, one model a path; models stay while their buffer is open.
import { useCallback, useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { useDark, useSettings } from '../settings/use-settings'
import { useLocale } from '../dictionary/provider'
import { useSession } from '../machine/sessions'
import type { Buffers } from './buffers'
import { monaco } from './monaco'
import { bindUnitLanguage } from './monaco-unit-language'
import { languageOf } from './unit-language'

declare global {
  interface Window {
    /** For browser tests: the editor. */
    unitlabEditor?: { readonly editor: { focus(): void; getModel(): { getValue(): string } | null } }
  }
}

type Props = { readonly buffers: Buffers; readonly path: string; readonly label: string; readonly onSave: () => void }

const options = (fontSize: number): monaco.editor.IEditorOptions & monaco.editor.IGlobalEditorOptions => ({
  fontFamily: "'JetBrains Mono Variable', ui-monospace, D2Coding, 'Noto Sans Mono CJK KR', monospace",
  fontSize,
  lineHeight: 1.55,
  fontLigatures: false,
  minimap: { enabled: false },
  bracketPairColorization: { enabled: false },
  automaticLayout: true,
  scrollBeyondLastLine: false,
  overviewRulerLanes: 0,
  renderLineHighlight: 'line',
  lineNumbersMinChars: 3,
  padding: { top: 8, bottom: 8 },
  wordBasedSuggestions: 'off',
  fixedOverflowWidgets: true,
  unicodeHighlight: { ambiguousCharacters: false },
  scrollbar: { verticalScrollbarSize: 10, horizontalScrollbarSize: 10 },
  detectIndentation: true,
  stickyScroll: { enabled: false },
})

export default function CodeEditor({ buffers, path, label, onSave }: Props) {
  const session = useSession()
  const place = useRef<HTMLDivElement>(null)
  const editor = useRef<monaco.editor.IStandaloneCodeEditor>(undefined)
  const save = useRef(onSave)
  save.current = onSave
  const { fontSize, tabLeavesEditor, screenReader } = useSettings()
  const dark = useDark()
  const locale = useLocale()
  const revision = useStore(buffers.store, (state) => state.buffers.find((one) => one.path === path)?.revision)
  const readOnly = useStore(buffers.store, (state) => state.buffers.find((one) => one.path === path)?.readOnly ?? false)
  const goTo = useStore(buffers.store, (state) => state.goTo)
  const uri = useCallback(
    (one: string) => monaco.Uri.from({ scheme: 'machine', path: `/${encodeURIComponent(session.options.key)}/file${one}` }),
    [session],
  )

  useEffect(() => {
    const parent = place.current
    if (parent === null) return
    const made = monaco.editor.create(parent, { model: null, ...options(13) })
    editor.current = made
    window.unitlabEditor = { editor: made }
    made.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.KeyS, () => save.current())
    // The page's keys: Alt+Enter belongs to the panes.
    made.addCommand(monaco.KeyMod.Alt | monaco.KeyCode.Enter, () => {
      window.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', altKey: true }))
    })
    return () => {
      made.dispose()
      editor.current = undefined
    }
  }, [])

  useEffect(() => bindUnitLanguage(session, locale), [session, locale])

  useEffect(() => {
    monaco.editor.setTheme(dark ? 'unitlab-dark' : 'unitlab-light')
  }, [dark])

  useEffect(() => {
    editor.current?.updateOptions({
      ...options(fontSize),
      readOnly,
      ariaLabel: label,
      tabFocusMode: tabLeavesEditor,
      accessibilitySupport: screenReader ? 'on' : 'auto',
    })
  }, [fontSize, readOnly, tabLeavesEditor, screenReader, label])

  // biome-ignore lint/correctness/useExhaustiveDependencies: a revision is a replaced text
  useEffect(() => {
    const made = editor.current
    const buffer = buffers.buffer(path)
    if (made === undefined || buffer === undefined) return
    const model = monaco.editor.getModel(uri(path)) ?? monaco.editor.createModel(buffer.text, languageOf(path, buffer.text), uri(path))
    if (model.getValue() !== buffer.text)
      model.pushEditOperations([], [{ range: model.getFullModelRange(), text: buffer.text }], () => null)
    monaco.editor.setModelLanguage(model, languageOf(path, buffer.text))
    if (made.getModel() !== model) {
      const before = made.getModel()
      if (before !== null) views.set(before, made.saveViewState())
      made.setModel(model)
      const view = views.get(model)
      if (view !== null && view !== undefined) made.restoreViewState(view)
    }
    const listener = model.onDidChangeContent(() => buffers.type(path, model.getValue(monaco.editor.EndOfLinePreference.LF)))
    return () => listener.dispose()
  }, [buffers, path, revision, uri])

  useEffect(() => {
    if (goTo === undefined || goTo.path !== path) return
    editor.current?.revealLineInCenter(goTo.line)
    editor.current?.setPosition({ lineNumber: goTo.line, column: 1 })
    buffers.reached()
  }, [goTo, path, buffers])

  // Models of closed buffers go.
  useEffect(
    () =>
      buffers.store.subscribe(({ buffers: open }) => {
        const wanted = new Set(open.map((one) => uri(one.path).toString()))
        const prefix = uri('').toString()
        for (const model of monaco.editor.getModels())
          if (model.uri.scheme === 'machine' && model.uri.toString().startsWith(prefix) && !wanted.has(model.uri.toString()))
            model.dispose()
      }),
    [buffers, uri],
  )

  return <div ref={place} className="absolute inset-0" data-editor={path} />
}

const views = new WeakMap<monaco.editor.ITextModel, monaco.editor.ICodeEditorViewState | null>()
