import { lesson } from '@/lib/lesson'

export default lesson({
  minutes: 20,
  requires: ['what-to-use-when'],
  files: [
    {
      path: '/root/myapp',
      mode: 0o755,
      content:
        '#!/bin/bash\n# A stand-in for a program of yours: it says that it is there, every two seconds.\necho "myapp started with: $*"\nn=0\nwhile sleep 2; do\n  n=$((n + 1))\n  echo "request $n"\ndone\n',
    },
  ],
  open: ['/root/myapp'],
  exercises: ['survive-the-logout'],
  manual: ['nohup(1)', 'setsid(1)', 'bash(1)', 'signal(7)', 'ps(1)'],
})
