// unitlab probe: what the process of a unit may do, one unit a line.
import { createInterface } from 'node:readline'
import { probeUnit } from '@/lib/machine'

export async function probe(): Promise<number> {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue
    let id: unknown
    let answer: unknown
    try {
      const request = JSON.parse(line) as { readonly id: string; readonly unit: string }
      id = request.id
      answer = { id, ...probeUnit(request.id, request.unit) }
    } catch (error) {
      answer = { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
    }
    if (!process.stdout.write(`${JSON.stringify(answer)}\n`)) await new Promise((done) => process.stdout.once('drain', done))
  }
  return 0
}
