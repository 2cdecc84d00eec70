'use client'
import { X } from 'lucide-react'
import { useEffect, useId, useState, type ReactNode, type RefObject } from 'react'
import { useWords } from '../dictionary/provider'
import { importProgress, plainProgress } from '../lesson/progress'
import { askForPersistence, forgetEverything, type Persistence } from '../machine/kept'
import { chooseFile, download } from '../site/files'
import { LanguageLinks } from '../site/language-links'
import { changeSettings, fontSizes, type Settings } from './settings'
import { useSettings } from './use-settings'

function Choice<K extends 'theme' | 'density' | 'motion'>({
  name,
  label,
  options,
  value,
}: {
  name: K
  label: string
  options: Readonly<Record<Settings[K], string>>
  value: Settings[K]
}) {
  return (
    <fieldset className="flex flex-wrap items-center gap-x-4 gap-y-1 py-2">
      <legend className="float-left w-40 text-13 text-dim">{label}</legend>
      {(Object.entries(options) as [Settings[K], string][]).map(([option, text]) => (
        <label key={option} className="flex items-center gap-1.5 text-13">
          <input
            type="radio"
            name={name}
            checked={value === option}
            onChange={() => changeSettings({ [name]: option } as Partial<Settings>)}
            className="accent-hand"
          />
          {text}
        </label>
      ))}
    </fieldset>
  )
}

function Switch({
  name,
  label,
  text,
}: {
  name: 'screenReader' | 'tabLeavesEditor' | 'plainEditor' | 'typing'
  label: string
  text: string
}) {
  const value = useSettings()[name]
  return (
    <label className="flex items-start gap-2.5 py-2 text-13">
      <input
        type="checkbox"
        checked={value}
        onChange={(event) => changeSettings({ [name]: event.target.checked })}
        className="mt-1 accent-hand"
      />
      <span>
        {label}
        <span className="block text-dim">{text}</span>
      </span>
    </label>
  )
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="border-line border-t px-5 py-3">
      <h3 className="mb-1 font-semibold text-13 text-dim">{title}</h3>
      {children}
    </section>
  )
}

export function SettingsDialog({ dialog }: { dialog: RefObject<HTMLDialogElement | null> }) {
  const words = useWords()
  const current = useSettings()
  const [persistence, setPersistence] = useState<Persistence>()
  const [asking, setAsking] = useState(false)
  const size = useId()
  const title = useId()
  const t = words.settings
  useEffect(() => {
    void askForPersistence().then(setPersistence)
  }, [])

  const load = async () => {
    const file = await chooseFile('application/json,.json')
    if (file === undefined) return
    try {
      await importProgress(JSON.parse(await file.text()))
    } catch {
      // A file that is no JSON changes nothing.
    }
  }

  return (
    <dialog ref={dialog} aria-labelledby={title} className="float max-h-[86dvh] w-[560px] max-w-[calc(100vw-24px)] overflow-y-auto p-0">
      <div className="sticky top-0 z-10 flex items-center justify-between border-line border-b bg-raised px-5 py-3">
        <h2 id={title} className="text-17">
          {t.title}
        </h2>
        <button type="button" className="icon-button" aria-label={t.close} onClick={() => dialog.current?.close()}>
          <X size={16} aria-hidden />
        </button>
      </div>
      <div className="px-5 py-2">
        <Choice name="theme" label={t.theme} options={t.themes} value={current.theme} />
        <Choice name="density" label={t.density} options={t.densities} value={current.density} />
        <Choice name="motion" label={t.motion} options={t.motions} value={current.motion} />
        <div className="flex items-center py-2">
          <label htmlFor={size} className="w-44 text-13 text-dim">
            {t.fontSize}
          </label>
          <select
            id={size}
            className="field"
            value={current.fontSize}
            onChange={(event) => changeSettings({ fontSize: Number(event.target.value) })}
          >
            {fontSizes.map((one) => (
              <option key={one} value={one}>
                {one} px
              </option>
            ))}
          </select>
        </div>
        <div className="flex items-center py-2">
          <span className="w-44 text-13 text-dim">{t.language}</span>
          <LanguageLinks />
        </div>
      </div>
      <Part title={`${words.workbench.editor} · ${words.workbench.terminal}`}>
        <Switch name="screenReader" label={t.screenReader} text={t.screenReaderText} />
        <Switch name="tabLeavesEditor" label={t.tabFocus} text={t.tabFocusText} />
        <Switch name="plainEditor" label={t.plainEditor} text={t.plainEditorText} />
        <Switch name="typing" label={t.typing} text={t.typingText} />
      </Part>
      <Part title={t.shortcuts}>
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 py-1 text-13">
          {t.shortcutsList.map(({ keys, text }) => (
            <div key={keys} className="contents">
              <dt>
                <kbd className="text-[12px]">{keys}</kbd>
              </dt>
              <dd className="text-dim">{text}</dd>
            </div>
          ))}
        </dl>
      </Part>
      <Part title={t.progress}>
        <p className="py-1 text-13 text-dim" role="status">
          {persistence === 'kept' && t.storageKept}
          {persistence === 'may-go' && t.storageMayGo}
          {persistence === 'none' && t.storageNone}
        </p>
        <div className="flex flex-wrap gap-2 py-1">
          <button
            type="button"
            className="button"
            onClick={() => download('unitlab-progress.json', JSON.stringify(plainProgress(), null, 2), 'application/json')}
          >
            {t.exportProgress}
          </button>
          <button type="button" className="button" onClick={load}>
            {t.importProgress}
          </button>
        </div>
        {asking ? (
          <div className="mt-2 rounded bg-failed-soft p-3 text-13">
            <p>{t.forgetAsk}</p>
            <div className="mt-2 flex gap-2">
              <button
                type="button"
                className="button"
                onClick={() => {
                  void forgetEverything().then(() => {
                    try {
                      localStorage.clear()
                    } catch {
                      // Nothing was stored then.
                    }
                    location.reload()
                  })
                }}
              >
                {t.forget}
              </button>
              <button type="button" className="button button-quiet" onClick={() => setAsking(false)}>
                {words.common.cancel}
              </button>
            </div>
          </div>
        ) : (
          <button type="button" className="button button-quiet mt-1 -ml-3" onClick={() => setAsking(true)}>
            {t.forget}
          </button>
        )}
      </Part>
    </dialog>
  )
}
