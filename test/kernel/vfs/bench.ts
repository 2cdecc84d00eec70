// How long the file tree takes: `npx vite-node test/kernel/vfs/bench.ts`, or bundled by esbuild. Not a test.
import { O_RDONLY, O_WRONLY } from '@/lib/kernel/system-calls'
import { Image, type ImageEntry, openAt, statAt, unlinkAt, Vfs } from '@/lib/kernel/vfs'
import { rootCredentials, userCredentials } from '@/lib/kernel/credentials'

const entries: ImageEntry[] = []
for (let index = 0; index < 3000; index++)
  entries.push({ path: `/usr/lib/package-${index % 60}/part-${index % 7}/file-${index}`, kind: 'file', content: `text ${index}\n` })

function time(name: string, count: number, act: (index: number) => void): void {
  for (let index = 0; index < Math.min(count, 20_000); index++) act(index)
  const start = process.hrtime.bigint()
  for (let index = 0; index < count; index++) act(index)
  const usec = Number(process.hrtime.bigint() - start) / 1000 / count
  console.log(`${name}: ${usec.toFixed(3)} µs`)
}

time('image of 3,000 files', 10, () => void Image.build(entries))
const image = Image.build(entries)
const open = () => new Vfs({ image, nowUsec: () => 0, memoryBytes: 1 << 30 })
time('a machine over an image', 5000, () => void open())
const vfs = open()
const root = vfs.newContext(rootCredentials)
const user = vfs.newContext(userCredentials(1000, 1000, [4, 27]))
time('stat of 5 components, root', 500_000, () => void statAt(root, '/usr/lib/package-3/part-3/file-3'))
time('stat of 5 components, user', 500_000, () => void statAt(user, '/usr/lib/package-3/part-3/file-3'))
time('stat of what is not there', 500_000, () => void statAt(user, '/usr/lib/package-3/part-3/none'))
time('open, read, close', 200_000, () => {
  const description = openAt(root, '/usr/lib/package-3/part-3/file-3', O_RDONLY)
  if ('release' in description) {
    description.read(4096, root)
    description.release()
  }
})
const log = openAt(root, '/usr/log', O_WRONLY | 0o2100, 0o644)
const line = new Uint8Array(80).fill(97)
if ('release' in log) time('append a line', 200_000, () => void log.write(line, root))
time('a private mount namespace', 5000, () => {
  const copy = root.copy()
  copy.unshareMounts()
  copy.release()
})
time('create and unlink', 100_000, () => {
  const description = openAt(root, '/usr/new', O_WRONLY | 0o100, 0o644)
  if ('release' in description) description.release()
  unlinkAt(root, '/usr/new')
})
time('changes of a disk', 50, () => void vfs.disk.changes())
