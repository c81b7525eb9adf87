import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { type TestAuthority, testAuthority } from '@ringdown/signalling/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { endAll, eventually, ringdown } from '../testing/server-process.ts'

/* A redis-server that speaks TLS only, and wants a certificate of who connects. */

const soon = 25_000
let directory: string
let ours: TestAuthority
let theirs: TestAuthority
let redis: ChildProcess | undefined
let port: number

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'ringdown-redis-tls-'))
  ours = await testAuthority()
  theirs = await testAuthority()
  const [node, server, stranger] = await Promise.all([
    ours.issue('DNS:node'),
    ours.issue('IP:127.0.0.1'),
    theirs.issue('DNS:node'),
  ])
  const write = (name: string, text: string) => writeFileSync(join(directory, name), text)
  for (const [name, { cert, key }] of Object.entries({ node, server, stranger })) {
    write(`${name}.crt`, cert)
    write(`${name}.key`, key)
  }
  write('ours.crt', ours.ca)
  write('theirs.crt', theirs.ca)
  port = await freePort()
  const tls = ['--tls-cert-file', 'server.crt', '--tls-key-file', 'server.key', '--tls-ca-cert-file', 'ours.crt']
  const words = ['--port', '0', '--tls-port', String(port), '--bind', '127.0.0.1', '--save', '', ...tls]
  redis = spawn('redis-server', [...words, '--tls-auth-clients', 'yes', '--requirepass', 'secret'], {
    cwd: directory,
    stdio: 'ignore',
  })
  await eventually(() => isOpen(port), soon)
})
afterAll(async () => {
  endAll()
  redis?.kill('SIGKILL')
  await Promise.all([ours?.remove(), theirs?.remove()])
  rmSync(directory, { recursive: true, force: true })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: free } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return free
}

function isOpen(at: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: at, rejectUnauthorized: false })
    socket.once('error', () => resolve(false))
    socket.once('secureConnect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}

function serve(name: string, files: string) {
  const config = `http: { port: 0 }
store: { redis: { url: "rediss://127.0.0.1:${port}", password: secret, ${files} } }
contactCentres: [{ id: demo, persons: [{ userName: anna, password: anna }] }]
`
  writeFileSync(join(directory, `${name}.yaml`), config)
  return ringdown(['serve', `${name}.yaml`], directory)
}

test('[SE-34] sessions are kept in a Redis that wants a certificate, by an authority of its own', async () => {
  const server = serve('right', 'caFile: ours.crt, certFile: node.crt, keyFile: node.key')
  const address = await server.address()
  expect((await fetch(`${address}/health/ready`)).status).toBe(200)
  const headers = { authorization: `Basic ${Buffer.from('anna:anna').toString('base64')}` }
  expect((await fetch(`${address}/api/v2/me`, { headers })).status).toBe(200)
  const page = await (await fetch(`${address}/metrics`)).text()
  expect(page).toContain('ringdown_certificate_expiry_seconds{listener="store.redis"}')
  server.child.kill('SIGTERM')
  expect(await server.ended).toBe(0)
})

test.each([
  ['without a certificate', 'caFile: ours.crt'],
  ["with somebody else's certificate", 'caFile: ours.crt, certFile: stranger.crt, keyFile: stranger.key'],
  ['where somebody else has signed the one of Redis', 'caFile: theirs.crt, certFile: node.crt, keyFile: node.key'],
])('[SE-34] nothing is kept %s', async (_, files) => {
  const server = serve('wrong', files)
  await eventually(() => server.out().includes('the store does not answer yet'), soon)
  expect(server.err()).not.toContain('Ringdown serves')
  server.child.kill('SIGKILL')
  await server.ended
})
