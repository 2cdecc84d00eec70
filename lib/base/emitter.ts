/** Typed events out of the machine. Listeners run in the order they were added. */
export class Emitter<Events extends { readonly type: string }> {
  private listeners: readonly ((event: Events) => void)[] = []

  /** Returns the function that stops listening. */
  listen(listener: (event: Events) => void): () => void {
    this.listeners = [...this.listeners, listener]
    return () => {
      this.listeners = this.listeners.filter((one) => one !== listener)
    }
  }

  emit(event: Events): void {
    for (const listener of this.listeners) listener(event)
  }

  get hasListeners(): boolean {
    return this.listeners.length > 0
  }
}
