// After systemd.exec(5), "Credentials" (LoadCredential= and its kin): files that only this unit's processes can read.
import { encodeUtf8 } from '@/lib/base'
import {
  type Errno,
  isErrno,
  MS_BIND,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_RDONLY,
  MS_REMOUNT,
  O_CREAT,
  O_EXCL,
  O_WRONLY,
  type Process,
  type Syscall,
} from '@/lib/kernel'
import { ExecFailure } from './failure'
import type { ExecParameters } from './parameters'

const STORES = ['/etc/credstore', '/run/credstore', '/usr/local/lib/credstore', '/usr/lib/credstore']

export function hasCredentials({ config }: ExecParameters): boolean {
  return config.SetCredential.length + config.LoadCredential.length + config.ImportCredential.length > 0
}

function* collect(process: Process, { config }: ExecParameters): Syscall<ReadonlyMap<string, Uint8Array> | Errno> {
  const found = new Map<string, Uint8Array>()
  const reader = process.fileReader()
  for (const { id, path } of config.LoadCredential) {
    const places = path.startsWith('/') ? [path] : STORES.map((store) => `${store}/${path}`)
    const place = places.find((one) => reader.status(one) !== undefined)
    if (place === undefined) {
      if (config.SetCredential.some((one) => one.id === id)) continue
      const missing = yield* process.open(places[0] ?? path, 0)
      return isErrno(missing) ? missing : new Map()
    }
    const folder = reader.readDirectory(place)
    if (folder === undefined) found.set(id, reader.readFile(place) ?? new Uint8Array())
    else for (const name of folder) found.set(`${id}_${name}`, reader.readFile(`${place}/${name}`) ?? new Uint8Array())
  }
  for (const { glob, rename } of config.ImportCredential) {
    const pattern = new RegExp(
      `^${glob
        .replace(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll('?', '.')}$`,
    )
    for (const store of [...STORES, '/run/credentials/@system'])
      for (const name of reader.readDirectory(store) ?? [])
        if (pattern.test(name)) {
          const id = rename === '' ? name : rename
          if (!found.has(id)) found.set(id, reader.readFile(`${store}/${name}`) ?? new Uint8Array())
        }
  }
  for (const { id, data } of config.SetCredential) if (!found.has(id)) found.set(id, encodeUtf8(data))
  return found
}

/** Mounts /run/credentials/UNIT with the files in it, read-only, owned by the unit's user. */
export function* setUpCredentials(
  process: Process,
  parameters: ExecParameters,
  uid: number,
  gid: number,
): Syscall<ExecFailure | undefined> {
  const fail = (error: Errno): ExecFailure => new ExecFailure(243, error, 'Failed to set up credentials')
  const files = yield* collect(process, parameters)
  if (isErrno(files)) return fail(files)
  const path = `/run/credentials/${parameters.unit}`
  yield* process.mkdir('/run/credentials', 0o755)
  const folder = yield* process.mkdir(path, 0o700)
  if (!isErrno(folder)) {
    const mounted = yield* process.mount('tmpfs', path, 'tmpfs', MS_NOSUID | MS_NODEV | MS_NOEXEC, 'mode=0700,size=1024k,nr_inodes=1024')
    if (isErrno(mounted)) return fail(mounted)
  } else yield* process.mount('', path, '', MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV | MS_NOEXEC)
  for (const [id, data] of files) {
    yield* process.unlink(`${path}/${id}`)
    const fd = yield* process.open(`${path}/${id}`, O_WRONLY | O_CREAT | O_EXCL, 0o400)
    if (isErrno(fd)) return fail(fd)
    yield* process.write(fd, data)
    yield* process.close(fd)
    yield* process.chown(`${path}/${id}`, uid, gid)
  }
  yield* process.chown(path, uid, gid)
  yield* process.chmod(path, 0o500)
  yield* process.mount('', path, '', MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)
  return undefined
}
