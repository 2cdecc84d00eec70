// Programs about the network.
import type { Program } from '../program'
import { curl } from './curl'
import { nc } from './nc'
import { ip, ss } from './ss'

export const netPrograms: readonly Program[] = [curl, ip, nc, ss]
