// After signal(7): numbers and default actions of the signals of x86-64.
export type DefaultAction = 'terminate' | 'core' | 'ignore' | 'stop' | 'continue'
export type SignalRow = { readonly number: number; readonly action: DefaultAction; readonly description: string }

export const signals = {
  SIGHUP: { number: 1, action: 'terminate', description: 'Hangup' },
  SIGINT: { number: 2, action: 'terminate', description: 'Interrupt' },
  SIGQUIT: { number: 3, action: 'core', description: 'Quit' },
  SIGILL: { number: 4, action: 'core', description: 'Illegal instruction' },
  SIGTRAP: { number: 5, action: 'core', description: 'Trace/breakpoint trap' },
  SIGABRT: { number: 6, action: 'core', description: 'Aborted' },
  SIGBUS: { number: 7, action: 'core', description: 'Bus error' },
  SIGFPE: { number: 8, action: 'core', description: 'Floating point exception' },
  SIGKILL: { number: 9, action: 'terminate', description: 'Killed' },
  SIGUSR1: { number: 10, action: 'terminate', description: 'User defined signal 1' },
  SIGSEGV: { number: 11, action: 'core', description: 'Segmentation fault' },
  SIGUSR2: { number: 12, action: 'terminate', description: 'User defined signal 2' },
  SIGPIPE: { number: 13, action: 'terminate', description: 'Broken pipe' },
  SIGALRM: { number: 14, action: 'terminate', description: 'Alarm clock' },
  SIGTERM: { number: 15, action: 'terminate', description: 'Terminated' },
  SIGSTKFLT: { number: 16, action: 'terminate', description: 'Stack fault' },
  SIGCHLD: { number: 17, action: 'ignore', description: 'Child exited' },
  SIGCONT: { number: 18, action: 'continue', description: 'Continued' },
  SIGSTOP: { number: 19, action: 'stop', description: 'Stopped (signal)' },
  SIGTSTP: { number: 20, action: 'stop', description: 'Stopped' },
  SIGTTIN: { number: 21, action: 'stop', description: 'Stopped (tty input)' },
  SIGTTOU: { number: 22, action: 'stop', description: 'Stopped (tty output)' },
  SIGURG: { number: 23, action: 'ignore', description: 'Urgent I/O condition' },
  SIGXCPU: { number: 24, action: 'core', description: 'CPU time limit exceeded' },
  SIGXFSZ: { number: 25, action: 'core', description: 'File size limit exceeded' },
  SIGVTALRM: { number: 26, action: 'terminate', description: 'Virtual timer expired' },
  SIGPROF: { number: 27, action: 'terminate', description: 'Profiling timer expired' },
  SIGWINCH: { number: 28, action: 'ignore', description: 'Window changed' },
  SIGIO: { number: 29, action: 'terminate', description: 'I/O possible' },
  SIGPWR: { number: 30, action: 'terminate', description: 'Power failure' },
  SIGSYS: { number: 31, action: 'core', description: 'Bad system call' },
} as const satisfies Record<string, SignalRow>

export type SignalName = keyof typeof signals
/** 34 to 64: SIGRTMIN … SIGRTMAX; they terminate by default. */
export const SIGRTMIN = 34
export const SIGRTMAX = 64

const byNumber = new Map<number, SignalName>(Object.entries(signals).map(([name, row]) => [row.number, name as SignalName]))

/** `SIGTERM` for 15, `SIGRTMIN+3` for 37, undefined for what is no signal. */
export function signalName(number: number): string | undefined {
  const name = byNumber.get(number)
  if (name !== undefined) return name
  if (number < SIGRTMIN || number > SIGRTMAX) return undefined
  return number === SIGRTMIN ? 'SIGRTMIN' : number === SIGRTMAX ? 'SIGRTMAX' : `SIGRTMIN+${number - SIGRTMIN}`
}

/** Reads `TERM`, `SIGTERM`, `15`, `RTMIN+3`, `SIGRTMAX-1`; undefined for what is no signal. */
export function signalFromString(text: string): number | undefined {
  if (/^\d+$/.test(text)) {
    const number = Number(text)
    return number >= 1 && number <= SIGRTMAX && (byNumber.has(number) || number >= SIGRTMIN) ? number : undefined
  }
  const bare = text.startsWith('SIG') ? text.slice(3) : text
  const row: SignalRow | undefined = (signals as Record<string, SignalRow>)[`SIG${bare}`]
  if (row !== undefined) return row.number
  const realtime = /^RT(MIN|MAX)(?:([+-])(\d+))?$/.exec(bare)
  if (realtime === null) return undefined
  const offset = realtime[3] === undefined ? 0 : Number(realtime[3]) * (realtime[2] === '-' ? -1 : 1)
  const number = (realtime[1] === 'MIN' ? SIGRTMIN : SIGRTMAX) + offset
  return number >= SIGRTMIN && number <= SIGRTMAX ? number : undefined
}
