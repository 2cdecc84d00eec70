// After syslog(3): priorities and facilities, as journald, journalctl and logger name them.

export const logLevels = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const
export type LogLevel = (typeof logLevels)[number]

export const LOG_EMERG = 0
export const LOG_ALERT = 1
export const LOG_CRIT = 2
export const LOG_ERR = 3
export const LOG_WARNING = 4
export const LOG_NOTICE = 5
export const LOG_INFO = 6
export const LOG_DEBUG = 7

/** `err` or `3`. */
export function parseLogLevel(text: string): number | undefined {
  const named = logLevels.indexOf(text as LogLevel)
  if (named >= 0) return named
  return /^[0-7]$/.test(text) ? Number(text) : undefined
}

/** By number; the unnamed ones are shown as numbers. */
export const logFacilities = [
  'kern',
  'user',
  'mail',
  'daemon',
  'auth',
  'syslog',
  'lpr',
  'news',
  'uucp',
  'cron',
  'authpriv',
  'ftp',
  '12',
  '13',
  '14',
  '15',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
] as const

export function parseLogFacility(text: string): number | undefined {
  const named = (logFacilities as readonly string[]).indexOf(text)
  if (named >= 0) return named
  return /^\d{1,3}$/.test(text) && Number(text) <= 127 ? Number(text) : undefined
}
