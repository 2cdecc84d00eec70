import { lesson } from '@/lib/lesson'

export default lesson({
  minutes: 25,
  requires: ['what-to-use-when'],
  files: [
    {
      path: '/usr/local/bin/speaker',
      mode: 0o755,
      content:
        '#!/bin/bash\n# Says where it is and what it was told, then repeats itself.\necho "started in $PWD with GREETING=$GREETING"\nwhile true; do\n  echo "${GREETING:-nothing to say}"\n  sleep 5\ndone\n',
    },
    {
      path: '/etc/systemd/system/speaker.service',
      content:
        '[Unit]\nDescription=A program that speaks\nWants=network-online.target\nAfter=network-online.target\n\n[Service]\nType=simple\nWorkingDirectory=/srv\nEnvironment=GREETING=hello\nExecStart=/usr/local/bin/speaker\nRestart=on-failure\nRestartSec=2s\n\n[Install]\nWantedBy=multi-user.target\n',
    },
  ],
  open: ['/etc/systemd/system/speaker.service', '/usr/local/bin/speaker'],
  exercises: ['first-service'],
  manual: ['systemd.service(5)', 'systemd.unit(5)', 'systemd.exec(5)', 'systemctl(1)', 'journalctl(1)'],
})
