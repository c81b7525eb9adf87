import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { describe, expect, test } from 'vitest'
import { attribute, child } from './element.ts'
import { CwaError, type CwaFailure, cwaCodes } from './error.ts'
import type { CwaEvent, NumberedEvent } from './event.ts'
import { printEvents, printResponses } from './print.ts'
import type { CwaAnswer, CwaResponses } from './request.ts'
import { readXml, xmlLimits } from './xml.ts'

const plain = { namespace: false }
const bob = { uri: 'sip:bob@example.com', name: 'Bob' }
const offline: CwaFailure = {
  code: 'OcsFailureResponse',
  reason: 'Operation failed',
  detail: 'The requested operation failed.',
  sip: { code: 480, reason: 'Temporarily Unavailable' },
}

/** What one answer is printed as, without the envelope. */
function answered(answer: CwaAnswer): string {
  const printed = printResponses({ processed: 1, unexpected: 0, answers: [answer] }, plain)
  const begin = '<cwaResponses requestProcessed="1" unexpectedElement="0">'
  expect(printed.startsWith(begin) && printed.endsWith('</cwaResponses>')).toBe(true)
  return printed.slice(begin.length, -'</cwaResponses>'.length)
}

function batch(events: readonly NumberedEvent[], namespace = false): string {
  return printEvents({ sid: 52, ackId: 9, pollWaitMs: 3000, sessionTimeoutMs: 600_000, events }, { namespace })
}

/** What one event is printed as, under number 9. */
function told(event: CwaEvent): string {
  const begin = '<cwaEvents sid="52" ackId="9" pollWaitTime="3000" sessionTimeout="600">'
  const printed = batch([{ eid: 9, event }])
  expect(printed.startsWith(begin) && printed.endsWith('</cwaEvents>')).toBe(true)
  return printed.slice(begin.length, -'</cwaEvents>'.length)
}

describe('answers', () => {
  test.each<[CwaAnswer, string]>([
    [{ answer: 'requestAccepted', rid: '7' }, '<requestAccepted rid="7"/>'],
    [
      { answer: 'initiateImSessionAccepted', rid: '2', confId: 1 },
      '<requestAccepted rid="2"><initiateImSessionAccepted rid="2" confId="1"/></requestAccepted>',
    ],
    [
      { answer: 'initiateSessionAccepted', rid: '1', sid: 52, uri: 'sip:alice@example.com', pollWaitMs: 3000 },
      '<requestAccepted rid="1"><sid>52</sid><uri>sip:alice@example.com</uri><pollWaitTime>3000</pollWaitTime></requestAccepted>',
    ],
    [
      { answer: 'loggedOn', uri: 'sip:alice@example.com', signInData: 'QQ==' },
      '<requestSucceeded eid="0"><uri>sip:alice@example.com</uri><signInData>QQ==</signInData></requestSucceeded>',
    ],
    [
      { answer: 'loggedOn', uri: '', signInData: '' },
      '<requestSucceeded eid="0"><uri></uri><signInData></signInData></requestSucceeded>',
    ],
    [
      { answer: 'requestInvalid', rid: '7', failure: new CwaError('InvalidRequest', 'No "content".').failure },
      '<requestInvalid rid="7"><error code="18001" reason="Invalid Request" detail="No &quot;content&quot;."/></requestInvalid>',
    ],
    [
      { answer: 'requestInvalid', failure: new CwaError('InvalidRequest', 'No rid.').failure },
      '<requestInvalid><error code="18001" reason="Invalid Request" detail="No rid."/></requestInvalid>',
    ],
    [
      { answer: 'requestFailed', rid: '5', failure: offline },
      '<requestFailed rid="5"><error code="18201" reason="Operation failed" detail="The requested operation failed."><sipResponse code="480" reason="Temporarily Unavailable"/></error></requestFailed>',
    ],
    [
      { answer: 'error', failure: new CwaError('SessionNotFound', 'Gone.').failure },
      '<error code="18100" reason="Session Not Found" detail="Gone."/>',
    ],
  ])('[UC-14] $answer', (answer, printed) => {
    expect(answered(answer)).toBe(printed)
  })

  test('[UC-14] stand in their envelope, with its counts', () => {
    const some: CwaResponses = {
      processed: 2,
      unexpected: 3,
      answers: [
        { answer: 'requestAccepted', rid: '1' },
        { answer: 'requestAccepted', rid: '2' },
      ],
    }
    expect(printResponses(some, plain)).toBe(
      '<cwaResponses requestProcessed="2" unexpectedElement="3"><requestAccepted rid="1"/><requestAccepted rid="2"/></cwaResponses>',
    )
    expect(printResponses({ processed: 0, unexpected: 0, answers: [] }, { namespace: true, sid: 52 })).toBe(
      '<cwaResponses requestProcessed="0" unexpectedElement="0" sid="52" xmlns="http://schemas.microsoft.com/2006/09/rtc/cwa"/>',
    )
  })
})

describe('events', () => {
  const message = { format: 'text/plain', content: 'Can we talk?' }
  test.each<[CwaEvent, string]>([
    [{ event: 'requestSucceeded', rid: '1' }, '<requestSucceeded eid="9" rid="1"/>'],
    [
      { event: 'requestFailed', rid: '5', failure: offline },
      '<requestFailed eid="9" rid="5"><error code="18201" reason="Operation failed" detail="The requested operation failed."><sipResponse code="480" reason="Temporarily Unavailable"/></error></requestFailed>',
    ],
    [
      { event: 'configuration' },
      '<configuration eid="9"><search defaultFunction="or" defaultFields="12"/><imComposingTimers refreshInterval="60" timeout="120"/><userNotice/></configuration>',
    ],
    [{ event: 'contactGroup', contacts: [] }, '<contactGroup eid="9" fullList="true" deltaNum="1"/>'],
    [
      { event: 'contactGroup', contacts: [bob] },
      '<contactGroup eid="9" fullList="true" deltaNum="1"><contact uri="sip:bob@example.com" name="Bob" subscribed="true" tag="false"/></contactGroup>',
    ],
    [
      { event: 'selfPresence', presence: { uri: bob.uri, availability: 3500, since: Date.UTC(2026, 0, 1, 8) } },
      '<selfPresence eid="9"><cwaCategory name="state" instance="1" version="0" publishTime="2026-01-01T08:00:00Z"><state xsi:type="aggregateState" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="http://schemas.microsoft.com/2006/09/sip/state"><availability>3500</availability></state></cwaCategory></selfPresence>',
    ],
    [
      {
        event: 'userPresence',
        presences: [{ uri: bob.uri, availability: 15_500, since: Date.UTC(2026, 0, 1, 8) + 7 }],
      },
      '<userPresence eid="9"><user uri="sip:bob@example.com" sourceNetwork="sameEnterprise"><cwaCategory name="state" instance="1" version="0" publishTime="2026-01-01T08:00:00Z"><state xsi:type="aggregateState" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="http://schemas.microsoft.com/2006/09/sip/state"><availability>15500</availability></state></cwaCategory><cwaCategory name="note"/></user></userPresence>',
    ],
  ])('[UC-15] $event', (event, printed) => {
    expect(told(event)).toBe(printed)
  })

  test.each<[CwaEvent & { confId: number }, string]>([
    [{ confId: 1, event: 'initiateImSessionAccepted', rid: '5' }, '<initiateImSessionAccepted rid="5" confId="1"/>'],
    [
      {
        confId: 1,
        event: 'imSessionReceived',
        inviter: bob,
        escalationMode: 'invitingPeer',
        subject: 'Plans',
        message,
      },
      '<imSessionReceived><inviter uri="sip:bob@example.com" name="Bob" sourceNetwork="sameEnterprise"/><role>attendee</role><escalationMode>invitingPeer</escalationMode><subject>Plans</subject><message><format>text/plain</format><content>Can we talk?</content></message></imSessionReceived>',
    ],
    [
      {
        confId: 1,
        event: 'imSessionReceived',
        inviter: bob,
        escalationMode: 'peer',
        subject: '',
        message: { format: 'text/plain', content: '' },
      },
      '<imSessionReceived><inviter uri="sip:bob@example.com" name="Bob" sourceNetwork="sameEnterprise"/><role>attendee</role><escalationMode>peer</escalationMode><subject/><message><format>text/plain</format><content></content></message></imSessionReceived>',
    ],
    [{ confId: 1, event: 'imSessionState', state: 'connected' }, '<imSessionState>connected</imSessionState>'],
    [
      {
        confId: 1,
        event: 'messageReceived',
        sender: bob.uri,
        message: { format: 'text/plain', content: 'a<b>\r\n]]>' },
      },
      '<messageReceived sender="sip:bob@example.com"><message><format>text/plain</format><content>a&lt;b&gt;&#13;\n]]&gt;</content></message></messageReceived>',
    ],
    [
      { confId: 1, event: 'messageIdReceived', rid: '68', messageID: '2-mcu' },
      '<messageIdReceived rid="68" messageId="2-mcu"/>',
    ],
    [{ confId: 1, event: 'messageSendFailed', messageID: 'x' }, '<messageSendFailed messageId="x"/>'],
    [
      { confId: 1, event: 'composingState', composing: true, sender: bob.uri },
      '<composingState>composing</composingState>',
    ],
    [
      { confId: 1, event: 'composingState', composing: false, sender: bob.uri },
      '<composingState>idle</composingState>',
    ],
    [{ confId: 1, event: 'inviteFailed', uri: bob.uri }, '<inviteFailed uri="sip:bob@example.com"/>'],
    [{ confId: 1, event: 'escalationMode', mode: 'none' }, '<escalationMode>none</escalationMode>'],
    [
      { confId: 1, event: 'participant', participant: bob },
      '<participant uri="sip:bob@example.com" name="Bob" role="attendee"/>',
    ],
    [
      { confId: 1, event: 'participantRemoved', uri: bob.uri },
      '<participantRemoved>sip:bob@example.com</participantRemoved>',
    ],
  ])('[UC-15] conference $event', (event, printed) => {
    expect(told(event)).toBe(`<conference eid="9" confId="1">${printed}</conference>`)
  })

  test('[UC-15] stand in their envelope, whose timeout is whole seconds', () => {
    expect(batch([])).toBe('<cwaEvents sid="52" ackId="9" pollWaitTime="3000" sessionTimeout="600"/>')
    expect(batch([], true)).toContain(' sessionTimeout="600" xmlns="http://schemas.microsoft.com/2006/09/rtc/cwa"/>')
    const rest = { sid: 1, ackId: 0, pollWaitMs: 1000.4, events: [] }
    expect(printEvents({ ...rest, sessionTimeoutMs: 597_999 }, plain)).toContain(
      ' pollWaitTime="1000" sessionTimeout="597"',
    )
    expect(printEvents({ ...rest, sessionTimeoutMs: -1 }, plain)).toContain(' sessionTimeout="0"')
  })

  test('[UC-15] in their order', () => {
    const events = [3, 4, 5].map((eid) => ({ eid, event: { event: 'requestSucceeded', rid: `r${eid}` } as const }))
    expect(batch(events)).toContain(
      '<requestSucceeded eid="3" rid="r3"/><requestSucceeded eid="4" rid="r4"/><requestSucceeded eid="5" rid="r5"/>',
    )
  })
})

describe('whatever is printed', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
    fc.constantFrom(']]>', '<a/>', '&lt;', '"', '\0', '\r\n'),
  )
  const confId = fc.nat()
  const participant = fc.record({ uri: text, name: text })
  const message = fc.record({ format: text, content: text })
  const presence = fc.record({ uri: text, availability: fc.nat(), since: fc.nat({ max: 4e12 }) })
  const failure: fc.Arbitrary<CwaFailure> = fc.record(
    {
      code: fc.constantFrom(...(Object.keys(cwaCodes) as (keyof typeof cwaCodes)[])),
      reason: text,
      detail: text,
      sip: fc.record({ code: fc.nat(), reason: text }),
    },
    { requiredKeys: ['code', 'reason', 'detail'] },
  )
  const is = <const T extends string>(name: T) => fc.constant(name)
  const events: fc.Arbitrary<CwaEvent> = fc.oneof(
    fc.record({ event: is('requestSucceeded'), rid: text }),
    fc.record({ event: is('requestFailed'), rid: text, failure }),
    fc.record({ event: is('configuration') }),
    fc.record({ event: is('contactGroup'), contacts: fc.array(participant) }),
    fc.record({ event: is('selfPresence'), presence }),
    fc.record({ event: is('userPresence'), presences: fc.array(presence) }),
    fc.record({ event: is('initiateImSessionAccepted'), confId, rid: text }),
    fc.record({
      event: is('imSessionReceived'),
      confId,
      inviter: participant,
      escalationMode: fc.constantFrom('invitingPeer' as const, 'peer' as const),
      subject: text,
      message,
    }),
    fc.record({ event: is('imSessionState'), confId, state: is('connected') }),
    fc.record({ event: is('messageReceived'), confId, sender: text, message }),
    fc.record({ event: is('messageIdReceived'), confId, rid: text, messageID: text }),
    fc.record({ event: is('messageSendFailed'), confId, messageID: text }),
    fc.record({ event: is('composingState'), confId, composing: fc.boolean(), sender: text }),
    fc.record({ event: is('inviteFailed'), confId, uri: text }),
    fc.record({ event: is('escalationMode'), confId, mode: is('peer') }),
    fc.record({ event: is('participant'), confId, participant }),
    fc.record({ event: is('participantRemoved'), confId, uri: text }),
  )
  const answers: fc.Arbitrary<CwaAnswer> = fc.oneof(
    fc.record({ answer: is('requestAccepted'), rid: text }),
    fc.record({ answer: is('initiateImSessionAccepted'), rid: text, confId }),
    fc.record({ answer: is('initiateSessionAccepted'), rid: text, sid: fc.nat(), uri: text, pollWaitMs: fc.nat() }),
    fc.record({ answer: is('loggedOn'), uri: text, signInData: text }),
    fc.record({ answer: fc.constantFrom('requestInvalid' as const, 'requestFailed' as const), rid: text, failure }),
    fc.record({ answer: is('error'), failure }),
  )

  /** By the parser with namespaces and all, and by ours. */
  function readBack(printed: string) {
    expect(printed).toMatch(/^<cwa/)
    new SaxesParser({ xmlns: true }).write(printed).close()
    const root = readXml(new TextEncoder().encode(printed), undefined, { ...xmlLimits, elements: 100_000 })
    if ('problem' in root) throw new Error(root.problem)
    return root
  }

  test('[UC-5, UC-15] events are read again, each with its eid and a conference with one child', () => {
    fc.assert(
      fc.property(fc.array(events, { maxLength: 20 }), fc.boolean(), (found, namespace) => {
        const numbered = found.map((event, i) => ({ eid: i + 1, event }))
        const { name, children } = readBack(batch(numbered, namespace))
        expect(name).toBe('cwaEvents')
        expect(children.map((one) => attribute(one, 'eid'))).toEqual(numbered.map(({ eid }) => String(eid)))
        expect(children.map((one) => one.name)).toEqual(
          found.map((event) => ('confId' in event ? 'conference' : event.event)),
        )
        for (const one of children) if (one.name === 'conference') expect(one.children).toHaveLength(1)
      }),
    )
  })

  test('[UC-5, UC-14] answers are read again, each in its place', () => {
    fc.assert(
      fc.property(fc.array(answers, { maxLength: 20 }), fc.boolean(), (found, namespace) => {
        const { children } = readBack(printResponses({ processed: 1, unexpected: 0, answers: found }, { namespace }))
        expect(children).toHaveLength(found.length)
      }),
    )
  })

  test('[UC-5] a text of a message is read again as it was', () => {
    const content = ' <&>"\' \r\n\t ]]> 😀 '
    const event: CwaEvent = { confId: 1, event: 'messageReceived', sender: 'a', message: { format: '', content } }
    const [received] = readBack(batch([{ eid: 1, event }])).children[0]?.children ?? []
    const message = received && child(received, 'message')
    expect(message && child(message, 'content')?.text).toBe(content)
  })
})
