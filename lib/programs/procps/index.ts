// procps, and what psmisc adds.
import type { Program } from '../program'
import { free, pstree, pwdx, uptime, users, w, who } from './free'
import { killPrograms } from './pgrep'
import { ps } from './ps'
import { top, watch } from './top'

export const procps: readonly Program[] = [free, ...killPrograms, ps, pstree, pwdx, top, uptime, users, w, watch, who]
