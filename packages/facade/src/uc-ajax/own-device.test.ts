import type { DirectoryObjects } from '@ringdown/signalling'
import { expect, test } from 'vitest'
import { lab, labObjects } from '../testing/lab.ts'

const command = '/cwa/MainCommandHandler.ashx'
const position = { type: 'ACD Position', switch: 'SIP_Switch' }
const chat = labObjects.dns[0]?.annex ?? {}

/** Anna's place has these devices beside 7001. */
const placeOf = (...more: DirectoryObjects['dns']): DirectoryObjects => ({
  ...labObjects,
  dns: [...labObjects.dns, ...more],
  places: labObjects.places.map((one) =>
    one.name === 'Place_7001' ? { ...one, dns: [...more.map(({ number }) => number), '7001'] } : one,
  ),
})

async function signIn(objects: DirectoryObjects, user = 'anna') {
  const { app, centre, close } = await lab({ objects })
  const payload = `<cwaRequests><logon><user>${user}</user><password>${user}</password></logon></cwaRequests>`
  const { headers } = await app.inject({ method: 'POST', url: '/forms/logon.html', payload })
  let sid = '0'
  const ask = async (inner: string) => {
    const { body } = await app.inject({
      method: 'POST',
      url: command,
      payload: `<cwaRequests sid="${sid}">${inner}</cwaRequests>`,
      headers: { 'cwa-ticket': String(headers['cwa-ticket']) },
    })
    sid = /<sid>(\d+)/.exec(body)?.[1] ?? sid
    return body
  }
  return { answer: await ask('<initiateSession rid="1"/>'), ask, centre, close }
}

const invitation =
  '<conference confId="0" rid="2"><initiateImSession><uris><uri>7002</uri></uris><message><content>Hello</content></message></initiateImSession></conference>'

test('[UC-80, UC-94] of several positions that carry IM the first of the place is taken', async () => {
  const { answer, ask, centre, close } = await signIn(
    placeOf({ number: '7101', ...position }, { number: '7102', ...position, annex: chat }),
  )
  expect(answer).toContain('<requestAccepted rid="1"><sid>')
  expect(await ask(invitation)).toContain('<initiateImSessionAccepted rid="2" confId="1"/>')
  const { id } = centre.directory().personsByUserName.get('anna') ?? {}
  const { entries } = await centre.store.readFeed(id as never, 0, 100)
  const dialing = entries.find(({ event }) => event.event === 'EventDialing')
  expect(dialing?.event).toMatchObject({ thisDN: '7102' })
  await close()
})

test('[UC-94] somebody without one is told so in words of this API', async () => {
  const none = { ...labObjects, dns: labObjects.dns.map((dn) => ({ ...dn, annex: {} })) }
  const { ask, close } = await signIn(none)
  expect(await ask(invitation)).toContain(
    'code="18102" reason="Invalid Operation" detail="Your device 7001 does not carry',
  )
  await close()
  const admin = await signIn(labObjects, 'admin')
  expect(await admin.ask(invitation)).toContain('detail="You are not logged in on a device')
  await admin.close()
})
