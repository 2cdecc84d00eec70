// After path-util.c and path_resolution(7): file system paths as text; nothing here looks at a disk.
import { encodeUtf8 } from './bytes'

export const NAME_MAX = 255
export const PATH_MAX = 4096

export function pathIsAbsolute(path: string): boolean {
  return path.startsWith('/')
}

export function pathIsEmptyOrRoot(path: string): boolean {
  return /^\/*$/.test(path)
}

function byteLength(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : encodeUtf8(text).length
}

/** Every component fits a directory entry and the whole fits the kernel's limit. */
export function pathIsValid(path: string): boolean {
  if (path === '') return false
  return byteLength(path) < PATH_MAX && path.split('/').every((component) => byteLength(component) <= NAME_MAX)
}

/** Valid and without `..`. */
export function pathIsSafe(path: string): boolean {
  return pathIsValid(path) && !path.split('/').includes('..')
}

/** Safe, without `.` components and doubled slashes. */
export function pathIsNormalized(path: string): boolean {
  return pathIsSafe(path) && !path.includes('//') && !path.split('/').includes('.')
}

/**
 * Drops doubled and trailing slashes, `.` components, and `..` at the root. From a component that is too long on, the rest stays
 * as it is.
 */
export function pathSimplify(path: string): string {
  if (path === '') return path
  const absolute = pathIsAbsolute(path)
  const kept: string[] = []
  let rest = path
  for (;;) {
    rest = rest.replace(/^(?:\/+|\.\/+)*(?:\.$)?/, '')
    if (rest === '') break
    const component = /^[^/]*/.exec(rest)![0]
    if (byteLength(component) > NAME_MAX) {
      kept.push(rest)
      break
    }
    if (!(absolute && kept.length === 0 && component === '..')) kept.push(component)
    rest = rest.slice(component.length)
  }
  const joined = kept.join('/')
  return absolute ? `/${joined}` : joined === '' ? '.' : joined
}

/** What follows `prefix` in `path`, compared by components: `/usr/lib` starts with `/usr` and `/usr/`, not with `/us`. */
export function pathStartsWith(path: string, prefix: string): string | undefined {
  if (pathIsAbsolute(path) !== pathIsAbsolute(prefix)) return undefined
  const parts = pathSimplify(path)
  const wanted = pathSimplify(prefix)
  const components = (text: string) => text.split('/').filter((one) => one !== '' && one !== '.')
  const have = components(parts)
  const want = components(wanted)
  return want.every((one, index) => have[index] === one) ? have.slice(want.length).join('/') : undefined
}

/** Under /dev or /sys. */
export function isDevicePath(path: string): boolean {
  return pathStartsWith(path, '/dev/') !== undefined || pathStartsWith(path, '/sys/') !== undefined
}
