// util-linux, pagers and editors.
import type { Program } from '../program'
import { columnPrograms } from './column'
import { devicePrograms } from './lsblk'
import { findmnt, mount, mountpoint, umount } from './mount'
import { pagerPrograms } from './pager'
import { chrt, ionice, renice, taskset } from './schedule'
import { sessionPrograms } from './session'

export const utilLinux: readonly Program[] = [
  chrt,
  ...columnPrograms,
  ...devicePrograms,
  findmnt,
  ionice,
  mount,
  mountpoint,
  ...pagerPrograms,
  renice,
  ...sessionPrograms,
  taskset,
  umount,
]
