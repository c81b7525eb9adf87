import type { Io } from '../io.ts'
import { CommandError, UsageError } from '../io.ts'
import { type Answers, type Around, type Question, questions } from './questions.ts'

export interface Interview {
  /** Answers of the command line, by the question's name. */
  given: Answers
  /** Take what is usual for the rest. */
  yes: boolean
  io: Pick<Io, 'ask' | 'err'>
  around: Around
}

/**
 * All answers, checked: from the command line, else asked for, else what is usual. What is wrong in a flag is a UsageError; a wrong answer
 * is asked for again; the end of input is a CommandError. SPEC IN-2, IN-3.
 */
export async function interview({ given, yes, io, around }: Interview): Promise<Answers> {
  const answers: Record<string, string> = {}
  const stray = new Set(Object.keys(given))
  for (const question of questions) {
    const { name } = question
    if (question.when?.(answers) === false) continue
    stray.delete(name)
    const flag = given[name]
    if (flag !== undefined) answers[name] = fromFlag(question, flag, answers, around)
    else if (yes) answers[name] = usual(question, answers, around)
    else answers[name] = await asked(question, answers, { io, around })
  }
  const [first] = stray
  if (first !== undefined) throw new UsageError(`init: --${first} does not go with the other answers`)
  return answers
}

function fromFlag({ name, check }: Question, text: string, answers: Answers, around: Around): string {
  const read = check(text.trim(), answers, around)
  if ('wrong' in read) throw new UsageError(`init: --${name}: ${read.wrong}`)
  return read.answer
}

function usual(question: Question, answers: Answers, around: Around): string {
  const text = question.otherwise(answers)
  if (text === undefined) throw new UsageError(`init: --${question.name} is needed: ${question.what}`)
  return fromFlag(question, text, answers, around)
}

async function asked(
  question: Question,
  answers: Answers,
  { io, around }: Pick<Interview, 'io' | 'around'>,
): Promise<string> {
  const otherwise = question.otherwise(answers)
  for (;;) {
    const hint = otherwise === undefined ? '' : ` [${otherwise}]`
    const typed = await io.ask?.(`${question.what[0]?.toUpperCase()}${question.what.slice(1)}${hint}: `)
    if (typed === undefined)
      throw new CommandError(
        `nobody answered '${question.what}': nothing was written. --${question.name} answers it, --yes takes what is usual`,
      )
    const text = typed.trim() === '' ? (otherwise ?? '') : typed.trim()
    const read = question.check(text, answers, around)
    if ('answer' in read) return read.answer
    io.err(`${read.wrong}.`)
  }
}
