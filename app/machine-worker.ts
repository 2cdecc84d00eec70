// How a worker with the machine in it is made. The address must be written out here for the bundler to see it.
export const startWorker = (): Worker => new Worker(new URL('./machine.worker.ts', import.meta.url), { type: 'module', name: 'machine' })
