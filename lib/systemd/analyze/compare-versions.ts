// After systemd-analyze(1): the verb compare-versions.
import { compareVersions, orderSatisfies, readCompareOperator } from '@/lib/base'
import type { Output } from './output'

/** Exit statuses when two arguments are compared. */
const NEWER = 11
const OLDER = 12

/** @param args two versions, perhaps an operator between them */
export function analyzeCompareVersions(args: readonly string[], output: Output): number {
  const versions = [args[0] ?? '', args.at(-1) ?? ''] as const
  versions.forEach((version, index) => {
    if (/^[0-9A-Za-z~.^-]*$/.test(version)) return
    output.log('warning', `Version string ${index + 1} contains disallowed characters, they will be treated as separators: ${version}`)
  })
  const [one, other] = versions
  const order = compareVersions(one, other)
  const shown = (version: string): string => (version === '' ? "''" : version)
  if (args.length < 3) {
    output.print(`${shown(one)} ${order === 0 ? '==' : order < 0 ? '<' : '>'} ${shown(other)}\n`)
    return order === 0 ? 0 : order < 0 ? OLDER : NEWER
  }
  const typed = args[1]!
  const operator = readCompareOperator(typed, { textual: true })
  if (operator === undefined || operator[1] !== '') {
    output.error(`Unknown operator "${operator === undefined ? typed : operator[1]}".`)
    return 1
  }
  return orderSatisfies(order, operator[0]) ? 0 : 1
}
