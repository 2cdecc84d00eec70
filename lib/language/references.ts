// Units across files: where one is defined, who names it, and all that changes with its name.
import { unitNameIsValid, unitNameKind, unitNameTemplate, unitNameToType } from '@/lib/systemd/unit-name'
import type { CheckContext } from './checks'
import { cursorOf } from './cursor'
import { wordsOf } from './document'
import { isExecDirective } from './exec-words'
import type { Location, RenameFailure, TextEdit, TextRange, UnitRename } from './unit-language'
import { namesUnits } from './value-kinds'
import { UI } from './words'
import { say } from './words/words'
import type { Language } from './unit-language'
import type { UnitTree } from './tree'

type Named = TextRange & { readonly name: string }

/** The unit that is named at a place: in a value, or by the file itself at its section. */
export function unitAt(context: CheckContext, offset: number): Named | undefined {
  const cursor = cursorOf(context.document, offset)
  if (cursor.kind === 'value' && namesUnits(cursor.line.section, cursor.line.key) && unitNameIsValid(cursor.word)) {
    return { name: cursor.word, from: cursor.from, to: cursor.to }
  }
  if (cursor.kind === 'section') return { name: context.place.name, from: cursor.from, to: cursor.to }
  return undefined
}

export function definition(context: CheckContext, offset: number): readonly Location[] {
  const { tree, place } = context
  const cursor = cursorOf(context.document, offset)
  if (cursor.kind === 'value') {
    const { line, word } = cursor
    const path = word.replace(/^[-@:+!]+/, '')
    if (
      (isExecDirective(line.section, line.key) || /File|Path|Directory/.test(line.key)) &&
      path.startsWith('/') &&
      tree.reader.status(path)?.kind === 'file'
    ) {
      return [{ path, from: 0, to: 0 }]
    }
  }
  const named = unitAt(context, offset)
  if (named === undefined) return []
  const unit = tree.unit(named.name, place.scope)
  return [unit.fragmentPath, ...unit.dropInPaths]
    .filter((path) => path !== '' && path !== place.path)
    .map((path) => ({ path, from: 0, to: 0 }))
}

const sameUnit = (word: string, name: string): boolean =>
  word === name || (unitNameKind(word) === 'instance' && unitNameTemplate(word) === name)

function* occurrences(tree: UnitTree, scope: 'system' | 'user', name: string): Generator<Location & { readonly word: string }> {
  for (const path of tree.ownFiles(scope)) {
    for (const line of tree.document(path)?.assignments ?? []) {
      if (!namesUnits(line.section, line.key)) continue
      for (const word of wordsOf(line)) if (sameUnit(word.text, name)) yield { path, from: word.from, to: word.to, word: word.text }
    }
  }
}

export function references(context: CheckContext, offset: number): readonly Location[] {
  const named = unitAt(context, offset)
  if (named === undefined) return []
  return [...occurrences(context.tree, context.place.scope, named.name)].map(({ path, from, to }) => ({ path, from, to }))
}

const isOwn = (path: string): boolean => !path.startsWith('/usr/lib/') && !path.startsWith('/run/systemd/generator')

export function rename(context: CheckContext, offset: number, newName: string, language: Language): UnitRename | RenameFailure {
  const { tree, place } = context
  const { scope } = place
  const named = unitAt(context, offset)
  if (named === undefined) return { reason: say(UI.nothingToRename, language) }
  const { name } = named
  const full = unitNameToType(newName) === undefined ? `${newName}.${unitNameToType(name) ?? 'service'}` : newName
  if (!unitNameIsValid(full) || unitNameToType(full) !== unitNameToType(name) || unitNameKind(full) !== unitNameKind(name)) {
    return { reason: say(UI.badUnitName, language, { name: newName }) }
  }
  if (full === name) return { edits: [], files: [], links: [] }
  if (tree.unitNames(scope).includes(full)) return { reason: say(UI.nameTaken, language, { name: full }) }
  const unit = tree.unit(name, scope)
  if (unit.fragmentPath !== '' && !isOwn(unit.fragmentPath)) return { reason: say(UI.packagedUnit, language, { path: unit.fragmentPath }) }
  const renamed = (word: string): string => {
    if (word === name) return full
    return `${full.slice(0, full.indexOf('@') + 1)}${word.slice(word.indexOf('@') + 1)}`
  }
  const edits: TextEdit[] = [...occurrences(tree, scope, name)].map(({ path, from, to, word }) => ({
    path,
    from,
    to,
    insert: renamed(word),
  }))
  const files: { from: string; to: string }[] = []
  const move = (path: string, old: string, now: string) =>
    files.push({
      from: path,
      to: `${path.slice(0, path.lastIndexOf('/') + 1)}${now}${path.slice(path.lastIndexOf('/') + 1).slice(old.length)}`,
    })
  for (const directory of tree.loader(scope).searchPath) {
    if (!isOwn(directory)) continue
    for (const entry of tree.reader.readDirectory(directory) ?? []) {
      const path = `${directory}/${entry}`
      if (entry === name || (sameUnit(entry, name) && tree.reader.linkStatus(path)?.kind === 'file')) move(path, entry, renamed(entry))
      else if (/\.(?:d|wants|requires|upholds)$/.test(entry)) {
        const owner = entry.slice(0, entry.lastIndexOf('.'))
        if (sameUnit(owner, name)) move(path, owner, renamed(owner))
      }
    }
  }
  const links: { from: string; to: string; target: string }[] = []
  for (const link of tree.linksTo(name, scope)) {
    if (!isOwn(link.path)) continue
    const target = tree.reader.readLink(link.path) ?? ''
    const directory = link.path.slice(0, link.path.lastIndexOf('/') + 1)
    links.push({ from: link.path, to: `${directory}${renamed(link.name)}`, target: target.replace(/[^/]*$/, full) })
  }
  return { edits, files, links }
}
