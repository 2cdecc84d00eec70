// After systemd.unit(5), "Mapping of unit properties to their inverses": the dependency types, and the atoms that say what
// each of them means. Everything else asks for atoms, never for types.

export const dependencyTypes = [
  'Requires',
  'Requisite',
  'Wants',
  'BindsTo',
  'PartOf',
  'Upholds',
  'RequiredBy',
  'RequisiteOf',
  'WantedBy',
  'BoundBy',
  'UpheldBy',
  'ConsistsOf',
  'Conflicts',
  'ConflictedBy',
  'Before',
  'After',
  'OnSuccess',
  'OnSuccessOf',
  'OnFailure',
  'OnFailureOf',
  'Triggers',
  'TriggeredBy',
  'PropagatesReloadTo',
  'ReloadPropagatedFrom',
  'PropagatesStopTo',
  'StopPropagatedFrom',
  'JoinsNamespaceOf',
  'References',
  'ReferencedBy',
  'InSlice',
  'SliceOf',
] as const
export type DependencyType = (typeof dependencyTypes)[number]

export type Atom =
  /** Starting us starts it; its failure is ours. */
  | 'pull-in-start'
  | 'pull-in-start-ignored'
  | 'pull-in-verify'
  | 'pull-in-stop'
  | 'pull-in-stop-ignored'
  /** We came up without a job: bring it up too. */
  | 'retroactive-start-replace'
  | 'retroactive-start-fail'
  | 'retroactive-stop-on-start'
  | 'retroactive-stop-on-stop'
  /** As long as the other is up, we must be. */
  | 'start-steadily'
  | 'cannot-be-active-without'
  /** When we change, the other may have to follow. */
  | 'add-stop-when-unneeded-queue'
  | 'add-start-when-upheld-queue'
  | 'add-cannot-be-active-without-queue'
  | 'add-default-target-dependency-queue'
  /** The other being up keeps us from being unneeded. */
  | 'pins-stop-when-unneeded'
  | 'propagate-start-failure'
  | 'propagate-stop-failure'
  | 'propagate-inactive-start-as-failure'
  | 'propagate-stop'
  | 'propagate-restart'
  | 'propagate-stop-graceful'
  | 'default-target-dependencies'
  | 'on-failure'
  | 'on-success'
  | 'on-failure-of'
  | 'on-success-of'
  | 'before'
  | 'after'
  | 'triggers'
  | 'triggered-by'
  | 'propagates-reload-to'
  | 'joins-namespace-of'
  | 'references'
  | 'referenced-by'
  | 'in-slice'
  | 'slice-of'

type Row = { readonly inverse: DependencyType; readonly atoms: readonly Atom[] }

export const dependencyTable: { readonly [Type in DependencyType]: Row } = {
  Requires: {
    inverse: 'RequiredBy',
    atoms: ['pull-in-start', 'retroactive-start-replace', 'add-stop-when-unneeded-queue', 'add-default-target-dependency-queue'],
  },
  Requisite: { inverse: 'RequisiteOf', atoms: ['pull-in-verify', 'add-stop-when-unneeded-queue', 'add-default-target-dependency-queue'] },
  Wants: {
    inverse: 'WantedBy',
    atoms: ['pull-in-start-ignored', 'retroactive-start-fail', 'add-stop-when-unneeded-queue', 'add-default-target-dependency-queue'],
  },
  BindsTo: {
    inverse: 'BoundBy',
    atoms: [
      'pull-in-start',
      'retroactive-start-replace',
      'cannot-be-active-without',
      'add-stop-when-unneeded-queue',
      'add-default-target-dependency-queue',
    ],
  },
  PartOf: { inverse: 'ConsistsOf', atoms: ['add-default-target-dependency-queue'] },
  Upholds: {
    inverse: 'UpheldBy',
    atoms: [
      'pull-in-start-ignored',
      'retroactive-start-replace',
      'add-start-when-upheld-queue',
      'add-stop-when-unneeded-queue',
      'add-default-target-dependency-queue',
    ],
  },
  RequiredBy: {
    inverse: 'Requires',
    atoms: ['propagate-stop', 'propagate-restart', 'propagate-start-failure', 'pins-stop-when-unneeded', 'default-target-dependencies'],
  },
  RequisiteOf: {
    inverse: 'Requisite',
    atoms: [
      'propagate-stop',
      'propagate-restart',
      'propagate-start-failure',
      'propagate-inactive-start-as-failure',
      'pins-stop-when-unneeded',
      'default-target-dependencies',
    ],
  },
  WantedBy: { inverse: 'Wants', atoms: ['default-target-dependencies', 'pins-stop-when-unneeded'] },
  BoundBy: {
    inverse: 'BindsTo',
    atoms: [
      'retroactive-stop-on-stop',
      'propagate-stop',
      'propagate-restart',
      'propagate-start-failure',
      'pins-stop-when-unneeded',
      'add-cannot-be-active-without-queue',
      'default-target-dependencies',
    ],
  },
  UpheldBy: { inverse: 'Upholds', atoms: ['start-steadily', 'default-target-dependencies', 'pins-stop-when-unneeded'] },
  ConsistsOf: { inverse: 'PartOf', atoms: ['propagate-stop', 'propagate-restart'] },
  Conflicts: { inverse: 'ConflictedBy', atoms: ['pull-in-stop', 'retroactive-stop-on-start'] },
  ConflictedBy: { inverse: 'Conflicts', atoms: ['pull-in-stop-ignored', 'retroactive-stop-on-start', 'propagate-stop-failure'] },
  Before: { inverse: 'After', atoms: ['before'] },
  After: { inverse: 'Before', atoms: ['after'] },
  OnSuccess: { inverse: 'OnSuccessOf', atoms: ['on-success'] },
  OnSuccessOf: { inverse: 'OnSuccess', atoms: ['on-success-of'] },
  OnFailure: { inverse: 'OnFailureOf', atoms: ['on-failure'] },
  OnFailureOf: { inverse: 'OnFailure', atoms: ['on-failure-of'] },
  Triggers: { inverse: 'TriggeredBy', atoms: ['triggers'] },
  TriggeredBy: { inverse: 'Triggers', atoms: ['triggered-by'] },
  PropagatesReloadTo: { inverse: 'ReloadPropagatedFrom', atoms: ['propagates-reload-to'] },
  ReloadPropagatedFrom: { inverse: 'PropagatesReloadTo', atoms: [] },
  PropagatesStopTo: { inverse: 'StopPropagatedFrom', atoms: ['retroactive-stop-on-stop', 'propagate-stop-graceful'] },
  StopPropagatedFrom: { inverse: 'PropagatesStopTo', atoms: [] },
  JoinsNamespaceOf: { inverse: 'JoinsNamespaceOf', atoms: ['joins-namespace-of'] },
  References: { inverse: 'ReferencedBy', atoms: ['references'] },
  ReferencedBy: { inverse: 'References', atoms: ['referenced-by'] },
  InSlice: { inverse: 'SliceOf', atoms: ['in-slice'] },
  SliceOf: { inverse: 'InSlice', atoms: ['slice-of'] },
}

const typesOfAtom = new Map<Atom, DependencyType[]>()
for (const type of dependencyTypes)
  for (const atom of dependencyTable[type].atoms) typesOfAtom.set(atom, [...(typesOfAtom.get(atom) ?? []), type])

/** The dependency types that carry an atom. */
export function dependencyTypesOf(atom: Atom): readonly DependencyType[] {
  return typesOfAtom.get(atom) ?? []
}
