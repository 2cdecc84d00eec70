// After journald-native, journald-syslog and journald-kmsg: datagrams and kernel records become messages.
import { decodeUtf8, type Bytes } from '@/lib/base'
import { decodeNative, LOG_INFO, parseSyslog, valueText, type Field } from '@/lib/journal'
import type { ReceivedMessage, Syscall } from '@/lib/kernel'
import type { Server } from './server'

const MAX_DATAGRAM = 768 * 1024

export function* takeNative(server: Server, message: ReceivedMessage): Syscall<void> {
  if (message.data.length > MAX_DATAGRAM) return
  for (const sent of decodeNative(message.data)) {
    let level = LOG_INFO
    let facility = 1
    let identifier: string | undefined
    let text: string | undefined
    let objectPid: number | undefined
    for (const [name, value] of sent) {
      const plain = name === 'MESSAGE' ? valueText(value) : typeof value === 'string' ? value : undefined
      if (plain === undefined) continue
      if (name === 'PRIORITY' && /^[0-7]$/.test(plain)) level = Number(plain)
      else if (name === 'SYSLOG_FACILITY' && /^\d{1,3}$/.test(plain)) facility = Number(plain)
      else if (name === 'SYSLOG_IDENTIFIER') identifier = plain
      else if (name === 'MESSAGE') text = plain
      else if (name === 'OBJECT_PID' && /^\d+$/.test(plain)) objectPid = Number(plain)
    }
    const context = server.contextOf(message.credentials)
    const object = objectPid === undefined ? undefined : server.contextOf({ pid: objectPid, uid: 0, gid: 0 })
    const priority = facility * 8 + level
    if (text !== undefined) {
      yield* server.forwarder.forward({ priority, identifier, text, credentials: message.credentials }, server.conf)
    }
    yield* server.dispatch({
      priority,
      context,
      object,
      fields: [...sent, ['_TRANSPORT', 'journal']],
      sourceUsec: Math.floor(message.sentUsec ?? server.process.realtimeUsec),
    })
  }
}

export function* takeSyslog(server: Server, message: ReceivedMessage): Syscall<void> {
  const raw = decodeUtf8(message.data)
  const parsed = parseSyslog(raw)
  const { priority, identifier, pid, timestamp, message: text } = parsed
  yield* server.forwarder.forward({ priority, identifier, text, credentials: message.credentials }, server.conf)
  const fields: Field[] = [
    ['_TRANSPORT', 'syslog'],
    ['PRIORITY', String(priority & 7)],
  ]
  if (priority >> 3 !== 0) fields.push(['SYSLOG_FACILITY', String(priority >> 3)])
  if (identifier !== undefined) fields.push(['SYSLOG_IDENTIFIER', identifier])
  if (pid !== undefined) fields.push(['SYSLOG_PID', pid])
  if (timestamp !== undefined) fields.push(['SYSLOG_TIMESTAMP', timestamp])
  fields.push(['MESSAGE', text])
  if (parsed.keepRaw) fields.push(['SYSLOG_RAW', raw])
  yield* server.dispatch({
    priority,
    fields,
    context: server.contextOf(message.credentials),
    sourceUsec: Math.floor(message.sentUsec ?? server.process.realtimeUsec),
  })
}

const kernelMeta: Readonly<Record<string, string>> = { DEVICE: '_KERNEL_DEVICE', SUBSYSTEM: '_KERNEL_SUBSYSTEM' }

/** One record of /dev/kmsg, `PRIORITY,SEQUENCE,USEC,FLAGS;TEXT` and ` KEY=value` lines. Returns its sequence number. */
export function* takeKmsg(server: Server, record: Bytes): Syscall<number | undefined> {
  const [head, ...meta] = decodeUtf8(record).replace(/\n$/, '').split('\n')
  const match = /^(\d+),(\d+),(\d+),[^;]*;(.*)$/.exec(head!)
  if (match === null) return undefined
  const priority = Number(match[1])
  const facility = priority >> 3
  let text = match[4]!.replace(/\\x([0-9a-f]{2})/g, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  const fields: Field[] = []
  for (const line of meta) {
    const equals = line.indexOf('=')
    const name = equals < 0 ? undefined : line.slice(1, equals)
    if (name !== undefined) fields.push([kernelMeta[name] ?? `_KERNEL_${name}`, line.slice(equals + 1)])
  }
  fields.push(['_SOURCE_BOOTTIME_TIMESTAMP', match[3]!], ['_SOURCE_MONOTONIC_TIMESTAMP', match[3]!], ['_TRANSPORT', 'kernel'])
  let own = false
  let identifier = 'kernel'
  if (facility === 0) fields.push(['SYSLOG_IDENTIFIER', 'kernel'])
  else {
    const said = parseSyslog(text)
    if (said.identifier !== undefined) {
      identifier = said.identifier
      text = said.message
      fields.push(['SYSLOG_IDENTIFIER', identifier])
      if (said.pid !== undefined) fields.push(['SYSLOG_PID', said.pid])
      own = identifier === 'systemd-journald' && said.pid === String(server.process.pid)
    }
  }
  if (facility === 0) {
    // What came from the kernel is not sent back to it.
    yield* server.forwarder.forward({ priority, identifier, text, credentials: undefined }, { ...server.conf, ForwardToKMsg: false })
  }
  fields.push(['PRIORITY', String(priority & 7)], ['SYSLOG_FACILITY', String(facility)], ['MESSAGE', text])
  yield* server.dispatch({ priority, fields, context: own ? server.own() : undefined })
  return Number(match[2])
}
