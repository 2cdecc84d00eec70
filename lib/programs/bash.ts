// After bash(1) and dash(1): the shells of the image; what they do is in lib/shell.
import { shellMain } from '@/lib/shell'
import { program } from './program'

export const bash = program({
  name: 'bash',
  path: '/usr/bin/bash',
  links: ['/usr/bin/rbash'],
  summary: 'the shell people type into, and of scripts',
  options: [],
  raw: true,
  main: shellMain({ flavour: 'bash' }),
})

export const dash = program({
  name: 'dash',
  path: '/usr/bin/dash',
  links: ['/usr/bin/sh'],
  summary: 'the small shell that /bin/sh is',
  options: [],
  raw: true,
  main: shellMain({ flavour: 'dash' }),
})
