// Which language a file is shown in.

/** Unit files, drop-ins and the configuration files that share their syntax. */
export const isUnitPath = (path: string): boolean =>
  /\.(service|socket|timer|path|target|mount|automount|swap|slice|scope|device|network|netdev|link)$/.test(path) ||
  /\.(service|socket|timer|path|target|mount|automount|swap|slice|scope)\.d\/[^/]+\.conf$/.test(path) ||
  /^\/(etc|run|usr\/lib)\/systemd\/[^/]+\.conf(\.d\/[^/]+\.conf)?$/.test(path)

export const languageOf = (path: string, text: string): 'systemd-unit' | 'shell' | 'python' | 'plaintext' => {
  if (isUnitPath(path)) return 'systemd-unit'
  if (/\.(sh|bash)$/.test(path) || /\/\.(bashrc|profile|bash_profile)$/.test(path) || /^#!.*\b(ba|da)?sh\b/.test(text)) return 'shell'
  return /\.py$/.test(path) || /^#!.*\bpython/.test(text) ? 'python' : 'plaintext'
}
