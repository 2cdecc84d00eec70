'use client'
// A lesson's page: its text beside its machine. The place in the text is kept, also across languages.
import { type ReactNode, useEffect, useMemo, useRef } from 'react'
import type { BootOptions } from '@/lib/machine/client'
import { MachineProvider, useSessionState } from '../machine/sessions'
import { Workbench } from '../workbench/workbench'
import { LessonContext } from './lesson-context'
import { changeLesson, lessonProgress, loadProgress, progress } from './progress'

type Props = {
  readonly slug: string
  readonly boot: Omit<BootOptions, 'saved'>
  readonly user: 'root' | 'learner'
  readonly open: readonly string[]
  readonly exercises: readonly string[]
  readonly children: ReactNode
}

function usePlace(slug: string): { readonly current: HTMLDivElement | null } {
  const marker = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const scroller = marker.current?.closest<HTMLElement>('[data-pane="text"]')
    if (scroller === null || scroller === undefined) return
    let timer: ReturnType<typeof setTimeout> | undefined
    let ended = false
    void loadProgress().then(() => {
      const { place } = lessonProgress(progress.getState(), slug)
      if (!ended && location.hash === '') scroller.scrollTop = place * (scroller.scrollHeight - scroller.clientHeight)
    })
    const onScroll = () => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        const room = scroller.scrollHeight - scroller.clientHeight
        if (room <= 0) return
        const place = Math.min(1, scroller.scrollTop / room)
        void changeLesson(slug, (before) => ({ place, read: before.read || place > 0.92 }))
      }, 250)
    }
    scroller.addEventListener('scroll', onScroll, { passive: true })
    return () => {
      ended = true
      clearTimeout(timer)
      scroller.removeEventListener('scroll', onScroll)
    }
  }, [slug])
  return marker
}

function Inside({ slug, open, exercises, children }: Omit<Props, 'boot' | 'user'>) {
  const marker = usePlace(slug)
  const live = useSessionState((state) => state.machine.exercises)
  const checks = exercises.flatMap((id) => live.get(id)?.checks ?? [])
  const goals = { done: checks.filter((check) => check.state === 'passed').length, total: checks.length }
  return (
    <Workbench
      left="text"
      open={open}
      {...(goals.total === 0 ? {} : { goals })}
      onGoals={() => {
        const id = exercises.find((one) => live.has(one))
        document.querySelector(`[data-exercise="${id}"]`)?.scrollIntoView({ block: 'center' })
      }}
    >
      <div ref={marker}>{children}</div>
    </Workbench>
  )
}

export function LessonWorkbench({ slug, boot, user, open, exercises, children }: Props) {
  const options = useMemo(() => ({ key: `lesson:${slug}`, boot, user }), [slug, boot, user])
  return (
    <MachineProvider options={options}>
      <LessonContext slug={slug}>
        <Inside slug={slug} open={open} exercises={exercises}>
          {children}
        </Inside>
      </LessonContext>
    </MachineProvider>
  )
}
