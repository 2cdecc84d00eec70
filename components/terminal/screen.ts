// One xterm bound to one terminal of a machine. It outlives React's components: panes come and go, the screen stays.
import { FitAddon } from '@xterm/addon-fit'
import { SearchAddon } from '@xterm/addon-search'
import { WebLinksAddon } from '@xterm/addon-web-links'
import { Terminal } from '@xterm/xterm'
import '@xterm/xterm/css/xterm.css'
import type { MachineSession } from '../machine/session'
import { openInEditor } from '../editor/open-requests'
import { darkTheme, lightTheme } from './theme'

export type ScreenLook = { readonly dark: boolean; readonly fontSize: number; readonly screenReader: boolean; readonly label: string }

const screens = new WeakMap<MachineSession, Map<number, Screen>>()

export class Screen {
  readonly terminal: Terminal
  readonly search = new SearchAddon()
  readonly element = document.createElement('div')
  private readonly fit = new FitAddon()
  private readonly session: MachineSession
  private readonly number: number
  private opened = false
  private waiting = ''
  private frame = 0
  private connectedAt = 0
  /** Ctrl or Alt of the key bar, for the next key. */
  modifier: 'ctrl' | 'alt' | undefined

  constructor(session: MachineSession, number: number) {
    this.session = session
    this.number = number
    this.element.style.height = '100%'
    this.terminal = new Terminal({
      fontFamily: "'JetBrains Mono Variable', ui-monospace, D2Coding, 'Noto Sans Mono CJK KR', monospace",
      lineHeight: 1.25,
      scrollback: 5000,
      cursorBlink: false,
      macOptionIsMeta: true,
      minimumContrastRatio: 4.5,
      allowProposedApi: false,
      // Links that programs print (OSC 8) name files of the machine, not addresses of the web.
      linkHandler: { activate: (_event, address) => this.follow(address), allowNonHttpProtocols: true },
    })
    this.terminal.loadAddon(this.fit)
    this.terminal.loadAddon(this.search)
    this.terminal.loadAddon(new WebLinksAddon((_event, address) => window.open(address, '_blank', 'noopener,noreferrer')))
    this.terminal.onData((data) => this.send(this.modified(data)))
    this.terminal.onBinary((data) => this.send(data))
    this.terminal.onResize(({ cols, rows }) => {
      if (this.id !== undefined) void session.client?.resize(this.id, cols, rows)
    })
    // nano, vi and systemctl edit ask the page to open a file: OSC 777 ; open ; PATH.
    this.terminal.parser.registerOscHandler(777, (data) => {
      const [verb, ...rest] = data.split(';')
      if (verb !== 'open') return false
      openInEditor(session, rest.join(';'))
      return true
    })
    this.terminal.attachCustomKeyEventHandler((event) => !isPageKey(event))
    session.listen((event) => {
      if (event.type === 'output' && event.terminal === this.id) this.receive(event.data)
    })
    let status = session.status
    session.store.subscribe(({ machine }) => {
      if (machine.status === status) return
      status = machine.status
      if (status === 'starting') this.terminal.reset()
      if (status === 'running') this.connect()
    })
  }

  private get id(): number | undefined {
    return this.session.terminal(this.number)?.id
  }

  /** Puts the screen into the page. */
  show(parent: HTMLElement): void {
    parent.append(this.element)
    if (!this.opened) {
      this.opened = true
      this.terminal.open(this.element)
    }
    this.refit()
    this.connect()
  }

  refit(): void {
    if (this.element.clientWidth < 40 || this.element.clientHeight < 20) return
    this.fit.fit()
  }

  look({ dark, fontSize, screenReader, label }: ScreenLook): void {
    this.terminal.options.theme = dark ? darkTheme : lightTheme
    this.terminal.options.fontSize = fontSize
    this.terminal.options.screenReaderMode = screenReader
    this.terminal.textarea?.setAttribute('aria-label', label)
    this.refit()
  }

  send(data: string): void {
    if (this.id !== undefined) void this.session.client?.input(this.id, data)
  }

  focus(): void {
    this.terminal.focus()
  }

  /** The visible screen and what scrolled away, for tests and for copying. */
  text(): string {
    const buffer = this.terminal.buffer.active
    const lines: string[] = []
    for (let row = 0; row < buffer.length; row++) {
      const line = buffer.getLine(row)
      if (line === undefined) continue
      const text = line.translateToString(true)
      if (line.isWrapped && lines.length > 0) lines[lines.length - 1] += text
      else lines.push(text)
    }
    return lines.join('\n').trimEnd()
  }

  dispose(): void {
    cancelAnimationFrame(this.frame)
    this.terminal.dispose()
    this.element.remove()
  }

  private connect(): void {
    if (this.session.status !== 'running' || !this.opened) return
    this.connectedAt ||= performance.now()
    if (this.id !== undefined) {
      const earlier = this.session.takeEarlierOutput(this.number)
      if (earlier === '') return
      this.terminal.write(earlier)
      void this.session.client?.resize(this.id, this.terminal.cols, this.terminal.rows)
      return
    }
    void this.session.connectTerminal(this.number, this.terminal.cols, this.terminal.rows)
  }

  private follow(address: string): void {
    if (address.startsWith('file://')) openInEditor(this.session, decodeURIComponent(new URL(address).pathname))
    else if (/^https?:/.test(address)) window.open(address, '_blank', 'noopener,noreferrer')
  }

  private modified(data: string): string {
    const { modifier } = this
    this.modifier = undefined
    if (modifier === 'ctrl' && /^[@-_a-z]$/i.test(data)) return String.fromCharCode(data.toUpperCase().charCodeAt(0) & 0x1f)
    return modifier === 'alt' ? `\x1b${data}` : data
  }

  /** Output is written once a frame, and acknowledged when it is on the screen, so that a flood cannot bury the page. */
  private receive(data: string): void {
    this.waiting += data
    const state = this.session.store.getState()
    if (!this.element.isConnected || this.element.offsetParent === null) {
      // The first prompt is no news.
      const news = performance.now() - this.connectedAt > 3000
      if (news && this.session.terminal(this.number)?.unread === false) this.session.patchTerminal(this.number, { unread: true })
    } else if (state.terminals.find((row) => row.number === this.number)?.unread) this.session.patchTerminal(this.number, { unread: false })
    if (this.frame !== 0) return
    const flush = () => {
      this.frame = 0
      const { waiting } = this
      this.waiting = ''
      const { id } = this
      this.terminal.write(waiting, () => {
        if (id !== undefined) void this.session.client?.acknowledge(id, waiting.length)
      })
    }
    this.frame = document.hidden ? window.setTimeout(flush, 50) : requestAnimationFrame(flush)
  }
}

/** Keys that belong to the page even while the terminal has the focus. */
function isPageKey(event: KeyboardEvent): boolean {
  if (event.key === 'F6') return true
  return event.altKey && !event.ctrlKey && !event.metaKey && (event.key === 'Enter' || /^Digit[123]$/.test(event.code))
}

export function screenOf(session: MachineSession, number: number): Screen {
  let all = screens.get(session)
  if (all === undefined) {
    all = new Map()
    screens.set(session, all)
  }
  let screen = all.get(number)
  if (screen === undefined) {
    screen = new Screen(session, number)
    all.set(number, screen)
  }
  return screen
}

export function dropScreen(session: MachineSession, number: number): void {
  screens.get(session)?.get(number)?.dispose()
  screens.get(session)?.delete(number)
}
