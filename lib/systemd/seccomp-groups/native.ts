// After libseccomp 2.6: which system calls of @known an x86-64 kernel has. Facts of its table, asked of the library.

/** Known to the library, of other architectures only. */
const FOREIGN =
  '_llseek _newselect arm_fadvise64_64 atomic_barrier atomic_cmpxchg_32 bdflush break breakpoint cachectl cacheflush chown32 ' +
  'clock_adjtime64 clock_getres_time64 clock_gettime64 clock_nanosleep_time64 clock_settime64 fadvise64_64 fchown32 fcntl64 fstat64 ' +
  'fstatat64 fstatfs64 ftime ftruncate64 futex_time64 get_tls getegid32 geteuid32 getgid32 getgroups32 getpagesize getresgid32 ' +
  'getresuid32 getuid32 gtty idle io_pgetevents_time64 ipc lchown32 lock lstat64 mmap2 mpx mq_timedreceive_time64 ' +
  'mq_timedsend_time64 multiplexer nice oldfstat oldlstat oldolduname oldstat olduname pciconfig_iobase pciconfig_read ' +
  'pciconfig_write ppoll_time64 prof profil pselect6_time64 readdir recv recvmmsg_time64 riscv_flush_icache riscv_hwprobe ' +
  'rt_sigtimedwait_time64 rtas s390_guarded_storage s390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr s390_sthyi ' +
  'sched_rr_get_interval_time64 semtimedop_time64 send sendfile64 set_tls setfsgid32 setfsuid32 setgid32 setgroups32 setregid32 ' +
  'setresgid32 setresuid32 setreuid32 setuid32 sgetmask sigaction signal sigpending sigprocmask sigreturn sigsuspend socketcall ' +
  'spu_create spu_run ssetmask stat64 statfs64 stime stty subpage_prot swapcontext switch_endian sync_file_range2 ' +
  'sys_debug_setcontext syscall sysmips timer_gettime64 timer_settime64 timerfd timerfd_gettime64 timerfd_settime64 truncate64 ' +
  'ugetrlimit ulimit umount usr26 usr32 utimensat_time64 vm86 vm86old waitpid'

/** In systemd's list, but the library has never heard of them. */
const UNKNOWN =
  'arc_gettls arc_settls arc_usr_cmpxchg dipc exec_with_loader execv file_getattr file_setattr fstatat getdomainname getdtablesize ' +
  'gethostname getxgid getxpid getxuid kern_features llseek memory_ordering newfstat old_adjtimex oldumount or1k_atomic osf_fstat ' +
  'osf_fstatfs osf_fstatfs64 osf_getdirentries osf_getdomainname osf_getitimer osf_getrusage osf_getsysinfo osf_gettimeofday ' +
  'osf_lstat osf_mount osf_proplist_syscall osf_select osf_set_program_attributes osf_setitimer osf_setsysinfo osf_settimeofday ' +
  'osf_shmat osf_sigprocmask osf_sigstack osf_stat osf_statfs osf_statfs64 osf_swapon osf_syscall osf_sysinfo osf_usleep_thread ' +
  'osf_utimes osf_utsname osf_wait4 perfctr sched_get_affinity sched_set_affinity sethae setpgrp utrap_install'

const foreign: ReadonlySet<string> = new Set(FOREIGN.split(' '))
const unknown: ReadonlySet<string> = new Set(UNKNOWN.split(' '))

/** Whether a known system call exists on x86-64. */
export function isNativeSyscall(name: string): boolean {
  return !foreign.has(name) && !unknown.has(name)
}

/** Whether the library that builds the filters knows a system call that systemd lists. */
export function isFilterableSyscall(name: string): boolean {
  return !unknown.has(name)
}
