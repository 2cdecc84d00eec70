// After systemd.unit(5), "Unit File Load Path", and path-lookup.c.

export type SearchPathFacts = {
  readonly scope: 'system' | 'user'
  /** Of the user; for the user's manager. */
  readonly home?: string
  readonly environment?: ReadonlyMap<string, string>
  readonly uid?: number
}

/** Directories with units, the first ones winning. */
export function unitSearchPath(facts: SearchPathFacts): string[] {
  if (facts.scope === 'system') {
    return [
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
    ]
  }
  const environment = facts.environment ?? new Map<string, string>()
  const home = facts.home ?? environment.get('HOME') ?? '/root'
  const configHome = environment.get('XDG_CONFIG_HOME') ?? `${home}/.config`
  const dataHome = environment.get('XDG_DATA_HOME') ?? `${home}/.local/share`
  const runtime = environment.get('XDG_RUNTIME_DIR')
  const split = (name: string, otherwise: string) => (environment.get(name) ?? otherwise).split(':').filter((one) => one.startsWith('/'))
  const configDirs = split('XDG_CONFIG_DIRS', '/etc/xdg')
  const dataDirs = split('XDG_DATA_DIRS', '/usr/local/share:/usr/share')
  const inRuntime = (name: string) => (runtime === undefined ? [] : [`${runtime}/systemd/${name}`])
  const paths = [
    `${configHome}/systemd/user.control`,
    ...inRuntime('user.control'),
    ...inRuntime('transient'),
    ...inRuntime('generator.early'),
    `${configHome}/systemd/user`,
    ...configDirs.map((one) => `${one}/systemd/user`),
    '/etc/systemd/user',
    ...inRuntime('user'),
    '/run/systemd/user',
    ...inRuntime('generator'),
    `${dataHome}/systemd/user`,
    ...dataDirs.map((one) => `${one}/systemd/user`),
    '/usr/local/lib/systemd/user',
    '/usr/lib/systemd/user',
    ...inRuntime('generator.late'),
  ]
  return [...new Set(paths)]
}
