// `systemctl edit`: an editor on a drop-in (or the whole unit), then the file is put in its place.
import { decodeUtf8 } from '@/lib/base'
import { isErrno, O_CREAT, O_EXCL, O_TRUNC, O_WRONLY, type Process, type Syscall } from '@/lib/kernel'
import { isBusError } from '@/lib/systemd/bus'
import { findUnitPaths } from './cat'
import type { Context } from './context'

type Edited = {
  readonly unit: string
  readonly path: string
  readonly temporary: string
  readonly line: number
  readonly isDropIn: boolean
}

const BEGIN = '### Anything between here and the comment below will become the contents of the drop-in file'
const END = '### Edits below this comment will be discarded'

export function* edit(context: Context): Syscall<number> {
  const { settings, console, process } = context
  const tty = yield* process.isatty(0)
  if (!settings.stdin && (!tty || !console.onTty)) return yield* console.fail('Cannot edit units interactively if not on a tty.')
  const files: Edited[] = []
  for (const operand of context.operands) {
    const unit = yield* context.mangle(operand, '.service', true)
    if (unit === undefined) return 1
    const file = yield* target(context, unit)
    if (typeof file === 'number') return file
    files.push(file)
  }
  const contents = new Map<string, string>()
  if (settings.stdin) {
    const text = stripped(yield* readAll(process))
    if (text === '') {
      yield* console.log('warning', 'Stripped stdin content is empty, not writing file.')
      return yield* reload(context)
    }
    for (const file of files) contents.set(file.path, text)
  } else {
    for (const file of files) {
      const failed = yield* writeFile(process, file.temporary, yield* draft(context, file))
      if (failed !== undefined) return yield* console.fail(`Failed to create temporary file for '${file.path}': ${failed}`)
    }
    const status = yield* runEditor(context, files)
    for (const file of files) {
      const text = process.fileReader().readFile(file.temporary)
      yield* process.unlink(file.temporary)
      if (status !== 0 || text === undefined) continue
      contents.set(file.path, stripped(file.isDropIn ? between(decodeUtf8(text)) : decodeUtf8(text)))
    }
    if (status !== 0) return status
  }
  for (const [path, text] of contents) {
    if (text === '') {
      yield* console.log('warning', `${path}: after editing, new contents are empty, not writing file.`)
      continue
    }
    const failed = yield* writeFile(process, path, `${text}\n`)
    if (failed !== undefined) return yield* console.fail(`Failed to rename '${path}': ${failed}`)
    yield* console.log('info', `Successfully installed edited file '${path}'.`)
  }
  return yield* reload(context)
}

function* reload(context: Context): Syscall<number> {
  if (context.settings.noReload || context.settings.global) return 0
  const bus = yield* context.bus()
  if (typeof bus === 'number') return bus
  const done = yield* bus.call('Reload', [])
  return isBusError(done) ? yield* context.console.fail(`Reload daemon failed: ${done.message}`) : 0
}

/** Where the edited text will go. */
function* target(context: Context, unit: string): Syscall<Edited | number> {
  const { settings, console, process } = context
  const paths = yield* findUnitPaths(context, unit)
  if (typeof paths === 'number') return paths
  if (paths.load === 'masked') return yield* console.fail(`Cannot edit ${unit}: unit is masked.`)
  if (paths.fragment === '' && !(settings.force > 0 && settings.full)) {
    yield* console.log('error', `No files found for ${unit}.`)
    yield* console.log('info', `Run 'systemctl edit${context.userOption} --force --full ${unit}' to create a new unit.`)
    return 1
  }
  const base =
    settings.scope === 'user'
      ? `${process.env.XDG_CONFIG_HOME ?? `${process.env.HOME ?? ''}/.config`}/systemd/user`
      : settings.runtime
        ? '/run/systemd/system'
        : '/etc/systemd/system'
  const dropIn = settings.dropIn ?? 'override.conf'
  const path = settings.full ? `${base}/${unit}` : `${base}/${unit}.d/${dropIn.endsWith('.conf') ? dropIn : `${dropIn}.conf`}`
  const slash = path.lastIndexOf('/')
  yield* makeDirectories(process, path.slice(0, slash))
  const temporary = `${path.slice(0, slash)}/.#${path.slice(slash + 1)}${process.random.id128().slice(0, 16)}`
  return { unit, path, temporary, line: settings.full ? 1 : 4, isDropIn: !settings.full }
}

/** What the editor is shown: the drop-in between two marks, below it the unit as it is. */
function* draft(context: Context, file: Edited): Syscall<string> {
  const reader = context.process.fileReader()
  const paths = yield* findUnitPaths(context, file.unit)
  const own = reader.readFile(file.path)
  const fragment = typeof paths === 'number' ? '' : paths.fragment
  const text = (path: string) => decodeUtf8(reader.readFile(path) ?? new Uint8Array(0))
  if (!file.isDropIn) return own === undefined ? (fragment === '' ? '' : text(fragment)) : decodeUtf8(own)
  const others =
    typeof paths === 'number' ? [] : [...(fragment === '' ? [] : [fragment]), ...paths.dropIns.filter((path) => path !== file.path)]
  const shown = others.map(
    (path) =>
      `\n\n### ${path}\n${text(path)
        .replace(/\n+$/, '')
        .split('\n')
        .map((line) => `# ${line}`)
        .join('\n')}`,
  )
  return `### Editing ${file.path}\n${BEGIN}\n\n${own === undefined ? '' : stripped(decodeUtf8(own))}\n\n${END}${shown.join('')}\n`
}

function between(text: string): string {
  const begin = text.indexOf(BEGIN)
  const end = text.indexOf(END)
  if (begin < 0 || end < 0) return text
  return text.slice(begin + BEGIN.length, end)
}

const stripped = (text: string) => text.replace(/^\s+/, '').replace(/\s+$/, '')

function* runEditor(context: Context, files: readonly Edited[]): Syscall<number> {
  const { process, console } = context
  const { env } = process
  const chosen = env.SYSTEMD_EDITOR ?? env.EDITOR ?? env.VISUAL
  const editors = chosen === undefined ? [['editor'], ['nano'], ['vim'], ['vi']] : [chosen.split(/\s+/).filter((word) => word !== '')]
  const paths = files.flatMap((file) => (files.length === 1 && file.isDropIn ? [`+${file.line}`, file.temporary] : [file.temporary]))
  yield* console.flush()
  const pid = yield* process.fork(function* (child) {
    for (const editor of editors) {
      const argv = [...editor, ...paths]
      const name = argv[0] ?? ''
      const candidates = name.includes('/')
        ? [name]
        : (env.PATH ?? '/usr/local/bin:/usr/bin:/bin').split(':').map((directory) => `${directory}/${name}`)
      for (const candidate of candidates) yield* child.exec(candidate, argv, env)
      if (chosen !== undefined) {
        yield* child.write(2, `Failed to execute '${name}': No such file or directory\n`)
        return 1
      }
    }
    yield* child.write(2, 'Cannot edit files, no editor available. Please set either $SYSTEMD_EDITOR, $EDITOR or $VISUAL.\n')
    return 1
  })
  if (isErrno(pid)) return yield* console.fail(`Failed to fork: ${pid.message}`)
  const result = yield* process.waitpid(pid)
  if (isErrno(result) || result === undefined) return 1
  return result.how === 'exited' && result.status === 0 ? 0 : 1
}

function* readAll(process: Process): Syscall<string> {
  let text = ''
  for (;;) {
    const chunk = yield* process.read(0, 65536)
    if (isErrno(chunk) || chunk.length === 0) return text
    text += decodeUtf8(chunk)
  }
}

function* makeDirectories(process: Process, path: string): Syscall<void> {
  let made = ''
  for (const part of path.split('/').slice(1)) {
    made += `/${part}`
    yield* process.mkdir(made, 0o755)
  }
}

function* writeFile(process: Process, path: string, text: string): Syscall<string | undefined> {
  const flags = O_WRONLY | O_CREAT | (path.includes('/.#') ? O_EXCL : O_TRUNC)
  const fd = yield* process.open(path, flags, 0o644)
  if (isErrno(fd)) return fd.message
  yield* process.write(fd, text)
  yield* process.close(fd)
  return undefined
}
