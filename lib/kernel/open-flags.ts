// Flags of open(2), fcntl(2) and friends that only the kernel and a few tools look at.
export const O_ACCMODE = 3
export const O_SYNC = 0o4010000
export const O_TMPFILE = 0o20200000
export const PIPE_BUF = 4096
export const POLLNVAL = 32
export const POLLPRI = 2
export const POLLRDHUP = 0x2000
