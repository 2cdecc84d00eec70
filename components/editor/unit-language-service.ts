// The unit-file language as the editor uses it: every question goes to the worker that holds the files.
import type { UnitCompletion, UnitDiagnostic, UnitFix, UnitHint, UnitHover, UnitLanguage } from '@/lib/language'
import type { LanguageAsker } from '@/lib/machine/client'
import type { MachineSession } from '../machine/session'

/** The questions that the editor asks; undefined when the machine cannot answer now. */
export type UnitQuestions = {
  readonly diagnostics: (path: string, text: string) => Promise<readonly UnitDiagnostic[] | undefined>
  readonly complete: (path: string, text: string, offset: number) => Promise<readonly UnitCompletion[] | undefined>
  readonly hover: (path: string, text: string, offset: number) => Promise<UnitHover | undefined>
  readonly hints: (path: string, text: string) => Promise<readonly UnitHint[] | undefined>
  readonly fixes: (path: string, text: string, from: number, to: number) => Promise<readonly UnitFix[] | undefined>
  readonly definition: (path: string, text: string, offset: number) => Promise<ReturnType<UnitLanguage['definition']> | undefined>
  readonly format: (path: string, text: string) => Promise<string | undefined>
  readonly references: (path: string, text: string, offset: number) => Promise<ReturnType<UnitLanguage['references']> | undefined>
  readonly renameRange: (path: string, text: string, offset: number) => Promise<ReturnType<UnitLanguage['renameRange']>>
  readonly rename: (path: string, text: string, offset: number, name: string) => Promise<ReturnType<UnitLanguage['rename']> | undefined>
  readonly outline: (path: string, text: string) => Promise<ReturnType<UnitLanguage['outline']> | undefined>
  readonly folding: (path: string, text: string) => Promise<ReturnType<UnitLanguage['folding']> | undefined>
  readonly open: (path: string, text: string) => Promise<void>
  readonly close: (path: string) => Promise<void>
  readonly refresh: () => Promise<void>
}

export function unitQuestions(session: () => MachineSession | undefined, asker: () => LanguageAsker): UnitQuestions {
  const ask = async (method: string, ...args: readonly unknown[]): Promise<unknown> => {
    const one = session()
    if (one?.status !== 'running') return undefined
    try {
      return await one.client?.askLanguage(asker(), method, args)
    } catch (error) {
      // A fault of the language must not stop the typing.
      console.warn('unit language:', error instanceof Error ? error.message : error)
      return undefined
    }
  }
  const asked =
    <T>(method: string) =>
    (...args: readonly unknown[]): Promise<T> =>
      ask(method, ...args) as Promise<T>
  return {
    diagnostics: asked('diagnostics'),
    complete: asked('complete'),
    hover: asked('hover'),
    hints: asked('hints'),
    fixes: asked('fixes'),
    definition: asked('definition'),
    format: asked('format'),
    references: asked('references'),
    renameRange: asked('renameRange'),
    rename: asked('rename'),
    outline: asked('outline'),
    folding: asked('folding'),
    open: asked('open'),
    close: asked('close'),
    refresh: asked('refresh'),
  }
}
