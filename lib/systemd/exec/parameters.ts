// After execute.h: what is needed to run one command of a unit.
import type { Usec } from '@/lib/base'
import type { Cause } from '@/lib/kernel'
import type { ExecCommand, ExecSection } from '../directives'

/** An open descriptor of the manager that the command inherits as 3, 4, …; names as in $LISTEN_FDNAMES. */
export type PassedFd = { readonly fd: number; readonly name: string }

export type ExecFlags = {
  /** User, namespaces, capabilities, filters (`+` and, for control commands, PermissionsStartOnly= switch it off). */
  readonly sandboxing: boolean
  /** This command may own the terminal of StandardInput=tty. */
  readonly applyTty: boolean
  /** ExecStop= and its like run in `.control` where Delegate= is on. */
  readonly controlCgroup: boolean
}

export type ExecParameters = {
  readonly unit: string
  readonly scope: 'system' | 'user'
  readonly command: ExecCommand
  readonly config: ExecSection
  /** Where a directive was set; undefined where it is a default. */
  readonly cause: (directive: keyof ExecSection | 'DeviceAllow' | 'DevicePolicy') => Cause
  /** Below the cgroup root: `/system.slice/web.service`. */
  readonly cgroup: string
  readonly invocationId: string
  readonly bootId: string
  /** The manager's environment block and what the unit adds ($MAINPID, $NOTIFY_SOCKET, $WATCHDOG_USEC, $MONITOR_…). */
  readonly environment: ReadonlyMap<string, string>
  readonly fds: readonly PassedFd[]
  /** Accept=yes and StandardInput=socket: the connection. */
  readonly socketFd: number | undefined
  /** Directories of PrivateTmp= that the unit (or those it shares with) has: parents of `tmp`. */
  readonly privateTmp: { readonly tmp: string; readonly varTmp: string } | undefined
  /** A process whose namespaces are joined (JoinsNamespaceOf=). */
  readonly joinPid: number | undefined
  /** The uid that DynamicUser= was given; undefined without. */
  readonly dynamicUid: number | undefined
  /** Resource control: `DevicePolicy=closed`, … is the manager's; this says that /dev has only the pseudo devices. */
  readonly flags: ExecFlags
  /** Fields for the lines that the child itself logs. */
  readonly logFields: readonly (readonly [string, string])[]
  /** KillMode= and its like do not matter here; IgnoreSIGPIPE= does. */
  readonly runtimeMaxUsec?: Usec
  /** Default of StandardOutput= and StandardError= of the manager. */
  readonly defaultOutput?: string
  /** Closed by execve(): so the manager sees that it worked (Type=exec). */
  readonly execFd?: number | undefined
  /** Type=idle: the program waits until this is readable or closed, at most five seconds. */
  readonly idleFd?: number | undefined
}
