import { Type } from 'typebox'
import { Text, Whole } from './schema-words.ts'

const network = {
  pattern: '^([0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)(/[0-9]{1,3})?$',
  hint: 'an address or a network such as 10.0.0.0/8',
}

/** Limits of the HTTP listener. SPEC SE-20, SE-21, SE-35. */
export const httpLimits = {
  requestsPerMinute: Whole(0, 0, 10_000_000, 'Requests one address may make in a minute; 0 is no limit.'),
  requestsPerMinutePerPerson: Whole(
    0,
    0,
    10_000_000,
    'Requests one person may make in a minute on one node, polls of their clients among them; 0 is no limit.',
  ),
  connections: Whole(50_000, 10, 1_000_000, 'Connections held at once; one more is closed.'),
  connectionsPerAddress: Whole(
    5_000,
    0,
    1_000_000,
    'Of them from one address, or IPv6 network of 64 bits; 0 is no limit. This machine and `trustedProxies` are not counted.',
  ),
  hstsSeconds: Whole(
    31_536_000,
    0,
    63_072_000,
    'How long browsers ask our host over TLS only (HSTS), seconds; 0: they are not told. They are told where clients reach us by HTTPS at port 443 alone, for it holds for every port of the host.',
  ),
}

/** Limits of SIP. SPEC SR-50 to SR-53. */
export const sipLimits = {
  requestsPerSecond: Whole(
    200,
    0,
    1_000_000,
    'Requests outside dialogs that one source may send in a second, and twice as many at once; 0 is no limit. Trunks and `trustedProxies` are not counted.',
  ),
  trustedProxies: Type.Array(Text('', network), {
    default: ['127.0.0.0/8', '::1'],
    description: 'Addresses or networks of SIP proxies that many endpoints come through; this machine when left out.',
  }),
}
