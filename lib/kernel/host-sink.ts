// The far end of a terminal that the host shows: what is written goes out at the speed of a fast line, so that a flood
// of output takes virtual time.
import type { Bytes, Usec } from '@/lib/base'
import type { Kernel } from './kernel'
import { Sleepers } from './sleepers'
import type { TtySink } from './tty'

const BYTES_PER_USEC = 4
const BUFFER_USEC = 20_000

export class HostSink implements TtySink {
  readonly roomChanged = new Sleepers()
  onOutput: ((bytes: Bytes) => void) | undefined
  private readonly kernel: Kernel
  private busyUntilUsec: Usec = 0
  private waking = false

  constructor(kernel: Kernel) {
    this.kernel = kernel
  }

  readonly room = (): number => {
    const behind = this.busyUntilUsec - this.kernel.clock.monotonicUsec
    if (behind < BUFFER_USEC) return 65_536
    if (!this.waking) {
      this.waking = true
      this.kernel.setAlarm(Math.ceil(this.kernel.clock.monotonicUsec + behind / 2), () => {
        this.waking = false
        this.roomChanged.wake()
      })
    }
    return 0
  }

  readonly push = (bytes: Bytes): void => {
    this.busyUntilUsec = Math.max(this.busyUntilUsec, this.kernel.clock.monotonicUsec) + bytes.length / BYTES_PER_USEC
    this.onOutput?.(bytes)
  }
}
