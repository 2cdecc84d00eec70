// After ss(8): sockets of this machine, out of /proc/net and the descriptors of processes.
import { isErrno, type Process, type Syscall } from '@/lib/kernel'
import { program } from '../program'
import { Output, readText } from '../stdio'
import { readProcesses } from '../procps/process-table'

type SocketRow = {
  readonly netid: string
  readonly state: string
  readonly recv: string
  readonly send: string
  readonly local: string
  readonly localPort: string
  readonly peer: string
  readonly peerPort: string
  readonly inode: string
}

const states = [
  '',
  'ESTAB',
  'SYN-SENT',
  'SYN-RECV',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'TIME-WAIT',
  'UNCONN',
  'CLOSE-WAIT',
  'LAST-ACK',
  'LISTEN',
  'CLOSING',
]

function address4(hex: string): string {
  return [6, 4, 2, 0].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join('.')
}

function address6(hex: string): string {
  const bytes: number[] = []
  for (let word = 0; word < 4; word++)
    for (const at of [6, 4, 2, 0]) bytes.push(Number.parseInt(hex.slice(word * 8 + at, word * 8 + at + 2), 16))
  const groups = Array.from({ length: 8 }, (_, index) => ((bytes[index * 2]! << 8) | bytes[index * 2 + 1]!).toString(16))
  if (groups.every((group) => group === '0')) return '[::]'
  const text = groups.join(':').replace(/(?:^|:)0(?::0)+(?:$|:)/, '::')
  return `[${text}]`
}

function* inetRows(process: Process, file: string, netid: string): Syscall<SocketRow[]> {
  const text = yield* readText(process, `/proc/net/${file}`)
  if (isErrno(text)) return []
  const six = file.endsWith('6')
  return text
    .split('\n')
    .slice(1)
    .flatMap((line): SocketRow[] => {
      const fields = line.trim().split(/\s+/)
      if (fields.length < 10) return []
      const [local, localPort] = fields[1]!.split(':')
      const [peer, peerPort] = fields[2]!.split(':')
      const [send, recv] = fields[4]!.split(':')
      const show = (hex: string) => (six ? address6(hex) : address4(hex))
      const port = (hex: string) => (Number.parseInt(hex, 16) === 0 ? '*' : String(Number.parseInt(hex, 16)))
      const state = states[Number.parseInt(fields[3]!, 16)] ?? ''
      return [
        {
          netid,
          state,
          recv: String(Number.parseInt(recv!, 16)),
          send: String(Number.parseInt(send!, 16)),
          local: show(local!),
          localPort: port(localPort!),
          peer: show(peer!),
          peerPort: port(peerPort!),
          inode: fields[9]!,
        },
      ]
    })
}

function* unixRows(process: Process): Syscall<SocketRow[]> {
  const text = yield* readText(process, '/proc/net/unix')
  if (isErrno(text)) return []
  return text
    .split('\n')
    .slice(1)
    .flatMap((line): SocketRow[] => {
      const fields = line.trim().split(/\s+/)
      if (fields.length < 7) return []
      const type = Number.parseInt(fields[4]!, 16)
      const listening = (Number.parseInt(fields[3]!, 16) & 0x10000) !== 0
      const netid = type === 2 ? 'u_dgr' : type === 5 ? 'u_seq' : 'u_str'
      const state = listening ? 'LISTEN' : fields[5] === '03' ? 'ESTAB' : 'UNCONN'
      return [
        {
          netid,
          state,
          recv: '0',
          send: listening ? '4096' : '0',
          local: fields[7] ?? '*',
          localPort: fields[6]!,
          peer: '*',
          peerPort: '0',
          inode: fields[6]!,
        },
      ]
    })
}

/** `users:(("name",pid=1,fd=3))` by inode of the socket. */
function ownersOf(process: Process): ReadonlyMap<string, readonly string[]> {
  const reader = process.fileReader()
  const owners = new Map<string, string[]>()
  for (const row of readProcesses(process)) {
    for (const fd of reader.readDirectory(`/proc/${row.pid}/fd`) ?? []) {
      const inode = /^socket:\[(\d+)\]$/.exec(reader.readLink(`/proc/${row.pid}/fd/${fd}`) ?? '')?.[1]
      if (inode !== undefined) owners.set(inode, [...(owners.get(inode) ?? []), `("${row.comm}",pid=${row.pid},fd=${fd})`])
    }
  }
  return owners
}

export const ss = program({
  name: 'ss',
  path: '/usr/bin/ss',
  summary: 'show sockets',
  synopsis: '[ OPTIONS ]',
  usageStatus: 255,
  options: [
    { short: 'n', long: 'numeric', help: 'no names' },
    { short: 'r', long: 'resolve', help: 'has no effect here' },
    { short: 'a', long: 'all', help: 'listening ones too' },
    { short: 'l', long: 'listening', help: 'only listening ones' },
    { short: 'o', long: 'options', help: 'has no effect here' },
    { short: 'e', long: 'extended', help: 'has no effect here' },
    { short: 'm', long: 'memory', help: 'has no effect here' },
    { short: 'p', long: 'processes', help: 'show processes' },
    { short: 'i', long: 'info', help: 'has no effect here' },
    { short: 's', long: 'summary', help: 'only counts' },
    { short: '4', long: 'ipv4', help: 'only IPv4' },
    { short: '6', long: 'ipv6', help: 'only IPv6' },
    { short: 't', long: 'tcp', help: 'TCP' },
    { short: 'u', long: 'udp', help: 'UDP' },
    { short: 'x', long: 'unix', help: 'UNIX sockets' },
    { short: 'H', long: 'no-header', help: 'without headings' },
    { short: 'O', long: 'oneline', help: 'has no effect here' },
    { short: 'w', long: 'raw', help: 'raw sockets' },
  ],
  *main(process, args) {
    const named = args.has('tcp') || args.has('udp') || args.has('unix') || args.has('raw')
    const inet = args.has('ipv4') || args.has('ipv6')
    const wants = (name: string) => args.has(name) || (!named && !(inet && name === 'unix'))
    let rows: SocketRow[] = []
    if (wants('unix')) rows.push(...(yield* unixRows(process)))
    if (wants('udp')) {
      if (!args.has('ipv6') || args.has('ipv4')) rows.push(...(yield* inetRows(process, 'udp', 'udp')))
      if (!args.has('ipv4') || args.has('ipv6')) rows.push(...(yield* inetRows(process, 'udp6', 'udp')))
    }
    if (wants('tcp')) {
      if (!args.has('ipv6') || args.has('ipv4')) rows.push(...(yield* inetRows(process, 'tcp', 'tcp')))
      if (!args.has('ipv4') || args.has('ipv6')) rows.push(...(yield* inetRows(process, 'tcp6', 'tcp')))
    }
    const listens = (row: SocketRow) => row.state === 'LISTEN' || row.state === 'UNCONN'
    rows = rows.filter((row) => args.has('all') || (args.has('listening') ? listens(row) : !listens(row)))
    const filter = args.operands.join(' ')
    const port = /\b(?:sport|src|dport)\s*(?:=|==|eq)?\s*:?(\d+)/.exec(filter)?.[1]
    if (port !== undefined) rows = rows.filter((row) => (filter.includes('dport') ? row.peerPort : row.localPort) === port)
    const owners = args.has('processes') ? ownersOf(process) : undefined
    // DEVIATES: the backlog of a listener is not in /proc/net: 4096 is what systemd asks for, 128 what programs usually do.
    const listeners = ownersOf(process)
    rows = rows.map((row) =>
      row.state === 'LISTEN' && row.netid === 'tcp'
        ? { ...row, send: listeners.get(row.inode)?.some((one) => one.includes('pid=1,')) === true ? '4096' : '128' }
        : row,
    )
    const showNetid =
      !(named && [args.has('tcp'), args.has('udp'), args.has('unix'), args.has('raw')].filter(Boolean).length === 1) || args.has('unix')
    const users = rows.map((row) => {
      const list = owners?.get(row.inode)
      return list === undefined ? '' : `users:(${list.join(',')})`
    })
    const widest = (title: string, values: readonly string[]) => Math.max(title.length, ...values.map((value) => value.length))
    const widths = {
      netid: widest(
        'Netid',
        rows.map((row) => row.netid),
      ),
      state: widest(
        'State',
        rows.map((row) => row.state),
      ),
      recv: widest(
        'Recv-Q',
        rows.map((row) => row.recv),
      ),
      send: widest(
        'Send-Q',
        rows.map((row) => row.send),
      ),
      local: widest(
        'Local Address',
        rows.map((row) => row.local),
      ),
      localPort: widest(
        'Port',
        rows.map((row) => row.localPort),
      ),
      peer: widest(
        'Peer Address',
        rows.map((row) => row.peer),
      ),
      peerPort: widest(
        'Port',
        rows.map((row) => row.peerPort),
      ),
      users: Math.max('Process'.length, ...users.map((one) => one.length + 1)),
    }
    const line = (
      netid: string,
      state: string,
      recv: string,
      send: string,
      local: string,
      localPort: string,
      peer: string,
      peerPort: string,
      separator: string,
      process_: string,
    ) =>
      `${showNetid ? `${netid.padEnd(widths.netid)} ` : ''}${state.padEnd(widths.state)} ${recv.padEnd(widths.recv)} ${send.padEnd(widths.send)} ${local.padStart(widths.local)}${separator}${localPort.padEnd(widths.localPort)} ${peer.padStart(widths.peer)}${separator}${peerPort.padEnd(widths.peerPort)}${process_}\n`
    const out = new Output(process)
    if (!args.has('no-header'))
      yield* out.print(
        line(
          'Netid',
          'State',
          'Recv-Q',
          'Send-Q',
          'Local Address',
          'Port',
          'Peer Address',
          'Port',
          ':',
          owners === undefined ? '' : rows.length === 0 ? 'Process' : 'Process'.padEnd(widths.users),
        ),
      )
    for (const [index, row] of rows.entries()) {
      yield* out.print(
        line(
          row.netid,
          row.state,
          row.recv,
          row.send,
          row.local,
          row.localPort,
          row.peer,
          row.peerPort,
          row.netid.startsWith('u_') ? ' ' : ':',
          owners === undefined ? '' : ` ${users[index]}`.padEnd(widths.users),
        ),
      )
    }
    return yield* out.finish()
  },
})

export const ip = program({
  name: 'ip',
  path: '/usr/bin/ip',
  links: ['/usr/sbin/ip'],
  summary: 'show network devices',
  synopsis: '[ OPTIONS ] OBJECT { COMMAND }',
  usageStatus: 255,
  options: [],
  raw: true,
  *main(process, args) {
    const words = args.operands.filter((word) => !word.startsWith('-'))
    const brief = args.operands.some((word) => /^-(?:br|brief)$/.test(word))
    const object = words[0] ?? ''
    if (!/^(?:a|addr|address|l|link)$/.test(object)) {
      if (/^r(?:oute)?$/.test(object)) return 0
      yield* process.write(2, `Object "${object}" is unknown, try "ip help".\n`)
      return 1
    }
    const flags = yield* readText(process, '/sys/class/net/lo/flags')
    const up = isErrno(flags) || (Number(flags.trim()) & 1) !== 0
    const link = object.startsWith('l')
    if (brief)
      yield* process.write(
        1,
        `lo               ${up ? 'UNKNOWN' : 'DOWN   '}        ${link ? '00:00:00:00:00:00 <LOOPBACK,UP,LOWER_UP> ' : up ? '127.0.0.1/8 ::1/128 ' : ''}\n`,
      )
    else {
      yield* process.write(
        1,
        `1: lo: <LOOPBACK${up ? ',UP,LOWER_UP' : ''}> mtu 65536 qdisc no${up ? 'queue' : 'op'} state ${up ? 'UNKNOWN' : 'DOWN'} ${link ? 'mode DEFAULT ' : ''}group default qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n`,
      )
      if (!link && up)
        yield* process.write(
          1,
          '    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n    inet6 ::1/128 scope host noprefixroute \n       valid_lft forever preferred_lft forever\n',
        )
    }
    return 0
  },
})
