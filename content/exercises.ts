// Every exercise, one line each, in the order of the lessons. `test/content` fails when a file is missing here.
import type { Exercise } from '@/lib/exercise'
import whoLooksAfterIt from './lessons/01-what-to-use-when/exercises/who-looks-after-it'
import surviveTheLogout from './lessons/02-in-the-background/exercises/survive-the-logout'
import firstService from './lessons/04-first-service/exercises/first-service'

export const exercises: readonly Exercise[] = [whoLooksAfterIt, surviveTheLogout, firstService]
