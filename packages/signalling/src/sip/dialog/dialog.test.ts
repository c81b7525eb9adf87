import { describe, expect, test } from 'vitest'
import { readRequest, readResponse, requestBytes, responseBytes } from '../../testing/index.ts'
import type { HeaderLine } from '../message/message.ts'
import {
  cseqStep,
  dialogRequest,
  glareWait,
  keptCSeq,
  needsFlow,
  own,
  plainAddress,
  refreshTarget,
  route,
  uacDialog,
  uasDialog,
} from './dialog.ts'

const routes: HeaderLine[] = [
  ['Record-Route', '<sip:p2.example.net;lr>, <sip:p1.example.net;lr>'],
  ['Record-Route', '<sip:p0.example.net;lr>'],
]

function invite(headers: readonly HeaderLine[]) {
  return readRequest(
    requestBytes({
      method: 'INVITE',
      from: '"Bob, B." <sip:bob@example.net>;tag=theirs',
      headers: [['Contact', '<sip:bob@192.0.2.2:5070;ob>'], ...headers],
    }),
  )
}

const sent = {
  uri: 'sip:7001@example.com',
  callID: 'call-1@example.net',
  localTag: 'ours',
  local: '<sip:me@example.com>',
  remote: '<sip:7001@example.com>',
  cseq: 3,
}

describe('dialogs', () => {
  test('[SD-4] who was asked keeps the route set in the order of Record-Route', () => {
    const state = uasDialog(invite(routes), 'ours', undefined)
    expect(state).toMatchObject({
      local: '<sip:7001@example.com>',
      remote: '"Bob, B." <sip:bob@example.net>',
      localTag: 'ours',
      remoteTag: 'theirs',
      remoteTarget: 'sip:bob@192.0.2.2:5070;ob',
      routeSet: ['<sip:p2.example.net;lr>', '<sip:p1.example.net;lr>', '<sip:p0.example.net;lr>'],
      remoteCSeq: 1,
      ownsCallID: false,
    })
    expect(JSON.parse(JSON.stringify(state))).toEqual({ ...state, flow: undefined })
  })

  test('[SD-4] who asked turns it round', () => {
    const headers: HeaderLine[] = [['Contact', '<sip:7001@192.0.2.9>'], ...routes]
    const response = readResponse(responseBytes(invite([]), 200, { headers, toTag: 'theirs' }))
    expect(uacDialog(sent, response, undefined)).toMatchObject({
      routeSet: ['<sip:p0.example.net;lr>', '<sip:p1.example.net;lr>', '<sip:p2.example.net;lr>'],
      remoteTarget: 'sip:7001@192.0.2.9',
      remoteTag: 'theirs',
      ownsCallID: true,
    })
  })

  test('[SD-4] a 2xx without Contact leads to where the INVITE went', () => {
    const response = readResponse(responseBytes(invite([]), 200, { toTag: 'theirs' }))
    expect(uacDialog(sent, response, undefined).remoteTarget).toBe('sip:7001@example.com')
  })

  test('[SD-4] loose routers get the target in the Request-URI', () => {
    const request = dialogRequest(uasDialog(invite(routes), 'ours', undefined))
    expect(request.uri).toBe('sip:bob@192.0.2.2:5070;ob')
    expect(request.nextHop).toBe('sip:p2.example.net;lr')
    expect(request.headers).toEqual([
      ['Route', '<sip:p2.example.net;lr>'],
      ['Route', '<sip:p1.example.net;lr>'],
      ['Route', '<sip:p0.example.net;lr>'],
      ['From', '<sip:7001@example.com>;tag=ours'],
      ['To', '"Bob, B." <sip:bob@example.net>;tag=theirs'],
      ['Call-ID', 'call-1@example.net'],
    ])
  })

  test('[SD-4] a strict router gets its own name in the Request-URI, and the target goes last', () => {
    const strict = route('sip:bob@192.0.2.2', ['<sip:p2.example.net?X=y>', '<sip:p1.example.net;lr>'])
    expect(strict).toEqual({
      uri: 'sip:p2.example.net',
      routes: ['<sip:p1.example.net;lr>', '<sip:bob@192.0.2.2>'],
      nextHop: 'sip:p2.example.net?X=y',
    })
  })

  test('[SD-4] a Contact in a target refresh moves the target, and nothing else does', () => {
    const state = uasDialog(invite([]), 'ours', undefined)
    expect(refreshTarget(state, invite([]))).toBe(state)
    expect(refreshTarget(state, readRequest(requestBytes({ method: 'UPDATE' })))).toBe(state)
    const moved = readRequest(requestBytes({ method: 'UPDATE', headers: [['Contact', '<sip:bob@198.51.100.7>']] }))
    expect(refreshTarget(state, moved).remoteTarget).toBe('sip:bob@198.51.100.7')
  })

  test('[SD-19] the waits after a glare cannot overlap, in steps of 10 ms', () => {
    const almostOne = () => 1 - Number.EPSILON
    expect([glareWait(true, () => 0), glareWait(true, almostOne)]).toEqual([2_100, 4_000])
    expect([glareWait(false, () => 0), glareWait(false, almostOne)]).toEqual([0, 2_000])
  })

  test('[SD-5] the CSeq that is kept is above the one in use', () => {
    expect([keptCSeq(0), keptCSeq(cseqStep - 1), keptCSeq(cseqStep)]).toEqual([cseqStep, cseqStep, 2 * cseqStep])
  })

  test.each([
    ['sip:a@df7jal23ls0d.invalid;transport=ws', true],
    ['sip:a@192.0.2.1;transport=WSS', true],
    ['sip:a@host.invalid', true],
    ['sip:a@10.0.0.1:5070;ob', true],
    ['sip:a@192.0.2.1;transport=tcp', false],
    ['tel:123', false],
  ])('[SD-23] %s needs its flow: %s', (uri, expected) => {
    expect(needsFlow(uri)).toBe(expected)
  })

  test('[SD-21] From and To lose tags and parameters, and get brackets', () => {
    expect(plainAddress('sip:a@b;tag=x')).toBe('<sip:a@b>')
    expect(plainAddress('Ann <sip:a@b;user=phone>;tag=x')).toBe('Ann <sip:a@b;user=phone>')
    expect(() => plainAddress('nobody')).toThrow()
  })

  test('[SD-5] copies say the same', () => {
    const text = 'a text that is longer than a slice may be copied'
    expect([own(text), own('short'), own('')]).toEqual([text, 'short', ''])
  })
})
