// All checks of ours; each has a page of its own at /reference/checks/<id>.
import type { Check } from './check'
import { dependencyChecks } from './dependencies'
import { execChecks } from './exec'
import { hardeningChecks } from './hardening'
import { serviceChecks } from './service'
import { timerChecks } from './timer'
import { versionChecks } from './versions'

export type { Check, CheckContext, Finding } from './check'

export const checks: readonly Check[] = [
  ...dependencyChecks,
  ...serviceChecks,
  ...execChecks,
  ...timerChecks,
  ...hardeningChecks,
  ...versionChecks,
]

export const checkPage = (id: string): string => `/reference/checks/${id}/`
