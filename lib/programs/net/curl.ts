// After curl(1): http over the sockets of this machine.
import { type Bytes, concatBytes, decodeUtf8, encodeUtf8 } from '@/lib/base'
import { errno, isErrno, O_CREAT, O_TRUNC, O_WRONLY, POLLIN, POLLOUT, type Process, type SocketAddress, type Syscall } from '@/lib/kernel'
import { decodeEscapes } from '@/lib/shell'
import { type Arguments, program } from '../program'
import { Output, readFile } from '../stdio'
import { portOf, resolveHost } from './resolve'

class CurlProblem extends Error {
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

type Url = { readonly host: string; readonly port: number; readonly path: string }

function parseUrl(text: string): Url {
  const match = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(?:[^@/]*@)?(\[[^\]]+\]|[^:/?#]*)(?::(\d+))?([/?#].*)?$/i.exec(text)
  if (match === null) throw new CurlProblem(3, 'URL rejected: Malformed input to a URL function')
  const scheme = (match[1] ?? 'http').toLowerCase()
  if (scheme !== 'http') throw new CurlProblem(1, `Protocol "${scheme}" not supported or disabled in libcurl`)
  if (match[2] === '') throw new CurlProblem(3, 'URL rejected: No host part in the URL')
  const path = (match[4] ?? '/').replace(/#.*$/, '')
  return { host: match[2]!, port: match[3] === undefined ? 80 : (portOf(match[3]) ?? 80), path: path.startsWith('/') ? path : `/${path}` }
}

function* connectTo(process: Process, address: SocketAddress, deadline: number): Syscall<number | 'refused' | 'timeout'> {
  const fd = yield* process.socket(address.domain, 'stream')
  if (isErrno(fd)) return 'refused'
  if (deadline !== Number.POSITIVE_INFINITY) yield* process.setNonblock(fd, true)
  const result = yield* process.connect(fd, address)
  if (!isErrno(result)) return fd
  if (result === errno.EINPROGRESS || result === errno.EAGAIN) {
    const ready = yield* process.poll([{ fd, events: POLLOUT }], Math.max(0, deadline - process.monotonicUsec))
    if (!isErrno(ready) && ready.length > 0 && !isErrno(yield* process.getpeername(fd))) return fd
    yield* process.close(fd)
    return !isErrno(ready) && ready.length > 0 ? 'refused' : 'timeout'
  }
  yield* process.close(fd)
  return 'refused'
}

type Answer = { readonly status: number; readonly head: string; readonly headers: ReadonlyMap<string, string>; readonly body: Bytes }

function splitAnswer(data: Bytes): { readonly head: string; readonly rest: Bytes } | undefined {
  for (let at = 0; at + 1 < data.length; at++) {
    if (data[at] === 10 && data[at + 1] === 10) return { head: decodeUtf8(data.subarray(0, at + 2)), rest: data.subarray(at + 2) }
    if (data[at] === 13 && data[at + 1] === 10 && data[at + 2] === 13 && data[at + 3] === 10)
      return { head: decodeUtf8(data.subarray(0, at + 4)), rest: data.subarray(at + 4) }
  }
  return undefined
}

function dechunk(data: Bytes): Bytes {
  const parts: Bytes[] = []
  let at = 0
  for (;;) {
    const end = data.indexOf(10, at)
    if (end < 0) break
    const size = Number.parseInt(decodeUtf8(data.subarray(at, end)), 16)
    if (!(size > 0)) break
    parts.push(data.subarray(end + 1, end + 1 + size))
    at = end + 1 + size + 2
  }
  return concatBytes(parts)
}

function* fetchOnce(
  process: Process,
  args: Arguments,
  url: Url,
  method: string,
  body: Bytes | undefined,
  deadline: number,
  note: (text: string) => Syscall<void>,
): Syscall<Answer> {
  const started = process.monotonicUsec
  const elapsed = () => Math.floor((process.monotonicUsec - started) / 1000)
  const unix = args.value('unix-socket')
  const addresses: SocketAddress[] =
    unix !== undefined ? [{ domain: 'AF_UNIX', path: unix }] : resolveHost(process, url.host).map((one) => ({ ...one, port: url.port }))
  if (addresses.length === 0) throw new CurlProblem(6, `Could not resolve host: ${url.host}`)
  const connectLimit = args.value('connect-timeout')
  const limit = Math.min(deadline, connectLimit === undefined ? Number.POSITIVE_INFINITY : started + Number(connectLimit) * 1e6)
  let fd: number | undefined
  let late = false
  for (const address of addresses) {
    if (unix === undefined) yield* note(`*   Trying ${'address' in address ? address.address : ''}:${url.port}...\n`)
    const result = yield* connectTo(process, address, limit)
    if (typeof result === 'number') {
      fd = result
      break
    }
    late = result === 'timeout'
  }
  if (fd === undefined) {
    if (late)
      throw new CurlProblem(
        28,
        limit === deadline
          ? `Connection timed out after ${elapsed()} milliseconds`
          : `Failed to connect to ${url.host} port ${url.port} after ${elapsed()} ms: Timeout was reached`,
      )
    throw new CurlProblem(7, `Failed to connect to ${unix ?? url.host} port ${url.port} after ${elapsed()} ms: Could not connect to server`)
  }
  yield* note(`* Connected to ${url.host} (${'address' in addresses[0]! ? addresses[0].address : ''}) port ${url.port}\n`)
  const own = args
    .values('header')
    .map((line) => /^([^:]+):\s*(.*)$/.exec(line))
    .filter((match) => match !== null)
  const named = new Set(own.map((match) => match[1]!.toLowerCase()))
  const lines = [
    `${method} ${url.path} HTTP/1.1`,
    ...(named.has('host') ? [] : [`Host: ${url.host}${url.port === 80 ? '' : `:${url.port}`}`]),
    ...(named.has('user-agent') ? [] : [`User-Agent: ${args.value('user-agent') ?? 'curl/8.14.1'}`]),
    ...(named.has('accept') ? [] : ['Accept: */*']),
    ...own.filter((match) => match[2] !== '').map((match) => `${match[1]}: ${match[2]}`),
    ...(body === undefined
      ? []
      : [`Content-Length: ${body.length}`, ...(named.has('content-type') ? [] : ['Content-Type: application/x-www-form-urlencoded'])]),
  ]
  for (const line of lines) yield* note(`> ${line}\n`)
  yield* note('>\n')
  yield* process.setNonblock(fd, false)
  const head = encodeUtf8(`${lines.join('\r\n')}\r\n\r\n`)
  yield* process.write(fd, body === undefined ? head : concatBytes([head, body]))
  const answer = yield* receive(process, fd, method, deadline, elapsed)
  yield* process.close(fd)
  return answer
}

function* receive(process: Process, fd: number, method: string, deadline: number, elapsed: () => number): Syscall<Answer> {
  let data: Bytes = new Uint8Array()
  for (;;) {
    const split = splitAnswer(data)
    if (split !== undefined) {
      const headers = new Map(
        split.head
          .split(/\r?\n/)
          .slice(1)
          .flatMap((line) =>
            line.includes(':') ? [[line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()] as const] : [],
          ),
      )
      const length = headers.get('content-length')
      const chunked = /chunked/i.test(headers.get('transfer-encoding') ?? '')
      const status = Number(/^HTTP\/[\d.]+ (\d+)/.exec(split.head)?.[1] ?? 0)
      const done =
        method === 'HEAD' ||
        status === 204 ||
        status === 304 ||
        (length !== undefined
          ? split.rest.length >= Number(length)
          : chunked && /(?:^|\n)0\r?\n\r?\n$/.test(decodeUtf8(split.rest.subarray(-64))))
      if (done)
        return {
          status,
          head: split.head,
          headers,
          body:
            method === 'HEAD'
              ? new Uint8Array()
              : chunked
                ? dechunk(split.rest)
                : length === undefined
                  ? split.rest
                  : split.rest.subarray(0, Number(length)),
        }
    }
    if (deadline !== Number.POSITIVE_INFINITY) {
      const ready = yield* process.poll([{ fd, events: POLLIN }], Math.max(0, deadline - process.monotonicUsec))
      if (!isErrno(ready) && ready.length === 0)
        throw new CurlProblem(28, `Operation timed out after ${elapsed()} milliseconds with ${data.length} bytes received`)
    }
    const chunk = yield* process.read(fd, 65536)
    if (chunk === errno.EINTR) continue
    if (isErrno(chunk)) throw new CurlProblem(56, `Recv failure: ${chunk.message}`)
    if (chunk.length > 0) {
      data = concatBytes([data, chunk])
      continue
    }
    if (data.length === 0) throw new CurlProblem(52, 'Empty reply from server')
    const last = splitAnswer(data)
    if (last === undefined) throw new CurlProblem(1, 'Received HTTP/0.9 when not allowed')
    const headers = new Map(
      last.head
        .split(/\r?\n/)
        .slice(1)
        .flatMap((line) =>
          line.includes(':') ? [[line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()] as const] : [],
        ),
    )
    const missing = Number(headers.get('content-length') ?? last.rest.length) - last.rest.length
    if (missing > 0 && method !== 'HEAD') throw new CurlProblem(18, `end of response with ${missing} bytes missing`)
    return { status: Number(/^HTTP\/[\d.]+ (\d+)/.exec(last.head)?.[1] ?? 0), head: last.head, headers, body: last.rest }
  }
}

export const curl = program({
  name: 'curl',
  path: '/usr/bin/curl',
  summary: 'ask a web server',
  synopsis: '[options...] <url>',
  version: 'curl 8.14.1 (x86_64-pc-linux-gnu)',
  usageStatus: 2,
  usageHint: () => "curl: try 'curl --help' or 'curl --manual' for more information\n",
  options: [
    { short: 'd', long: 'data', argument: 'required', metavar: '<data>', help: 'send data with POST' },
    { long: 'data-binary', argument: 'required', metavar: '<data>', help: 'the same, as it is' },
    { long: 'data-raw', argument: 'required', metavar: '<data>', help: 'the same, @ means nothing' },
    { short: 'f', long: 'fail', help: 'fail on errors of the server' },
    { short: 'G', long: 'get', help: 'data into the URL' },
    { short: 'H', long: 'header', argument: 'required', metavar: '<header>', help: 'send this header' },
    { short: 'i', long: 'include', help: 'show headers too' },
    { long: 'show-headers', help: 'the same' },
    { short: 'I', long: 'head', help: 'only headers' },
    { short: 'k', long: 'insecure', help: 'has no effect here' },
    { short: 'L', long: 'location', help: 'follow redirections' },
    { short: 'm', long: 'max-time', argument: 'required', metavar: '<seconds>', help: 'no longer than this' },
    { long: 'connect-timeout', argument: 'required', metavar: '<seconds>', help: 'connect no longer than this' },
    { short: 'N', long: 'no-buffer', help: 'has no effect here' },
    { short: 'o', long: 'output', argument: 'required', metavar: '<file>', help: 'write to a file' },
    { short: 'O', long: 'remote-name', help: 'write to a file named as in the URL' },
    { long: 'retry', argument: 'required', metavar: '<num>', help: 'try again' },
    { long: 'retry-connrefused', help: 'when refused too' },
    { long: 'retry-delay', argument: 'required', metavar: '<seconds>', help: 'wait between tries' },
    { short: 's', long: 'silent', help: 'no messages' },
    { short: 'S', long: 'show-error', help: 'with -s, show errors' },
    { long: 'unix-socket', argument: 'required', metavar: '<path>', help: 'over this socket' },
    { short: 'A', long: 'user-agent', argument: 'required', metavar: '<name>', help: 'the name of the program' },
    { short: 'u', long: 'user', argument: 'required', metavar: '<user:password>', help: 'has no effect here' },
    { short: 'v', long: 'verbose', help: 'show what is sent' },
    { short: 'w', long: 'write-out', argument: 'required', metavar: '<format>', help: 'print this at the end' },
    { short: 'X', long: 'request', argument: 'required', metavar: '<method>', help: 'the method' },
    { short: '4', long: 'ipv4', help: 'has no effect here' },
    { short: '6', long: 'ipv6', help: 'has no effect here' },
    { long: 'http1.1', help: 'has no effect here' },
    { long: 'no-progress-meter', help: 'has no effect here' },
  ],
  *main(process, args) {
    if (args.operands.length === 0) {
      yield* process.write(2, "curl: (2) no URL specified\ncurl: try 'curl --help' or 'curl --manual' for more information\n")
      return 2
    }
    let status = 0
    for (const text of args.operands) {
      const tries = Number(args.value('retry') ?? 0)
      for (let attempt = 0; ; attempt++) {
        try {
          status = yield* transfer(process, args, text)
        } catch (error) {
          if (!(error instanceof CurlProblem)) throw error
          status = error.code
          if (!args.has('silent') || args.has('show-error')) yield* process.write(2, `curl: (${error.code}) ${error.message}\n`)
          const again = attempt < tries && (error.code === 28 || (error.code === 7 && args.has('retry-connrefused')))
          const format = args.value('write-out')
          if (again) {
            yield* process.nanosleep(Number(args.value('retry-delay') ?? 2 ** attempt) * 1e6)
            continue
          }
          if (format !== undefined) yield* process.write(1, writeOut(format, undefined, process.monotonicUsec, process))
        }
        break
      }
    }
    return status
  },
})

function writeOut(format: string, answer: Answer | undefined, started: number, process: Process): string {
  return decodeEscapes(format, 'printf').text.replace(/%\{(\w+)\}/g, (_all, name: string) => {
    if (name === 'http_code' || name === 'response_code') return String(answer?.status ?? 0).padStart(3, '0')
    if (name === 'size_download') return String(answer?.body.length ?? 0)
    if (name === 'time_total') return ((process.monotonicUsec - started) / 1e6).toFixed(6)
    if (name === 'content_type') return answer?.headers.get('content-type') ?? ''
    return ''
  })
}

function* transfer(process: Process, args: Arguments, text: string): Syscall<number> {
  const started = process.monotonicUsec
  const max = args.value('max-time')
  const deadline = max === undefined ? Number.POSITIVE_INFINITY : started + Number(max) * 1e6
  let url = parseUrl(text)
  const data: Bytes[] = []
  for (const one of args.given) {
    if (!one.name.startsWith('data')) continue
    const value = one.value ?? ''
    if (data.length > 0) data.push(encodeUtf8('&'))
    if (value.startsWith('@') && one.name !== 'data-raw') {
      const file = yield* readFile(process, value === '@-' ? '/dev/stdin' : value.slice(1))
      if (isErrno(file)) throw new CurlProblem(26, `Failed to open ${value.slice(1)}`)
      data.push(one.name === 'data' ? encodeUtf8(decodeUtf8(file).replace(/[\r\n]/g, '')) : file)
    } else data.push(encodeUtf8(value))
  }
  let body = data.length > 0 ? concatBytes(data) : undefined
  if (body !== undefined && args.has('get')) {
    url = { ...url, path: `${url.path}${url.path.includes('?') ? '&' : '?'}${decodeUtf8(body)}` }
    body = undefined
  }
  const method = args.value('request') ?? (args.has('head') ? 'HEAD' : body === undefined ? 'GET' : 'POST')
  const note = function* (line: string): Syscall<void> {
    if (args.has('verbose')) yield* process.write(2, line)
  }
  let answer = yield* fetchOnce(process, args, url, method, body, deadline, note)
  for (
    let hops = 0;
    args.has('location') && answer.status >= 300 && answer.status < 400 && answer.headers.has('location') && hops < 50;
    hops++
  ) {
    const location = answer.headers.get('location')!
    url = /^https?:/.test(location) ? parseUrl(location) : { ...url, path: location }
    answer = yield* fetchOnce(process, args, url, method, body, deadline, note)
  }
  for (const line of answer.head.trimEnd().split(/\r?\n/)) yield* note(`< ${line}\n`)
  yield* note('<\n')
  if (args.has('fail') && answer.status >= 400) throw new CurlProblem(22, `The requested URL returned error: ${answer.status}`)
  const file = args.value('output') ?? (args.has('remote-name') ? (url.path.replace(/\?.*/, '').split('/').at(-1) ?? '') : undefined)
  const fd = file === undefined || file === '-' ? 1 : yield* process.open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
  if (isErrno(fd)) throw new CurlProblem(23, `client returned ERROR on write, ${answer.body.length} bytes`)
  const out = new Output(process, fd)
  if (args.has('include') || args.has('show-headers') || args.has('head')) yield* out.print(answer.head)
  yield* out.print(answer.body)
  yield* out.flush()
  if (fd !== 1) yield* process.close(fd)
  const format = args.value('write-out')
  if (format !== undefined) yield* process.write(1, writeOut(format, answer, started, process))
  return 0
}
