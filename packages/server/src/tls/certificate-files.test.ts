import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { formatMistake, loadConfig } from '../config/load-config.ts'
import { certificateEnds, faultOf } from './certificate-files.ts'

const file = (name: string) => fileURLToPath(new URL(`../testing/${name}`, import.meta.url))
const [cert, key] = ['localhost.crt', 'localhost.key'].map((name) => readFileSync(file(name), 'utf8')) as [
  string,
  string,
]
const otherKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgnQmMb4wTG7EG6U7C
nOpTnsF4M7cvGnQkiVQKhbQ0gH+hRANCAAT5f6IYQ5G5nPBfzHVXGS5tSjrEVjKh
R0rSFPW0dD+HVU8QFQ+jdqnqz0iVxHa1mKJeXfBdR2ZbMF+wJx5yBBzH
-----END PRIVATE KEY-----
`

test('[SE-31] a certificate, its key and authorities are tried, and what is wrong is said in a few words', () => {
  expect(faultOf({ cert, key })).toBeUndefined()
  expect(faultOf({ ca: cert })).toBeUndefined()
  expect(faultOf({ cert: 'x', key })).toBe('it is not PEM')
  expect(faultOf({ cert: '', key })).toBe('it is empty')
  expect(faultOf({ cert, key: '' })).toBe('it is empty')
  expect(faultOf({ ca: 'nobody' })).toBe('it is not PEM')
  expect(faultOf({ cert: cert.slice(0, 200), key })).toMatch(/damaged/)
  expect(faultOf({ cert, key: otherKey })).toBeDefined()
})

test('[SE-31] a configuration with such a file is refused as any other wrong one, with the place', () => {
  const files: Record<string, string> = { 'a.crt': cert, 'a.key': key, 'bad.crt': 'x' }
  const text = `http: { tls: { certFile: bad.crt, keyFile: a.key } }
sip: { listen: [{ transport: tls, certFile: a.crt, keyFile: a.key, caFile: bad.crt }] }
store:
  redis: { url: "redis://127.0.0.1:1", caFile: a.crt, certFile: a.crt }
contactCentres: [{ id: demo }]
`
  const loaded = loadConfig(text, {
    env: {},
    readFile: (name) => files[name] ?? '',
  })
  if (!('mistakes' in loaded)) throw new Error('it was taken')
  expect(loaded.mistakes.map((mistake) => formatMistake('r.yaml', mistake))).toEqual([
    'r.yaml:1:26: http.tls.certFile: it is not PEM',
    'r.yaml:2:76: sip.listen[0].caFile: it is not PEM',
    'r.yaml:4:10: store.redis has certificates and no TLS: set tls, or write the url as rediss://',
    'r.yaml:4:65: store.redis.certFile and store.redis.keyFile belong together',
  ])
})

test('[SE-33] the end of each certificate is read from its file, and one that cannot be read is left out', () => {
  const text = `http: { tls: { certFile: "${file('localhost.crt')}", keyFile: "${file('localhost.key')}" } }
sip: { listen: [{ transport: udp }, { transport: tls, certFile: gone.crt, keyFile: gone.key }] }
contactCentres: [{ id: demo }]
`
  const loaded = loadConfig(text, {
    env: {},
    readFile: (name) => (name.startsWith('gone') ? (name.endsWith('key') ? key : cert) : readFileSync(name, 'utf8')),
  })
  if ('mistakes' in loaded) throw new Error(loaded.mistakes[0]?.message)
  const ends = certificateEnds(loaded.config)
  expect([...ends.keys()]).toEqual(['http'])
  expect(ends.get('http')).toBeGreaterThan(1_700_000_000)
})
