export * from './check'
export * from './checks'
export * from './exercise'
export * from './words'
