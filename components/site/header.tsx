'use client'
import { Settings2 } from 'lucide-react'
import dynamic from 'next/dynamic'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { useEffect, useRef, useState } from 'react'
import { useLocale, useWords } from '../dictionary/provider'
import { useApplySettings } from '../settings/use-settings'
import { LanguageLinks } from './language-links'
import { Mark } from './mark'

const SettingsDialog = dynamic(() => import('../settings/settings-dialog').then((module) => module.SettingsDialog), { ssr: false })

export function Header() {
  const words = useWords()
  const locale = useLocale()
  const path = usePathname()
  const dialog = useRef<HTMLDialogElement>(null)
  const [asked, setAsked] = useState(0)
  useApplySettings()
  useEffect(() => {
    if (asked === 0) return
    // The dialog's code arrives after the first click.
    let stop = false
    const open = () => {
      if (dialog.current !== null) dialog.current.showModal()
      else if (!stop) requestAnimationFrame(open)
    }
    open()
    return () => {
      stop = true
    }
  }, [asked])

  const link = (to: string, text: string) => {
    const here = path.startsWith(`/${locale}/${to}`)
    return (
      <Link
        href={`/${locale}/${to}/`}
        aria-current={here ? 'page' : undefined}
        className={`rounded px-2.5 py-1 text-13 hover:text-ink hover:no-underline ${here ? 'bg-sunken font-semibold text-ink' : 'text-dim'}`}
      >
        {text}
      </Link>
    )
  }

  return (
    <header className="flex h-(--header) items-center gap-1 border-line border-b px-3 sm:px-4">
      <Link href={`/${locale}/`} className="mr-2 flex items-center gap-2 font-semibold text-ink hover:no-underline">
        <span className="text-brand">
          <Mark />
        </span>
        <span className="max-[420px]:sr-only">{words.site.name}</span>
      </Link>
      <nav aria-label={words.site.nav} className="flex min-w-0 items-center">
        {link('learn', words.site.learn)}
        {link('exercises', words.site.exercises)}
        {link('sandbox', words.site.sandbox)}
      </nav>
      <div className="ml-auto flex items-center gap-2">
        <span className="max-sm:hidden">
          <LanguageLinks />
        </span>
        <button type="button" className="icon-button" aria-label={words.site.settings} onClick={() => setAsked((count) => count + 1)}>
          <Settings2 size={17} aria-hidden />
        </button>
      </div>
      {asked > 0 && <SettingsDialog dialog={dialog} />}
    </header>
  )
}
