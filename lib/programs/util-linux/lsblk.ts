// After lsblk(8), dmesg(1), lscpu(1) in short, blkid.
import { isErrno } from '@/lib/kernel'
import { type Program, program } from '../program'
import { complain, Output, readText } from '../stdio'
import { humanSize } from '../coreutils/ls'
import { readMountInfo } from './mount'
import { decodeUtf8 } from '@/lib/base'

export const lsblk = program({
  name: 'lsblk',
  path: '/usr/bin/lsblk',
  summary: 'show block devices',
  synopsis: '[options] [<device> ...]',
  options: [
    { short: 'a', long: 'all', help: 'empty ones too' },
    { short: 'f', long: 'fs', help: 'with file systems' },
    { short: 'n', long: 'noheadings', help: 'without headings' },
    { short: 'p', long: 'paths', help: 'full paths' },
    { short: 'l', long: 'list', help: 'as a list' },
    { short: 'd', long: 'nodeps', help: 'has no effect here' },
    { short: 'o', long: 'output', argument: 'required', metavar: '<list>', help: 'these columns' },
  ],
  *main(process, args) {
    const text = yield* readText(process, '/proc/partitions')
    if (isErrno(text)) {
      yield* complain(process, '/proc/partitions', text)
      return 1
    }
    const mounts = yield* readMountInfo(process)
    const devices = text.split('\n').flatMap((line) => {
      const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)$/.exec(line)
      return match === null ? [] : [{ major: match[1]!, minor: match[2]!, kb: Number(match[3]), name: match[4]! }]
    })
    const columns = (
      args.value('output') ??
      (args.has('fs') ? 'NAME,FSTYPE,FSVER,LABEL,UUID,FSAVAIL,FSUSE%,MOUNTPOINTS' : 'NAME,MAJ:MIN,RM,SIZE,RO,TYPE,MOUNTPOINTS')
    )
      .toUpperCase()
      .split(',')
    const rows = devices.map((device) => {
      const mounted = mounts.filter((row) => row.device === `${device.major}:${device.minor}`)
      return columns.map((column) => {
        switch (column) {
          case 'NAME':
            return `${args.has('paths') ? '/dev/' : ''}${device.name}`
          case 'MAJ:MIN':
            return `${device.major.padStart(3)}:${device.minor.padEnd(3)}`
          case 'RM':
          case 'RO':
            return ' 0'
          case 'SIZE':
            return humanSize(device.kb * 1024).replace(/\.0([KMGT])$/, '$1')
          case 'TYPE':
            return 'disk'
          case 'FSTYPE':
            return mounted[0]?.type ?? ''
          case 'MOUNTPOINT':
          case 'MOUNTPOINTS':
            return mounted[0]?.target ?? ''
          default:
            return ''
        }
      })
    })
    const table = args.has('noheadings') ? rows : [columns, ...rows]
    const widths = columns.map((_, index) => Math.max(...table.map((row) => row[index]!.length)))
    const out = new Output(process)
    for (const row of table)
      yield* out.print(
        `${row.map((cell, index) => (columns[index] === 'SIZE' ? cell.padStart(widths[index]!) : index === row.length - 1 ? cell : cell.padEnd(widths[index]!))).join(' ')}\n`,
      )
    return yield* out.finish()
  },
})

export const dmesg = program({
  name: 'dmesg',
  path: '/usr/bin/dmesg',
  summary: 'print the log of the kernel',
  options: [
    { short: 'T', long: 'ctime', help: 'not simulated here' },
    { short: 'H', long: 'human', help: 'has no effect here' },
    { short: 'w', long: 'follow', help: 'not simulated here' },
    { short: 'l', long: 'level', argument: 'required', metavar: '<list>', help: 'only these levels' },
    { short: 'x', long: 'decode', help: 'show facility and level' },
    { short: 't', long: 'notime', help: 'without times' },
    { short: 'r', long: 'raw', help: 'as it is' },
    { short: 'n', long: 'console-level', argument: 'required', metavar: '<level>', help: 'has no effect here' },
  ],
  *main(process, args) {
    const fd = yield* process.open('/dev/kmsg', 0o4000)
    if (isErrno(fd)) {
      yield* complain(process, 'read kernel buffer failed', fd)
      return 1
    }
    const levels = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug']
    const wanted = args.value('level')?.split(',')
    const out = new Output(process)
    for (;;) {
      const record = yield* process.read(fd, 8192)
      if (isErrno(record) || record.length === 0) break
      const line = decodeUtf8(record)
      const match = /^(\d+),\d+,(\d+),[^;]*;([^\n]*)/.exec(line)
      if (match === null) continue
      const level = levels[Number(match[1]) & 7]!
      if (wanted !== undefined && !wanted.includes(level)) continue
      const usec = Number(match[2])
      const stamp = args.has('notime') ? '' : `[${(usec / 1e6).toFixed(6).padStart(12)}] `
      yield* out.print(
        args.has('raw')
          ? `<${match[1]}>${stamp}${match[3]}\n`
          : `${args.has('decode') ? `kern  :${level.padEnd(6)}: ` : ''}${stamp}${match[3]}\n`,
      )
    }
    return yield* out.finish()
  },
})

export const devicePrograms: readonly Program[] = [lsblk, dmesg]
