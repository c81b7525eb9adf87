import { expect, test, vi } from 'vitest'
import { createApp } from '../app.ts'
import { defaultFacadeOptions } from '../options.ts'
import { settle } from '../testing/cometd-bench.ts'
import { lab, labObjects } from '../testing/lab.ts'

const command = '/cwa/MainCommandHandler.ashx'

async function signedIn(user: string) {
  const made = await lab()
  const { app } = made
  const logon = `<cwaRequests><logon><user>${user}</user><password>${user}</password></logon></cwaRequests>`
  const { headers } = await app.inject({ method: 'POST', url: '/forms/logon.html', payload: logon })
  const ask = (payload: string) =>
    app.inject({ method: 'POST', url: command, payload, headers: { 'cwa-ticket': String(headers['cwa-ticket']) } })
  await ask('<cwaRequests><initiateSession rid="1"/></cwaRequests>')
  return { ...made, ask }
}

/** Lets time pass, with all that is to be done meanwhile. */
async function pass({ clock }: Pick<Awaited<ReturnType<typeof lab>>, 'clock'>, seconds: number): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    clock.advance(1_000)
    await settle()
  }
}

const without = (user: string) => ({
  ...labObjects,
  persons: labObjects.persons.filter(({ userName }) => userName !== user),
})
const disabled = (user: string) => ({
  ...labObjects,
  persons: labObjects.persons.map((one) => (one.userName === user ? { ...one, enabled: false } : one)),
})

for (const [how, objects] of [
  ['disabled', disabled('anna')],
  ['removed', without('anna')],
] as const)
  test(`[UC-44, UC-68] who is ${how} asks for nothing more, and their device is free when the session's time is up`, async () => {
    const made = await signedIn('anna')
    const { centre, ask } = made
    const record = async () => (await centre.tserver.logins(['7001' as never]))[0]
    expect((await record())?.login?.state).toBe('ready')
    centre.reload(objects)
    expect((await ask('<cwaRequests><initiateSession rid="2"/></cwaRequests>')).statusCode).toBe(401)
    await pass(made, 700)
    expect(await record()).toMatchObject({ registered: null, login: null })
    await made.close()
  })

test('[UC-49] a node that does not serve the API ends the sessions whose time is up all the same', async () => {
  const { centre, clock, close } = await lab()
  const heard = vi.spyOn(centre.tserver, 'onLostClient')
  const ucAjax = { ...defaultFacadeOptions.ucAjax, enabled: false }
  const app = await createApp({ centres: [centre], clock, node: 'n2', options: { ucAjax } })
  expect(heard).toHaveBeenCalledTimes(1)
  await app.close()
  await close()
})
