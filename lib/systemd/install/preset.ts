// After systemd.preset(5): which units a distribution wants enabled.
import { decodeUtf8, type FileReader } from '@/lib/base'
import { unitNameIsValid, unitNameKind, unitNameTemplate } from '../unit-name'
import type { InstallPaths } from './install-paths'

export type PresetRule = {
  readonly action: 'enable' | 'disable' | 'ignore'
  readonly pattern: string
  readonly instances: readonly string[]
}

const folders = {
  system: [
    '/etc/systemd/system-preset',
    '/run/systemd/system-preset',
    '/usr/local/lib/systemd/system-preset',
    '/usr/lib/systemd/system-preset',
  ],
  user: ['/etc/systemd/user-preset', '/run/systemd/user-preset', '/usr/local/lib/systemd/user-preset', '/usr/lib/systemd/user-preset'],
}

/** fnmatch(3) with `*`, `?` and brackets; no flags. */
export function globMatches(pattern: string, text: string): boolean {
  let source = ''
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] ?? ''
    if (char === '*') source += '.*'
    else if (char === '?') source += '.'
    else if (char === '[') {
      const end = pattern.indexOf(']', i + 2)
      if (end < 0) source += '\\['
      else {
        source += `[${pattern
          .slice(i + 1, end)
          .replace(/^!/, '^')
          .replace(/\\/g, '\\\\')}]`
        i = end
      }
    } else source += char.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  }
  return new RegExp(`^${source}$`, 's').test(text)
}

export function readPresets(reader: FileReader, paths: InstallPaths): readonly PresetRule[] {
  const files = new Map<string, string>()
  for (const folder of folders[paths.scope === 'system' ? 'system' : 'user'])
    for (const name of reader.readDirectory(folder) ?? [])
      if (name.endsWith('.preset') && !files.has(name)) files.set(name, `${folder}/${name}`)
  const rules: PresetRule[] = []
  for (const name of [...files.keys()].sort()) {
    const bytes = reader.readFile(files.get(name) ?? '')
    for (const raw of bytes === undefined ? [] : decodeUtf8(bytes).split('\n')) {
      const [action, pattern, ...instances] = raw.trim().split(/\s+/)
      if ((action === 'enable' || action === 'disable' || action === 'ignore') && pattern !== undefined)
        rules.push({ action, pattern, instances })
    }
  }
  return rules
}

export type PresetAnswer = { readonly action: PresetRule['action']; readonly instances: readonly string[] }

/** What the first rule that fits says; `enable` when none does. */
export function presetOf(rules: readonly PresetRule[], name: string): PresetAnswer {
  for (const rule of rules) {
    if (!globMatches(rule.pattern, name) && !(unitNameKind(name) === 'instance' && instanceFits(rule, name))) continue
    return { action: rule.action, instances: unitNameIsValid(name, 'template') ? rule.instances : [] }
  }
  return { action: 'enable', instances: [] }
}

function instanceFits(rule: PresetRule, name: string): boolean {
  const template = unitNameTemplate(name)
  if (template === undefined || !globMatches(rule.pattern, template) || rule.instances.length === 0) return false
  return rule.instances.some((instance) => name.slice(name.indexOf('@') + 1, name.lastIndexOf('.')) === instance)
}
