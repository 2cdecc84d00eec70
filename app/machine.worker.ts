// The worker's entry: the machine with this site's exercises.
import { exercises } from '@/content/exercises'
import { createHost, serveMachine } from '@/lib/exercise'

serveMachine(self, (emit) => createHost(emit, exercises))
