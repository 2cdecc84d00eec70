// The one way to talk to PID 1. Errors are `BusError` values, never exceptions.
//
//   const bus = yield* connectBus(process)
//   if (isBusError(bus)) …
//   yield* bus.call('Subscribe', [])
//   const job = yield* bus.call('StartUnit', ['web.service', 'replace'])
//   const results = yield* waitForJobs(bus, new Set([job]))
export * from './client'
export * from './manager'
export * from './protocol'
export * from './value'
