// After uname-arch and ConditionArchitecture= in systemd.unit(5): architectures by systemd's names, in its order.
export const ARCHITECTURES: readonly string[] =
  'alpha arc arc-be arm arm64 arm64-be arm-be cris ia64 loongarch64 m68k mips mips64 mips64-le mips-le nios2 parisc parisc64 ppc ppc64 ppc64-le ppc-le riscv32 riscv64 s390 s390x sh sh64 sparc sparc64 tilegx x86 x86-64'.split(
    ' ',
  )

/** Of the simulated machine. */
export const NATIVE_ARCHITECTURE = 'x86-64'
/** What its processor runs too. */
export const SECONDARY_ARCHITECTURE = 'x86'
