// After "Journal Message Catalogs": explanations of messages by their id. Headings are what journalctl prints; the
// explanations are ours.
import { messageId } from './message-id'

export type CatalogEntry = { readonly subject: string; readonly documentation?: string; readonly body: string }

const support = 'https://www.debian.org/support'

export const catalog: Readonly<Record<string, CatalogEntry>> = {
  [messageId.journalStart]: {
    subject: 'The journal has been started',
    body: 'systemd-journald is up, has its files open and takes messages now.',
  },
  [messageId.journalStop]: {
    subject: 'The journal has been stopped',
    body: 'systemd-journald has ended and closed its files.',
  },
  [messageId.journalUsage]: {
    subject: 'Disk space used by the journal',
    documentation: 'man:journald.conf(5)',
    body: `@JOURNAL_NAME@ (@JOURNAL_PATH@) takes up @CURRENT_USE_PRETTY@ at the moment.
It may grow to @MAX_USE_PRETTY@ and leaves @DISK_KEEP_FREE_PRETTY@ of the disk (@DISK_AVAILABLE_PRETTY@ are free) alone,
so its limit is @LIMIT_PRETTY@, of which @AVAILABLE_PRETTY@ are left.

SystemMaxUse=, SystemKeepFree=, SystemMaxFileSize=, RuntimeMaxUse=, RuntimeKeepFree= and RuntimeMaxFileSize= in
/etc/systemd/journald.conf set these limits.`,
  },
  [messageId.journalDropped]: {
    subject: 'Messages from a service have been suppressed',
    documentation: 'man:journald.conf(5)',
    body: `A service wrote more messages than its rate limit lets through, so some were thrown away.
Messages of other services are not affected.

RateLimitIntervalSec= and RateLimitBurst= in /etc/systemd/journald.conf set the limit for all,
LogRateLimitIntervalSec= and LogRateLimitBurst= in a unit file for one service.`,
  },
  [messageId.journalMissed]: {
    subject: 'Journal messages have been missed',
    body: 'The kernel wrote messages faster than systemd-journald could read them. Those in between are lost.',
  },
  [messageId.coredump]: {
    subject: 'Process @COREDUMP_PID@ (@COREDUMP_COMM@) dumped core',
    documentation: 'man:core(5)',
    body: 'The process @COREDUMP_PID@ (@COREDUMP_COMM@) crashed and its memory was written to disk.',
  },
  [messageId.sessionStart]: {
    subject: 'A new session @SESSION_ID@ has been created for user @USER_ID@',
    documentation: 'sd-login(3)',
    body: 'The user @USER_ID@ logged in: session @SESSION_ID@, led by process @LEADER@.',
  },
  [messageId.sessionStop]: {
    subject: 'Session @SESSION_ID@ has been terminated',
    documentation: 'sd-login(3)',
    body: 'The session @SESSION_ID@ is over.',
  },
  [messageId.seatStart]: {
    subject: 'A new seat @SEAT_ID@ is now available',
    documentation: 'sd-login(3)',
    body: 'The seat @SEAT_ID@ is set up and can be used.',
  },
  [messageId.seatStop]: {
    subject: 'Seat @SEAT_ID@ has now been removed',
    documentation: 'sd-login(3)',
    body: 'The seat @SEAT_ID@ is gone.',
  },
  [messageId.machineStart]: {
    subject: 'A virtual machine or container has been started',
    body: 'The machine @NAME@, led by process @LEADER@, runs now.',
  },
  [messageId.machineStop]: {
    subject: 'A virtual machine or container has been terminated',
    body: 'The machine @NAME@, led by process @LEADER@, has ended.',
  },
  [messageId.timeChange]: {
    subject: 'Time change',
    body: 'The clock was set to @REALTIME@ microseconds after 1 January 1970.',
  },
  [messageId.timezoneChange]: {
    subject: 'Time zone change to @TIMEZONE@',
    body: 'Local time is that of @TIMEZONE@ from now on.',
  },
  [messageId.startupFinished]: {
    subject: 'System start-up is now complete',
    body: `Everything that was to be started at boot has been started; services may still be busy with their own beginnings.

The kernel took @KERNEL_USEC@ microseconds, the initrd @INITRD_USEC@, userspace @USERSPACE_USEC@.`,
  },
  [messageId.userStartupFinished]: {
    subject: 'User manager start-up is now complete',
    body: 'The manager of user @_UID@ has started what it was to start, in @USERSPACE_USEC@ microseconds.',
  },
  [messageId.sleepStart]: {
    subject: 'System sleep state @SLEEP@ entered',
    body: 'The system goes to sleep (@SLEEP@).',
  },
  [messageId.sleepStop]: {
    subject: 'System sleep state @SLEEP@ left',
    body: 'The system is awake again after @SLEEP@.',
  },
  [messageId.shutdown]: {
    subject: 'System shutdown initiated',
    body: 'The system shuts down: everything that runs is being stopped.',
  },
  [messageId.unitStarting]: {
    subject: 'A start job for unit @UNIT@ has begun execution',
    body: 'The manager has begun to start @UNIT@.\n\nIts job has the number @JOB_ID@.',
  },
  [messageId.unitStarted]: {
    subject: 'A start job for unit @UNIT@ has finished successfully',
    body: '@UNIT@ has been started.\n\nIts job had the number @JOB_ID@.',
  },
  [messageId.unitStopping]: {
    subject: 'A stop job for unit @UNIT@ has begun execution',
    body: 'The manager has begun to stop @UNIT@.\n\nIts job has the number @JOB_ID@.',
  },
  [messageId.unitStopped]: {
    subject: 'A stop job for unit @UNIT@ has finished',
    body: '@UNIT@ has been stopped.\n\nIts job had the number @JOB_ID@ and ended with: @JOB_RESULT@.',
  },
  [messageId.unitFailed]: {
    subject: 'A start job for unit @UNIT@ has failed',
    body: '@UNIT@ could not be started.\n\nIts job had the number @JOB_ID@ and ended with: @JOB_RESULT@.',
  },
  [messageId.unitReloading]: {
    subject: 'A reload job for unit @UNIT@ has begun execution',
    body: '@UNIT@ was asked to read its configuration again.\n\nIts job has the number @JOB_ID@.',
  },
  [messageId.unitReloaded]: {
    subject: 'A reload job for unit @UNIT@ has finished',
    body: '@UNIT@ has read its configuration again.\n\nIts job had the number @JOB_ID@ and ended with: @JOB_RESULT@.',
  },
  [messageId.unitRestartScheduled]: {
    subject: 'Automatic restarting of a unit has been scheduled',
    body: '@UNIT@ has ended and will be started again because of Restart= in its unit file.',
  },
  [messageId.unitResources]: {
    subject: 'Resources consumed by unit runtime',
    body: 'What @UNIT@ and its processes used is summed up in this message.',
  },
  [messageId.unitSuccess]: {
    subject: 'Unit succeeded',
    body: "@UNIT@ ended without an error and is in the state 'dead' now.",
  },
  [messageId.unitFailureResult]: {
    subject: 'Unit failed',
    body: "@UNIT@ ended badly: its state is 'failed', with the result '@UNIT_RESULT@'.",
  },
  [messageId.unitSkipped]: {
    subject: 'Unit skipped',
    body: '@UNIT@ was not started, because a condition of its unit file does not hold (@UNIT_RESULT@). That is no failure.',
  },
  [messageId.unitProcessExit]: {
    subject: 'Unit process exited',
    body: "A process that @UNIT@ started by @COMMAND@= has ended.\n\nHow: '@EXIT_CODE@', with the status @EXIT_STATUS@.",
  },
  [messageId.unitOutOfMemory]: {
    subject: 'A process of @UNIT@ unit has been killed by the OOM killer.',
    body: 'Memory ran out, of the machine or within the limit of @UNIT@, and the kernel chose a process of this unit to kill.',
  },
  [messageId.unitOomdKill]: {
    subject: 'A process of @UNIT@ unit has been killed by systemd-oomd.',
    body: 'systemd-oomd saw that memory was running out and killed processes of @UNIT@.',
  },
  [messageId.spawnFailed]: {
    subject: 'Process @EXECUTABLE@ could not be executed',
    body: 'Something went wrong between fork() and the first instruction of @EXECUTABLE@.\n\nThe error has the number @ERRNO@.',
  },
  [messageId.forwardSyslogMissed]: {
    subject: 'One or more messages could not be forwarded to syslog',
    body: 'A syslog service beside the journal did not read as fast as journald wrote; @N_MISSED@ messages did not reach it.',
  },
  [messageId.overmounting]: {
    subject: 'Mount point is not empty',
    body: 'Something was mounted on @WHERE@, which has files of its own. They cannot be reached until it is unmounted.',
  },
  [messageId.tainted]: {
    subject: 'The system is configured in a way that might cause problems',
    documentation: 'man:org.freedesktop.systemd1(5)',
    body: 'The manager found something unusual about this system: @TAINT@. Nothing is broken by that alone.',
  },
  [messageId.nobodyUserUnsuitable]: {
    subject: 'Special user @OFFENDING_USER@ configured, this is not safe!',
    body: 'The user and group with the number 65534 stand for "nobody" and should not belong to anybody.',
  },
}

/** `Subject: …`, who and where to ask, and the explanation with the entry's own values; undefined when none is known. */
export function catalogText(id: string, field: (name: string) => string | undefined): string | undefined {
  const entry = catalog[id]
  if (entry === undefined) return undefined
  const fill = (text: string) =>
    text.replace(/@([A-Z_0-9]+)@/g, (whole, name: string) => field(name) ?? (name === 'UNIT' ? field('USER_UNIT') : undefined) ?? whole)
  const head = [`Subject: ${fill(entry.subject)}`, 'Defined-By: systemd', `Support: ${support}`]
  if (entry.documentation !== undefined) head.push(`Documentation: ${entry.documentation}`)
  return `${head.join('\n')}\n\n${fill(entry.body)}`
}
