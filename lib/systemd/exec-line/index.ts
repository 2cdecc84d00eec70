export * from './expand'
