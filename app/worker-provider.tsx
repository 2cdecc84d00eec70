'use client'
import type { ReactNode } from 'react'
import { MachineWorkerProvider } from '@/components/machine/sessions'
import { startWorker } from './machine-worker'

export function WorkerProvider({ children }: { children: ReactNode }) {
  return <MachineWorkerProvider startWorker={startWorker}>{children}</MachineWorkerProvider>
}
