// systemd-analyze(1): cat-config, unit-files, and what this machine's firmware and TPM have to say: nothing.
import { ANSI_NORMAL, decodeUtf8, globMatches, urlify, type FileReader } from '@/lib/base'
import { unitSearchPath, UnitFileMap } from '@/lib/systemd/fragment'
import { highlightConfiguration, isCommentLine, isSectionLine } from '../highlight-configuration'
import { ANY, type VerbRow } from '../systemd-verbs'
import { pure, type Verb, type VerbContext } from './context'

const ANSI_HIGHLIGHT_MAGENTA = '\x1b[0;1;35m'
const ANSI_HIGHLIGHT_BLUE = '\x1b[0;1;34m'

/** Where configuration lies, the most important first. */
const PREFIXES = ['/etc', '/run', '/usr/local/lib', '/usr/lib']
/** Folders that hold nothing but pieces. */
const COLLECTIONS = [
  'tmpfiles.d',
  'sysusers.d',
  'sysctl.d',
  'modules-load.d',
  'binfmt.d',
  'environment.d',
  'modprobe.d',
  'udev/rules.d',
  'udev/hwdb.d',
]
const EXTENSIONS: Readonly<Record<string, string>> = { 'udev/rules.d': '.rules', 'udev/hwdb.d': '.hwdb' }

/** What is set, and the sections in which something is. */
function withoutComments(text: string): string {
  let section = ''
  let kept = ''
  for (const line of text.split('\n')) {
    if (isCommentLine(line)) continue
    if (isSectionLine(line)) section = `${line}\n`
    else {
      kept += `${section}${line}\n`
      section = ''
    }
  }
  return kept
}

function catFile(path: string, separate: boolean, { reader, look, process, options, output }: VerbContext): void {
  const bytes = reader.readFile(path)
  const shown = look.urlify ? urlify(`file://${process.uname().nodename}${path}`, path) : path
  const heading = look.colors ? `${ANSI_HIGHLIGHT_BLUE}# ${shown}${ANSI_NORMAL}` : `# ${shown}`
  const text = bytes === undefined ? '' : decodeUtf8(bytes)
  const ended = text === '' || text.endsWith('\n') ? text : `${text}\n`
  const kept = options.tldr ? withoutComments(ended) : ended
  output.print(`${separate ? '\n' : ''}${heading}\n${look.colors ? highlightConfiguration(kept) : kept}`)
}

/** Pieces by name, each from the most important folder that has it; a link to /dev/null shows as an empty one. */
function piecesIn(reader: FileReader, folders: readonly string[], extension: string): readonly string[] {
  const found = new Map<string, string>()
  for (const folder of folders) {
    for (const name of reader.readDirectory(folder) ?? []) {
      if (!name.endsWith(extension) || found.has(name)) continue
      found.set(name, `${folder}/${name}`)
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path)
}

function catConfig(args: readonly string[], context: VerbContext): number {
  const { reader, output, look, options } = context
  const root = options.root ?? ''
  for (const [index, arg] of args.entries()) {
    if (index > 0) output.print('\n\n')
    let name = arg
    if (arg.startsWith('/')) {
      const prefix = PREFIXES.find((one) => arg.startsWith(`${one}/`))
      if (prefix === undefined) {
        output.error(`Path ${arg} does not start with any known prefix.`)
        return 1
      }
      name = arg.slice(prefix.length + 1)
    }
    const collection = COLLECTIONS.includes(name)
    const folders = PREFIXES.map((prefix) => `${root}${prefix}/${name}${collection ? '' : '.d'}`)
    const main = collection
      ? undefined
      : PREFIXES.map((prefix) => `${root}${prefix}/${name}`).find((path) => reader.status(path) !== undefined)
    if (!collection && main === undefined) {
      const text = `# Main configuration file ${name} not found`
      output.print(`${look.colors ? `${ANSI_HIGHLIGHT_MAGENTA}${text}${ANSI_NORMAL}` : text}\n`)
    }
    if (main !== undefined) catFile(main, false, context)
    const pieces = piecesIn(reader, folders, EXTENSIONS[name] ?? '.conf')
    for (const [piece, path] of pieces.entries()) catFile(path, main !== undefined || piece > 0, context)
  }
  return 0
}

function unitFiles(patterns: readonly string[], { process, reader, options, output }: VerbContext): number {
  const scope = options.scope === 'user' ? 'user' : 'system'
  const map = new UnitFileMap(reader, unitSearchPath({ scope, environment: new Map(Object.entries(process.env)) }))
  const fits = (...texts: readonly string[]): boolean =>
    patterns.length === 0 || texts.some((text) => patterns.some((pattern) => globMatches(pattern, text, { noEscape: true })))
  const aliases = new Map<string, string[]>()
  for (const name of map.names()) {
    const path = map.pathOf(name)
    if (path === undefined) continue
    if (fits(name, path)) output.print(`ids: ${name} → ${path}\n`)
    const file = path.slice(path.lastIndexOf('/') + 1)
    aliases.set(file, [...(aliases.get(file) ?? []), name])
  }
  for (const [file, names] of aliases) if (fits(file, ...names)) output.print(`aliases: ${file} ← ${names.join(', ')}\n`)
  return 0
}

const PCR_NAMES: readonly string[] = [
  'platform-code',
  'platform-config',
  'external-code',
  'external-config',
  'boot-loader-code',
  'boot-loader-config',
  'host-platform',
  'secure-boot-policy',
  '-',
  'kernel-initrd',
  'ima',
  'kernel-boot',
  'kernel-config',
  'sysexts',
  'shim-policy',
  'system-identity',
  'debug',
  ...Array<string>(6).fill('-'),
  'application-support',
]

/** A machine without a TPM: firmware, driver and libraries are missing. */
function hasTpm2({ reader, options, output }: VerbContext): number {
  const subsystem = reader.status('/sys/class') !== undefined
  if (!options.quiet) {
    const libraries = ['esys', 'rc', 'mu'].map((name) => `  -libtss2-${name}.so.0\n`).join('')
    output.print(`partial\n-firmware\n-driver\n+system\n${subsystem ? '+' : '-'}subsystem\n-libraries\n${libraries}`)
  }
  return 0b10011 | (subsystem ? 0 : 0b01000)
}

const row = (name: string, minimum: number, maximum: number, run: Verb): VerbRow<Verb> => ({ name, minimum, maximum, run })

export const fileVerbs: readonly VerbRow<Verb>[] = [
  row('cat-config', 2, ANY, pure(catConfig)),
  row('unit-files', 0, ANY, pure(unitFiles)),
  row(
    'has-tpm2',
    0,
    1,
    pure((_args, context) => hasTpm2(context)),
  ),
  row(
    'pcrs',
    0,
    ANY,
    pure((_args, { output, options }) => {
      if (!options.quiet) output.log('notice', 'System lacks full TPM2 support, not showing PCR state.')
      output.print(`NR NAME\n${PCR_NAMES.map((name, index) => `${String(index).padStart(2)} ${name}\n`).join('')}`)
      return 0
    }),
  ),
  row(
    'smbios11',
    0,
    1,
    pure((_args, { output, options }) => {
      if (!options.quiet) output.log('info', 'No SMBIOS Type #11 strings passed.')
      return 0
    }),
  ),
]
