// After journald-server: takes messages of every transport, adds what it trusts, and puts them into the right file.
import { decodeUtf8, encodeUtf8, formatTimespan, type Usec } from '@/lib/base'
import { Journal, JournalFile, LOG_INFO, LOG_WARNING, messageId, RateLimit, type Field } from '@/lib/journal'
import { isErrno, O_CREAT, O_TRUNC, O_WRONLY, type PeerCredentials, type Process, type Syscall } from '@/lib/kernel'
import { ClientContexts, type ClientContext } from './client-context'
import { readJournaldConf, type JournaldConf } from './journald-conf'
import { Forwarder } from './forward'
import { type ActiveFile, archivedPath, maxFileSize, openJournalFile, readSpace, spaceFields, vacuumStorage } from './storage'
import { shownSize } from '../journalctl/journal-directory'

const RUN = '/run/systemd/journal'

export type Message = {
  readonly fields: readonly Field[]
  /** Level and facility, for limits and forwarding. */
  readonly priority: number
  readonly context: ClientContext | undefined
  /** The process that the message is about, where it is another. */
  readonly object?: ClientContext | undefined
  readonly sourceUsec?: Usec
}

export class Server {
  readonly process: Process
  conf: JournaldConf
  readonly contexts: ClientContexts
  readonly forwarder: Forwarder
  readonly bootId: string
  private readonly complaints: readonly string[]
  private readonly machineId: string
  private readonly hostFields: readonly Field[]
  private readonly rateLimit = new RateLimit()
  private runtimeFile: ActiveFile | undefined
  private systemFile: ActiveFile | undefined
  private readonly userFiles = new Map<number, ActiveFile>()
  private seqnum = 0
  private seqnumId: string | undefined
  private lastRealtimeUsec: Usec = 0
  private freeBytes = 0
  private fileLimit = Number.POSITIVE_INFINITY
  private full = false

  constructor(process: Process) {
    const reader = process.fileReader()
    const { conf, complaints } = readJournaldConf(reader)
    this.process = process
    this.conf = conf
    this.complaints = complaints
    this.contexts = new ClientContexts(reader)
    this.forwarder = new Forwarder(process)
    const read = (path: string) => decodeUtf8(reader.readFile(path) ?? new Uint8Array(0)).trim()
    this.machineId = read('/etc/machine-id') || '0'.repeat(32)
    this.bootId = read('/proc/sys/kernel/random/boot_id').replaceAll('-', '') || '0'.repeat(32)
    this.hostFields = [
      ['_BOOT_ID', this.bootId],
      ['_MACHINE_ID', this.machineId],
      ['_HOSTNAME', process.uname().nodename],
      ['_RUNTIME_SCOPE', 'system'],
    ]
  }

  get runtimePath(): string {
    return `/run/log/journal/${this.machineId}`
  }

  get systemPath(): string {
    return `/var/log/journal/${this.machineId}`
  }

  *open(): Syscall<void> {
    yield* this.restoreSeqnum()
    const flushed = !isErrno(yield* this.process.access(`${RUN}/flushed`, 0))
    if (flushed) yield* this.openSystem()
    if (this.systemFile === undefined) yield* this.openRuntime()
  }

  /** Once the kernel's earlier messages are in. */
  *announce(): Syscall<void> {
    for (const line of this.complaints) yield* this.log(LOG_WARNING, line)
    yield* this.driverMessage('Journal started', messageId.journalStart)
    yield* this.spaceMessage()
  }

  /** journald's own log goes through the kernel's, so that it is not lost while journald is at fault itself. */
  *log(level: number, text: string): Syscall<void> {
    const facility = 5
    const fd = yield* this.process.open('/dev/kmsg', O_WRONLY)
    if (isErrno(fd)) return
    yield* this.process.write(fd, `<${facility * 8 + level}>systemd-journald[${this.process.pid}]: ${text}`)
    yield* this.process.close(fd)
  }

  *driverMessage(text: string, id?: string, fields: readonly Field[] = [], object?: ClientContext): Syscall<void> {
    yield* this.dispatch({
      priority: LOG_INFO,
      context: this.own(),
      object,
      fields: [
        ['SYSLOG_FACILITY', '3'],
        ['SYSLOG_IDENTIFIER', 'systemd-journald'],
        ['_TRANSPORT', 'driver'],
        ['PRIORITY', String(LOG_INFO)],
        ...(id === undefined ? [] : [['MESSAGE_ID', id] as Field]),
        ['MESSAGE', text],
        ...fields,
      ],
    })
  }

  own(): ClientContext {
    return this.contexts.get(
      { pid: this.process.pid, uid: this.process.euid, gid: this.process.egid },
      this.process.monotonicUsec,
      'systemd-journald.service',
    )
  }

  contextOf(credentials: PeerCredentials | undefined, unitId?: string): ClientContext | undefined {
    return credentials === undefined || credentials.pid === 0
      ? undefined
      : this.contexts.get(credentials, this.process.monotonicUsec, unitId)
  }

  /** Level limits, rate limit, then into the file. */
  *dispatch(message: Message): Syscall<void> {
    const { context } = message
    const level = message.priority & 7
    if (level > this.conf.MaxLevelStore) return
    if (context !== undefined && context.pid !== this.process.pid) {
      if (context.logLevelMax !== undefined && level > context.logLevelMax) return
      if (context.unit !== undefined) {
        const interval = context.rateLimitIntervalUsec ?? this.conf.RateLimitIntervalSec
        const burst = context.rateLimitBurst ?? this.conf.RateLimitBurst
        const taken = this.rateLimit.test(context.unit, level, this.process.monotonicUsec, interval, burst, this.freeBytes)
        if (taken === 0) return
        if (taken > 1) {
          const text = `Suppressed ${taken - 1} messages from ${context.unit}`
          yield* this.driverMessage(text, messageId.journalDropped, [['N_DROPPED', String(taken - 1)]], context)
        }
      }
    }
    yield* this.store(message)
  }

  private *store(message: Message): Syscall<void> {
    const { context, object } = message
    const fields: Field[] = [...message.fields]
    if (context !== undefined) fields.push(...context.fields, ...context.extraFields)
    if (object !== undefined) {
      for (const [name, value] of object.fields) if (name !== '_SELINUX_CONTEXT') fields.push([`OBJECT${name}`, value])
    }
    if (message.sourceUsec !== undefined) fields.push(['_SOURCE_REALTIME_TIMESTAMP', String(message.sourceUsec)])
    fields.push(...this.hostFields)
    const file = yield* this.fileFor(context?.uid ?? 0)
    if (file === undefined) return
    this.seqnum += 1
    this.lastRealtimeUsec = Math.max(Math.floor(this.process.realtimeUsec), this.lastRealtimeUsec)
    file.append(
      {
        seqnum: this.seqnum,
        realtimeUsec: this.lastRealtimeUsec,
        monotonicUsec: Math.floor(this.process.monotonicUsec),
        bootId: this.bootId,
      },
      fields,
    )
    if (shownSize('', file.size, this.fileLimit) > this.fileLimit) this.full = true
  }

  /** Strictly by user: each one above the system's has a file of their own, on disk. */
  private *fileFor(uid: number): Syscall<ActiveFile | undefined> {
    if (this.systemFile === undefined) return this.runtimeFile
    if (this.conf.SplitMode === 'none' || uid < 1000 || uid === 65534 || (uid >= 61184 && uid <= 65519)) return this.systemFile
    const held = this.userFiles.get(uid)
    if (held !== undefined) return held
    const opened = yield* openJournalFile(this.process, `${this.systemPath}/user-${uid}.journal`, this.machineId, this.seqnumId, uid)
    if (opened === undefined) return this.systemFile
    this.userFiles.set(uid, opened.file)
    return opened.file
  }

  private files(): ActiveFile[] {
    return [this.runtimeFile, this.systemFile, ...this.userFiles.values()].filter((file) => file !== undefined)
  }

  /** Once a turn: what was taken goes to the files; a full file is put away. */
  *finishTurn(): Syscall<void> {
    for (const file of this.files()) yield* file.write(this.process)
    if (!this.full) return
    this.full = false
    yield* this.rotateFiles()
    yield* this.vacuum(false)
  }

  private *openRuntime(): Syscall<void> {
    if (this.conf.Storage === 'none') return
    yield* this.makeDirectory('/run/log')
    yield* this.makeDirectory('/run/log/journal', 999)
    yield* this.makeDirectory(this.runtimePath, 999)
    const opened = yield* openJournalFile(this.process, `${this.runtimePath}/system.journal`, this.machineId, this.seqnumId, undefined)
    if (opened === undefined) return
    this.runtimeFile = opened.file
    this.takeSeqnum(opened.file, opened.tailSeqnum)
    yield* this.measure()
  }

  private *openSystem(): Syscall<void> {
    const { Storage } = this.conf
    if (Storage !== 'auto' && Storage !== 'persistent') return
    if (Storage === 'persistent') yield* this.makeDirectory('/var/log/journal', 999)
    if (isErrno(yield* this.process.stat('/var/log/journal'))) return
    yield* this.makeDirectory(this.systemPath, 999)
    const opened = yield* openJournalFile(this.process, `${this.systemPath}/system.journal`, this.machineId, this.seqnumId, undefined)
    if (opened === undefined) return
    this.systemFile = opened.file
    this.seqnumId = undefined
    this.takeSeqnum(opened.file, opened.tailSeqnum)
    yield* this.measure()
  }

  private takeSeqnum(file: ActiveFile, tail: number): void {
    if (this.seqnumId !== file.seqnumId) this.seqnum = tail
    else this.seqnum = Math.max(this.seqnum, tail)
    this.seqnumId = file.seqnumId
  }

  /** The directory's group may read what comes into it. */
  private *makeDirectory(path: string, gid?: number): Syscall<void> {
    const made = yield* this.process.mkdir(path, 0o755)
    if (isErrno(made) || gid === undefined) return
    yield* this.process.chown(path, 0, gid)
    yield* this.process.chmod(path, 0o2755)
  }

  private *space() {
    const runtime = this.systemFile === undefined
    return yield* readSpace(this.process, this.conf, runtime, runtime ? this.runtimePath : this.systemPath)
  }

  private *measure(): Syscall<void> {
    const space = yield* this.space()
    this.freeBytes = space.free
    this.fileLimit = maxFileSize(this.conf, space, this.systemFile === undefined)
  }

  private *spaceMessage(): Syscall<void> {
    if (this.files().length === 0) return
    const { message, fields } = spaceFields(yield* this.space())
    yield* this.driverMessage(message, messageId.journalUsage, fields)
  }

  /** /run into /var; what systemd-journal-flush.service asks for once the disk is there. */
  *flush(): Syscall<void> {
    yield* this.log(LOG_INFO, 'Received client request to flush runtime journal.')
    if (this.runtimeFile !== undefined) {
      const startUsec = this.process.monotonicUsec
      yield* this.openSystem()
      if (this.systemFile !== undefined) {
        const count = yield* this.moveRuntimeEntries()
        const spent = formatTimespan(Math.floor(this.process.monotonicUsec - startUsec), 0)
        yield* this.driverMessage(`Time spent on flushing to ${this.systemPath} is ${spent} for ${count} entries.`)
        yield* this.spaceMessage()
      }
    }
    const fd = yield* this.process.open(`${RUN}/flushed`, O_WRONLY | O_CREAT, 0o644)
    if (!isErrno(fd)) yield* this.process.close(fd)
  }

  private *moveRuntimeEntries(): Syscall<number> {
    const from = this.runtimeFile!
    yield* from.write(this.process)
    const reader = this.process.fileReader()
    const held = (reader.readDirectory(this.runtimePath) ?? []).filter((name) => name.endsWith('.journal'))
    const files = held.flatMap((name) => JournalFile.parse(name, reader.readFile(`${this.runtimePath}/${name}`) ?? new Uint8Array(0)) ?? [])
    let count = 0
    for (const entry of new Journal(files).forward()) {
      const uid = Number(entry.get('_UID') ?? 0)
      const to = yield* this.fileFor(uid)
      this.seqnum += 1
      to?.append(
        { seqnum: this.seqnum, realtimeUsec: entry.realtimeUsec, monotonicUsec: entry.monotonicUsec, bootId: entry.bootId },
        entry.fields(),
      )
      count += 1
    }
    this.runtimeFile = undefined
    yield* this.process.close(from.fd)
    for (const name of held) yield* this.process.unlink(`${this.runtimePath}/${name}`)
    yield* this.process.rmdir(this.runtimePath)
    return count
  }

  /** Back to /run: for the end of the machine, when /var goes away. */
  *relinquish(): Syscall<void> {
    if (this.conf.Storage === 'none' || this.systemFile === undefined) return
    yield* this.log(LOG_INFO, 'Received client request to relinquish /var/log/journal access.')
    for (const file of [this.systemFile, ...this.userFiles.values()]) {
      yield* file.write(this.process)
      yield* this.process.close(file.fd)
    }
    this.systemFile = undefined
    this.userFiles.clear()
    yield* this.process.unlink(`${RUN}/flushed`)
    yield* this.openRuntime()
  }

  *rotate(): Syscall<void> {
    yield* this.log(LOG_INFO, 'Received client request to rotate journal, rotating.')
    yield* this.rotateFiles()
    yield* this.vacuum(true)
  }

  private *rotateFiles(): Syscall<void> {
    if (this.runtimeFile !== undefined) this.runtimeFile = yield* this.rotateFile(this.runtimeFile)
    if (this.systemFile !== undefined) this.systemFile = yield* this.rotateFile(this.systemFile)
    for (const [uid, file] of this.userFiles) {
      const next = yield* this.rotateFile(file, uid)
      if (next === undefined) this.userFiles.delete(uid)
      else this.userFiles.set(uid, next)
    }
  }

  private *rotateFile(file: ActiveFile, reader?: number): Syscall<ActiveFile | undefined> {
    yield* file.write(this.process)
    yield* this.process.close(file.fd)
    if (file.headSeqnum === 0) yield* this.process.unlink(file.path)
    else yield* this.process.rename(file.path, archivedPath(file))
    return (yield* openJournalFile(this.process, file.path, this.machineId, this.seqnumId, reader))?.file
  }

  private *vacuum(verbose: boolean): Syscall<void> {
    if (verbose) yield* this.spaceMessage()
    const runtime = this.systemFile === undefined
    const lines = yield* vacuumStorage(this.process, this.conf, runtime, runtime ? this.runtimePath : this.systemPath)
    for (const line of verbose ? lines : lines.filter((one) => one.startsWith('Deleted'))) yield* this.log(LOG_INFO, line)
    yield* this.measure()
  }

  *sync(): Syscall<void> {
    for (const file of this.files()) {
      yield* file.write(this.process)
      yield* this.process.fsync(file.fd)
    }
  }

  *stop(): Syscall<void> {
    yield* this.driverMessage('Journal stopped', messageId.journalStop)
    yield* this.finishTurn()
    yield* this.saveSeqnum()
  }

  /** Numbers go on over a restart of journald, but not of the machine. */
  private *restoreSeqnum(): Syscall<void> {
    const held = this.process.fileReader().readFile(`${RUN}/seqnum`)
    const [id, number] = decodeUtf8(held ?? new Uint8Array(0)).split(' ')
    if (id === undefined || !/^[0-9a-f]{32}$/.test(id)) return
    this.seqnumId = id
    this.seqnum = Number(number)
  }

  private *saveSeqnum(): Syscall<void> {
    const fd = yield* this.process.open(`${RUN}/seqnum`, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    if (isErrno(fd)) return
    yield* this.process.write(fd, encodeUtf8(`${this.seqnumId} ${this.seqnum}`))
    yield* this.process.close(fd)
  }
}
