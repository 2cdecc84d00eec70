// Shell variables: attributes, arrays, and the scopes that functions open. After bash(1), PARAMETERS.

export type Variable = {
  /** Undefined: declared but not set. For arrays see `items`. */
  value: string | undefined
  /** An indexed array (ascending keys are kept on reading). */
  indexed: Map<number, string> | undefined
  associative: Map<string, string> | undefined
  exported: boolean
  readonly: boolean
  integer: boolean
  lower: boolean
  upper: boolean
  nameref: boolean
}

export type Scope = Map<string, Variable>

export function newVariable(value?: string): Variable {
  return {
    value,
    indexed: undefined,
    associative: undefined,
    exported: false,
    readonly: false,
    integer: false,
    lower: false,
    upper: false,
    nameref: false,
  }
}

function copyVariable(variable: Variable): Variable {
  return {
    ...variable,
    indexed: variable.indexed && new Map(variable.indexed),
    associative: variable.associative && new Map(variable.associative),
  }
}

export const isName = (text: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(text)

/** A value that the shell computes when it is read. */
export type DynamicVariable = { readonly read: () => string | readonly string[] | undefined; readonly write?: (value: string) => void }

export class Variables {
  private scopes: Scope[] = [new Map()]
  readonly dynamic = new Map<string, DynamicVariable>()

  /** A copy for a forked shell; dynamic ones are the new owner's to add. */
  copy(): Variables {
    const other = new Variables()
    other.scopes = this.scopes.map((scope) => new Map(Array.from(scope, ([name, variable]) => [name, copyVariable(variable)])))
    return other
  }

  get depth(): number {
    return this.scopes.length
  }

  pushScope(): void {
    this.scopes.push(new Map())
  }

  popScope(): void {
    this.scopes.pop()
  }

  /** The variable itself, without following a nameref. */
  lookup(name: string): Variable | undefined {
    const scopes = this.scopes
    for (let index = scopes.length - 1; index >= 0; index--) {
      const variable = scopes[index]!.get(name)
      if (variable !== undefined) return variable
    }
    return undefined
  }

  /** Follows namerefs; returns the name that is meant. */
  resolve(name: string): string {
    let current = name
    for (let hops = 0; hops < 10; hops++) {
      const variable = this.lookup(current)
      if (variable?.nameref !== true || variable.value === undefined || variable.value === '') return current
      current = variable.value
    }
    return current
  }

  get(name: string): string | undefined {
    const dynamic = this.dynamic.get(name)
    if (dynamic !== undefined) {
      const value = dynamic.read()
      return typeof value === 'string' || value === undefined ? value : value[0]
    }
    const variable = this.lookup(name)
    if (variable === undefined) return undefined
    if (variable.nameref && variable.value !== undefined && variable.value !== '') {
      const target = this.resolve(name)
      return target === name ? undefined : this.getTarget(target)
    }
    return scalarOf(variable)
  }

  private getTarget(target: string): string | undefined {
    const bracket = /^([A-Za-z_]\w*)\[(.*)\]$/s.exec(target)
    if (bracket === null) return this.get(target)
    const variable = this.lookup(bracket[1]!)
    return variable?.associative?.get(bracket[2]!) ?? variable?.indexed?.get(Number(bracket[2]))
  }

  /** The variable of this name, made in the global scope when there is none. */
  ensure(name: string): Variable {
    const known = this.lookup(name)
    if (known !== undefined) return known
    const variable = newVariable()
    this.scopes[0]!.set(name, variable)
    return variable
  }

  /** A variable of the innermost function (or global outside of one). */
  declareLocal(name: string): Variable {
    const scope = this.scopes[this.scopes.length - 1]!
    let variable = scope.get(name)
    if (variable === undefined) {
      variable = newVariable()
      const outer = this.lookup(name)
      if (outer?.exported === true) variable.exported = true
      scope.set(name, variable)
    }
    return variable
  }

  declareGlobal(name: string): Variable {
    let variable = this.scopes[0]!.get(name)
    if (variable === undefined) {
      variable = newVariable()
      this.scopes[0]!.set(name, variable)
    }
    return variable
  }

  isLocal(name: string): boolean {
    return this.scopes.length > 1 && this.scopes[this.scopes.length - 1]!.has(name)
  }

  /** Sets without any check: for the shell's own use. */
  assign(name: string, value: string): void {
    const dynamic = this.dynamic.get(name)
    if (dynamic !== undefined) {
      dynamic.write?.(value)
      return
    }
    setScalar(this.ensure(this.resolve(name)), value)
  }

  export(name: string, value?: string): void {
    const variable = this.ensure(name)
    variable.exported = true
    if (value !== undefined) setScalar(variable, value)
  }

  unset(name: string): void {
    this.dynamic.delete(name)
    for (let index = this.scopes.length - 1; index >= 0; index--) {
      const scope = this.scopes[index]!
      if (!scope.has(name)) continue
      const top = index === this.scopes.length - 1 && index > 0
      if (top) scope.set(name, newVariable())
      else scope.delete(name)
      return
    }
  }

  /** Array items in order as [key, value]; a scalar is item 0. */
  items(name: string): readonly (readonly [key: string, value: string])[] {
    const dynamic = this.dynamic.get(name)
    if (dynamic !== undefined) {
      const value = dynamic.read()
      if (value === undefined) return []
      return typeof value === 'string' ? [['0', value]] : value.map((item, index) => [String(index), item] as const)
    }
    const variable = this.lookup(this.resolve(name))
    if (variable === undefined) return []
    if (variable.associative !== undefined) return [...variable.associative]
    if (variable.indexed !== undefined) return sortedItems(variable.indexed)
    return variable.value === undefined ? [] : [['0', variable.value]]
  }

  names(): readonly string[] {
    const all = new Set<string>(this.dynamic.keys())
    for (const scope of this.scopes) for (const name of scope.keys()) all.add(name)
    return [...all].sort(byByte)
  }

  environment(): Record<string, string> {
    const result: Record<string, string> = {}
    for (const scope of this.scopes) {
      for (const [name, variable] of scope) {
        if (variable.exported && variable.value !== undefined) result[name] = variable.value
        else if (name in result) delete result[name]
      }
    }
    return result
  }
}

export const byByte = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function sortedItems(items: ReadonlyMap<number, string>): readonly (readonly [string, string])[] {
  let previous = -1
  let ordered = true
  for (const key of items.keys()) {
    if (key < previous) ordered = false
    previous = key
  }
  const pairs = ordered ? [...items] : [...items].sort(([a], [b]) => a - b)
  return pairs.map(([key, value]) => [String(key), value] as const)
}

export function scalarOf(variable: Variable): string | undefined {
  if (variable.indexed !== undefined) return variable.indexed.get(0)
  if (variable.associative !== undefined) return variable.associative.get('0')
  return variable.value
}

export function setScalar(variable: Variable, value: string): void {
  const stored = variable.lower ? value.toLowerCase() : variable.upper ? value.toUpperCase() : value
  if (variable.indexed !== undefined) variable.indexed.set(0, stored)
  else if (variable.associative !== undefined) variable.associative.set('0', stored)
  else variable.value = stored
}

export function lastIndex(items: ReadonlyMap<number, string>): number {
  let last = -1
  for (const key of items.keys()) if (key > last) last = key
  return last
}
