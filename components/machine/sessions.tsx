'use client'
// Which machine a page talks to. One runs at a time; the others sleep on their kept disks.
import { createContext, type ReactNode, useContext, useEffect, useMemo } from 'react'
import { useStore } from 'zustand'
import { MachineSession, type SessionOptions, type SessionState, type WorkerFactory } from './session'

const Factory = createContext<WorkerFactory | undefined>(undefined)
const Session = createContext<MachineSession | undefined>(undefined)

const sessions = new Map<string, MachineSession>()
let running: MachineSession | undefined

function sessionFor(options: SessionOptions, startWorker: WorkerFactory): MachineSession {
  const found = sessions.get(options.key)
  if (found !== undefined) return found
  const session = new MachineSession(options, startWorker)
  sessions.set(options.key, session)
  return session
}

/** Told once by the application: how a worker with the machine in it is made. */
export function MachineWorkerProvider({ startWorker, children }: { startWorker: WorkerFactory; children: ReactNode }) {
  return <Factory value={startWorker}>{children}</Factory>
}

/** Everything below talks to this machine. It starts when the page has been painted. */
export function MachineProvider({ options, children }: { options: SessionOptions; children: ReactNode }) {
  const startWorker = useContext(Factory)
  if (startWorker === undefined) throw new Error('no machine worker above this component')
  // biome-ignore lint/correctness/useExhaustiveDependencies: a machine is what its key says; the rest is only for its first boot
  const session = useMemo(() => sessionFor(options, startWorker), [options.key, startWorker])
  useEffect(() => {
    if (running !== session) running?.stop()
    running = session
    if (session.status === 'idle') void session.start()
    const look = setInterval(() => {
      if (!document.hidden) void session.look()
    }, 15_000)
    return () => clearInterval(look)
  }, [session])
  return <Session value={session}>{children}</Session>
}

export function useSession(): MachineSession {
  const session = useContext(Session)
  if (session === undefined) throw new Error('no machine above this component')
  return session
}

/** For parts that also stand on pages without a machine. */
export const useMaybeSession = (): MachineSession | undefined => useContext(Session)

export function useSessionState<T>(select: (state: SessionState) => T): T {
  return useStore(useSession().store, select)
}
