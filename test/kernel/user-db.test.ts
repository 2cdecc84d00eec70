import { describe, expect, test } from 'vitest'
import { encodeUtf8, type FileReader } from '@/lib/base'
import { UserDatabase } from '@/lib/kernel/user-db'

const texts: Record<string, string> = {
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\n# no user\nbroken:x:::\nlearner:x:1000:1000:Learner,,,:/home/learner:/bin/bash\n',
  '/etc/group': 'root:x:0:\nadm:x:4:learner,syslog\nsudo:x:27:learner\nlearner:x:1000:\n',
}
const links: Record<string, string> = {
  '/run/systemd/dynamic-uid/direct:61234': 'web',
  '/run/systemd/dynamic-uid/direct:web': '61234',
}
const files = (with_ = texts): FileReader => ({
  readFile: (path) => (with_[path] === undefined ? undefined : encodeUtf8(with_[path])),
  readLink: (path) => links[path],
  readDirectory: () => undefined,
  status: () => undefined,
  linkStatus: () => undefined,
})

describe('users and groups', () => {
  const database = new UserDatabase(files())

  test('by name and by number', () => {
    expect(database.user('learner')).toMatchObject({ uid: 1000, home: '/home/learner', gecos: 'Learner,,,' })
    expect(database.user(1000)?.name).toBe('learner')
    expect(database.user('broken')).toBeUndefined()
    expect(database.user('1000')).toBeUndefined()
    expect(database.group(27)?.name).toBe('sudo')
    expect(database.group('none')).toBeUndefined()
    expect(database.groupIdsOf('learner', 1000)).toEqual([1000, 4, 27])
  })

  test('dynamic users and those that are always there', () => {
    expect(database.user(61234)).toMatchObject({ name: 'web', gid: 61234 })
    expect(database.user('web')?.uid).toBe(61234)
    expect(database.group('web')?.gid).toBe(61234)
    const empty = new UserDatabase(files({}))
    expect(empty.user(0)?.name).toBe('root')
    expect(empty.user('nobody')?.uid).toBe(65_534)
    expect(empty.group(65_534)?.name).toBe('nogroup')
  })
})
