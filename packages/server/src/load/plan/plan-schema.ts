import { type Static, Type } from 'typebox'
import { Choice, Part, SecretText, Text, Thing, Whole } from '../../config/schema-words.ts'
import { kinds } from '../agents/load-agent.ts'

const duration = { pattern: '^[0-9]{1,6}(\\.[0-9]{1,3})?(ms|s|m|h)$', hint: 'a time such as 500ms, 30s, 5m or 2h' }
const rate = { pattern: '^[0-9]{1,6}(\\.[0-9]{1,3})?$', hint: 'a number such as 50 or 0.5' }
const Duration = (text: string, otherwise?: string) =>
  Text(text, { ...duration, ...(otherwise !== undefined && { default: otherwise }) })

const Person = Thing(
  {
    userName: Type.String({
      default: '',
      description: 'What the agent logs in with; of kinds with SIP the number does.',
    }),
    password: SecretText('Password of the person, or of the DN for kinds with SIP.'),
    number: Text('The DN others reach the agent at.'),
  },
  'An agent that exists.',
)

const Group = Thing(
  {
    name: Text('How `talks` name the group.'),
    kind: Choice(
      kinds,
      'cometd',
      '`cometd`: REST and CometD; `uc-ajax`: the UC AJAX API; `sip-message`: SIP MESSAGE; `msrp`: INVITE and MSRP.',
    ),
    transport: Choice(['websocket', 'long-polling'], 'websocket', 'How agents of kind `cometd` listen.'),
    agents: Whole(0, 0, 20_000, 'How many agents are made for the run; 0 where `people` or `file` names them.'),
    people: Type.Array(Person, { default: [], description: 'Agents that exist and are to be used.' }),
    file: Type.Optional(
      Text('CSV of agents that exist, with the columns `userName`, `password`, `number`; relative to the plan.'),
    ),
  },
  'Agents of one kind.',
)

const Step = Thing(
  {
    rate: Text('How much is due in a second when the step begins.', rate),
    to: Type.Optional(Text('How much at its end, reached evenly; the same when left out.', rate)),
    for: Duration('How long the step takes.'),
  },
  'A step of a ramp.',
)

const Talk = Thing(
  {
    from: Text('Group of those who begin the sessions.'),
    to: Text('Group of those who are called; it may be the same.'),
    pairs: Whole(0, 0, 10_000, 'How many pairs talk; 0: as many as the groups have agents left for.'),
    per: Choice(
      ['texts', 'sessions'],
      'texts',
      'What the rate is of. `texts`: texts in sessions that stand; `sessions`: sessions that begin, each with `textsPerSession` texts.',
    ),
    steps: Type.Array(Step, {
      minItems: 1,
      description: 'The rate over time, one step after the other: a constant rate, steps, or a ramp.',
    }),
    textsPerSession: Whole(
      0,
      0,
      100_000,
      'Texts of a session before it ends; 0: it lasts as long as the run. `sessions` needs at least 1.',
    ),
    think: Part(
      {
        distribution: Choice(['constant', 'uniform', 'exponential'], 'constant', 'How the pauses are spread.'),
        mean: Duration('The pause on average.', '1s'),
        spread: Duration('`uniform` goes from mean − spread to mean + spread.', '0s'),
      },
      'Of `per: sessions`: how long it is from one text of a session to the next, whoever says it.',
    ),
    textLength: Whole(100, 40, 16_000, 'Characters of a text; 1000 at most where `sip-message` takes part.'),
    arrivals: Choice(
      ['even', 'random'],
      'even',
      '`even`: at even distances; `random`: at random ones, as independent people do (a Poisson process).',
    ),
  },
  'Who talks to whom.',
)

/** Everything a load plan can say. Each key has a sentence; each key that can be left out has its default. SPEC LD-2. */
export const PlanSchema = Thing(
  {
    address: Text('Where the engine serves HTTP.', {
      default: 'http://127.0.0.1:8080',
      pattern: '^https?://[^\\s/?#]+/?$',
      hint: 'like https://im.example, without a path',
    }),
    caFile: Type.Optional(
      Text('Who may have signed its certificate, PEM; relative to the plan. The roots Node ships when left out.'),
    ),
    as: Type.Optional(
      Text('Administrator who makes the agents and removes them; the password comes from outside the plan.'),
    ),
    sip: Part(
      {
        address: Type.Optional(
          Text('Host and port of its SIP; the host of `address` and 5060 when left out.', {
            pattern: '^(\\[[0-9A-Fa-f:.]+\\]|[^\\s:/]+):[0-9]{1,5}$',
            hint: 'a host and a port such as 127.0.0.1:5060',
          }),
        ),
        transport: Choice(['udp', 'tcp'], 'udp', 'How SIP goes there, and how phones are reached.'),
        domain: Type.Optional(Text('Host of SIP addresses; that of `sip.address` when left out.')),
      },
      'Where the engine speaks SIP, for the kinds `sip-message` and `msrp`.',
    ),
    seed: Whole(1, 0, 2_147_483_647, 'Of everything that is random: the same seed says the same at the same times.'),
    groups: Type.Array(Group, { minItems: 1, description: 'The agents.' }),
    talks: Type.Array(Talk, { minItems: 1, description: 'Who talks to whom, and how much.' }),
    lostAfter: Duration('A text that has not come so long after it was accepted is lost.', '10s'),
    underWay: Whole(10_000, 1, 1_000_000, 'Texts that may be under way at a time; what is due beyond is not sent.'),
    processes: Whole(1, 1, 64, 'Processes the pairs are dealt to: one keeps one core busy at most.'),
    maxFailures: Whole(
      0,
      0,
      1_000_000_000,
      'Texts and sessions that may fail or go unsent before the run counts as failed.',
    ),
    limits: Part(
      {
        p50: Type.Optional(Duration('Half of the texts are there within.')),
        p90: Type.Optional(Duration('90 % are.')),
        p99: Type.Optional(Duration('99 % are.')),
        max: Type.Optional(Duration('All are.')),
      },
      'How long texts may take over the whole run, on each way; what exceeds it fails the run.',
    ),
  },
  'A load plan.',
)
export type PlanFile = Static<typeof PlanSchema>

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** A time as the plan writes it, milliseconds; undefined for what is none. */
export function readDuration(text: string): number | undefined {
  if (!new RegExp(duration.pattern).test(text)) return undefined
  const [, number = '', unit = 'ms'] = /^([0-9.]+)([a-z]+)$/.exec(text) ?? []
  return Number(number) * units[unit as keyof typeof units]
}
export const durationHint = duration.hint
