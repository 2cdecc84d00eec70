// Reading the loosely typed values of properties.
import type { Properties, Value } from './protocol'

export function textOf(properties: Properties, name: string): string {
  const value = properties[name]
  return typeof value === 'string' ? value : value === undefined ? '' : String(value)
}

export function numberOf(properties: Properties, name: string): number {
  const value = properties[name]
  return typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : 0
}

export function booleanOf(properties: Properties, name: string): boolean {
  return properties[name] === true
}

export function listOf(properties: Properties, name: string): readonly Value[] {
  const value = properties[name]
  return Array.isArray(value) ? (value as readonly Value[]) : []
}

export function textsOf(properties: Properties, name: string): readonly string[] {
  return listOf(properties, name).filter((one) => typeof one === 'string')
}

/** The fields of a struct value. */
export function structOf(value: Value): Properties {
  return typeof value === 'object' && !Array.isArray(value) ? (value as Properties) : {}
}
