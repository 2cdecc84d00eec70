import type { Program } from '../program'
import { bootDaemons } from './daemons'
import { oneShots } from './one-shots'

/** The programs that Debian's boot runs. */
export const bootPrograms: readonly Program[] = [...bootDaemons, ...oneShots]
