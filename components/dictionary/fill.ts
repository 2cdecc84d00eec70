// Apart from the dictionaries, so that the browser gets one language only.

/** `fill('{count} jobs', { count: 2 })`. */
export function fill(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole))
}
