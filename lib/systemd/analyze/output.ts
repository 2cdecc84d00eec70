// What a verb of systemd-analyze answers: text for standard output and log lines, in the order they came.

export type OutputLevel = 'error' | 'warning' | 'notice' | 'info'
export type OutputItem =
  | { readonly stream: 'stdout'; readonly text: string }
  | { readonly stream: 'log'; readonly level: OutputLevel; readonly text: string }

export class Output {
  readonly items: OutputItem[] = []

  /** Text as it is, newlines included. */
  print(text: string): void {
    this.items.push({ stream: 'stdout', text })
  }

  log(level: OutputLevel, text: string): void {
    this.items.push({ stream: 'log', level, text })
  }

  error(text: string): void {
    this.log('error', text)
  }

  /** All of standard output. */
  get stdout(): string {
    return this.items.map((item) => (item.stream === 'stdout' ? item.text : '')).join('')
  }

  /** The log lines, each with its newline. */
  get stderr(): string {
    return this.items.map((item) => (item.stream === 'log' ? `${item.text}\n` : '')).join('')
  }
}

/** How tables may look. */
export type Appearance = {
  readonly colors: boolean
  readonly urlify: boolean
  /** Columns that a table may take; absent: as many as it needs. */
  readonly width: number | undefined
}

export const PLAIN: Appearance = { colors: false, urlify: false, width: undefined }
