import type { Metadata } from 'next'
import { Sandbox } from '@/components/board/sandbox'
import { alternates } from '../../addresses'
import { type LocaleParams, localeOf } from '../../locale-page'

export async function generateMetadata({ params }: LocaleParams): Promise<Metadata> {
  const { words } = await localeOf(params)
  return { title: words.site.sandbox, description: words.board.lead, alternates: alternates('sandbox/') }
}

export default async function SandboxPage({ params }: LocaleParams) {
  await localeOf(params)
  return <Sandbox />
}
