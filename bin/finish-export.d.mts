export function scriptHashes(html: string): string[]
export function policy(html: string): string
export function withPolicy(html: string): string
export function serviceWorker(options: { version: string; files: readonly string[]; base: string }): string
export function finish(out: string, base?: string): { pages: number; files: number }
