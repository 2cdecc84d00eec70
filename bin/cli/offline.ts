// One command on a fresh machine that boots no systemd: what `batch` and `exec` share.
import { readFileSync } from 'node:fs'
import { localTimeOf, parseTimestamp } from '@/lib/base'
import { type Image, labDisk, runAlone, type TreeDescription, type TreeFile, treeDisk, treeEntry } from '@/lib/machine'

type RequestFile = TreeFile | { readonly b64: string; readonly mode?: string | number }
export type OfflineRequest = {
  readonly id?: unknown
  readonly tree?: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly now?: string
  readonly argv: readonly string[]
  readonly files?: Readonly<Record<string, RequestFile>>
}
export type OfflineAnswer = { readonly status: number; readonly stdout: string; readonly stderr: string }

const trees = new Map<string, Image>()

function diskOf(tree: string | undefined): Image {
  if (tree === undefined) return labDisk()
  const known = trees.get(tree)
  if (known !== undefined) return known
  const image = treeDisk(JSON.parse(readFileSync(tree, 'utf8')) as TreeDescription)
  trees.set(tree, image)
  return image
}

const plain = (file: RequestFile): TreeFile =>
  typeof file === 'object' && 'b64' in file
    ? { content: new Uint8Array(Buffer.from(file.b64, 'base64')), ...(file.mode === undefined ? {} : { mode: file.mode }) }
    : file

function startOf(text: string, tz: string | undefined): number {
  const seconds = Math.floor(Date.now() / 1000)
  const now = parseTimestamp(text, { local: localTimeOf(tz, undefined, seconds), nowUsec: seconds * 1_000_000, tz })
  if (typeof now !== 'number') throw new Error(`not a time: ${text}`)
  return now
}

export function runOffline(request: OfflineRequest): OfflineAnswer {
  const files = Object.entries(request.files ?? {}).map(([path, file]) => treeEntry(path, plain(file)))
  const disk = diskOf(request.tree)
  const nowUsec = startOf(request.now ?? '@1768480496', request.env?.TZ)
  return runAlone({
    image: files.length === 0 ? disk : disk.with(files),
    argv: request.argv,
    env: request.env ?? { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LANG: 'C.UTF-8' },
    cwd: request.cwd ?? '/',
    nowUsec,
  })
}
