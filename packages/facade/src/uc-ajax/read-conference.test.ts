import { describe, expect, test } from 'vitest'
import { conference, invalid, read, readOne, toBob } from '../testing/cwa-body.ts'
import { escapeText } from './xml.ts'

const hello = '<message><content>hello</content></message>'

describe('initiateImSession', () => {
  test("[UC-6, UC-10] is read from the documentation's sample, slips and all", () => {
    const sample = `<initateImSession>
        <uris>
          <uri> sip:jessicaa@contoso.com</uri>
        </uris>
        <message>
          <Format>
            text/plain
          </Format>
          <Format> X-MMS-IM-Format: FN=Arial; EF=;
             CO=000000; CS=1; PF=00]
          </Format>
          <content>hi</content>
        </message>
      </initateImSession>`
    expect(read(conference(sample))).toMatchObject({
      unexpected: 0,
      requests: [
        {
          request: 'initiateImSession',
          rid: '2',
          confId: 1,
          uris: ['sip:jessicaa@contoso.com'],
          message: {
            formats: ['text/plain', 'X-MMS-IM-Format: FN=Arial; EF=; CO=000000; CS=1; PF=00'],
            content: 'hi',
          },
        },
      ],
    })
  })

  test('[UC-10] takes a subject on one line, formats beside the message, several URIs', () => {
    const body = `<initiateImSession><subject> Building
      plans </subject><format>text/plain</format><format/><uris><uri>a@b</uri><uri>sip:c@d</uri></uris>
      <message><content>x</content><format>f [1]</format></message></initiateImSession>`
    expect(readOne(conference(body, 'rid="2"'))).toEqual({
      request: 'initiateImSession',
      rid: '2',
      confId: 0,
      uris: ['a@b', 'sip:c@d'],
      message: { formats: ['f [1]', 'text/plain'], content: 'x' },
      subject: 'Building plans',
    })
  })

  test('[UC-10] takes the address of a conference in place of uris', () => {
    const confUri = 'sip:a@b;gruu;opaque=app:conf:focus:id:X'
    const found = readOne(conference(`<initiateImSession><confUri>${confUri}</confUri>${hello}</initiateImSession>`))
    expect(found).toMatchObject({ request: 'initiateImSession', confUri, uris: [] })
    expect(
      readOne(conference(`<initiateImSession>${toBob}${hello}<subject> </subject></initiateImSession>`)),
    ).not.toHaveProperty('subject')
  })

  test.each([
    ['no uris', hello, 'initiateImSession needs uris with a uri.'],
    ['empty uris', `<uris/>${hello}`, 'initiateImSession needs uris with a uri.'],
    ['a blank uri', `<uris><uri> </uri></uris>${hello}`, 'uri is empty.'],
    ['a blank confUri', `<confUri/>${hello}`, 'confUri is empty.'],
    ['33 uris', `<uris>${'<uri>a@b</uri>'.repeat(33)}</uris>${hello}`, 'uris may hold 32 uri elements.'],
    ['a long uri', `<uris><uri>sip:${'a'.repeat(1_021)}</uri></uris>${hello}`, 'A URI may have 1024 characters.'],
    [
      'a long subject',
      `${toBob}${hello}<subject>${'s'.repeat(1_025)}</subject>`,
      'A subject may have 1024 characters.',
    ],
    [
      'many formats',
      `${toBob}${hello}${'<format>f</format>'.repeat(9)}`,
      'A message may have 8 formats of 1024 characters.',
    ],
    [
      'a long format',
      `${toBob}${hello}<format>${'f'.repeat(1_025)}</format>`,
      'A message may have 8 formats of 1024 characters.',
    ],
  ])('[UC-10] is invalid with %s', (_, inner, detail) => {
    expect(readOne(conference(`<initiateImSession>${inner}</initiateImSession>`))).toEqual(invalid(detail, '2'))
  })

  test('[UC-10] may be as long as that', () => {
    const most = `<uris>${`<uri>${'a'.repeat(1_024)}</uri>`.repeat(32)}</uris>${hello}<subject>${'s'.repeat(1_024)}</subject>${`<format>${'f'.repeat(1_024)}</format>`.repeat(8)}`
    expect(readOne(conference(`<initiateImSession>${most}</initiateImSession>`))).toMatchObject({
      request: 'initiateImSession',
    })
  })

  test.each([
    ['no message', toBob, 'initiateImSession needs a message.'],
    ['no content', `${toBob}<message/>`, 'message needs content.'],
    ['blank content', `${toBob}<message><content> \r\n\t</content></message>`, 'content is empty.'],
    ['content beside the message', `${toBob}<message/><content>x</content>`, 'message needs content.'],
  ])('[UC-11] is invalid with %s', (_, inner, detail) => {
    expect(readOne(conference(`<initiateImSession>${inner}</initiateImSession>`))).toEqual(invalid(detail, '2'))
  })
})

describe('sendMessage', () => {
  const sent = (inner: string) => readOne(conference(`<sendMessage>${inner}</sendMessage>`))

  test('[UC-11] gives its text on as it was written', () => {
    const content = ' <b>1 & 2</b>\r\n\ttwo  ]]> 😀 '
    const message = { formats: [], content }
    expect(sent(`<content>${escapeText(content)}</content>`)).toEqual({
      request: 'sendMessage',
      rid: '2',
      confId: 1,
      message,
    })
    expect(sent('<content> a<![CDATA[<b>]]><!-- -->&#10;c </content>')).toMatchObject({
      message: { content: ' a<b>\nc ' },
    })
  })

  test('[UC-10] has formats beside the content, or both in a message', () => {
    expect(sent('<format>text/plain</format><format> F </format><content>x</content>')).toMatchObject({
      message: { formats: ['text/plain', 'F'], content: 'x' },
    })
    expect(sent('<message><format>F</format><content>x</content></message>')).toMatchObject({
      message: { formats: ['F'], content: 'x' },
    })
    expect(sent('<CONTENT>outer</CONTENT><message><content>inner</content></message>')).toMatchObject({
      message: { content: 'outer' },
    })
  })

  test.each([
    ['nothing', '', 'sendMessage needs content.'],
    ['an empty message', '<message/>', 'message needs content.'],
    ['empty content', '<content/>', 'content is empty.'],
    ['blank content', '<content>&#32;&#10;</content>', 'content is empty.'],
    ['markup', '<content>a<b>c</b></content>', 'content is a text: markup in it has to be escaped.'],
  ])('[UC-11] is invalid with %s', (_, inner, detail) => {
    expect(sent(inner)).toEqual(invalid(detail, '2'))
  })
})

describe('other requests of a conference', () => {
  const read1 = (inner: string) => readOne(conference(inner))
  const common = { rid: '2', confId: 1 }

  test.each([
    ['<notifyComposing>composing</notifyComposing>', { request: 'notifyComposing', composing: true }],
    ['<NotifyComposing> Idle\n</NotifyComposing>', { request: 'notifyComposing', composing: false }],
    ['<notifyComposing>"Composing"</notifyComposing>', { request: 'notifyComposing', composing: true }],
    ['<lock>true</lock>', { request: 'lock', lock: true }],
    ['<lock> FALSE </lock>', { request: 'lock', lock: false }],
    ["<lock>'1'</lock>", { request: 'lock', lock: true }],
    ['<lock>0</lock>', { request: 'lock', lock: false }],
  ])('[UC-12] %s', (inner, request) => {
    expect(read1(inner)).toEqual({ ...common, ...request })
  })

  test.each([
    ['<notifyComposing/>', 'notifyComposing has to be composing or idle.'],
    ['<notifyComposing>typing</notifyComposing>', 'notifyComposing has to be composing or idle.'],
    ['<lock/>', 'lock has to be true or false.'],
    ['<lock>yes</lock>', 'lock has to be true or false.'],
  ])('[UC-12] %s is invalid', (inner, detail) => {
    expect(read1(inner)).toEqual(invalid(detail, '2'))
  })

  test.each([
    ['<acceptImSession/>', { request: 'acceptImSession' }],
    ['<terminateImSession></terminateImSession>', { request: 'terminateImSession' }],
    [
      '<sendInfo><ContentType> text/XML </ContentType><content> x </content></sendInfo>',
      { request: 'sendInfo', contentType: 'text/XML', content: ' x ' },
    ],
    [
      `<inviteParticipants>${toBob}</inviteParticipants>`,
      { request: 'inviteParticipants', uris: ['sip:bob@example.com'] },
    ],
    ['<ejectParticipant> sip:c@d </ejectParticipant>', { request: 'ejectParticipant', uri: 'sip:c@d' }],
    ['<promoteParticipant>sip:c@d</promoteParticipant>', { request: 'promoteParticipant', uri: 'sip:c@d' }],
    ['<voIPRedirect><uri>tel:+1</uri></voIPRedirect>', { request: 'voIPRedirect' }],
    ['<voipTerminate/>', { request: 'voIPTerminate' }],
    ['<voIPReplyWithIM/>', { request: 'voIPReplyWithIM' }],
  ])('[UC-9] %s', (inner, request) => {
    expect(read1(inner)).toEqual({ ...common, ...request })
    expect(read(conference(inner)).unexpected).toBe(0)
  })

  test('[UC-9] the type of an information has 255 characters at most', () => {
    const info = (length: number) =>
      readOne(conference(`<sendInfo><contentType>${'t'.repeat(length)}</contentType><content>x</content></sendInfo>`))
    expect(info(255)).toMatchObject({ request: 'sendInfo' })
    expect(info(256)).toEqual(invalid('sendInfo needs a contentType.', '2'))
  })

  test.each([
    ['<sendInfo><content>x</content></sendInfo>', 'sendInfo needs a contentType.'],
    ['<sendInfo><contentType>a/b</contentType></sendInfo>', 'sendInfo needs content.'],
    ['<inviteParticipants/>', 'inviteParticipants needs uris with a uri.'],
    ['<ejectParticipant/>', 'ejectParticipant is empty.'],
    ['<promoteParticipant> </promoteParticipant>', 'promoteParticipant is empty.'],
  ])('[UC-9] %s is invalid', (inner, detail) => {
    expect(read1(inner)).toEqual(invalid(detail, '2'))
  })
})
