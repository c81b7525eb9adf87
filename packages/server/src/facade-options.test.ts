import { defaultFacadeOptions } from '@ringdown/facade'
import { expect, test } from 'vitest'
import { type Config, loadConfig } from './config/load-config.ts'
import { facadeOptions } from './facade-options.ts'

function config(ucAjax: string): Config {
  const loaded = loadConfig(`${ucAjax}\ncontactCentres: [{ id: demo }]\n`, {
    env: {},
    readFile: () => {
      throw new Error('no file is named')
    },
  })
  if ('mistakes' in loaded) throw new Error(JSON.stringify(loaded.mistakes))
  return loaded.config
}

test('[SV-1] what the file leaves out of ucAjax is what the facade does by itself', () => {
  expect(facadeOptions(config('')).ucAjax).toEqual(defaultFacadeOptions.ucAjax)
})

test('[SV-1] each key of ucAjax reaches the facade', () => {
  const given = {
    enabled: false,
    domain: 'im.example',
    persons: 'number',
    pollWaitMs: 2_000,
    busyPollWaitMs: 500,
    holdMs: 20_000,
    sessionTimeoutMs: 300_000,
    ticketMs: 3_600_000,
    ticketGraceMs: 60_000,
    sessionsPerPerson: 3,
    inviteAgain: 'continue',
    strict: true,
    namespace: true,
  }
  expect(Object.keys(given)).toEqual(Object.keys(defaultFacadeOptions.ucAjax))
  expect(facadeOptions(config(`ucAjax: ${JSON.stringify(given)}`)).ucAjax).toEqual(given)
})

test('[SV-1] listeners of SIP over WebSocket are told to pages, by what peers see of them', () => {
  const listen = [
    { transport: 'udp', port: 5060 },
    { transport: 'ws', port: 5066 },
    { transport: 'ws', port: 0 },
    { transport: 'ws', port: 80, advertiseHost: 'sip.example', advertisePort: 8080, path: '/sip' },
  ]
  const written = (sip: object) => facadeOptions(config(`sip: ${JSON.stringify(sip)}`)).sip
  expect(written({ listen, domains: ['im.example', 'other.example'] })).toEqual({
    sockets: [
      { scheme: 'ws', host: null, port: 5066, path: '/' },
      { scheme: 'ws', host: 'sip.example', port: 8080, path: '/sip' },
    ],
    domain: 'im.example',
  })
  expect(facadeOptions(config('')).sip).toEqual({ sockets: [], domain: null })
})

test('[SE-35] browsers are told to use TLS only where clients reach us by HTTPS at port 443', () => {
  const hsts = (http: string) => facadeOptions(config(`http: { ${http} }`)).hstsSeconds
  expect(hsts('externalUrl: "https://im.example"')).toBe(31_536_000)
  expect(hsts('externalUrl: "https://im.example", hstsSeconds: 60')).toBe(60)
  expect(hsts('externalUrl: "https://im.example:8443"')).toBe(0)
  expect(hsts('externalUrl: "http://im.example"')).toBe(0)
  expect(hsts('port: 443')).toBe(0)
})
