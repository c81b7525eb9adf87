import { expect, test } from 'vitest'
import { maskAsked, maskData, maskFrame, maskJson, maskSip, maskXml } from './mask.ts'
import { framesIn } from './msrp-frames.ts'

const sip = (lines: readonly string[], body = '') => `${lines.join('\r\n')}\r\n\r\n${body}`
const bodyOf = (message: string) => message.slice(message.indexOf('\r\n\r\n') + 4)
const latin1 = (text: string) => Buffer.from(text, 'utf8').toString('latin1')

test('[TR-5] a text of a MESSAGE is masked byte by byte, unless it was asked for', () => {
  const message = sip(
    ['MESSAGE sip:7001@demo SIP/2.0', 'Subject: my secret', 'Content-Type: text/plain'],
    latin1('süß\r\n🍲'),
  )
  const masked = maskSip(message, false)
  expect(bodyOf(masked)).toBe('*****\r\n****')
  expect(masked).toContain('Subject: *********\r\n')
  expect(masked).toHaveLength(message.length)
  expect(maskSip(message, true)).toBe(message)
})

test('[TR-5] what is no text is shown: SDP but for its words, typing, receipts', () => {
  const sdp = 'v=0\r\ns=-\r\ni=about my order\r\nm=message 9 TCP/MSRP *\r\n'
  expect(bodyOf(maskSip(sip(['INVITE sip:7001@demo SIP/2.0', 'c: application/sdp'], sdp), false))).toBe(
    'v=0\r\ns=-\r\ni=**************\r\nm=message 9 TCP/MSRP *\r\n',
  )
  const typing = '<isComposing><state>active</state></isComposing>'
  const type = 'Content-Type: application/im-iscomposing+xml'
  expect(bodyOf(maskSip(sip(['MESSAGE sip:7001@demo SIP/2.0', type], typing), false))).toBe(typing)
})

test('[TR-5] of a CPIM message the headers are shown, but for the subject, and not the content', () => {
  const cpim = 'From: <im:a@b>\r\nSubject: hush\r\n\r\nContent-Type: text/plain\r\n\r\nhello'
  const message = sip(['MESSAGE sip:7001@demo SIP/2.0', 'Content-Type: message/cpim'], cpim)
  expect(bodyOf(maskSip(message, false))).toBe(
    'From: <im:a@b>\r\nSubject: ****\r\n\r\nContent-Type: text/plain\r\n\r\n*****',
  )
  const imdn = cpim.replace('text/plain', 'message/imdn+xml')
  expect(bodyOf(maskSip(sip(['MESSAGE x SIP/2.0', 'Content-Type: message/cpim'], imdn), false))).toMatch(/hello$/)
  const broken = sip(['MESSAGE x SIP/2.0', 'Content-Type: message/cpim'], 'hello\r\n')
  expect(bodyOf(maskSip(broken, false))).toBe('*****\r\n')
})

const credentials =
  'Digest username="8001", realm="demo", nonce="abc", uri="sip:x", response="0123456789abcdef", algorithm=MD5, qop=auth, nc=00000001, cnonce="ff"'

test.each([
  [
    'Authorization',
    credentials,
    'Digest username="****", realm="****", nonce="***", uri="*****", response="****************", algorithm=MD5, qop=auth, nc=00000001, cnonce="**"',
  ],
  ['Proxy-Authorization', 'Digest response=0123,algorithm=MD5', 'Digest response=****,algorithm=MD5'],
  ['Proxy-Authorization', 'Digest username="8001",\r\n response="01"', 'Digest username="****",\r\n response="**"'],
  ['WWW-Authenticate', 'Digest realm="demo", nonce="abc"', 'Digest realm="****", nonce="***"'],
  ['authorization', 'Basic YW5uYTpzZWNyZXQ=', '**********************'],
  ['Cookie', 'RINGDOWN=secret', '***************'],
  ['CWA-Ticket', 'secret', '******'],
])('[TR-6] %s: %j is never shown, with texts or without', (name, value, shown) => {
  for (const texts of [true, false])
    expect(maskSip(sip(['OPTIONS sip:x SIP/2.0', `${name}: ${value}`, 'CSeq: 1 OPTIONS']), texts)).toBe(
      sip(['OPTIONS sip:x SIP/2.0', `${name}: ${shown}`, 'CSeq: 1 OPTIONS']),
    )
})

test('[TR-6] an MSRP session id lets its reader in, so another one of its length stands there, the same everywhere', () => {
  const path = 'msrp://127.0.0.1:2855/0123456789abcdef0123456789abcdef;tcp'
  const invite = maskSip(sip(['INVITE x SIP/2.0', 'Content-Type: application/sdp'], `a=path:${path}\r\n`), true)
  const veiled = /\/([0-9a-f]+);tcp/.exec(invite)?.[1]
  expect(veiled).toHaveLength(32)
  expect(veiled).not.toBe('0123456789abcdef0123456789abcdef')
  const frame = `MSRP d93kswow SEND\r\nTo-Path: ${path}\r\nFrom-Path: msrp://h:9/x;tcp\r\nAuthorization: Digest response="00"\r\n-------d93kswow$\r\n`
  const [only] = [...framesIn(frame)]
  const shown = only ? maskFrame(only.frame, true) : ''
  expect(shown).toContain(`/${veiled};tcp`)
  expect(shown).toContain('response="**"')
  expect(shown).toHaveLength(frame.length)
})

test('[TR-5] texts of MSRP are masked in every chunk, and none of the frame around them', () => {
  const chunk = (range: string, type: string, body: string) =>
    `MSRP d93kswow SEND\r\nTo-Path: msrp://a:1/x;tcp\r\nFrom-Path: msrp://b:2/y;tcp\r\nByte-Range: ${range}\r\nContent-Type: ${type}\r\n\r\n${body}\r\n-------d93kswow$\r\n`
  const show = (text: string) => [...framesIn(text)].map(({ frame }) => maskFrame(frame, false)).join('')
  expect(show(chunk('1-5/5', 'text/plain', 'hello'))).toMatch(/\r\n\r\n\*{5}\r\n-------d93kswow\$\r\n$/)
  const cpim = 'From: <im:a@b>\r\n\r\nContent-Type: text/plain\r\n\r\nhello'
  expect(show(chunk('1-47/99', 'message/cpim', cpim))).toContain('From: <im:a@b>')
  // A later chunk only looks as if it began with headers.
  expect(show(chunk('48-95/99', 'message/cpim', cpim))).not.toContain('From: <im:a@b>')
})

test('[TR-5] in JSON texts and user data are masked, whatever they are made of; what names things is not', () => {
  const told = {
    messageType: 'IMLogUpdateMessage',
    message: 'hello',
    messageId: 'm1',
    imSession: { id: 'S1', userData: { name: 'Ann', deep: { n: 42, list: ['a'] }, none: null } },
    messages: [{ from: '7001', message: 'hi' }],
  }
  expect(maskData(told, false)).toEqual({
    messageType: 'IMLogUpdateMessage',
    message: '*****',
    messageId: 'm1',
    imSession: { id: 'S1', userData: { name: '***', deep: { n: '**', list: ['*'] }, none: null } },
    messages: [{ from: '7001', message: '**' }],
  })
  expect(maskData(told, true)).toEqual(told)
  expect(maskJson('{"text":"a"}', false)).toBe('{"text":"*"}')
  expect(maskJson('{"text":"a"', false)).toBe('***********')
})

test('[TR-5] of a T-event the text’s body is masked, and not who wrote it', () => {
  const event = { event: 'EventACK', extensions: { text: { messageID: 'm1', from: '7001', body: 'hello' } } }
  expect(maskData(event, false)).toEqual({
    event: 'EventACK',
    extensions: { text: { messageID: 'm1', from: '7001', body: '*****' } },
  })
})

test('[TR-6] secrets in data are masked with texts and without', () => {
  const data = { password: 'pw', csrfToken: 'x1', signInData: 'abc', user: { passwordHash: '$s' } }
  const shown = { password: '**', csrfToken: '**', signInData: '***', user: { passwordHash: '**' } }
  for (const texts of [true, false]) expect(maskData(data, texts)).toEqual(shown)
})

test('[TR-5] in XML the text of elements is masked, markup and numbers of the API are not', () => {
  const xml =
    '<cwaRequests xmlns="urn:x" sid="7"><conference confId="1" rid="2"><sendMessage text="hi"><format>text/plain</format><content>a &lt; b</content>' +
    '<x:subject note="mine">it</x:subject><![CDATA[<b>hi</b>]]></sendMessage></conference></cwaRequests>'
  expect(maskXml(xml, false)).toBe(
    '<cwaRequests xmlns="urn:x" sid="7"><conference confId="1" rid="2"><sendMessage text="**"><format>text/plain</format><content>********</content>' +
      '<x:subject note="****">**</x:subject><![CDATA[*********]]></sendMessage></conference></cwaRequests>',
  )
  expect(maskXml(xml, true)).toBe(xml)
  expect(maskXml('words<content>words <', false)).toBe('*****<content>*******')
  expect(maskXml('<password>pw</password>', true)).toBe('<password>**</password>')
})

test.each([
  'k=clear:c2VjcmV0',
  'a=crypto:1 AES_CM_128 inline:c2VjcmV0',
  'a=ice-pwd:secret',
  'a=key-mgmt:mikey c2VjcmV0',
])('[TR-6] of SDP, %s is never shown, also not in a part of a multipart body', (line) => {
  const sdp = `v=0\r\n${line}\r\na=path:msrp://h:1/0123456789abcdef;tcp\r\n`
  const [name = ''] = /^.=[\w-]*:?/.exec(line) ?? []
  for (const [type, texts] of [
    ['application/sdp', false],
    ['application/sdp', true],
    ['multipart/mixed;boundary=x', true],
  ] as const) {
    const shown = bodyOf(maskSip(sip(['INVITE sip:x SIP/2.0', `c: ${type}`], sdp), texts))
    expect(shown).toHaveLength(sdp.length)
    expect(shown).toContain(`\r\n${name.startsWith('k') ? 'k=' : name}*`)
    expect(shown).not.toMatch(/c2VjcmV0|secret|0123456789abcdef/)
  }
})

test('[TR-6] a password in a SIP URI is never shown', () => {
  const lines = [
    'INVITE sip:anna:pw%21@demo:5060 SIP/2.0',
    'To: <sip:anna:pw@demo>;tag=1',
    'Contact: <sips:[::1]:5061>',
  ]
  for (const texts of [true, false])
    expect(maskSip(sip(lines), texts)).toBe(
      sip(['INVITE sip:anna:*****@demo:5060 SIP/2.0', 'To: <sip:anna:**@demo>;tag=1', 'Contact: <sips:[::1]:5061>']),
    )
})

test('[TR-5] headers a customer’s own systems have written, and what a receipt says in words, are masked', () => {
  const lines = ['INVITE sip:x SIP/2.0', 'X-Customer: Ann', 'User-to-User: 48656c6c6f;encoding=hex', 'Max-Forwards: 70']
  expect(maskSip(sip(lines), false)).toBe(
    sip(['INVITE sip:x SIP/2.0', 'X-Customer: ***', `User-to-User: ${'*'.repeat(23)}`, 'Max-Forwards: 70']),
  )
  expect(maskSip(sip(lines), true)).toBe(sip(lines))
  const imdn = '<imdn><message-id>m1</message-id><subject>my secret</subject></imdn>'
  expect(bodyOf(maskSip(sip(['MESSAGE x SIP/2.0', 'c: message/imdn+xml'], imdn), false))).toBe(
    '<imdn><message-id>m1</message-id><subject>*********</subject></imdn>',
  )
})

test('[TR-5] of what a client has sent only what the API knows is shown: a text may have missed its name', () => {
  expect(
    maskAsked({ operationName: 'SendMessage', Text: 'hello', destination: { phoneNumber: '7002' } }, false),
  ).toEqual({
    operationName: 'SendMessage',
    Text: '*****',
    destination: { phoneNumber: '7002' },
  })
  expect(maskAsked({ text: ['hello', { a: 'hello' }] }, false)).toEqual({ text: ['*****', { a: '*****' }] })
  expect([maskAsked('hello', false), maskAsked(['hello'], false)]).toEqual(['*****', ['*****']])
  expect(maskAsked({ operationName: 'well, hello' }, false)).toEqual({ operationName: '***********' })
  expect(maskAsked({ text: 'hello', password: 'pw' }, true)).toEqual({ text: 'hello', password: '**' })
  expect(maskJson('"hello"', false)).toBe('*******')
  expect(maskData({ text: ['hello'] }, false)).toEqual({ text: ['*****'] })
})

test('[TR-5] [TR-6] of a message whose lines end as they must not, only the first line is shown', () => {
  const good = 'MESSAGE sip:a@b SIP/2.0\r\nSubject: secret\r\nAuthorization: Digest response="secret"\r\n\r\nsecret'
  const loose = [
    good.replaceAll('\r\n', '\n'),
    good.replaceAll('\r\n', '\r'),
    good.replace('Subject: secret', 'Subject: a\n secret'),
    good.replace('Subject: secret', 'Subject: a\rsecret'),
    good.replace('Digest ', 'Digest\n '),
    good.replace('\r\n\r\n', '\n\n'),
  ]
  for (const texts of [true, false])
    for (const message of loose) {
      const shown = maskSip(message, texts)
      expect(shown).toMatch(/^MESSAGE sip:a@b SIP\/2\.0[\r\n*]+$/)
      expect(shown).toHaveLength(message.length)
    }
  // In a body they may stand.
  expect(maskSip('MESSAGE sip:a@b SIP/2.0\r\n\r\na\nb', true)).toBe('MESSAGE sip:a@b SIP/2.0\r\n\r\na\nb')
})

test('[TR-5] of a notice of typing only what RFC 3994 defines is shown', () => {
  const notice = (more: string) =>
    `MESSAGE sip:a@b SIP/2.0\r\nContent-Type: application/im-iscomposing+xml\r\n\r\n<isComposing><state>active</state><contenttype>text/plain</contenttype><refresh>60</refresh>${more}</isComposing>`
  expect(maskSip(notice(''), false)).toBe(notice(''))
  expect(maskSip(notice('<draft>secret</draft>'), false)).toBe(notice('<draft>******</draft>'))
  const [head = ''] = notice('').split('<isComposing>')
  expect(maskSip(`${head}secret`, false)).toBe(`${head}******`)
})
