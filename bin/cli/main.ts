// unitlab: the engine in a terminal and in CI. Each command is loaded only when it is asked for.
const usage = `unitlab — the simulated systemd machine of Unitlab, on the command line

  unitlab exec [--tree FILE.json] [--file PATH=LOCALFILE]… [--root DIR] [--now TIME] [--tz ZONE] -- COMMAND…
      Runs one command line on a fresh machine and exits with its status.
      --tree FILE       the file tree to start from, instead of the lab machine's disk
      --file P=F        lays the local file F at the path P (may be repeated)
      --root DIR        lays everything below DIR over /
      --now TIME        the clock at the start, as systemd.time(7) writes it
      --tz ZONE         the time zone
  unitlab shell         an interactive machine in this terminal
  unitlab batch         one JSON request a line on standard input, one answer a line
  unitlab run FILE…     boots a machine for each scenario and prints its transcript as one line of JSON
  unitlab probe         reads {"id","unit"} a line and prints what the unit's process may do
  unitlab exercises     every exercise as one JSON array
  unitlab check ID DIR  judges the answer in DIR: DIR/root is laid over /, DIR/steps.sh is typed
  unitlab --help        this text
  unitlab --version

Exit status: that of the command (exec), 0 passed or 1 not (check), 2 for wrong usage, 70 for a fault of ours.
`

type Command = (args: readonly string[]) => number | Promise<number>

const commands: Readonly<Record<string, () => Promise<Command>>> = {
  exec: async () => (await import('./exec')).exec,
  shell: async () => (await import('./shell')).shell,
  batch: async () => (await import('./batch')).batch,
  run: async () => (await import('./run')).run,
  probe: async () => (await import('./probe')).probe,
  exercises: async () => (await import('./exercises')).listExercises,
  check: async () => (await import('./exercises')).check,
}

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(usage)
    return 0
  }
  if (name === '--version') {
    process.stdout.write('unitlab 0.1.0 (simulates systemd 257, Debian 13)\n')
    return 0
  }
  const load = name === undefined ? undefined : commands[name]
  if (load === undefined) {
    process.stderr.write(name === undefined ? usage : `unitlab: there is no command '${name}'. Try 'unitlab --help'.\n`)
    return 2
  }
  return (await load())(rest)
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})
main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status
  },
  (error: unknown) => {
    console.error(error)
    process.exitCode = 70
  },
)
