import type { Capabilities } from '@ringdown/signalling/testing'

/** An endpoint that serves the usual methods and nothing out of the ordinary. */
export const endpoint: Capabilities = {
  methods: ['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'REGISTER', 'MESSAGE'],
  finalMethods: new Set(['OPTIONS', 'REGISTER']),
  schemes: new Set(['sip', 'sips', 'tel']),
  extensions: new Set(['timer']),
  bodyTypes: new Map([
    ['INVITE', ['application/sdp']],
    ['MESSAGE', ['text/*', 'message/cpim', 'multipart/mixed']],
  ]),
  answerTypes: new Map([['INVITE', 'application/sdp']]),
}

/** The same where it sends requests on. */
export const relay: Capabilities = { ...endpoint, finalMethods: new Set(), proxyExtensions: new Set() }
