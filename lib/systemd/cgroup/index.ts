export * from './cgroup'
export * from './attributes'
