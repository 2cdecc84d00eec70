export { Service } from './service'
export { serviceType } from './type'
