import type { Program } from '../program'
import { login } from './login'
import { systemdLogind } from './logind'

export { findAccount, groupsOf, type Account } from './accounts'
export { callLogind } from './protocol'

/** Sessions: who is logged in, and how. */
export const loginPrograms: readonly Program[] = [login, systemdLogind]
