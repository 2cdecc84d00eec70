export * from './errno'
export * from './signal'
export * from './system-calls'
export * from './wait'
