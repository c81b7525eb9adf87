import { type Static, Type } from 'typebox'
import { eventTypeNames } from '../webhooks/event-types.ts'
import { Choice, Flag, List, Part, SecretText, Text, Thing, Whole } from './schema-words.ts'

const WebhookSchema = Thing(
  {
    name: Text('Names the webhook in the store, in logs and metrics; under another name it begins anew.', {
      pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$',
      hint: '1 to 64 letters, digits, dashes and underscores',
    }),
    url: Text('Where deliveries are sent to, `https://…`.', {
      pattern: '^https?://[^\\s]+$',
      hint: 'a URL',
      quiet: true,
    }),
    secret: SecretText('What deliveries are signed with; `ringdown webhooks secret` makes one: `whsec_…`.'),
    previousSecret: Type.Optional(
      SecretText('The secret before it, while receivers change over: deliveries are then signed with both.'),
    ),
    events: Type.Array(Choice(eventTypeNames, 'session.started', ''), {
      minItems: 1,
      description: 'What it is told of; see [WEBHOOKS.md](WEBHOOKS.md#events).',
    }),
    dns: List('Only what has to do with these numbers; all of them when left out.'),
    agents: List('Only what has to do with these agents, by user name; all of them when left out.'),
    texts: Flag(false, 'Whether deliveries carry texts and user data.'),
    timeoutMs: Whole(15_000, 100, 60_000, 'How long one attempt may take in all, milliseconds.'),
    parallel: Whole(8, 1, 64, 'Requests under way at a time, each for another session.'),
    allowPrivate: List(
      'Networks that are not public and may be sent to, such as `10.1.2.0/24`; `http://` is for them alone.',
    ),
    retry: Part(
      {
        firstMs: Whole(5_000, 100, 3_600_000, 'From the first failure to the second attempt, milliseconds.'),
        maxMs: Whole(14_400_000, 1_000, 86_400_000, 'The longest pause between two attempts, milliseconds.'),
        forMs: Whole(
          86_400_000,
          1_000,
          86_400_000,
          'How long a delivery is tried before it is given up, milliseconds.',
        ),
      },
      'When a delivery that fails is tried again.',
    ),
  },
  'A webhook.',
)

/** `contactCentres[].webhooks`. */
export const Webhooks = Type.Array(WebhookSchema, {
  default: [],
  description: 'Where events are sent to as they happen; see [WEBHOOKS.md](WEBHOOKS.md).',
})

export type WebhookConfig = Static<typeof WebhookSchema>

/** How much is kept for all webhooks of a contact centre, delivered or not. */
export const webhookLimit = Whole(
  100_000,
  1_000,
  10_000_000,
  'Events kept for the webhooks of each contact centre: what a target that is down may miss and still get, and what can be sent again.',
)
