// lab-web: a small web server to learn with. It serves files, answers /healthz, takes sockets from systemd, and ends well.
import { type Bytes, concatBytes, decodeUtf8, encodeUtf8 } from '@/lib/base'
import { errno, isErrno, POLLIN, type Process, signals, type Syscall } from '@/lib/kernel'
import { program } from '../program'
import { readFile } from '../stdio'
import { sdNotify } from '../sd-notify'

const types: Readonly<Record<string, string>> = {
  html: 'text/html',
  txt: 'text/plain',
  css: 'text/css',
  js: 'text/javascript',
  json: 'application/json',
}

function* answer(
  process: Process,
  request: string,
  directory: string,
): Syscall<{ readonly status: string; readonly type: string; readonly body: Bytes; readonly path: string }> {
  const [method = '', target = '/'] = request.split(/\r?\n/)[0]?.split(' ') ?? []
  const path = target.replace(/\?.*/, '')
  const text = (status: string, body: string) => ({ status, type: 'text/plain', body: encodeUtf8(body), path: `${method} ${path}` })
  if (method !== 'GET' && method !== 'HEAD') return text('405 Method Not Allowed', 'method not allowed\n')
  if (path === '/healthz') return text('200 OK', 'ok\n')
  if (path.split('/').includes('..')) return text('400 Bad Request', 'bad request\n')
  const file = `${directory.replace(/\/$/, '')}${path.endsWith('/') ? `${path}index.html` : path}`
  const bytes = yield* readFile(process, file)
  if (isErrno(bytes)) {
    if (bytes === errno.EACCES) return text('403 Forbidden', 'forbidden\n')
    return path === '/' ? text('200 OK', `hello from ${process.uname().nodename}\n`) : text('404 Not Found', 'not found\n')
  }
  return {
    status: '200 OK',
    type: types[file.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
    body: bytes,
    path: `${method} ${path}`,
  }
}

export const labWeb = program({
  name: 'lab-web',
  path: '/usr/bin/lab-web',
  summary: 'a small web server to learn with',
  options: [
    { short: 'p', long: 'port', argument: 'required', metavar: 'PORT', help: 'listen on PORT; 8080 unless told' },
    { short: 'b', long: 'bind', argument: 'required', metavar: 'ADDRESS', help: 'on this address; 0.0.0.0 unless told' },
    { short: 'd', long: 'directory', argument: 'required', metavar: 'DIR', help: 'serve files of DIR; the working directory unless told' },
    { short: 'c', long: 'config', argument: 'required', metavar: 'FILE', help: 'a file read at the start and on SIGHUP' },
  ],
  *main(process, args) {
    const directory = args.value('directory') ?? '.'
    const listeners: number[] = []
    const passed = process.env['LISTEN_PID'] === String(process.pid) ? Number(process.env['LISTEN_FDS'] ?? 0) : 0
    for (let index = 0; index < passed; index++) listeners.push(3 + index)
    if (passed > 0) yield* process.write(1, `using ${passed} socket${passed === 1 ? '' : 's'} passed by systemd\n`)
    else {
      const port = Number(args.value('port') ?? process.env['PORT'] ?? 8080)
      const address = args.value('bind') ?? '0.0.0.0'
      const fd = yield* process.socket(address.includes(':') ? 'AF_INET6' : 'AF_INET', 'stream')
      if (isErrno(fd)) {
        yield* process.write(2, `lab-web: cannot make a socket: ${fd.message}\n`)
        return 1
      }
      yield* process.setsockopt(fd, 'SO_REUSEADDR', 1)
      const bound = yield* process.bind(fd, { domain: address.includes(':') ? 'AF_INET6' : 'AF_INET', address, port })
      if (isErrno(bound)) {
        yield* process.write(2, `lab-web: cannot bind ${address}:${port}: ${bound.message}\n`)
        return 1
      }
      yield* process.listen(fd, 128)
      listeners.push(fd)
      yield* process.write(1, `listening on ${address}:${port}\n`)
    }
    let stopping = false
    let reload = false
    for (const signal of [signals.SIGTERM.number, signals.SIGINT.number]) {
      yield* process.sigaction(signal, function* () {
        stopping = true
      })
    }
    yield* process.sigaction(signals.SIGHUP.number, function* () {
      reload = true
    })
    const readConfig = function* (): Syscall<boolean> {
      const path = args.value('config')
      if (path === undefined) return true
      const bytes = yield* readFile(process, path)
      if (isErrno(bytes)) {
        yield* process.write(2, `lab-web: cannot read ${path}: ${bytes.message}\n`)
        return false
      }
      yield* process.write(1, `read configuration ${path}\n`)
      return true
    }
    if (!(yield* readConfig())) return 1
    yield* sdNotify(process, 'READY=1\nSTATUS=Waiting for requests')
    const watchdog = Number(process.env['WATCHDOG_USEC'] ?? 0) / 2
    let served = 0
    while (!stopping) {
      const ready = yield* process.poll(
        listeners.map((fd) => ({ fd, events: POLLIN })),
        watchdog > 0 ? watchdog : undefined,
      )
      if (watchdog > 0) yield* sdNotify(process, 'WATCHDOG=1')
      if (reload) {
        reload = false
        yield* sdNotify(process, `RELOADING=1\nMONOTONIC_USEC=${Math.floor(process.monotonicUsec)}`)
        yield* process.write(1, 'reloading\n')
        yield* readConfig()
        yield* sdNotify(process, 'READY=1')
      }
      if (isErrno(ready)) continue
      for (const one of ready) {
        const client = yield* process.accept(one.fd)
        if (isErrno(client)) continue
        const ready2 = yield* process.poll([{ fd: client, events: POLLIN }], 5_000_000)
        const request = isErrno(ready2) || ready2.length === 0 ? new Uint8Array() : yield* process.read(client, 8192)
        const reply = yield* answer(process, isErrno(request) ? '' : decodeUtf8(request), directory)
        const head = encodeUtf8(
          `HTTP/1.1 ${reply.status}\r\nContent-Type: ${reply.type}\r\nContent-Length: ${reply.body.length}\r\nConnection: close\r\n\r\n`,
        )
        yield* process.write(client, reply.path.startsWith('HEAD') ? head : concatBytes([head, reply.body]))
        yield* process.close(client)
        served += 1
        yield* process.write(1, `${reply.path} ${reply.status.slice(0, 3)}\n`)
        yield* sdNotify(process, `STATUS=Served ${served} request${served === 1 ? '' : 's'}`)
      }
    }
    yield* sdNotify(process, 'STOPPING=1')
    yield* process.write(1, 'shutting down\n')
    for (const fd of listeners) yield* process.close(fd)
    return 0
  },
})
