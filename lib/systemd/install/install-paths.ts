// After systemd.unit(5), "Unit File Load Path": where unit files lie and which of these places install may write to.
import type { FileReader } from '@/lib/base'

export type InstallScope = 'system' | 'user' | 'global'

export type InstallPaths = {
  readonly scope: InstallScope
  /** In the order of precedence, below `root`. */
  readonly searchPath: readonly string[]
  readonly persistentConfig: string
  readonly runtimeConfig: string
  readonly persistentControl: string
  readonly runtimeControl: string
  readonly transient: string
  readonly generators: readonly string[]
  /** '' for the running machine, else the folder that stands for `/`. */
  readonly root: string
}

export type InstallPathOptions = {
  readonly scope?: InstallScope
  readonly root?: string
  /** For the user scope. */
  readonly home?: string
  readonly runtimeDirectory?: string
}

export function installPaths(options: InstallPathOptions = {}): InstallPaths {
  const scope = options.scope ?? 'system'
  const root = (options.root ?? '').replace(/\/+$/, '')
  if (scope === 'system') {
    const generators = ['/run/systemd/generator.early', '/run/systemd/generator', '/run/systemd/generator.late']
    return {
      scope,
      root,
      persistentConfig: '/etc/systemd/system',
      runtimeConfig: '/run/systemd/system',
      persistentControl: '/etc/systemd/system.control',
      runtimeControl: '/run/systemd/system.control',
      transient: '/run/systemd/transient',
      generators,
      searchPath: [
        '/etc/systemd/system.control',
        '/run/systemd/system.control',
        '/run/systemd/transient',
        '/run/systemd/generator.early',
        '/etc/systemd/system',
        '/etc/systemd/system.attached',
        '/run/systemd/system',
        '/run/systemd/system.attached',
        '/run/systemd/generator',
        '/usr/local/lib/systemd/system',
        '/usr/lib/systemd/system',
        '/run/systemd/generator.late',
      ],
    }
  }
  const home = options.home ?? '/root'
  const runtime = options.runtimeDirectory ?? '/run/user/0'
  const own = scope === 'user' ? `${home}/.config/systemd/user` : '/etc/systemd/user'
  const generators =
    scope === 'user' ? [`${runtime}/systemd/generator.early`, `${runtime}/systemd/generator`, `${runtime}/systemd/generator.late`] : []
  const personal =
    scope === 'user'
      ? [
          `${home}/.config/systemd/user.control`,
          `${runtime}/systemd/user.control`,
          `${runtime}/systemd/transient`,
          `${runtime}/systemd/generator.early`,
          own,
        ]
      : []
  return {
    scope,
    root,
    persistentConfig: own,
    runtimeConfig: scope === 'user' ? `${runtime}/systemd/user` : '/run/systemd/user',
    persistentControl: scope === 'user' ? `${home}/.config/systemd/user.control` : '/etc/systemd/user.control',
    runtimeControl: scope === 'user' ? `${runtime}/systemd/user.control` : '/run/systemd/user.control',
    transient: `${runtime}/systemd/transient`,
    generators,
    searchPath: [
      ...personal,
      '/etc/systemd/user',
      ...(scope === 'user' ? [`${runtime}/systemd/user`] : []),
      '/run/systemd/user',
      ...(scope === 'user' ? [`${runtime}/systemd/generator`, `${home}/.local/share/systemd/user`] : []),
      '/usr/local/share/systemd/user',
      '/usr/share/systemd/user',
      '/usr/local/lib/systemd/user',
      '/usr/lib/systemd/user',
      ...(scope === 'user' ? [`${runtime}/systemd/generator.late`] : []),
    ],
  }
}

/** Below /run, or one of the generators' folders: gone after a reboot. */
export function isRuntimePath(paths: InstallPaths, path: string): boolean {
  return path.startsWith('/run/') || paths.generators.includes(path) || path === paths.runtimeConfig
}

/** A reader that sees `root` as `/`. */
export function readerBelow(reader: FileReader, root: string): FileReader {
  if (root === '') return reader
  const below = (path: string): string => root + path
  return {
    readFile: (path) => reader.readFile(below(path)),
    readDirectory: (path) => reader.readDirectory(below(path)),
    status: (path) => reader.status(below(path)),
    linkStatus: (path) => reader.linkStatus(below(path)),
    readLink: (path) => reader.readLink(below(path)),
  }
}
