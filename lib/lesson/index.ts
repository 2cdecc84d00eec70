export * from './catalogue'
export * from './lesson'
