// grep, sed, awk and the diff tools.
import type { Program } from '../program'
import { awk } from './awk'
import { cmp, diff } from './diff'
import { egrep, fgrep, grep, rgrep } from './grep'
import { sed } from './sed'

export const textPrograms: readonly Program[] = [awk, cmp, diff, egrep, fgrep, grep, rgrep, sed]
