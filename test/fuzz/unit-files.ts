// Unit files as nobody writes them: random, mutated, recombined.
import fc from 'fast-check'
import { directivesOf, SECTIONS } from '@/lib/systemd/directives'

const keys = SECTIONS.flatMap((section) => [...directivesOf(section).keys()])
const values = [...new Set(SECTIONS.flatMap((section) => [...directivesOf(section).values()].flatMap((row) => row.parser.values ?? [])))]

const SEEDS = [
  '[Unit]\nDescription=Web\nAfter=network.target a.service\nRequires=a.service\n\n[Service]\nType=notify\nExecStart=-/usr/bin/web --port=%i "a b" ${X} $Y ; /bin/true\nRestart=on-failure # why\nUser=www-data\n\n[Install]\nWantedBy=multi-user.target\n',
  '[Timer]\nOnCalendar=Mon..Fri *-*-* 09:00/15\nOnUnitActiveSec=1h 5min\nPersistent=true\n',
  '[Socket]\nListenStream=[::1]:80\nListenFIFO=/run/x\nAccept=yes\nSocketMode=0600\n',
  '[Service]\nExecStart=/bin/sh -c \\\n  # comment\n  "echo \\x41 \\\n  b"\nSystemCallFilter=~@mount @clock:EPERM\nCapabilityBoundingSet=~CAP_SYS_ADMIN\nEnvironment="A=b c" D=%n\n',
  '[Mount]\nWhat=tmpfs\nWhere=/mnt/x\nOptions=size=10%\n',
  '[Path]\nPathChanged=/etc/%i\nUnit=x@%i.service\n',
]
const PIECES = [
  ...[
    '=',
    '\n',
    '\r\n',
    '\0',
    '\\\n',
    '\\',
    '"',
    "'",
    '[',
    ']',
    '%',
    '%%',
    '%i',
    '%Z',
    '$',
    '${',
    '${A}',
    '$$',
    '#',
    ';',
    ' ',
    '\t',
    '\ufeff',
    '\ud800',
    '\udc80',
    '한국어',
    '😀',
    '￿',
  ],
  ...[
    '-',
    '@',
    ':',
    '+',
    '!!',
    '|',
    '&&',
    '>',
    '~',
    '/',
    '../',
    '.service',
    '@.service',
    'infinity',
    '-1',
    '18446744073709551616',
    '1e9',
    '0x10',
    '100%',
  ],
]

const key = fc.constantFrom(...keys)
const value = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...values) },
  { weight: 3, arbitrary: fc.array(fc.constantFrom(...PIECES, ...values), { maxLength: 6 }).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
)
const line = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(key, value).map(([name, text]) => `${name}=${text}`) },
  { weight: 1, arbitrary: fc.constantFrom(...SECTIONS).map((name) => `[${name}]`) },
  { weight: 1, arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: 5 }).map((parts) => parts.join('')) },
)
const made = fc.array(line, { maxLength: 25 }).map((lines) => lines.join('\n'))

/** Cuts, doubles and puts pieces into a text. */
const mutated = fc
  .tuple(
    fc.constantFrom(...SEEDS),
    fc.array(fc.tuple(fc.nat(2000), fc.nat(30), fc.constantFrom('cut', 'put', 'double', 'line'), fc.constantFrom(...PIECES), line), {
      maxLength: 8,
    }),
  )
  .map(([seed, steps]) =>
    steps.reduce((text, [position, length, how, piece, one]) => {
      const at = text.length === 0 ? 0 : position % text.length
      if (how === 'cut') return text.slice(0, at) + text.slice(at + length)
      if (how === 'put') return text.slice(0, at) + piece + text.slice(at)
      if (how === 'line') return `${text.slice(0, at)}\n${one}\n${text.slice(at)}`
      return text.slice(0, at) + text.slice(at, at + length) + text.slice(at)
    }, seed),
  )

export const unitText = fc.oneof(
  { weight: 3, arbitrary: made },
  { weight: 4, arbitrary: mutated },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
)

export const unitPath = fc.constantFrom(
  ...['service', 'socket', 'timer', 'path', 'mount', 'automount', 'swap', 'target', 'slice', 'scope', 'device'].map(
    (type) => `/etc/systemd/system/fuzz.${type}`,
  ),
  ...[
    '/etc/systemd/system/fuzz@.service',
    '/etc/systemd/system/web.service.d/10.conf',
    '/etc/systemd/system/service.d/x.conf',
    '/etc/systemd/system/web-.service.d/x.conf',
    '/root/alone.service',
    '/home/learner/.config/systemd/user/u.service',
  ],
)
