// The border itself, over a real MessageChannel: requests, events, faults.
import { describe, expect, test } from 'vitest'
import { connectMachine, MachineFault, type MachineEvent, type MachineHost } from '@/lib/machine/client'
import { serveMachine } from '@/lib/machine/worker'

function pair(host: Partial<MachineHost>) {
  const { port1, port2 } = new MessageChannel()
  let emit: (event: MachineEvent) => void = () => {}
  serveMachine(port2, (send) => {
    emit = send
    return host as MachineHost
  })
  port1.start()
  port2.start()
  const client = connectMachine(Object.assign(port1, { terminate: () => port1.close() }))
  return { client, emit: (event: MachineEvent) => emit(event), close: () => port2.close() }
}

describe('the border between page and machine', () => {
  test('answers come to their own question, also out of order', async () => {
    const { client, close } = pair({
      readFile: async (path) => {
        await new Promise((resolve) => setTimeout(resolve, path === '/slow' ? 30 : 1))
        return { errno: 'ENOENT', message: path }
      },
    })
    const answers = await Promise.all([client.readFile('/slow'), client.readFile('/fast')])
    expect(answers).toEqual([
      { errno: 'ENOENT', message: '/slow' },
      { errno: 'ENOENT', message: '/fast' },
    ])
    close()
  })

  test('a thrown error is a fault with its message; an unknown request too', async () => {
    const { client, close } = pair({
      pause: () => {
        throw new Error('out of ideas')
      },
    })
    await expect(client.pause()).rejects.toThrow(new MachineFault('out of ideas'))
    await expect(client.resume()).rejects.toThrow(/does not know the request resume/)
    close()
  })

  test('events reach their listeners until they stop listening', async () => {
    const { client, emit, close } = pair({ listDirectory: () => [] })
    const seen: string[] = []
    const stop = client.listen((event) => seen.push(event.type))
    emit({ type: 'jobs', jobs: [] })
    expect(await client.answers(1000)).toBe(true)
    stop()
    emit({ type: 'jobs', jobs: [] })
    await client.answers(1000)
    expect(seen).toEqual(['jobs'])
    close()
  })

  test('a stuck worker is noticed; after the end every question is refused', async () => {
    const { client, close } = pair({ listDirectory: () => new Promise(() => {}) })
    expect(await client.answers(20)).toBe(false)
    const late = client.listDirectory('/')
    client.terminate()
    await expect(late).rejects.toThrow(MachineFault)
    await expect(client.pause()).rejects.toThrow(MachineFault)
    close()
  })
})
