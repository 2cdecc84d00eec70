// The methods of the manager object: what each does, and whether polkit guards it.
import type { Syscall } from '@/lib/kernel'
import type { Arguments, BusError, ManagerMember, Result } from '../bus'
import { fileMethods } from './methods-files'
import { jobMethods } from './methods-jobs'
import { machineMethods } from './methods-machine'
import { unitMethods } from './methods-units'
import type { Manager } from './manager'
import type { Caller } from './server'

export type Method<Member extends ManagerMember> = {
  /** Root, the manager's own user, or polkit's consent. */
  readonly privileged: boolean
  readonly run: (manager: Manager, args: Arguments<Member>, caller: Caller) => Syscall<Result<Member> | BusError>
}
export type MethodTable<Members extends ManagerMember = ManagerMember> = { readonly [Member in Members]: Method<Member> }

export const managerMethods: MethodTable = { ...unitMethods, ...jobMethods, ...fileMethods, ...machineMethods } as MethodTable
