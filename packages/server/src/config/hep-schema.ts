import { Type } from 'typebox'
import { Choice, Flag, SecretText, Text, Thing, Whole } from './schema-words.ts'

/** SPEC HP-1. */
export const Hep = Thing(
  {
    host: Text('Name or address of the collector.', {
      pattern: '^[A-Za-z0-9._:-]+$',
      hint: 'a host name or an address, without a port',
    }),
    port: Whole(9060, 1, 65_535, 'Its port.'),
    transport: Choice(['udp', 'tcp', 'tls'], 'udp', 'How it is reached. The key is readable on the way but by `tls`.'),
    caFile: Type.Optional(
      Text('Who may have signed its certificate, PEM; for `tls`. The roots Node ships when left out.'),
    ),
    captureId: Whole(2001, 0, 4_294_967_295, 'Our number among the agents of the collector.'),
    captureName: Type.Optional(Text('Our name among them; the name of the node when left out.')),
    key: Type.Optional(SecretText('The key the collector asks for.')),
    bodies: Choice(
      ['masked', 'whole'],
      'masked',
      'Whether texts, subjects and user data are masked or sent as they are.',
    ),
    correlate: Flag(true, 'Send the CallUUID of a session as correlation id of its messages.'),
    bufferBytes: Whole(
      1_048_576,
      65_536,
      268_435_456,
      'Bytes that wait for the collector at most; the oldest give way.',
    ),
  },
  'Send every SIP message to a Homer collector, by HEP3.',
)
