// unitlab batch: one JSON request a line, one answer a line, each on a fresh machine with no systemd booted.
import { createInterface } from 'node:readline'
import { type OfflineRequest, runOffline } from './offline'

export async function batch(): Promise<number> {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue
    let id: unknown
    let answer: unknown
    try {
      const request = JSON.parse(line) as OfflineRequest
      id = request.id
      answer = { id, ...runOffline(request) }
    } catch (error) {
      answer = { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
    }
    if (!process.stdout.write(`${JSON.stringify(answer)}\n`)) await new Promise((done) => process.stdout.once('drain', done))
  }
  return 0
}
