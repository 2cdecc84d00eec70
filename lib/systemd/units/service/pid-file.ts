// After systemd.service(5), PIDFile= and GuessMainPID=: which process of a forking service is the main one.
import { decodeUtf8 } from '@/lib/base'
import { processesOf, unitOfPid } from '../../cgroup'
import { enterRunning, enterStartPost } from './enter'
import { setMainPid, type Service } from './service'

/** The PID file names a process of ours; it is the main one from now on. True when that changed something. */
export function loadPidFile(service: Service, warn: boolean): boolean {
  const path = service.section.PIDFile
  if (path === '') return false
  const { manager } = service
  const complain = (text: string) => service.log(warn ? 6 : 7, text)
  const content = manager.reader.readFile(path)
  if (content === undefined) {
    complain(`Can't open PID file ${path} (yet?) after ${service.state}: No such file or directory`)
    return false
  }
  const text = decodeUtf8(content).trim()
  const pid = /^\d+$/.test(text) ? Number(text) : 0
  if (pid <= 0) {
    complain(`Failed to parse PID from file ${path}: Invalid argument`)
    return false
  }
  if (service.mainPidKnown && pid === service.mainPid) return false
  if (pid === 1) {
    service.log(4, `New main PID ${pid} is the manager, refusing.`)
    return false
  }
  if (manager.reader.status(`/proc/${pid}`) === undefined) {
    service.log(warn ? 4 : 7, `PID ${pid} read from file ${path} does not exist or is a zombie.`)
    return false
  }
  const owner = unitOfPid(manager, pid)
  if (owner !== service) {
    // Another's process is believed only if root alone could have written the file.
    const status = manager.reader.status(path)
    if (status?.uid !== 0) {
      service.log(4, `New main PID ${pid} does not belong to service, and PID file is not owned by root. Refusing.`)
      return false
    }
    service.log(7, `New main PID ${pid} does not belong to service, but we'll accept it since PID file is owned by root.`)
  }
  const first = !service.mainPidKnown
  service.log(7, first ? `Main PID loaded: ${pid}` : `Main PID changing: ${service.mainPid} -> ${pid}`)
  service.mainPidAlien = owner !== service
  setMainPid(service, pid)
  return true
}

/** No PID file: the only process there is, or the first child of ours, must be it. */
export function searchMainPid(service: Service): void {
  if (!service.section.GuessMainPID || service.mainPidKnown) return
  const { manager } = service
  const candidates = processesOf(service).filter(({ pid }) => parentOf(service, pid) === manager.process.pid)
  const [only] = candidates
  if (candidates.length !== 1 || only === undefined) return
  service.log(7, `Main PID guessed: ${only.pid}`)
  setMainPid(service, only.pid)
}

function parentOf(service: Service, pid: number): number {
  const content = service.manager.reader.readFile(`/proc/${pid}/stat`)
  if (content === undefined) return 0
  return Number(/^\d+ \(.*\) \S (\d+)/s.exec(decodeUtf8(content))?.[1] ?? 0)
}

const LOOK_AGAIN_USEC = 20_000

/** Waits for the file to be written; true: it is worth waiting. */
export function demandPidFile(service: Service): boolean {
  if (service.section.PIDFile === '') return false
  const { manager } = service
  const look = () => {
    service.pidFileTimer = manager.loop.addTimer(manager.process.monotonicUsec + LOOK_AGAIN_USEC, function* () {
      service.pidFileTimer = undefined
      if (!loadPidFile(service, false)) return look()
      if (service.state === 'start') yield* enterStartPost(service)
      else yield* enterRunning(service, 'success')
    })
  }
  look()
  return true
}
