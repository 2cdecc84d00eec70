// After journald-context: what is known of the process behind a message, from its credentials, /proc and its cgroup.
import { decodeUtf8, type FileReader, type Usec } from '@/lib/base'
import type { PeerCredentials } from '@/lib/kernel'
import { parseLogLevel, type Field } from '@/lib/journal'

export type ClientContext = {
  readonly pid: number
  readAtUsec: Usec
  /** The `_…` fields, ready to be written. */
  fields: readonly Field[]
  uid: number
  unit: string | undefined
  logLevelMax: number | undefined
  rateLimitIntervalUsec: Usec | undefined
  rateLimitBurst: number | undefined
  extraFields: readonly Field[]
}

/** Known contexts are trusted for this long. */
const MAX_AGE_USEC = 1_000_000
const KEPT = 512

export class ClientContexts {
  private readonly contexts = new Map<number, ClientContext>()
  private readonly reader: FileReader

  constructor(reader: FileReader) {
    this.reader = reader
  }

  /** @param unitId what a stdout stream says of itself; heeded where the cgroup tells nothing */
  get(credentials: PeerCredentials, nowUsec: Usec, unitId?: string): ClientContext {
    const known = this.contexts.get(credentials.pid)
    if (known !== undefined && known.uid === credentials.uid && nowUsec - known.readAtUsec < MAX_AGE_USEC) return known
    const fresh = readContext(this.reader, credentials, nowUsec, unitId, known)
    this.contexts.delete(credentials.pid)
    if (this.contexts.size >= KEPT) {
      const oldest = this.contexts.keys().next()
      if (!oldest.done) this.contexts.delete(oldest.value)
    }
    this.contexts.set(credentials.pid, fresh)
    return fresh
  }

  forget(): void {
    this.contexts.clear()
  }
}

function readContext(
  reader: FileReader,
  credentials: PeerCredentials,
  nowUsec: Usec,
  unitId: string | undefined,
  known: ClientContext | undefined,
): ClientContext {
  const { pid, uid, gid } = credentials
  const proc = `/proc/${pid}`
  const text = (path: string) => {
    const bytes = reader.readFile(path)
    return bytes === undefined ? undefined : decodeUtf8(bytes)
  }
  const comm = text(`${proc}/comm`)?.replace(/\n$/, '')
  // The process is gone: what was learned from it earlier still holds.
  if (comm === undefined && known !== undefined) return { ...known, readAtUsec: nowUsec }
  const fields: Field[] = [
    ['_PID', String(pid)],
    ['_UID', String(uid)],
    ['_GID', String(gid)],
  ]
  const add = (name: string, value: string | undefined) => {
    if (value !== undefined && value !== '') fields.push([name, value])
  }
  let unit: string | undefined
  if (comm !== undefined) {
    add('_COMM', comm)
    add('_EXE', reader.readLink(`${proc}/exe`))
    add('_CMDLINE', commandLine(text(`${proc}/cmdline`), comm))
    add('_CAP_EFFECTIVE', /^CapEff:\s*0*([0-9a-f]+)/m.exec(text(`${proc}/status`) ?? '')?.[1])
    add('_SELINUX_CONTEXT', 'unconfined\n')
    add('_AUDIT_SESSION', auditId(text(`${proc}/sessionid`)))
    add('_AUDIT_LOGINUID', auditId(text(`${proc}/loginuid`)))
    const cgroup = /^0::(\/.*)$/m.exec(text(`${proc}/cgroup`) ?? '')?.[1]
    if (cgroup !== undefined) {
      const found = cgroupFacts(cgroup)
      unit = found.unit
      add('_SYSTEMD_CGROUP', cgroup)
      add('_SYSTEMD_SESSION', found.session)
      add('_SYSTEMD_OWNER_UID', found.ownerUid)
      add('_SYSTEMD_UNIT', found.unit ?? unitId)
      add('_SYSTEMD_USER_UNIT', found.userUnit)
      add('_SYSTEMD_SLICE', found.slice)
      add('_SYSTEMD_USER_SLICE', found.userSlice)
    }
  }
  if (unit === undefined && unitId !== undefined && unitId !== '') {
    unit = unitId
    if (!fields.some(([name]) => name === '_SYSTEMD_UNIT')) add('_SYSTEMD_UNIT', unitId)
  }
  const link = (what: string) => (unit === undefined ? undefined : reader.readLink(`/run/systemd/units/${what}:${unit}`))
  add('_SYSTEMD_INVOCATION_ID', link('invocation'))
  const level = link('log-level-max')
  const number = (value: string | undefined) => (value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined)
  return {
    pid,
    readAtUsec: nowUsec,
    fields,
    uid,
    unit,
    logLevelMax: level === undefined ? undefined : parseLogLevel(level),
    rateLimitIntervalUsec: number(link('log-rate-limit-interval')),
    rateLimitBurst: number(link('log-rate-limit-burst')),
    extraFields: unit === undefined ? [] : extraFields(text(`/run/systemd/units/log-extra-fields:${unit}`)),
  }
}

/** As process_cmdline: words joined by blanks, quoted where they need it; kernel threads and lost ones by their name. */
function commandLine(raw: string | undefined, comm: string): string | undefined {
  if (raw === undefined) return undefined
  if (raw === '') return `[${comm}]`
  return raw
    .replace(/\0+$/, '')
    .split('\0')
    .map((word) => (/[\s"'()|&;<>$`\\*?#~[\]{}!^]/.test(word) || word === '' ? `"${word.replace(/(["$`\\])/g, '\\$1')}"` : word))
    .join(' ')
}

function auditId(text: string | undefined): string | undefined {
  const value = text?.trim()
  return value === undefined || value === '' || value === '4294967295' ? undefined : value
}

function extraFields(text: string | undefined): Field[] {
  if (text === undefined) return []
  return text.split('\n').flatMap((line): Field[] => {
    const equals = line.indexOf('=')
    return equals > 0 ? [[line.slice(0, equals), line.slice(equals + 1)]] : []
  })
}

const UNIT_SUFFIX = /\.(service|scope|socket|mount|swap|slice)$/

/** After cg_path_get_unit() and its kin: slices come first, then the unit; below user@.service the user's own. */
export function cgroupFacts(path: string): {
  readonly unit?: string
  readonly slice?: string
  readonly userUnit?: string
  readonly userSlice?: string
  readonly session?: string
  readonly ownerUid?: string
} {
  const parts = path.split('/').filter((part) => part !== '')
  const unescaped = (part: string | undefined) => part?.replace(/^_/, '')
  const skipSlices = (from: number): { slice: string; next: number } => {
    let next = from
    let slice = '-.slice'
    while (parts[next]?.endsWith('.slice')) slice = parts[next++]!
    return { slice, next }
  }
  const { slice, next } = skipSlices(0)
  const unit = unescaped(parts[next])
  if (unit === undefined || !UNIT_SUFFIX.test(unit)) return { slice, ...(slice === '-.slice' ? {} : { unit: slice }) }
  const ownerUid = /^user-(\d+)\.slice$/.exec(slice)?.[1]
  const session = /^session-(.+)\.scope$/.exec(unit)?.[1]
  const owner = ownerUid === undefined ? {} : { ownerUid }
  if (!/^user@\d+\.service$/.test(unit)) return { unit, slice, ...owner, ...(session === undefined ? {} : { session }) }
  const user = skipSlices(next + 1)
  const userUnit = unescaped(parts[user.next])
  return { unit, slice, ...owner, userSlice: user.slice, ...(userUnit === undefined ? {} : { userUnit }) }
}
