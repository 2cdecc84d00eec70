// After uname(1), nproc(1), hostname(1), arch(1), tty(1), sync(1).
import { isErrno } from '@/lib/kernel'
import { program } from '../program'
import { complain, quoteName, quoteWord, readText, usageError } from '../stdio'

export const uname = program({
  name: 'uname',
  path: '/usr/bin/uname',
  summary: 'print what system this is',
  options: [
    { short: 'a', long: 'all', help: 'everything' },
    { short: 's', long: 'kernel-name', help: 'the name of the kernel' },
    { short: 'n', long: 'nodename', help: 'the host name' },
    { short: 'r', long: 'kernel-release', help: 'the release of the kernel' },
    { short: 'v', long: 'kernel-version', help: 'the version of the kernel' },
    { short: 'm', long: 'machine', help: 'the machine' },
    { short: 'p', long: 'processor', help: 'the processor' },
    { short: 'i', long: 'hardware-platform', help: 'the hardware platform' },
    { short: 'o', long: 'operating-system', help: 'the operating system' },
  ],
  *main(process, args) {
    if (args.operands.length > 0) return yield* usageError(process, `extra operand ${quoteWord(process, args.operands[0]!)}`)
    const name = process.uname()
    const all = args.has('all')
    const parts: readonly (readonly [string, string])[] = [
      ['kernel-name', name.sysname],
      ['nodename', name.nodename],
      ['kernel-release', name.release],
      ['kernel-version', name.version],
      ['machine', name.machine],
      ['processor', 'unknown'],
      ['hardware-platform', 'unknown'],
      ['operating-system', 'GNU/Linux'],
    ]
    const chosen = parts.filter(([key, value]) => (all ? value !== 'unknown' : args.has(key)))
    yield* process.write(1, `${(chosen.length === 0 ? parts.slice(0, 1) : chosen).map(([, value]) => value).join(' ')}\n`)
    return 0
  },
})

export const arch = program({
  name: 'arch',
  path: '/usr/bin/arch',
  summary: 'print the machine',
  options: [],
  *main(process) {
    yield* process.write(1, `${process.uname().machine}\n`)
    return 0
  },
})

export const nproc = program({
  name: 'nproc',
  path: '/usr/bin/nproc',
  summary: 'print how many processors may be used',
  options: [
    { long: 'all', help: 'all that are there' },
    { long: 'ignore', argument: 'required', metavar: 'N', help: 'leave N out' },
  ],
  *main(process, args) {
    const text = yield* readText(process, '/proc/cpuinfo')
    const count = isErrno(text) ? 1 : Math.max(1, text.split('\n').filter((line) => line.startsWith('processor')).length)
    yield* process.write(1, `${Math.max(1, count - Number(args.value('ignore') ?? 0))}\n`)
    return 0
  },
})

export const hostname = program({
  name: 'hostname',
  path: '/usr/bin/hostname',
  links: ['/usr/bin/dnsdomainname', '/usr/bin/domainname', '/usr/bin/nisdomainname', '/usr/bin/ypdomainname'],
  summary: 'print or set the name of this machine',
  synopsis: '[NAME]',
  options: [
    { short: 'a', long: 'alias', help: 'other names' },
    { short: 'd', long: 'domain', help: 'the DNS domain' },
    { short: 'f', long: 'fqdn', help: 'the full name' },
    { short: 'i', long: 'ip-address', help: 'addresses of the name' },
    { short: 'I', long: 'all-ip-addresses', help: 'all addresses' },
    { short: 's', long: 'short', help: 'up to the first dot' },
    { short: 'F', long: 'file', argument: 'required', metavar: 'FILE', help: 'set the name from FILE' },
  ],
  *main(process, args) {
    const file = args.value('file')
    let name = args.operands[0]
    if (file !== undefined) {
      const text = yield* readText(process, file)
      if (isErrno(text)) {
        yield* complain(process, `can't open ${quoteName(file)}`)
        return 1
      }
      name = text
        .split('\n')
        .find((line) => line.trim() !== '' && !line.startsWith('#'))
        ?.trim()
    }
    if (name !== undefined) {
      const result = yield* process.sethostname(name)
      if (!isErrno(result)) return 0
      yield* complain(process, result.name === 'EPERM' ? 'you must be root to change the host name' : result.message)
      return 1
    }
    const own = process.uname().nodename
    const invoked = process.argv[0] ?? ''
    if (args.has('domain') || /dnsdomainname$/.test(invoked)) {
      if (own.includes('.')) yield* process.write(1, `${own.slice(own.indexOf('.') + 1)}\n`)
      return 0
    }
    if (/domainname$/.test(invoked)) yield* process.write(1, '(none)\n')
    else if (args.has('ip-address')) yield* process.write(1, '127.0.1.1\n')
    else if (args.has('all-ip-addresses')) yield* process.write(1, '\n')
    else yield* process.write(1, `${args.has('short') ? own.split('.')[0] : own}\n`)
    return 0
  },
})

export const tty = program({
  name: 'tty',
  path: '/usr/bin/tty',
  summary: 'print the name of the terminal',
  usageStatus: 2,
  options: [
    { short: 's', long: 'silent', help: 'only the exit status' },
    { long: 'quiet', help: 'the same' },
  ],
  *main(process, args) {
    const name = yield* process.ttyname(0)
    const none = isErrno(name)
    if (!args.has('silent') && !args.has('quiet')) yield* process.write(1, `${none ? 'not a tty' : name}\n`)
    return none ? 1 : 0
  },
})

export const sync = program({
  name: 'sync',
  path: '/usr/bin/sync',
  summary: 'write what is held in memory to disks',
  synopsis: '[OPTION] [FILE]...',
  options: [
    { short: 'd', long: 'data', help: 'only data' },
    { short: 'f', long: 'file-system', help: 'the file systems of the files' },
  ],
  *main(process, args) {
    let status = 0
    for (const path of args.operands) {
      const stat = yield* process.stat(path)
      if (!isErrno(stat)) continue
      yield* complain(process, `error opening ${quoteName(path)}`, stat)
      status = 1
    }
    return status
  },
})
