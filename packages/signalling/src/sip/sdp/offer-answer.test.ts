import { describe, expect, test } from 'vitest'
import { howToSend, matches, readMessageMedia } from './message-media.ts'
import { isRefresh, type LocalMedia, makeAnswer, makeOffer, readAnswer } from './offer-answer.ts'

const local: LocalMedia = {
  origin: { sessionID: '7', version: 1 },
  transport: 'tcp',
  path: ['msrp://192.0.2.20:2855/ours;tcp'],
  acceptTypes: ['message/cpim', 'text/plain'],
  acceptWrappedTypes: ['text/plain', 'text/html', 'message/imdn+xml'],
  maxSize: 1_000_000,
  reachable: true,
  cema: true,
}

interface Peer {
  setup?: string
  port?: number
  c?: string
  path?: string
  types?: string
  protocol?: string
  more?: readonly string[]
  before?: readonly string[]
}

function sdp(peer: Peer = {}): Uint8Array {
  const lines = [
    'v=0',
    'o=- 100 1 IN IP4 192.0.2.10',
    's=-',
    `c=IN IP4 ${peer.c ?? '192.0.2.10'}`,
    't=0 0',
    ...(peer.before ?? []),
    `m=message ${peer.port ?? 2855} ${peer.protocol ?? 'TCP/MSRP'} *`,
    `a=accept-types:${peer.types ?? 'text/plain'}`,
    `a=path:${peer.path ?? 'msrp://192.0.2.10:2855/theirs;tcp'}`,
    ...(peer.setup === undefined ? [] : [`a=setup:${peer.setup}`]),
    ...(peer.more ?? []),
  ]
  return new TextEncoder().encode(lines.map((line) => `${line}\r\n`).join(''))
}

const text = (body: Uint8Array) => new TextDecoder().decode(body)

function answered(peer: Peer, ours: Partial<LocalMedia> = {}) {
  const answer = makeAnswer(sdp(peer), { ...local, ...ours })
  if ('status' in answer) throw new Error(answer.warning)
  return { ...answer, text: text(answer.sdp) }
}

const media = (body: Uint8Array) => {
  const read = readMessageMedia(body)
  if ('problem' in read) throw new Error(read.problem)
  return read
}

describe('an MSRP offer of ours', () => {
  test('[SD-32] says path, types, size and setup; c= and m= repeat the first hop', () => {
    expect(text(makeOffer({ ...local, cema: false })).split('\r\n')).toEqual([
      'v=0',
      'o=- 7 1 IN IP4 192.0.2.20',
      's=-',
      'c=IN IP4 192.0.2.20',
      't=0 0',
      'm=message 2855 TCP/MSRP *',
      'a=accept-types:message/cpim text/plain',
      'a=accept-wrapped-types:text/html message/imdn+xml',
      'a=path:msrp://192.0.2.20:2855/ours;tcp',
      'a=max-size:1000000',
      'a=setup:actpass',
      '',
    ])
  })

  test('[SD-33] offers actpass where we can be reached, else active with port 9; never passive, never a=connection', () => {
    expect(media(makeOffer(local))).toMatchObject({ setup: 'actpass', port: 2855 })
    expect(media(makeOffer({ ...local, reachable: false }))).toMatchObject({ setup: 'active', port: 9 })
    expect(text(makeOffer(local))).not.toContain('a=connection')
  })

  test('[SD-32] with a relay, the c-line and m-line show the relay', () => {
    const path = ['msrps://relay.example:9000/abc;tcp', 'msrps://192.0.2.20:2855/ours;tcp']
    const offer = makeOffer({ ...local, transport: 'tls', path, fingerprint: 'sha-256 AA:BB' })
    expect(media(offer)).toMatchObject({ connection: 'relay.example', port: 9000, path, transport: 'tls' })
    expect(text(offer)).toContain('a=fingerprint:sha-256 AA:BB')
  })

  test('[SD-32] an IPv6 host stands without brackets in c= and o=', () => {
    const offer = text(makeOffer({ ...local, path: ['msrp://[2001:db8::1]:2855/x;tcp'] }))
    expect(offer).toContain('c=IN IP6 2001:db8::1\r\n')
    expect(offer).toContain('o=- 7 1 IN IP6 2001:db8::1\r\n')
  })
})

describe('who connects', () => {
  test.each([
    ['actpass', 'passive', 2855],
    ['active', 'passive', 2855],
    // COMPAT FreeSWITCH: an offer of passive, forbidden, is met by connecting.
    ['passive', 'active', 9],
    // holdconn is ignored: the base rule, the offerer connects.
    ['holdconn', 'passive', 2855],
    [undefined, 'passive', 2855],
  ] as const)('[SD-34] offered %s, we are %s', (setup, role, port) => {
    const answer = answered(setup === undefined ? {} : { setup })
    expect(answer.remote.role).toBe(role)
    expect(media(answer.sdp)).toMatchObject({ setup: role, port })
  })

  test('[SD-34] behind a NAT we connect; where neither side can be reached, the offer is refused', () => {
    expect(answered({ setup: 'actpass' }, { reachable: false }).remote.role).toBe('active')
    expect(makeAnswer(sdp({ setup: 'active', port: 9 }), { ...local, reachable: false })).toMatchObject({ status: 488 })
    expect(makeAnswer(sdp(), { ...local, reachable: false })).toMatchObject({ status: 488 })
  })

  test('[SD-34] a=connection is ignored', () => {
    expect(answered({ setup: 'actpass', more: ['a=connection:existing'] }).text).not.toContain('a=connection')
  })

  test.each([
    ['active', true, 'passive'],
    ['passive', true, 'active'],
    ['actpass', true, 'active'],
    ['holdconn', true, 'active'],
    [undefined, true, 'active'],
    ['passive', false, 'active'],
    ['active', false, 'active'],
  ] as const)('[SD-35] answered %s to our offer (reachable: %s), we are %s', (setup, reachable, role) => {
    const reading = readAnswer(sdp(setup === undefined ? {} : { setup }), { ...local, reachable })
    expect(reading).toMatchObject({ remote: { role } })
  })

  test('[SD-34] the first URI of the path is the one to connect to, c= is not asked', () => {
    const path = 'msrp://relay.example:2855/r;tcp msrp://10.0.0.1:2855/theirs;tcp'
    const { remote } = answered({ setup: 'passive', path, c: '192.0.2.99' })
    expect(remote).toMatchObject({ path: path.split(' '), connectTo: undefined })
  })
})

describe('an answer of ours', () => {
  test('[SD-36] refuses audio, video and further message lines with port 0, in the offer’s order', () => {
    const before = ['m=audio 4000 RTP/AVP 0 8', 'a=rtpmap:0 PCMU/8000', 'm=message 0 TCP/MSRP *']
    const more = ['m=message 2856 TCP/MSRP *', 'a=accept-types:text/plain', 'a=path:msrp://192.0.2.10:2856/two;tcp']
    const lines = answered({ setup: 'active', before, more }).text.split('\r\n')
    expect(lines.filter((line) => line.startsWith('m='))).toEqual([
      'm=audio 0 RTP/AVP 0 8',
      'm=message 0 TCP/MSRP *',
      'm=message 2855 TCP/MSRP *',
      'm=message 0 TCP/MSRP *',
    ])
    expect(lines).not.toContain('a=rtpmap:0 PCMU/8000')
  })

  test('[SD-36] a file transfer has a line of its own and is passed over', () => {
    const before = [
      'm=message 2856 TCP/MSRP *',
      'a=accept-types:*',
      'a=path:msrp://192.0.2.10:2856/file;tcp',
      'a=file-selector:name:"x" size:1',
    ]
    expect(answered({ before }).remote.path).toEqual(['msrp://192.0.2.10:2855/theirs;tcp'])
  })

  test('[SD-36] an unexpected second c= line does not matter', () => {
    expect(answered({ setup: 'active', before: ['c=IN IP4 203.0.113.9'] }).remote.role).toBe('passive')
  })

  test.each([
    ['sendonly', 'recvonly'],
    ['recvonly', 'sendonly'],
    ['inactive', 'inactive'],
    ['sendrecv', 'sendrecv'],
  ] as const)('[SD-37] an offer of %s is answered %s', (offered, direction) => {
    const answer = answered({ more: [`a=${offered}`] })
    expect(media(answer.sdp).direction).toBe(direction)
    expect(answer.remote.direction).toBe(offered)
  })

  test.each([
    ['audio only', { types: 'x', protocol: 'RTP/AVP' }],
    ['the removed line of a re-offer', { port: 0 }],
    ['TLS where we speak TCP', { protocol: 'TCP/TLS/MSRP', path: 'msrps://192.0.2.10:2855/x;tcp' }],
    ['a path that says TLS under an m-line that does not', { path: 'msrps://192.0.2.10:2855/x;tcp' }],
    ['no path', { path: '' }],
    ['a path that is no MSRP URI', { path: 'sip:192.0.2.10' }],
    ['a port of 0 in the path', { path: 'msrp://192.0.2.10:0/x;tcp' }],
    ['no accept-types', { types: '' }],
    ['types we do not know', { types: 'image/png' }],
    ['message/cpim around types we do not know', { types: 'multipart/mixed', more: ['a=accept-wrapped-types:a/b'] }],
  ])('[SD-36] %s is 488 with a Warning', (_name, peer: Peer) => {
    expect(makeAnswer(sdp(peer), local)).toMatchObject({
      status: 488,
      warning: expect.stringMatching(/^3\d\d ringdown "/),
    })
  })

  test('[SD-36] what is no SDP at all is 488, not an exception', () => {
    expect(makeAnswer(new Uint8Array(), local)).toMatchObject({ status: 488 })
  })

  test('[SD-40] the same o= line again is a refresh, a higher version is not', () => {
    const { remote } = answered({ setup: 'active' })
    expect(isRefresh(sdp({ setup: 'active' }), remote.origin)).toBe(true)
    const changed = new TextEncoder().encode(text(sdp()).replace('o=- 100 1', 'o=- 100 2'))
    expect(isRefresh(changed, remote.origin)).toBe(false)
  })

  test('[SD-36] fingerprints and max-size of the peer are handed on', () => {
    const { remote } = answered({ more: ['a=max-size:2048', 'a=fingerprint:sha-256 AB:CD'] })
    expect(remote).toMatchObject({ maxSize: 2048, fingerprints: ['sha-256 AB:CD'] })
    expect(answered({ more: ['a=max-size:lots'] }).remote.maxSize).toBeUndefined()
  })
})

describe('CEMA (RFC 6714)', () => {
  const moved = { c: '198.51.100.1', port: 40_000 }

  test('[SD-38] with it on both sides the c-line and m-line say where to connect', () => {
    const answer = answered({ ...moved, setup: 'passive', more: ['a=msrp-cema'] })
    expect(answer.remote.connectTo).toEqual({ host: '198.51.100.1', port: 40_000 })
    expect(answer.text).toContain('a=msrp-cema\r\n')
  })

  test('[SD-38] it is not answered where it was not offered, nor without a=setup', () => {
    expect(answered({ setup: 'active' }).text).not.toContain('msrp-cema')
    expect(answered({ more: ['a=msrp-cema'] }).text).not.toContain('msrp-cema')
  })

  test('[SD-38] an offer without it whose c-line differs from the path is 488 where we would connect', () => {
    const offer = sdp({ ...moved, setup: 'passive' })
    expect(makeAnswer(offer, local)).toMatchObject({ status: 488 })
    expect(makeAnswer(offer, { ...local, sessmatch: true })).toHaveProperty('sdp')
  })

  test('[SD-38] spelling does not make an address another one', () => {
    const peer = { setup: 'passive', c: '2001:db8:0:0:0:0:0:1', path: 'msrp://[2001:DB8::1]:2855/x;tcp' }
    expect(makeAnswer(sdp(peer), local)).toHaveProperty('sdp')
  })

  test('[SD-39] an answer without it, of another c-line, while we wait for the peer: offer again without CEMA', () => {
    expect(readAnswer(sdp({ c: '198.51.100.1', port: 9, setup: 'active' }), local)).toMatchObject({
      offerAgain: 'withoutCema',
    })
    expect(readAnswer(sdp({ ...moved, setup: 'passive' }), local)).toMatchObject({ remote: { role: 'active' } })
    expect(readAnswer(sdp({ setup: 'active' }), local)).toMatchObject({ remote: { role: 'passive' } })
  })
})

describe('what may be sent', () => {
  const peer = { acceptTypes: ['message/cpim', 'text/*'], acceptWrappedTypes: ['text/html', 'image/png'] }

  test('[SD-41] listed types as they are, wrapped ones inside message/cpim, others not at all', () => {
    expect(howToSend(peer, 'text/plain; charset=utf-8')).toBe('plain')
    expect(howToSend(peer, 'Image/PNG')).toBe('wrapped')
    expect(howToSend(peer, 'application/json')).toBeUndefined()
    expect(howToSend({ acceptTypes: ['text/plain'], acceptWrappedTypes: ['a/b'] }, 'a/b')).toBeUndefined()
    expect(howToSend({ acceptTypes: ['*'], acceptWrappedTypes: [] }, 'application/json')).toBe('plain')
  })

  test('[SD-41] parameters and case do not count when types are compared', () => {
    expect(media(sdp({ types: 'Text/Plain;charset=utf-8 *' })).acceptTypes).toEqual(['text/plain', '*'])
    expect(matches(['text/*'], 'text/html')).toBe(true)
    expect(matches(['text/plain'], 'text/*')).toBe(true)
    expect(matches(['text/*'], 'message/cpim')).toBe(false)
  })
})
