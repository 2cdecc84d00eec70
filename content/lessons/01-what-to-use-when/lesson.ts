import { lesson } from '@/lib/lesson'

export default lesson({
  minutes: 15,
  exercises: ['who-looks-after-it'],
  manual: ['daemon(7)', 'systemd.service(5)', 'systemd.socket(5)', 'systemd.timer(5)'],
})
