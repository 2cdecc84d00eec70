// Units across files, in Monaco: references, renaming; and a file's own shape: outline, folding.
import type * as Monaco from 'monaco-editor/editor'
import type { TextEdit } from '@/lib/language'
import { isFileFailure } from '@/lib/machine/client'
import type { MachineSession } from '../machine/session'
import type { UnitQuestions } from './unit-language-service'

type Adapter = {
  readonly id: string
  readonly questions: UnitQuestions
  readonly session: () => MachineSession | undefined
  readonly pathOf: (model: Monaco.editor.ITextModel) => string
  readonly range: (model: Monaco.editor.ITextModel, from: number, to: number) => Monaco.IRange
}

/** Changes a file that no editor shows, unless somebody else changed it meanwhile. */
async function changeFile(session: MachineSession, path: string, edits: readonly TextEdit[]): Promise<void> {
  const file = await session.client?.readFile(path)
  if (file === undefined || isFileFailure(file)) return
  const before = new TextDecoder('utf-8', { ignoreBOM: true }).decode(file.bytes)
  const after = [...edits]
    .sort((a, b) => b.from - a.from)
    .reduce((text, { from, to, insert }) => text.slice(0, from) + insert + text.slice(to), before)
  await session.client?.writeFile(path, new TextEncoder().encode(after), file.version)
}

export function registerUnitFiles(monaco: typeof Monaco, { id, questions, session, pathOf, range }: Adapter): void {
  const uriOf = (model: Monaco.editor.ITextModel, path: string): Monaco.Uri =>
    model.uri.with({ path: (/^\/[^/]*\/file/.exec(model.uri.path)?.[0] ?? '') + path })

  monaco.languages.registerReferenceProvider(id, {
    async provideReferences(model, position) {
      const found = (await questions.references(pathOf(model), model.getValue(), model.getOffsetAt(position))) ?? []
      return found.map(({ path, from, to }) => {
        const uri = uriOf(model, path)
        const other = monaco.editor.getModel(uri)
        return { uri, range: other === null ? new monaco.Range(1, 1, 1, 1) : range(other, from, to) }
      })
    },
  })
  monaco.languages.registerRenameProvider(id, {
    async resolveRenameLocation(model, position) {
      const found = await questions.renameRange(pathOf(model), model.getValue(), model.getOffsetAt(position))
      if (found === undefined) return { range: new monaco.Range(1, 1, 1, 1), text: '', rejectReason: '—' }
      return { range: range(model, found.from, found.to), text: found.name }
    },
    async provideRenameEdits(model, position, name) {
      const machine = session()
      const result = await questions.rename(pathOf(model), model.getValue(), model.getOffsetAt(position), name)
      if (result === undefined || machine === undefined) return { edits: [] }
      if ('reason' in result) return { edits: [], rejectReason: result.reason }
      const shown: Monaco.languages.IWorkspaceTextEdit[] = []
      const hidden = new Map<string, TextEdit[]>()
      for (const edit of result.edits) {
        const other = monaco.editor.getModel(uriOf(model, edit.path))
        if (other === null) hidden.set(edit.path, [...(hidden.get(edit.path) ?? []), edit])
        else {
          shown.push({
            resource: other.uri,
            versionId: other.getVersionId(),
            textEdit: { range: range(other, edit.from, edit.to), text: edit.insert },
          })
        }
      }
      for (const [path, edits] of hidden) await changeFile(machine, path, edits)
      // Models follow their files after the edits are in.
      setTimeout(() => {
        void (async () => {
          for (const { from, to } of result.files) await machine.client?.rename(from, to)
        })()
      }, 0)
      return { edits: shown }
    },
  })
  monaco.languages.registerDocumentSymbolProvider(id, {
    async provideDocumentSymbols(model) {
      const { SymbolKind } = monaco.languages
      return ((await questions.outline(pathOf(model), model.getValue())) ?? []).map((section) => ({
        ...{ name: section.name, detail: section.detail, kind: SymbolKind.Module, tags: [] },
        range: range(model, section.from, section.to),
        selectionRange: range(model, section.nameRange.from, section.nameRange.to),
        children: section.children.map((one) => ({
          ...{ name: one.name, detail: one.detail, kind: SymbolKind.Property, tags: [] },
          range: range(model, one.from, one.to),
          selectionRange: range(model, one.nameRange.from, one.nameRange.to),
        })),
      }))
    },
  })
  monaco.languages.registerFoldingRangeProvider(id, {
    async provideFoldingRanges(model) {
      const found = (await questions.folding(pathOf(model), model.getValue())) ?? []
      return found.map(({ from, to }) => ({ start: model.getPositionAt(from).lineNumber, end: model.getPositionAt(to).lineNumber }))
    },
  })
}
