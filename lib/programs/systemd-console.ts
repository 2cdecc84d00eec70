// How systemd's tools talk to people: colours, links and widths by what is connected, log lines on standard error.
import { ANSI_GREY, ANSI_HIGHLIGHT, ANSI_HIGHLIGHT_RED, ANSI_HIGHLIGHT_YELLOW, ANSI_NORMAL, type TableOptions } from '@/lib/base'
import { isErrno, type Process, type Syscall } from '@/lib/kernel'

export type LogLine = 'error' | 'warning' | 'notice' | 'info' | 'debug'

const logColors: Readonly<Record<LogLine, string>> = {
  error: ANSI_HIGHLIGHT_RED,
  warning: ANSI_HIGHLIGHT_YELLOW,
  notice: ANSI_HIGHLIGHT,
  info: '',
  debug: ANSI_GREY,
}

const isYes = (text: string) => /^(1|yes|y|true|t|on)$/i.test(text)
const isNo = (text: string) => /^(0|no|n|false|f|off)$/i.test(text)

export class Console {
  readonly process: Process
  /** Standard output is a terminal. */
  readonly onTty: boolean
  readonly colors: boolean
  readonly links: boolean
  readonly columns: number
  readonly hostname: string
  quiet = false
  private readonly stderrTty: boolean
  private readonly stderrColors: boolean
  private held = ''

  private constructor(process: Process, stdoutTty: boolean, stderrTty: boolean, columns: number) {
    const { env } = process
    const wish = env.SYSTEMD_COLORS
    const dumb = env.TERM === undefined || env.TERM === 'dumb' || env.NO_COLOR !== undefined
    const colored = (tty: boolean) =>
      wish === undefined ? tty && !dumb : isNo(wish) || wish === '' ? false : isYes(wish) || /^(16|256|24bit|auto-.*)$/.test(wish)
    this.process = process
    this.onTty = stdoutTty
    this.stderrTty = stderrTty
    this.colors = colored(stdoutTty)
    this.stderrColors = colored(stderrTty)
    const urlify = env.SYSTEMD_URLIFY
    this.links = urlify === undefined ? stdoutTty && env.TERM !== 'dumb' && env.TERM !== undefined : isYes(urlify)
    this.columns = columns
    this.hostname = process.uname().nodename
  }

  static *open(process: Process): Syscall<Console> {
    const stdoutTty = yield* process.isatty(1)
    const stderrTty = yield* process.isatty(2)
    return new Console(process, stdoutTty, stderrTty, yield* columnsOf(process, stdoutTty))
  }

  get tableOptions(): TableOptions {
    return { colors: this.colors, urlify: this.links, ...(this.onTty ? { width: this.columns } : {}), header: true }
  }

  paint(color: string, text: string): string {
    return this.colors && color !== '' ? `${color}${text}${ANSI_NORMAL}` : text
  }

  /** Text for standard output; it goes out in large pieces, before any log line and at `flush`. False: nobody reads. */
  *print(text: string): Syscall<boolean> {
    this.held += text
    return this.held.length < 32768 ? true : yield* this.flush()
  }

  *flush(): Syscall<boolean> {
    if (this.held === '') return true
    const text = this.held
    this.held = ''
    return !isErrno(yield* this.process.write(1, text))
  }

  *log(level: LogLine, text: string): Syscall<void> {
    yield* this.flush()
    const color = logColors[level]
    const end = this.stderrTty ? '\r\n' : '\n'
    const lines = text.split('\n').map((line) => (this.stderrColors && color !== '' ? `${color}${line}${ANSI_NORMAL}` : line) + end)
    yield* this.process.write(2, lines.join(''))
  }

  /** Complains and gives the exit status of failure. */
  *fail(text: string, status = 1): Syscall<number> {
    yield* this.log('error', text)
    return status
  }
}

function* columnsOf(process: Process, tty: boolean): Syscall<number> {
  const wish = process.env.COLUMNS
  if (wish !== undefined && /^[1-9]\d{0,4}$/.test(wish)) return Number(wish)
  if (!tty) return 80
  const size = yield* process.getWindowSize(1)
  return isErrno(size) || size.columns === 0 ? 80 : size.columns
}

/** What `--version` of all of them prints. */
export const FEATURES =
  '+PAM +AUDIT +SELINUX +APPARMOR +IMA +IPE +SMACK +SECCOMP +GCRYPT -GNUTLS +OPENSSL +ACL +BLKID +CURL +ELFUTILS +FIDO2 +IDN2 -IDN +IPTC +KMOD +LIBCRYPTSETUP +LIBCRYPTSETUP_PLUGINS +LIBFDISK +PCRE2 +PWQUALITY +P11KIT +QRENCODE +TPM2 +BZIP2 +LZ4 +XZ +ZLIB +ZSTD +BPF_FRAMEWORK +BTF -XKBCOMMON -UTMP +SYSVINIT +LIBARCHIVE'

export function* printVersion(console: Console): Syscall<number> {
  const features = FEATURES.split(' ').map((word) => {
    const [bold, plain] = word.startsWith('+') ? ['\x1b[0;1;32m', '\x1b[0;32m'] : ['\x1b[0;1;31m', '\x1b[0;31m']
    return console.colors ? `${bold}${word[0]}${plain}${word.slice(1)}${ANSI_NORMAL}` : word
  })
  yield* console.print(`${console.paint(ANSI_HIGHLIGHT, 'systemd 257')} (257.13-1~deb13u1)\n${features.join(' ')}\n`)
  yield* console.flush()
  return 0
}
