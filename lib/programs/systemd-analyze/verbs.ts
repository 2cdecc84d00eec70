// The verbs of systemd-analyze(1), in the order in which it looks for one that was meant.
import type { Verb } from './context'
import { bootTimeVerbs } from './boot-times'
import { fileVerbs } from './file-verbs'
import { managerVerbs } from './manager-verbs'
import { offlineVerbs } from './offline-verbs'
import { plotVerb } from './plot-verb'
import { securityOffline, securityOnline } from './security-verb'
import { verifyVerb } from './verify-verb'
import { ANY, type VerbRow } from '../systemd-verbs'

/** Parts of the real tool that have nothing to show here. */
const notSimulated = (name: string): Verb =>
  function* (_args, { console }) {
    yield* console.log('error', `systemd-analyze ${name}: not simulated here`)
    return 1
  }

const missing = (name: string, minimum: number, maximum: number, isDefault = false): VerbRow<Verb> => ({
  name,
  minimum,
  maximum,
  isDefault,
  run: notSimulated(name),
})

const all: readonly VerbRow<Verb>[] = [
  missing('help', 0, 1),
  missing('time', 0, 1, true),
  missing('blame', 0, 1),
  missing('critical-chain', 0, ANY),
  missing('plot', 0, 1),
  missing('dot', 0, ANY),
  missing('log-level', 0, 2),
  missing('log-target', 0, 2),
  missing('set-log-level', 2, 2),
  missing('get-log-level', 0, 1),
  missing('set-log-target', 2, 2),
  missing('get-log-target', 0, 1),
  missing('service-watchdogs', 0, 2),
  missing('dump', 0, ANY),
  missing('cat-config', 2, ANY),
  missing('unit-files', 0, ANY),
  missing('unit-paths', 1, 1),
  missing('exit-status', 0, ANY),
  missing('syscall-filter', 0, ANY),
  missing('capability', 0, ANY),
  missing('filesystems', 0, ANY),
  missing('condition', 0, ANY),
  missing('compare-versions', 3, 4),
  missing('verify', 2, ANY),
  missing('calendar', 2, ANY),
  missing('timestamp', 2, ANY),
  missing('timespan', 2, ANY),
  missing('security', 0, ANY),
  missing('inspect-elf', 2, ANY),
  missing('malloc', 0, ANY),
  missing('fdstore', 2, ANY),
  missing('image-policy', 2, 2),
  missing('has-tpm2', 0, 1),
  missing('pcrs', 0, ANY),
  missing('srk', 0, 1),
  missing('architectures', 0, ANY),
  missing('smbios11', 0, 1),
]

const security: VerbRow<Verb> = {
  ...missing('security', 0, ANY),
  *run(args, context) {
    return yield* context.options.offline ? securityOffline(args, context) : securityOnline(args, context)
  },
}

const made = [...bootTimeVerbs, plotVerb, ...managerVerbs, ...fileVerbs, ...offlineVerbs, verifyVerb, security]
export const verbs: readonly VerbRow<Verb>[] = all.map((row) => made.find((one) => one.name === row.name) ?? row)
