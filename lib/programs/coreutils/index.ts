// The programs of coreutils.
import type { Program } from '../program'
import { basename, dirname } from './basename'
import { cat } from './cat'
import { chgrp, chmod, chown } from './chmod'
import { cp, install, ln, mv } from './cp'
import { cut, paste, tr } from './cut'
import { date } from './date'
import { dd, od } from './dd'
import { df, du } from './df'
import { echo } from './echo'
import { env, nice, nohup, printenv, timeout } from './env'
import { bracket, expr, test } from './expr'
import { head } from './head'
import { groups, id, logname, whoami } from './id'
import { dir, ls, vdir } from './ls'
import { mkdir, rmdir } from './mkdir'
import { chroot, mkfifo, mknod, stdbuf } from './mkfifo'
import { printf } from './printf'
import { pwd } from './pwd'
import { mktemp, readlink, realpath } from './readlink'
import { rm, unlink } from './rm'
import { seq } from './seq'
import { sleep } from './sleep'
import { comm, shuf, sort, uniq } from './sort'
import { stat } from './stat'
import { base64, sumPrograms } from './sums'
import { expand, fold, nl, rev, tac, truncate } from './tac'
import { stty } from './stty'
import { tail } from './tail'
import { tee } from './tee'
import { touch } from './touch'
import { falseProgram, trueProgram } from './true'
import { arch, hostname, nproc, sync, tty, uname } from './uname'
import { wc } from './wc'
import { yes } from './yes'

export const coreutils: readonly Program[] = [
  arch,
  base64,
  basename,
  bracket,
  cat,
  chgrp,
  chmod,
  chown,
  chroot,
  comm,
  cp,
  cut,
  date,
  dd,
  df,
  dir,
  dirname,
  du,
  echo,
  env,
  expand,
  expr,
  falseProgram,
  fold,
  groups,
  head,
  hostname,
  id,
  install,
  ln,
  logname,
  ls,
  mkdir,
  mkfifo,
  mknod,
  mktemp,
  mv,
  nice,
  nl,
  nohup,
  nproc,
  od,
  paste,
  printenv,
  printf,
  pwd,
  readlink,
  realpath,
  rev,
  rm,
  rmdir,
  seq,
  shuf,
  sleep,
  sort,
  stat,
  stdbuf,
  ...sumPrograms,
  sync,
  tac,
  stty,
  tail,
  tee,
  test,
  timeout,
  touch,
  tr,
  trueProgram,
  truncate,
  tty,
  uname,
  uniq,
  unlink,
  vdir,
  wc,
  whoami,
  yes,
]
