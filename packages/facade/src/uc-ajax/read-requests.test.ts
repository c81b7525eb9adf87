import { describe, expect, test } from 'vitest'
import { conference, invalid, read, readBody, readOne, toBob } from '../testing/cwa-body.ts'
import { escapeAttribute } from './xml.ts'

describe('the body', () => {
  test('[UC-7] has sid, requests in their order, and what nobody knows', () => {
    const found = read('<terminateSession rid="1"/><wave/><conference rid="2"><acceptImSession/></conference>')
    expect(found).toEqual({
      sid: 52,
      requests: [
        { request: 'terminateSession', rid: '1' },
        { request: 'acceptImSession', rid: '2', confId: 0 },
      ],
      unexpected: 1,
    })
  })

  test.each([
    ['<CWAREQUESTS SID=" 7 "/>', 7],
    ['<cwaRequests/>', 0],
    ['<c:cwaRequests sid="0" xmlns:c="http://schemas.microsoft.com/2006/09/rtc/cwa"/>', 0],
  ])('[UC-6, UC-7] may have no request, and a sid in any spelling: %s', (body, sid) => {
    expect(readBody(body)).toEqual({ sid, requests: [], unexpected: 0 })
  })

  test.each([
    ['<requests/>', 'InvalidFormat', 'The root has to be cwaRequests; it is requests.'],
    ['<conference rid="1"/>', 'InvalidFormat', 'The root has to be cwaRequests; it is conference.'],
    ['<cwaRequests sid="x"/>', 'InvalidRequest', 'sid has to be a number.'],
    ['<cwaRequests sid=""/>', 'InvalidRequest', 'sid has to be a number.'],
    ['<cwaRequests sid="-1"/>', 'InvalidRequest', 'sid has to be a number.'],
    ['<cwaRequests sid="1.5"/>', 'InvalidRequest', 'sid has to be a number.'],
    ['<cwaRequests sid="1e3"/>', 'InvalidRequest', 'sid has to be a number.'],
    ['<cwaRequests sid="9999999999999999"/>', 'InvalidRequest', 'sid has to be a number.'],
    [`<cwaRequests>${'<wave/>'.repeat(65)}</cwaRequests>`, 'InvalidRequest', 'One body may hold 64 requests.'],
  ])('[UC-7] is refused as a whole: %.40s', (body, code, detail) => {
    expect(readBody(body)).toMatchObject({ failure: { code, detail } })
  })

  test('[UC-7] may hold 64 requests, and one that is wrong leaves the others', () => {
    const { requests } = read('<terminateSession rid="1"/><terminateSession/>'.repeat(32))
    expect(requests).toHaveLength(64)
    expect(requests.filter(({ request }) => request === 'invalid')).toHaveLength(32)
    expect(requests[1]).toEqual(invalid('terminateSession needs a rid.'))
  })

  test('[UC-7] comes to the channel its requests are for', () => {
    const logon = '<logon><user>u</user><password>p</password></logon>'
    expect(readOne(logon)).toMatchObject({ request: 'invalid', failure: { code: 'InvalidRequest' } })
    expect(readOne(logon, { channel: 'logon' })).toMatchObject({ request: 'logon' })
    expect(readOne('<initiateSession rid="1"/>', { channel: 'logon' })).toMatchObject({ request: 'invalid', rid: '1' })
    expect(readOne(conference('<acceptImSession/>'), { channel: 'logon' })).toMatchObject({
      request: 'invalid',
      rid: '2',
    })
  })
})

describe('what nobody knows', () => {
  const bodies = [
    [
      'an element',
      conference(`<sendMessage><content>a</content><colour rgb="1"><b/></colour></sendMessage>`),
      'colour',
    ],
    ['an attribute', conference('<acceptImSession when="now"/>'), 'when'],
    ['an attribute of the envelope', conference('<acceptImSession/>', 'rid="2" confId="1" convId="1"'), 'convId'],
    ['a child beside the request', conference('<acceptImSession/><wave/>'), 'wave'],
    [
      'an element of a list',
      conference(`<inviteParticipants><uris><uri>sip:c@d</uri><url/></uris></inviteParticipants>`),
      'url',
    ],
  ] as const
  test.each(bodies)('[UC-6] is counted and ignored: %s', (_, body) => {
    const { requests, unexpected } = read(body)
    expect(unexpected).toBe(1)
    expect(requests).toEqual([expect.not.objectContaining({ request: 'invalid' })])
  })

  test.each(bodies)('[UC-6] is refused where it is strict: %s', (_, body, name) => {
    expect(readOne(body, { strict: true })).toEqual(invalid(`${name} is not known here.`, '2'))
  })

  test('[UC-6] as a request is counted, or refused with its rid', () => {
    expect(read('<wave rid="9" x="y"><z/></wave>')).toEqual({ sid: 52, requests: [], unexpected: 1 })
    expect(readOne('<wave rid="9"/>', { strict: true })).toEqual(invalid('wave is not known here.', '9'))
    expect(readOne(`<${'w'.repeat(100)}/>`, { strict: true })).toEqual(invalid(`${'w'.repeat(63)}… is not known here.`))
  })

  test('[UC-6] on the root is counted, or refuses all', () => {
    const body = '<cwaRequests sid="1" version="2"><terminateSession rid="1"/></cwaRequests>'
    expect(readBody(body)).toMatchObject({ unexpected: 1, requests: [{ request: 'terminateSession' }] })
    expect(readBody(body, { strict: true })).toMatchObject({ failure: { detail: 'version is not known here.' } })
  })

  test('[UC-6] is not looked for where the pages are cut', () => {
    const body = `<initiateSession rid="1"><my:own xmlns:my="urn:x" a="b"/><options zoom="1"/><categoryEventFilter><c/></categoryEventFilter></initiateSession>
      <addContact rid="2"><contact uri="sip:a@b"/></addContact><queryPresence rid="3">${toBob}<categories/></queryPresence>`
    expect(read(body, { strict: true })).toMatchObject({
      unexpected: 0,
      requests: [{ request: 'initiateSession' }, { request: 'ignored' }, { request: 'queryPresence' }],
    })
  })

  test('[UC-6] counts every one of them, in a logon too', () => {
    const { unexpected } = read('<logon rid="1" x="2"><user/><uri>u</uri><pin/></logon><wave/>', { channel: 'logon' })
    expect(unexpected).toBe(4)
  })
})

describe('rid and confId', () => {
  test.each(['1', '0', 'abc', '{2F-4D}', ' 7 ', 'ü'.repeat(30), '<"&\'>', 'a\nb'])(
    '[UC-8] %j is given back as it is',
    (rid) => {
      expect(readOne(`<terminateSession rid="${escapeAttribute(rid)}"/>`)).toEqual({ request: 'terminateSession', rid })
    },
  )

  test('[UC-8] is needed, and not longer than 60 bytes', () => {
    for (const request of [
      'initiateSession',
      'queryPresence',
      'publishSelfPresence',
      'addContact',
      'terminateSession',
    ]) {
      expect(readOne(`<${request}/>`)).toEqual(invalid(`${request} needs a rid.`))
      expect(readOne(`<${request} rid=""/>`)).toEqual(invalid(`${request} needs a rid.`, ''))
    }
    expect(readOne(conference('<acceptImSession/>', ''))).toEqual(invalid('conference needs a rid.'))
    const long = 'ü'.repeat(31)
    expect(readOne(`<terminateSession RID="${long}"/>`)).toEqual(invalid('A rid may take 60 bytes.', long))
  })

  test.each([
    ['rid="2"', 0],
    ['rid="2" confId="0"', 0],
    ['Rid="2" confid="7"', 7],
    ['RID="2" CONFID=" 2147483647 "', 2_147_483_647],
  ])('[UC-6, UC-9] of a conference: %s', (attributes, confId) => {
    expect(readOne(conference('<acceptImSession/>', attributes))).toEqual({
      request: 'acceptImSession',
      rid: '2',
      confId,
    })
  })

  test.each(['', 'x', '-1', '1.0', '2147483648', '0x1'])('[UC-9] confId is a number, not %j', (confId) => {
    expect(readOne(conference('<acceptImSession/>', `rid="2" confId="${confId}"`))).toEqual(
      invalid('confId has to be a number.', '2'),
    )
  })

  test('[UC-9] a conference holds one request', () => {
    expect(readOne(conference(''))).toEqual(invalid('conference needs a request.', '2'))
    expect(readOne(conference('<wave/>'))).toEqual(invalid('conference needs a request.', '2'))
    const two = '<acceptImSession/><notifyComposing>idle</notifyComposing>'
    expect(readOne(conference(two))).toEqual(invalid('conference may hold one request only.', '2'))
    expect(readOne(conference('<acceptImSession/>'.repeat(2)))).toMatchObject({ request: 'invalid', rid: '2' })
  })
})

describe('sign-in and presence', () => {
  test('[UC-7] logon has a name and a password as it stands', () => {
    const logon = (inner: string) => readOne(`<logon>${inner}</logon>`, { channel: 'logon' })
    expect(
      logon('<user> example\\alice </user><password> se cret </password><uri>sip:alice@example.com</uri>'),
    ).toEqual({
      request: 'logon',
      user: 'example\\alice',
      password: ' se cret ',
    })
    expect(logon('')).toEqual({ request: 'logon' })
    expect(logon('<User/><Password/>')).toEqual({ request: 'logon', user: '', password: '' })
    expect(logon(`<user>${'u'.repeat(257)}</user>`)).toEqual(invalid('The user name or the password is too long.'))
    expect(logon(`<password>${'u'.repeat(1_025)}</password>`)).toMatchObject({ request: 'invalid' })
    expect(logon(`<user>${'u'.repeat(256)}</user><password>${'u'.repeat(1_024)}</password>`)).toMatchObject({
      request: 'logon',
    })
  })

  test('[UC-12, UC-13] initiateSession', () => {
    const sample = `<initiateSession rid="1"><localeId>1033</localeId><securityMode>Private</securityMode>
      <userStateAvailability> 3500 </userStateAvailability><options autoPublishMachineState="true"/><signInData>QQ==</signInData></initiateSession>`
    const bare = { request: 'initiateSession', rid: '1', debug: false }
    expect(readOne(sample)).toEqual({ ...bare, securityMode: 'private', availability: 3500 })
    expect(readOne('<initiateSession rid="1"><securityMode/><userStateAvailability/></initiateSession>')).toEqual(bare)
    for (const options of ['debug="true"', 'Debug="1"', 'enableDebugMode="TRUE"'])
      expect(readOne(`<initiateSession rid="1"><options ${options}/></initiateSession>`)).toEqual({
        ...bare,
        debug: true,
      })
    expect(readOne('<initiateSession rid="1"><options debug="false" x="true"/></initiateSession>')).toEqual(bare)
    expect(readOne('<initiateSession rid="1"><securityMode>secret</securityMode></initiateSession>')).toEqual(
      invalid('securityMode has to be public or private.', '1'),
    )
    for (const availability of ['online', '-1', '100000', '3500.0'])
      expect(
        readOne(
          `<initiateSession rid="1"><userStateAvailability>${availability}</userStateAvailability></initiateSession>`,
        ),
      ).toEqual(invalid('userStateAvailability has to be a number.', '1'))
  })

  test.each(['queryPresence', 'subscribePresence'])('[UC-10] %s names people', (request) => {
    const people = (count: number) => '<uri> sip:a@b </uri>'.repeat(count)
    expect(readOne(`<${request} rid="3"><uris>${people(2)}</uris></${request}>`)).toEqual({
      request,
      rid: '3',
      uris: ['sip:a@b', 'sip:a@b'],
    })
    expect(readOne(`<${request} rid="3">${people(1)}</${request}>`)).toMatchObject({ request, uris: ['sip:a@b'] })
    expect(readOne(`<${request} rid="3"><uris>${people(200)}</uris></${request}>`)).toMatchObject({ request })
    expect(readOne(`<${request} rid="3">${people(200)}</${request}>`)).toMatchObject({ request })
    for (const inner of ['', '<uris/>', '<uris><uri/></uris>', `<uris>${people(201)}</uris>`, people(201)])
      expect(readOne(`<${request} rid="3">${inner}</${request}>`)).toMatchObject({ request: 'invalid', rid: '3' })
  })

  const published = (state: string) =>
    readOne(
      `<publishSelfPresence rid="6"><cwaCategory name="state" instanceMask="1">${state}</cwaCategory></publishSelfPresence>`,
    )
  test.each([
    ['<state xmlns:xsi="urn:xsi" xsi:type="userState" manual="true"><availability> 6500</availability></state>', 6500],
    ['<state type="st:UserState"><availability>15500</availability></state>', 15_500],
    ['<state><availability>9500</availability></state>', 9500],
    ['<state xsi:type="machineState"><availability>5000</availability></state>', undefined],
    [
      '<state xsi:type="machineState"><availability>5000</availability></state><state xsi:type="userState"><availability>3500</availability></state>',
      3500,
    ],
    ['<state xsi:type="calendarState"><availability>6500</availability></state>', undefined],
    ['<note><body>away</body></note>', undefined],
    ['<state><availability/></state>', undefined],
  ])('[UC-13] publishSelfPresence: %s', (state, availability) => {
    expect(published(state)).toEqual({
      request: 'publishSelfPresence',
      rid: '6',
      ...(availability !== undefined && { availability }),
    })
  })

  test('[UC-13] publishSelfPresence in the words of initiateSession, or with no number', () => {
    expect(
      readOne(
        '<publishSelfPresence rid="6"><userStateAvailability>12500</userStateAvailability></publishSelfPresence>',
      ),
    ).toEqual({ request: 'publishSelfPresence', rid: '6', availability: 12_500 })
    expect(published('<state><availability>busy</availability></state>')).toEqual(
      invalid('availability has to be a number.', '6'),
    )
  })

  test.each([
    'acknowledgeSubscriber',
    'addContact',
    'addGroup',
    'addMember',
    'containers',
    'deleteContact',
    'deleteGroup',
    'publishRawCategories',
    'search',
    'updateContact',
    'updateContainer',
    'updateGroup',
  ])('[UC-13] %s is recognised, whatever is in it', (name) => {
    const inner = '<group name="x"><any/></group>'
    expect(readOne(`<${name} rid="4">${inner}</${name}>`, { strict: true })).toEqual({
      request: 'ignored',
      rid: '4',
      name,
    })
    expect(readOne(`<${name.toUpperCase()} rid="4"/>`)).toEqual({ request: 'ignored', rid: '4', name })
  })
})
