import type { Definition } from '../definition.ts'

/** Certificates, and who is refused for asking too often. */
export const security = {
  ringdown_certificate_expiry_seconds: {
    type: 'gauge',
    help: 'When the certificate of a listener, or the one we show where we connect, ends: seconds since 1970',
    unit: 'seconds since 1970',
    labels: { listener: 'the places in the configuration that name a certificate, such as `http` and `sip.listen[0]`' },
    act: 'Less than two weeks ahead of now: renew the file, then send SIGHUP or ask for `ReloadConfiguration`; connections that are there go on.',
  },
} as const satisfies Record<string, Definition>
