// Properties whose values are structs come as tuples in D-Bus order; here their fields get names.
import { listOf, structOf, type Properties, type Value } from '@/lib/systemd/bus'

const tested = ['name', 'trigger', 'negate', 'parameter', 'result']

const fieldsOf: Readonly<Record<string, readonly string[]>> = {
  Asserts: tested,
  Conditions: tested,
  EnvironmentFiles: ['path', 'ignoreFailure'],
  Job: ['id', 'type'],
  Listen: ['type', 'address'],
  LoadError: ['name', 'message'],
  Paths: ['type', 'path'],
  TimersCalendar: ['base', 'spec', 'nextElapseUsec'],
  TimersMonotonic: ['base', 'valueUsec', 'nextElapseUsec'],
}

/** One struct of the property by the names of its fields. */
export function namedStruct(property: string, value: Value): Properties {
  const names = fieldsOf[property]
  if (names === undefined || !Array.isArray(value)) return structOf(value)
  return Object.fromEntries(names.map((name, index) => [name, (value as readonly Value[])[index]]))
}

/** Of a property that is one struct. */
export function structNamed(properties: Properties, property: string): Properties {
  return namedStruct(property, properties[property])
}

/** Of a property that is a list of structs. */
export function structsNamed(properties: Properties, property: string): readonly Properties[] {
  return listOf(properties, property).map((one) => namedStruct(property, one))
}

/** Whether a value of the property, or each of its values, is a tuple with named fields. */
export function isTuple(property: string): boolean {
  return property in fieldsOf
}
