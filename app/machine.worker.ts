// The worker's entry: the machine with this site's exercises, and the unit-file language over its disk.
import { exercises } from '@/content/exercises'
import { createHost, serveMachine } from '@/lib/exercise'

type Ask = ReturnType<typeof import('@/components/editor/language-host').languageHost>

serveMachine(self, (emit) => {
  const host = createHost(emit, exercises)
  let language: Promise<Ask> | undefined
  return {
    ...host,
    // Its tables arrive when the editor first asks, so that they do not hold up the boot.
    async askLanguage(...question: Parameters<Ask>) {
      language ??= import('@/components/editor/language-host').then((module) => module.languageHost(host))
      return (await language)(...question)
    },
  }
})
