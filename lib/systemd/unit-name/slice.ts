// After systemd.slice(5): the name of a slice tells its place in the tree.
import { unitNameIsValid } from './valid'

export const ROOT_SLICE = '-.slice'

export function sliceNameIsValid(name: string): boolean {
  if (!unitNameIsValid(name, 'plain') || !name.endsWith('.slice')) return false
  if (name === ROOT_SLICE) return true
  return name
    .slice(0, -'.slice'.length)
    .split('-')
    .every((part) => part !== '')
}

/** `a.slice` of `a-b.slice`; `-.slice` has none. `undefined` also when it is no slice. */
export function sliceParent(name: string): string | undefined {
  if (!sliceNameIsValid(name) || name === ROOT_SLICE) return undefined
  const dash = name.lastIndexOf('-')
  return dash < 0 ? ROOT_SLICE : `${name.slice(0, dash)}.slice`
}

/** `a-b.slice` of `a.slice` and `b`. */
export function sliceBuildSubslice(slice: string, name: string): string | undefined {
  if (!sliceNameIsValid(slice)) return undefined
  const made = slice === ROOT_SLICE ? `${name}.slice` : `${slice.slice(0, -'.slice'.length)}-${name}.slice`
  return sliceNameIsValid(made) ? made : undefined
}

/** Path of the slice's control group below the root: `a.slice/a-b.slice`; empty for `-.slice`. */
export function sliceToCgroup(name: string): string | undefined {
  if (!sliceNameIsValid(name)) return undefined
  const path: string[] = []
  for (let slice: string | undefined = name; slice !== undefined && slice !== ROOT_SLICE; slice = sliceParent(slice)) path.unshift(slice)
  return path.join('/')
}
