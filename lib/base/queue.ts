/** A binary heap; equal items leave in the order they came in. */
export class StableQueue<T> {
  private readonly items: { value: T; sequence: number }[] = []
  private sequence = 0
  private readonly compare: (a: T, b: T) => number

  constructor(compare: (a: T, b: T) => number) {
    this.compare = compare
  }

  get size(): number {
    return this.items.length
  }

  peek(): T | undefined {
    return this.items[0]?.value
  }

  push(value: T): void {
    const items = this.items
    items.push({ value, sequence: this.sequence++ })
    let index = items.length - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!this.before(index, parent)) break
      this.swap(index, parent)
      index = parent
    }
  }

  pop(): T | undefined {
    const items = this.items
    const first = items[0]
    const last = items.pop()
    if (first === undefined || last === undefined) return undefined
    if (items.length === 0) return first.value
    items[0] = last
    let index = 0
    for (;;) {
      const left = 2 * index + 1
      const right = left + 1
      let least = index
      if (left < items.length && this.before(left, least)) least = left
      if (right < items.length && this.before(right, least)) least = right
      if (least === index) return first.value
      this.swap(index, least)
      index = least
    }
  }

  private before(a: number, b: number): boolean {
    const one = this.items[a]!
    const other = this.items[b]!
    const order = this.compare(one.value, other.value)
    return order === 0 ? one.sequence < other.sequence : order < 0
  }

  private swap(a: number, b: number): void {
    const held = this.items[a]!
    this.items[a] = this.items[b]!
    this.items[b] = held
  }
}
