// The boot as a drawing (systemd-analyze(1), "plot"): one bar for each stage and unit along the time axis.
import { formatTimespan, USEC_PER_MSEC, type Usec } from '@/lib/base'

/** A unit on its way up and down again; 0: has not happened. */
export type BootPlotUnit = {
  readonly name: string
  readonly activating: Usec
  readonly activated: Usec
  readonly deactivating: Usec
  readonly deactivated: Usec
  readonly time: Usec
}

export type BootPlotSpan = { readonly start: Usec; readonly finish: Usec }

/** All monotonic; 0 for a stage that this machine does not have. */
export type BootPlot = {
  readonly title: string
  readonly subtitle: string
  readonly kernelDone: Usec
  readonly initrd: Usec
  readonly userspace: Usec
  readonly finish: Usec
  readonly security: BootPlotSpan
  readonly generators: BootPlotSpan
  readonly unitsLoad: BootPlotSpan
  readonly units: readonly BootPlotUnit[]
  /** How much wider than 100 pixels a second. */
  readonly scale: number
}

const ROW = 20
const MARGIN = { left: 20, top: 100, bottom: 50 }
const LEGEND = [
  ['activating', 'Activating'],
  ['active', 'Active'],
  ['deactivating', 'Deactivating'],
  ['security', 'Setting up security module'],
  ['generators', 'Generators'],
  ['unitsload', 'Loading unit files'],
] as const

const STYLE = `
  rect.kernel, rect.initrd { fill: #8fa3b8 }
  rect.active { fill: #e3a79c }
  rect.activating { fill: #d9482f }
  rect.deactivating { fill: #9a7b9f }
  rect.security { fill: #6d8f4e }
  rect.generators { fill: #5f93c7 }
  rect.unitsload { fill: #d7b04a }
  rect.box { fill: #f2f2f2; stroke: #c8c8c8 }
  line { stroke: #404040; stroke-width: 1; opacity: .15 }
  line.sec5 { opacity: .45 }
  text { font-family: Verdana, Helvetica, sans-serif; font-size: 14px }
  text.right { text-anchor: end }
  text.sec { font-size: 10px }
`

const escapeXml = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
const pixels = (number: number): string => number.toFixed(3)

class Drawing {
  readonly parts: string[] = []
  /** Pixels for each µs. */
  private readonly unit: number

  constructor(unit: number) {
    this.unit = unit
  }

  bar(kind: string, start: Usec, end: Usec, row: number): void {
    const [x, width] = [start * this.unit, Math.max(0, end - start) * this.unit]
    this.parts.push(`<rect class="${kind}" x="${pixels(x)}" y="${row * ROW}" width="${pixels(width)}" height="${ROW - 1}"/>`)
  }

  /** Beside a moment: after it, or in the right half before it. */
  label(after: boolean, at: Usec, row: number, text: string): void {
    const x = at * this.unit + (after ? 5 : -5)
    this.parts.push(`<text class="${after ? 'left' : 'right'}" x="${pixels(x)}" y="${row * ROW + 14}">${escapeXml(text)}</text>`)
  }

  /** Lines at decimal steps, at least ten pixels apart; every tenth has its moment beside it. */
  axis(end: Usec, rows: number): void {
    const step = 10 ** Math.ceil(Math.log10(Math.max(1, 10 / this.unit, end / 10_000)))
    for (let index = 0; index * step <= end; index++) {
      const x = pixels(index * step * this.unit)
      const kind = index % 50 === 0 ? 'sec5' : index % 10 === 0 ? 'sec1' : 'sec01'
      this.parts.push(`<line class="${kind}" x1="${x}" y1="0" x2="${x}" y2="${rows * ROW}"/>`)
      if (index % 10 === 0) this.parts.push(`<text class="sec" x="${x}" y="-5">${formatTimespan(index * step, 1)}</text>`)
    }
  }
}

export function drawBootPlot(plot: BootPlot): string {
  const unit = (0.1 * plot.scale) / USEC_PER_MSEC
  const units = plot.units.filter((one) => one.activating >= plot.userspace && one.activating <= plot.finish)
  const stages = (plot.kernelDone > 0 ? 1 : 0) + (plot.initrd > 0 ? 1 : 0) + 1
  const rows = stages + units.length + 1 + LEGEND.length
  const width = Math.max(1000, MARGIN.left + plot.finish * unit + 400)
  const drawing = new Drawing(unit)
  drawing.parts.push(`<rect class="box" x="0" y="0" width="${pixels(plot.finish * unit)}" height="${(stages + units.length) * ROW}"/>`)
  drawing.axis(plot.finish, stages + units.length)
  let row = 0
  const label = (start: Usec, text: string): void => drawing.label(start * unit < width / 2, start, row++, text)
  if (plot.kernelDone > 0) {
    drawing.bar('kernel', 0, plot.kernelDone, row)
    label(0, 'kernel')
  }
  if (plot.initrd > 0) {
    drawing.bar('initrd', plot.initrd, plot.userspace, row)
    label(plot.initrd, 'initrd')
  }
  drawing.bar('active', plot.userspace, plot.finish, row)
  for (const [kind, stage] of [
    ['security', plot.security],
    ['generators', plot.generators],
    ['unitsload', plot.unitsLoad],
  ] as const) {
    drawing.bar(kind, stage.start, stage.finish, row)
  }
  label(plot.userspace, 'systemd')
  for (const { name, activating, activated, deactivating, deactivated, time } of units) {
    // A bar goes on to the end of the drawing when the next step has not come.
    const until = (...moments: readonly Usec[]): Usec => Math.min(plot.finish, ...moments.filter((one) => one >= activating && one > 0))
    drawing.bar('activating', activating, until(activated, deactivated), row)
    if (activated >= activating)
      drawing.bar('active', activated, until(...[deactivating, deactivated].filter((one) => one >= activated)), row)
    if (deactivating >= activating)
      drawing.bar('deactivating', deactivating, until(...[deactivated].filter((one) => one >= deactivating)), row)
    label(activating, time > 0 ? `${name} (${formatTimespan(time, USEC_PER_MSEC)})` : name)
  }
  row++
  for (const [kind, text] of LEGEND) {
    drawing.parts.push(`<rect class="${kind}" x="0" y="${row * ROW}" width="30" height="${ROW - 1}"/>`)
    drawing.parts.push(`<text class="left" x="45" y="${row * ROW + 14}">${text}</text>`)
    row++
  }
  return `<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<svg width="${width.toFixed(0)}px" height="${MARGIN.top + rows * ROW + MARGIN.bottom}px" version="1.1" xmlns="http://www.w3.org/2000/svg">
<defs><style type="text/css">${STYLE}</style></defs>
<rect width="100%" height="100%" fill="white"/>
<text x="20" y="50">${escapeXml(plot.title)}</text>
<text x="20" y="30">${escapeXml(plot.subtitle)}</text>
<g transform="translate(${MARGIN.left},${MARGIN.top})">
${drawing.parts.join('\n')}
</g>
</svg>
`
}
