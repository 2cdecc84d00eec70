// After proc(5): the texts about the machine.
import { USEC_PER_SEC } from '@/lib/base'
import type { Kernel } from './kernel'
import type { NetNamespace } from './net-namespace'
import type { InetAddress, InetSocket } from './socket-inet'
import type { UnixSocket } from './socket-unix'

const ticks = (usec: number): number => Math.floor(usec / 10_000)
const seconds = (usec: number): string => (Math.floor(usec / 10_000) / 100).toFixed(2)

export function uptimeText(kernel: Kernel): string {
  const up = kernel.clock.monotonicUsec
  return `${seconds(up)} ${seconds(Math.max(0, up - kernel.usedUsec))}\n`
}

export function loadavgText(kernel: Kernel): string {
  const [one, five, fifteen] = kernel.load.averages()
  let running = 0
  for (const task of kernel.tasks.values()) if (!task.sleeping && !task.stopped && task.alive && !task.isKernelThread) running += 1
  return `${one.toFixed(2)} ${five.toFixed(2)} ${fifteen.toFixed(2)} ${Math.max(1, running)}/${kernel.tasks.size} ${kernel.lastUsedPid}\n`
}

export function meminfoText(kernel: Kernel): string {
  const { memory, rootCgroup } = kernel
  const kib = (bytes: number): number => Math.floor(bytes / 1024)
  const anonymous = kib(rootCgroup.memoryCurrent)
  const total = kib(memory.totalBytes)
  const cached = 151_400
  const free = Math.max(20_000, total - 96_048 - cached - anonymous)
  const available = free + 11_672
  const rows: readonly (readonly [string, number])[] = [
    ['MemTotal', total],
    ['MemFree', free],
    ['MemAvailable', available],
    ['Buffers', 3348],
    ['Cached', cached],
    ['SwapCached', 0],
    ['Active', 33_212 + anonymous],
    ['Inactive', 103_048],
    ['Active(anon)', anonymous + 244],
    ['Inactive(anon)', 0],
    ['Active(file)', 32_968],
    ['Inactive(file)', 103_048],
    ['Unevictable', 18_480],
    ['Mlocked', 0],
    ['SwapTotal', 0],
    ['SwapFree', 0],
    ['Dirty', 12],
    ['Writeback', 0],
    ['AnonPages', anonymous],
    ['Mapped', 32_956],
    ['Shmem', 292],
    ['KReclaimable', 6756],
    ['Slab', 29_236],
    ['SReclaimable', 6756],
    ['SUnreclaim', 22_480],
    ['KernelStack', 16 * kernel.tasks.size],
    ['PageTables', 1400],
    ['SecPageTables', 0],
    ['NFS_Unstable', 0],
    ['Bounce', 0],
    ['WritebackTmp', 0],
    ['CommitLimit', Math.floor(total / 2)],
    ['Committed_AS', 18_468 + anonymous],
    ['VmallocTotal', 34_359_738_367],
    ['VmallocUsed', 9532],
    ['VmallocChunk', 0],
    ['Percpu', 360],
    ['HardwareCorrupted', 0],
    ['AnonHugePages', 12_288],
    ['ShmemHugePages', 0],
    ['ShmemPmdMapped', 0],
    ['FileHugePages', 0],
    ['FilePmdMapped', 0],
    ['Unaccepted', 0],
  ]
  const pages: readonly (readonly [string, number])[] = [
    ['HugePages_Total', 0],
    ['HugePages_Free', 0],
    ['HugePages_Rsvd', 0],
    ['HugePages_Surp', 0],
  ]
  const last: readonly (readonly [string, number])[] = [
    ['Hugepagesize', 2048],
    ['Hugetlb', 0],
    ['DirectMap4k', 53_108],
    ['DirectMap2M', 995_328],
  ]
  const line =
    (unit: string) =>
    ([name, value]: readonly [string, number]) =>
      `${`${name}:`.padEnd(15)}${String(value).padStart(9)}${unit}\n`
  return rows.map(line(' kB')).join('') + pages.map(line('')).join('') + last.map(line(' kB')).join('')
}

export function machineStatText(kernel: Kernel): string {
  const { userUsec, systemUsec } = kernel.rootCgroup
  const up = kernel.clock.monotonicUsec
  const idle = Math.max(0, up - userUsec - systemUsec)
  const cpu = `${ticks(userUsec)} 0 ${ticks(systemUsec)} ${ticks(idle)} 0 0 0 0 0 0`
  const bootSeconds = Math.floor((kernel.clock.realtimeUsec - up) / USEC_PER_SEC)
  return (
    `cpu  ${cpu}\ncpu0 ${cpu}\nintr ${kernel.contextSwitches} 0\nctxt ${kernel.contextSwitches}\nbtime ${bootSeconds}\n` +
    `processes ${kernel.lastUsedPid}\nprocs_running 1\nprocs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n`
  )
}

export const cpuinfoText = [
  ['processor\t', '0'],
  ['vendor_id\t', 'GenuineIntel'],
  ['cpu family\t', '6'],
  ['model\t\t', '26'],
  ['model name\t', 'Intel Core i7 9xx (Nehalem Class Core i7)'],
  ['stepping\t', '3'],
  ['microcode\t', '0x1'],
  ['cpu MHz\t\t', '2793.437'],
  ['cache size\t', '16384 KB'],
  ['physical id\t', '0'],
  ['siblings\t', '1'],
  ['core id\t\t', '0'],
  ['cpu cores\t', '1'],
  ['apicid\t\t', '0'],
  ['initial apicid\t', '0'],
  ['fpu\t\t', 'yes'],
  ['fpu_exception\t', 'yes'],
  ['cpuid level\t', '11'],
  ['wp\t\t', 'yes'],
  [
    'flags\t\t',
    'fpu de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx fxsr sse sse2 syscall nx lm constant_tsc ' +
      'rep_good nopl xtopology cpuid pni ssse3 cx16 sse4_1 sse4_2 popcnt hypervisor lahf_lm',
  ],
  ['bugs\t\t', 'cpu_meltdown spectre_v1 spectre_v2 spec_store_bypass l1tf mds swapgs itlb_multihit mmio_unknown bhi its'],
  ['bogomips\t', '5586.87'],
  ['clflush size\t', '64'],
  ['cache_alignment\t', '64'],
  ['address sizes\t', '40 bits physical, 48 bits virtual'],
  ['power management', ''],
]
  .map(([name, value]) => `${name}:${value === '' ? '' : ` ${value}`}\n`)
  .join('')
  .concat('\n')

export function pressureText(withFull = true): string {
  const zero = 'avg10=0.00 avg60=0.00 avg300=0.00 total=0'
  return `some ${zero}\n${withFull ? `full ${zero}\n` : ''}`
}

export function cgroupsText(kernel: Kernel): string {
  const rows = [
    'cpuset',
    'cpu',
    'cpuacct',
    'blkio',
    'memory',
    'devices',
    'freezer',
    'net_cls',
    'perf_event',
    'net_prio',
    'hugetlb',
    'pids',
    'rdma',
    'misc',
  ]
  let count = 0
  const visit = (group: Kernel['rootCgroup']): void => {
    count += 1
    for (const child of group.children.values()) visit(child)
  }
  visit(kernel.rootCgroup)
  return `#subsys_name\thierarchy\tnum_cgroups\tenabled\n${rows.map((name) => `${name}\t0\t${count}\t1\n`).join('')}`
}

export const devicesText =
  'Character devices:\n  1 mem\n  4 /dev/vc/0\n  4 tty\n  4 ttyS\n  5 /dev/tty\n  5 /dev/console\n  5 /dev/ptmx\n  7 vcs\n 10 misc\n' +
  ' 13 input\n128 ptm\n136 pts\n246 virtio-portsdev\n250 rtc\n\nBlock devices:\n254 virtblk\n259 blkext\n'

export const modulesText =
  'tun 73728 0 - Live 0x0000000000000000\nvirtio_net 106496 0 - Live 0x0000000000000000\nvirtio_blk 36864 1 - Live 0x0000000000000000\n' +
  'virtio_console 49152 1 - Live 0x0000000000000000\next4 1126400 1 - Live 0x0000000000000000\nautofs4 61440 2 - Live 0x0000000000000000\n'

// ---------------------------------------------------------------- network

function hexAddress({ domain, address, port }: InetAddress): string {
  const portText = port.toString(16).toUpperCase().padStart(4, '0')
  if (domain === 'AF_INET') {
    const parts = address.split('.').map(Number)
    return `${[...parts]
      .reverse()
      .map((part) => part.toString(16).toUpperCase().padStart(2, '0'))
      .join('')}:${portText}`
  }
  return `${address === '::1' ? '00000000000000000000000001000000' : '0'.repeat(32)}:${portText}`
}

const states: Record<InetSocket['state'], string> = { closed: '07', listening: '0A', connecting: '02', connected: '01', reset: '07' }

export function inetText(net: NetNamespace, protocol: 'tcp' | 'udp', domain: 'AF_INET' | 'AF_INET6'): string {
  const wide = domain === 'AF_INET6'
  const head = wide
    ? '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'
    : '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     \n'
  const none: InetAddress = { domain, address: wide ? '::' : '0.0.0.0', port: 0 }
  const lines: string[] = []
  for (const socket of net.inetSockets) {
    if (socket.protocol !== protocol || socket.domain !== domain || socket.local === undefined) continue
    const queue = `00000000:${socket.receiveQueueLength.toString(16).padStart(8, '0').toUpperCase()}`
    lines.push(
      `${String(lines.length).padStart(4)}: ${hexAddress(socket.local)} ${hexAddress(socket.remote ?? none)} ${states[socket.state]} ${queue} ` +
        `00:00000000 00000000 ${String(socket.ownerUid).padStart(5)}        0 ${socket.ino} 1 0000000000000000 100 0 0 10 0\n`,
    )
  }
  return head + lines.join('')
}

const unixTypes: Record<UnixSocket['type'], string> = { stream: '0001', dgram: '0002', seqpacket: '0005', raw: '0003' }

export function unixText(net: NetNamespace): string {
  const lines: string[] = []
  for (const socket of net.unixSockets) {
    const listening = socket.state === 'listening'
    const state = socket.state === 'connected' ? '03' : '01'
    const path = socket.address === undefined ? '' : ` ${socket.address}`
    lines.push(
      `0000000000000000: ${listening ? '00000002' : '00000003'} 00000000 ${listening ? '00010000' : '00000000'} ${unixTypes[socket.type]} ${state} ${String(socket.ino).padStart(5)}${path}\n`,
    )
  }
  return `Num       RefCount Protocol Flags    Type St Inode Path\n${lines.join('')}`
}

export function netDeviceText(): string {
  return (
    'Inter-|   Receive                                                |  Transmit\n' +
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n' +
    '    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0\n'
  )
}
