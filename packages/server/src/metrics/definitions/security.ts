import type { Definition } from '../definition.ts'

/** Certificates, and who is refused for asking too often. */
export const security = {
  ringdown_limits_reached_total: {
    type: 'counter',
    help: 'Connections and requests refused because somebody asked too much, by protocol and limit',
    unit: 'connections or requests',
    labels: {
      protocol: ['http', 'sip'],
      limit: [
        'connections',
        'connectionsPerAddress',
        'requestsPerAddress',
        'requestsPerPerson',
        'requests',
        'passwords',
        'other',
      ],
    },
    act: '`passwords`: somebody guesses, or a phone has an old one; `GET /api/v2/lab/lock-outs` says who, `DELETE` lets them try again. The others: a client runs wild, or the limit of that name in `http` and `sip` is too low for a proxy that many come through.',
  },
  ringdown_certificate_expiry_seconds: {
    type: 'gauge',
    help: 'When the certificate of a listener, or the one we show where we connect, ends: seconds since 1970',
    unit: 'seconds since 1970',
    labels: { listener: 'the places in the configuration that name a certificate, such as `http` and `sip.listen[0]`' },
    act: 'Less than two weeks ahead of now: renew the file, then send SIGHUP or ask for `ReloadConfiguration`; connections that are there go on.',
  },
} as const satisfies Record<string, Definition>
