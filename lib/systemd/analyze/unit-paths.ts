// After systemd.unit(5), "Unit File Load Path": the directories, the most important first.

/** @param environment HOME and XDG_* of the user, for the user scope */
export function unitSearchPaths(
  scope: 'system' | 'user' | 'global',
  environment: Readonly<Record<string, string | undefined>> = {},
): readonly string[] {
  const home = environment['HOME'] ?? '/root'
  const config = environment['XDG_CONFIG_HOME'] ?? `${home}/.config`
  const data = environment['XDG_DATA_HOME'] ?? `${home}/.local/share`
  const runtime = environment['XDG_RUNTIME_DIR']
  const everyone = (list: string, folder: string): string[] =>
    list
      .split(':')
      .filter((path) => path.startsWith('/'))
      .map((path) => path + folder)
  const configDirectories = everyone(environment['XDG_CONFIG_DIRS'] ?? '', '/systemd/user')
  const dataDirectories = everyone(environment['XDG_DATA_DIRS'] ?? '/usr/local/share:/usr/share', '/systemd/user')
  const systemOrUser = [...dataDirectories, '/usr/local/lib/systemd/user', '/usr/lib/systemd/user']
  if (scope === 'global') return ['/etc/systemd/user', '/run/systemd/user', ...systemOrUser]
  if (scope === 'user') {
    const run = (name: string): string[] => (runtime === undefined ? [] : [`${runtime}/systemd/${name}`])
    const all = [
      `${config}/systemd/user.control`,
      ...run('user.control'),
      ...run('transient'),
      ...run('generator.early'),
      `${config}/systemd/user`,
      ...configDirectories,
      '/etc/systemd/user',
      ...run('user'),
      '/run/systemd/user',
      ...run('generator'),
      `${data}/systemd/user`,
      ...systemOrUser,
      ...run('generator.late'),
    ]
    return [...new Set(all)]
  }
  const paths =
    '/etc/systemd/system.control /run/systemd/system.control /run/systemd/transient /run/systemd/generator.early /etc/systemd/system /etc/systemd/system.attached /run/systemd/system /run/systemd/system.attached /run/systemd/generator /usr/local/lib/systemd/system /usr/lib/systemd/system /run/systemd/generator.late'
  return paths.split(' ')
}
