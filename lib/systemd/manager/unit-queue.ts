import type { Unit } from './unit'

/** Units to act on; each at most once. */
export class UnitQueue {
  private items: Unit[] = []
  private readonly held = new Set<Unit>()

  add(unit: Unit): void {
    if (this.held.has(unit) || unit.gone) return
    this.held.add(unit)
    this.items.push(unit)
  }

  delete(unit: Unit): void {
    this.held.delete(unit)
  }

  has(unit: Unit): boolean {
    return this.held.has(unit)
  }

  take(): Unit | undefined {
    while (this.items.length > 0) {
      const unit = this.items.shift()
      if (unit !== undefined && this.held.delete(unit) && !unit.gone) return unit
    }
    return undefined
  }

  get size(): number {
    return this.held.size
  }

  takeAll(): readonly Unit[] {
    const all = this.items.filter((unit) => this.held.has(unit) && !unit.gone)
    this.items = []
    this.held.clear()
    return all
  }
}
