// Every verb of systemctl, one row each, in the order of --help. Descriptions are ours.
import { cat } from './cat'
import type { Verb } from './context'
import { edit } from './edit'
import { addDependency, enable, getDefault, presetAll, setDefault } from './enable'
import { isActive, isEnabled, isFailed, isSystemRunning } from './is-active'
import { cancel, cleanOrFreeze, kill, resetFailed, setProperty } from './kill'
import { listDependencies } from './list-dependencies'
import { listAutomounts, listPaths, listSockets, listTimers } from './list-triggers'
import { listJobs, listMachines, listUnitFiles, listUnits } from './list-units'
import {
  daemonReload,
  help,
  logSetting,
  notSimulated,
  serviceLogSetting,
  serviceWatchdogs,
  setEnvironment,
  showEnvironment,
  systemVerb,
  whoami,
} from './manager'
import { show } from './show'
import { isolateUnit, startUnits } from './start-unit'
import { status } from './status'

const any = Number.POSITIVE_INFINITY
const UNIT = 'Unit Commands'
const FILE = 'Unit File Commands'
const MACHINE = 'Machine Commands'
const JOB = 'Job Commands'
const ENVIRONMENT = 'Environment Commands'
const MANAGER = 'Manager State Commands'
const SYSTEM = 'System Commands'

export const systemctlVerbs: readonly Verb[] = [
  {
    verb: 'list-units',
    args: [0, any],
    run: listUnits,
    default: true,
    online: true,
    section: UNIT,
    words: '[PATTERN...]',
    help: 'Units in memory',
  },
  {
    verb: 'list-automounts',
    args: [0, any],
    run: listAutomounts,
    online: true,
    section: UNIT,
    words: '[PATTERN...]',
    help: 'Automount units, by path',
  },
  { verb: 'list-paths', args: [0, any], run: listPaths, online: true, section: UNIT, words: '[PATTERN...]', help: 'Path units, by path' },
  {
    verb: 'list-sockets',
    args: [0, any],
    run: listSockets,
    online: true,
    section: UNIT,
    words: '[PATTERN...]',
    help: 'Socket units, by address',
  },
  {
    verb: 'list-timers',
    args: [0, any],
    run: listTimers,
    online: true,
    section: UNIT,
    words: '[PATTERN...]',
    help: 'Timer units, by next run',
  },
  { verb: 'is-active', args: [1, any], run: isActive, online: true, section: UNIT, words: 'PATTERN...', help: 'Whether units run' },
  {
    verb: 'is-failed',
    args: [0, any],
    run: isFailed,
    online: true,
    section: UNIT,
    words: '[PATTERN...]',
    help: 'Whether units, or any, have failed',
  },
  { verb: 'status', args: [0, any], run: status, online: true, section: UNIT, words: '[PATTERN...|PID...]', help: 'How units are doing' },
  {
    verb: 'show',
    args: [0, any],
    run: show,
    online: true,
    section: UNIT,
    words: '[PATTERN...|JOB...]',
    help: 'Properties of units or of the manager',
  },
  { verb: 'cat', args: [1, any], run: cat, online: true, section: UNIT, words: 'PATTERN...', help: 'The files of units' },
  { verb: 'help', args: [1, any], run: help, online: true, section: UNIT, words: 'PATTERN...|PID...', help: 'Where units are documented' },
  {
    verb: 'list-dependencies',
    args: [0, any],
    run: listDependencies,
    online: true,
    section: UNIT,
    words: '[UNIT...]',
    help: 'What units pull in, as a tree',
  },
  { verb: 'start', args: [1, any], run: startUnits, online: true, section: UNIT, words: 'UNIT...', help: 'Start units' },
  { verb: 'stop', args: [1, any], run: startUnits, online: true, section: UNIT, words: 'UNIT...', help: 'Stop units' },
  { verb: 'condstop', args: [1, any], run: startUnits, online: true },
  {
    verb: 'reload',
    args: [1, any],
    run: startUnits,
    online: true,
    section: UNIT,
    words: 'UNIT...',
    help: 'Have units read their configuration again',
  },
  {
    verb: 'restart',
    args: [1, any],
    run: startUnits,
    online: true,
    section: UNIT,
    words: 'UNIT...',
    help: 'Stop units and start them, or start them',
  },
  { verb: 'try-restart', args: [1, any], run: startUnits, online: true, section: UNIT, words: 'UNIT...', help: 'Restart units that run' },
  { verb: 'condrestart', args: [1, any], run: startUnits, online: true },
  {
    verb: 'reload-or-restart',
    args: [0, any],
    run: startUnits,
    online: true,
    section: UNIT,
    words: 'UNIT...',
    help: 'Reload units that can, restart the others',
  },
  {
    verb: 'try-reload-or-restart',
    args: [1, any],
    run: startUnits,
    online: true,
    section: UNIT,
    words: 'UNIT...',
    help: 'The same, for units that run',
  },
  { verb: 'reload-or-try-restart', args: [1, any], run: startUnits, online: true },
  { verb: 'force-reload', args: [1, any], run: startUnits, online: true },
  { verb: 'condreload', args: [1, any], run: startUnits, online: true },
  { verb: 'isolate', args: [1, 1], run: isolateUnit, online: true, section: UNIT, words: 'UNIT', help: 'Start one unit, stop all others' },
  {
    verb: 'kill',
    args: [1, any],
    run: kill,
    online: true,
    section: UNIT,
    words: 'UNIT...',
    help: 'Send a signal to the processes of units',
  },
  { verb: 'clean', args: [1, any], run: cleanOrFreeze, online: true, section: UNIT, words: 'UNIT...', help: 'Remove directories of units' },
  {
    verb: 'freeze',
    args: [1, any],
    run: cleanOrFreeze,
    online: true,
    section: UNIT,
    words: 'PATTERN...',
    help: 'Have the processes of units stand still',
  },
  { verb: 'thaw', args: [1, any], run: cleanOrFreeze, online: true, section: UNIT, words: 'PATTERN...', help: 'Let them go on' },
  {
    verb: 'set-property',
    args: [2, any],
    run: setProperty,
    online: true,
    section: UNIT,
    words: 'UNIT PROPERTY=VALUE...',
    help: 'Change properties of a unit',
  },
  {
    verb: 'bind',
    args: [2, 3],
    run: notSimulated,
    online: true,
    section: UNIT,
    words: 'UNIT PATH [PATH]',
    help: 'Bind-mount a path into a unit (not simulated)',
  },
  {
    verb: 'mount-image',
    args: [2, 4],
    run: notSimulated,
    online: true,
    section: UNIT,
    words: 'UNIT PATH [PATH [OPTS]]',
    help: 'Mount an image into a unit (not simulated)',
  },
  {
    verb: 'service-log-level',
    args: [1, 2],
    run: serviceLogSetting,
    online: true,
    section: UNIT,
    words: 'SERVICE [LEVEL]',
    help: 'How much a service logs',
  },
  {
    verb: 'service-log-target',
    args: [1, 2],
    run: serviceLogSetting,
    online: true,
    section: UNIT,
    words: 'SERVICE [TARGET]',
    help: 'Where a service logs to',
  },
  {
    verb: 'reset-failed',
    args: [0, any],
    run: resetFailed,
    online: true,
    section: UNIT,
    words: '[PATTERN...]',
    help: 'Forget that units failed',
  },
  {
    verb: 'whoami',
    args: [0, any],
    run: whoami,
    online: true,
    section: UNIT,
    words: '[PID...]',
    help: 'The unit of this or other processes',
  },
  { verb: 'list-unit-files', args: [0, any], run: listUnitFiles, section: FILE, words: '[PATTERN...]', help: 'Unit files on disk' },
  { verb: 'enable', args: [1, any], run: enable, section: FILE, words: '[UNIT...|PATH...]', help: 'Have units started at boot' },
  { verb: 'disable', args: [1, any], run: enable, section: FILE, words: 'UNIT...', help: 'No longer' },
  { verb: 'reenable', args: [1, any], run: enable, section: FILE, words: 'UNIT...', help: 'Disable units and enable them' },
  { verb: 'preset', args: [1, any], run: enable, section: FILE, words: 'UNIT...', help: 'Enable or disable units as the presets say' },
  { verb: 'preset-all', args: [0, 0], run: presetAll, section: FILE, help: 'The same for all units' },
  { verb: 'is-enabled', args: [1, any], run: isEnabled, section: FILE, words: 'UNIT...', help: 'Whether units are started at boot' },
  { verb: 'mask', args: [1, any], run: enable, section: FILE, words: 'UNIT...', help: 'Make units impossible to start' },
  { verb: 'unmask', args: [1, any], run: enable, section: FILE, words: 'UNIT...', help: 'Possible again' },
  { verb: 'link', args: [1, any], run: enable, section: FILE, words: 'PATH...', help: 'Link unit files into the search path' },
  { verb: 'revert', args: [1, any], run: enable, section: FILE, words: 'UNIT...', help: 'Back to the unit files of the vendor' },
  { verb: 'add-wants', args: [2, any], run: addDependency, section: FILE, words: 'TARGET UNIT...', help: 'Have a target want units' },
  { verb: 'add-requires', args: [2, any], run: addDependency, section: FILE, words: 'TARGET UNIT...', help: 'Have a target require units' },
  { verb: 'edit', args: [1, any], run: edit, section: FILE, words: 'UNIT...', help: 'Edit drop-ins or unit files' },
  { verb: 'get-default', args: [0, 0], run: getDefault, section: FILE, help: 'The target that is booted to' },
  { verb: 'set-default', args: [1, 1], run: setDefault, section: FILE, words: 'TARGET', help: 'Boot to another target' },
  {
    verb: 'list-machines',
    args: [0, any],
    run: listMachines,
    online: true,
    section: MACHINE,
    words: '[PATTERN...]',
    help: 'This machine and its containers',
  },
  { verb: 'list-jobs', args: [0, any], run: listJobs, online: true, section: JOB, words: '[PATTERN...]', help: 'Jobs that wait or run' },
  { verb: 'cancel', args: [0, any], run: cancel, online: true, section: JOB, words: '[JOB...]', help: 'Cancel jobs' },
  {
    verb: 'show-environment',
    args: [0, 0],
    run: showEnvironment,
    online: true,
    section: ENVIRONMENT,
    help: 'What services get from the manager',
  },
  {
    verb: 'set-environment',
    args: [1, any],
    run: setEnvironment,
    online: true,
    section: ENVIRONMENT,
    words: 'VARIABLE=VALUE...',
    help: 'Set variables',
  },
  {
    verb: 'unset-environment',
    args: [1, any],
    run: setEnvironment,
    online: true,
    section: ENVIRONMENT,
    words: 'VARIABLE...',
    help: 'Remove variables',
  },
  {
    verb: 'import-environment',
    args: [0, any],
    run: setEnvironment,
    online: true,
    section: ENVIRONMENT,
    words: 'VARIABLE...',
    help: 'Take variables over from here',
  },
  {
    verb: 'daemon-reload',
    args: [0, 0],
    run: daemonReload,
    online: true,
    section: MANAGER,
    help: 'Have the manager read all unit files again',
  },
  { verb: 'daemon-reexec', args: [0, 0], run: daemonReload, online: true, section: MANAGER, help: 'Have the manager execute itself anew' },
  { verb: 'log-level', args: [0, 1], run: logSetting, online: true, section: MANAGER, words: '[LEVEL]', help: 'How much the manager logs' },
  {
    verb: 'log-target',
    args: [0, 1],
    run: logSetting,
    online: true,
    section: MANAGER,
    words: '[TARGET]',
    help: 'Where the manager logs to',
  },
  {
    verb: 'service-watchdogs',
    args: [0, 1],
    run: serviceWatchdogs,
    online: true,
    section: MANAGER,
    words: '[BOOL]',
    help: 'Whether services are watched',
  },
  { verb: 'is-system-running', args: [0, 0], run: isSystemRunning, online: true, section: SYSTEM, help: 'Whether everything is up' },
  { verb: 'default', args: [0, 0], run: systemVerb, online: true, section: SYSTEM, help: 'To the default target' },
  { verb: 'rescue', args: [0, 0], run: systemVerb, online: true, section: SYSTEM, help: 'To a shell of the administrator' },
  { verb: 'emergency', args: [0, 0], run: systemVerb, online: true, section: SYSTEM, help: 'To a shell with nothing around it' },
  { verb: 'halt', args: [0, 0], run: systemVerb, online: true, section: SYSTEM, help: 'Stop everything and halt' },
  { verb: 'poweroff', args: [0, 0], run: systemVerb, online: true, section: SYSTEM, help: 'Stop everything and power off' },
  { verb: 'reboot', args: [0, 1], run: systemVerb, online: true, section: SYSTEM, help: 'Stop everything and reboot' },
  { verb: 'kexec', args: [0, 0], run: systemVerb, online: true, section: SYSTEM, help: 'The same, with kexec' },
  { verb: 'soft-reboot', args: [0, 0], run: systemVerb, online: true, section: SYSTEM, help: 'The same, but for the kernel' },
  { verb: 'exit', args: [0, 1], run: systemVerb, online: true, section: SYSTEM, words: '[EXIT_CODE]', help: 'End the user manager' },
  {
    verb: 'switch-root',
    args: [0, 2],
    run: notSimulated,
    online: true,
    section: SYSTEM,
    words: '[ROOT [INIT]]',
    help: 'Another root file system (not simulated)',
  },
  { verb: 'sleep', args: [0, 0], run: notSimulated, online: true, section: SYSTEM, help: 'Sleep in some way (not simulated)' },
  { verb: 'suspend', args: [0, 0], run: systemVerb, online: true, section: SYSTEM, help: 'Suspend to memory' },
  { verb: 'hibernate', args: [0, 0], run: systemVerb, online: true, section: SYSTEM, help: 'Suspend to disk' },
  { verb: 'hybrid-sleep', args: [0, 0], run: systemVerb, online: true, section: SYSTEM, help: 'To memory and to disk' },
  { verb: 'suspend-then-hibernate', args: [0, 0], run: systemVerb, online: true, section: SYSTEM, help: 'To memory, later to disk' },
]

/** A guess at what was meant: the closest verb, if it is close enough. */
export function suggestVerb(word: string): string | undefined {
  let best: string | undefined
  let distance = 6
  for (const { verb } of systemctlVerbs) {
    const own = editDistance(word, verb)
    if (own < distance) {
      distance = own
      best = verb
    }
  }
  return best
}

/** After Levenshtein. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_one, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length]!
}
