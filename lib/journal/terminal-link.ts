// After terminal hyperlinks (OSC 8) as systemd's tools write them.
export function terminalLink(address: string, text: string): string {
  return `\x1b]8;;${address}\x1b\\${text}\x1b]8;;\x1b\\`
}

/** A file of this machine. */
export function fileLink(hostname: string, path: string, text: string = path): string {
  return terminalLink(`file://${hostname}${encodeURI(path).replace(/[?#]/g, encodeURIComponent)}`, text)
}
