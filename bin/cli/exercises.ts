// unitlab exercises, unitlab check: the exercises as data, and a judge for answers given as a folder.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { exercises } from '@/content/exercises'
import { type Attempt, type ExerciseFiles, judge, playAttempt, startExercise } from '@/lib/exercise'

export function listExercises(): number {
  const rows = exercises.map(({ id, lesson, kind, level, title, goal, open, checks }) => ({
    id,
    lesson,
    kind,
    level,
    title,
    goal,
    files: open,
    checks: checks.map((check) => ({ id: check.id, kind: check.kind })),
  }))
  process.stdout.write(`${JSON.stringify(rows, null, 1)}\n`)
  return 0
}

function filesBelow(folder: string): ExerciseFiles {
  const files: Record<string, { content: string; mode: number }> = {}
  const walk = (path: string): void => {
    for (const name of readdirSync(path)) {
      const full = join(path, name)
      const status = statSync(full)
      if (status.isDirectory()) walk(full)
      else files[`/${relative(folder, full).replaceAll('\\', '/')}`] = { content: readFileSync(full, 'utf8'), mode: status.mode & 0o777 }
    }
  }
  if (existsSync(folder)) walk(folder)
  return files
}

export function check(args: readonly string[]): number {
  const [id, folder] = args
  const exercise = exercises.find((one) => one.id === id)
  if (exercise === undefined || folder === undefined || !existsSync(folder)) {
    process.stderr.write(
      id === undefined || folder === undefined
        ? 'usage: unitlab check EXERCISE FOLDER\n'
        : exercise === undefined
          ? `unitlab: there is no exercise '${id}'; 'unitlab exercises' lists them\n`
          : `unitlab: there is no folder '${folder}'\n`,
    )
    return 2
  }
  const script = join(folder, 'steps.sh')
  const steps = existsSync(script)
    ? readFileSync(script, 'utf8')
        .split('\n')
        .filter((line) => line.trim() !== '' && !line.startsWith('#!'))
    : ['systemctl daemon-reload', ...exercise.apply.filter((step) => step !== 'systemctl daemon-reload')]
  const attempt: Attempt = { files: filesBelow(join(folder, 'root')), steps }
  const machine = startExercise(exercise)
  playAttempt(machine, attempt)
  const judged = judge(exercise, machine)
  const answer = {
    id,
    passed: judged.passed,
    checks: judged.checks.map(({ id: name, verdict }) => ({
      id: name,
      pass: verdict.pass,
      saw: verdict.saw,
      hint: verdict.pass ? undefined : verdict.hint,
    })),
    mistakes: judged.mistakes.map((mistake) => mistake.id),
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`)
  return judged.passed ? 0 : 1
}
