export * from './architecture'
export * from './condition'
export * from './host'
