export * from './complete'
export * from './diagnostic'
export * from './load'
export * from './parse'
export * from './search-path'
export * from './unit-file'
export type {
  AutomountSection,
  CGroupSection,
  ConditionValue,
  ExecCommand,
  ExecSection,
  InstallSection,
  KillSection,
  MountSection,
  PathSection,
  PathSpec,
  ScopeSection,
  SectionName,
  ServiceSection,
  SliceSection,
  SocketSection,
  SwapSection,
  TimerSection,
  TimerValue,
  UnitConfig,
  UnitSection,
} from '../directives'
