// Making lab machines: fresh ones and booted ones.
import { USEC_PER_SEC, type Usec } from '@/lib/base'
import type { Image } from '@/lib/kernel'
import { programTable } from '@/lib/programs'
import { systemdMain } from '@/lib/systemd/manager'
import { labDisk } from './disks'
import { Machine } from './machine'

/** Sun 2026-11-22 09:00:00 UTC: a quiet Sunday morning. */
export const LAB_BOOT_USEC: Usec = 1_795_338_000 * USEC_PER_SEC

export type BootOptions = {
  readonly bootUsec?: Usec
  readonly seed?: number
  /** Another disk: the lab's with changes. */
  readonly image?: Image
}

/** A lab machine that has not run yet. */
export function newLab(options: BootOptions = {}): Machine {
  return new Machine({
    image: options.image ?? labDisk(),
    programs: (hooks) => new Map([...programTable(), ['systemd', systemdMain(hooks)]]),
    bootUsec: options.bootUsec ?? LAB_BOOT_USEC,
    seed: options.seed ?? 1,
  })
}

/** A lab machine that has come up: the default target is reached, nothing is starting any more. */
export function bootLab(options: BootOptions = {}): Machine {
  const machine = newLab(options)
  machine.finishBoot()
  return machine
}
