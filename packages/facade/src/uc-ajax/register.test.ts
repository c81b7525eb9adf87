import { TServerError } from '@ringdown/signalling'
import { describe, expect, test, vi } from 'vitest'
import { type CwaBench, type CwaClient, cwaBench, settle } from '../testing/cwa-bench.ts'

const loggedIn = async (bench: CwaBench, { person }: CwaClient) =>
  (await bench.a.centre.tserver.agent(person.id)).dns.length > 0
const alive = async (client: CwaClient) =>
  (await client.node.sessions.find(client.node.centre, client.person.id, client.sid)) !== undefined

describe('a client that vanishes', () => {
  test('[UC-68] has its session ended when its time is up, and its agent logged out', async () => {
    const bench = cwaBench()
    const anna = await bench.client('anna').signIn()
    await anna.drain()
    expect(await loggedIn(bench, anna)).toBe(true)
    await bench.pass(600_000)
    expect(await loggedIn(bench, anna)).toBe(true)
    await bench.pass(120_000)
    expect(await loggedIn(bench, anna)).toBe(false)
    expect(await alive(anna)).toBe(false)
    await bench.stop()
  })

  test('[UC-68] lives as long as it polls, or asks for anything', async () => {
    const bench = cwaBench({ sessionTimeoutMs: 120_000 })
    const [anna, ben] = [await bench.client('anna').signIn(), await bench.client('ben').signIn()]
    for (let i = 0; i < 60; i++) {
      await bench.pass(30_000)
      anna.node = i % 2 ? bench.a : bench.b
      await anna.poll()
      await ben.ask({ request: 'publishSelfPresence' })
    }
    expect(await Promise.all([alive(anna), alive(ben), loggedIn(bench, anna), loggedIn(bench, ben)])).toEqual([
      true,
      true,
      true,
      true,
    ])
    await bench.stop()
  })

  test('[UC-68] is noticed by another node, also after an outage', async () => {
    const bench = cwaBench({ sessionTimeoutMs: 120_000 })
    const anna = await bench.client('anna').signIn()
    await bench.a.sessions.close()
    await bench.a.centre.tserver.stop()
    bench.store.outage('TERR_NO_SWITCH')
    await bench.pass(300_000)
    bench.store.outage(undefined)
    expect(await loggedIn(bench, anna)).toBe(true)
    await bench.pass(20_000)
    expect(await loggedIn(bench, anna)).toBe(false)
    await bench.stop()
  })

  test('[UC-68] leaves the agent logged in while another session of the person lives', async () => {
    const bench = cwaBench({ sessionTimeoutMs: 120_000 })
    const anna = await bench.client('anna').signIn()
    const other = await bench.client('anna').signIn()
    for (let i = 0; i < 10; i++) {
      await bench.pass(30_000)
      await other.poll()
    }
    expect([await alive(anna), await alive(other)]).toEqual([false, true])
    expect(await loggedIn(bench, anna)).toBe(true)
    await other.ask({ request: 'terminateSession' })
    expect(await loggedIn(bench, anna)).toBe(false)
    await bench.stop()
  })
})

describe('a conversation that a session has taken', () => {
  /** Anna has two sessions; one of them talks with ben, and vanishes. */
  async function takenAndLeft(bench: CwaBench) {
    const [holder, other] = [await bench.client('anna').signIn(), await bench.client('anna').signIn()]
    const ben = await bench.client('ben').signIn()
    await ben.invite('sip:anna@demo', 'hello')
    await holder.drain()
    await holder.handle('acceptImSession')
    await Promise.all([other.drain(), ben.drain()])
    return { holder, other, ben }
  }

  async function keepOn(bench: CwaBench, clients: readonly CwaClient[]): Promise<void> {
    for (let i = 0; i < 8; i++) {
      await bench.pass(30_000)
      for (const client of clients) await client.drain()
    }
  }

  test('[UC-68] ends with it where the others were told that it is not theirs', async () => {
    const bench = cwaBench({ sessionTimeoutMs: 120_000 })
    const { holder, other, ben } = await takenAndLeft(bench)
    expect(await ben.say('one')).toMatchObject({ answer: 'requestAccepted' })
    await keepOn(bench, [other, ben])
    expect(await alive(holder)).toBe(false)
    expect(ben.events().at(-1)).toMatchObject({ event: 'imSessionState', state: 'terminated' })
    expect(await ben.say('two')).toMatchObject({ answer: 'requestFailed' })
    expect(await loggedIn(bench, other)).toBe(true)
    await bench.stop()
  })

  test('[UC-68] goes on where another one shows it', async () => {
    const bench = cwaBench({ sessionTimeoutMs: 120_000 })
    const { holder, other, ben } = await takenAndLeft(bench)
    const next = await bench.client('anna', bench.b).signIn()
    await keepOn(bench, [other, ben, next])
    expect(await alive(holder)).toBe(false)
    expect(await ben.say('one')).toMatchObject({ answer: 'requestAccepted' })
    await next.drain()
    expect(next.texts.at(-1)).toBe('one')
    await bench.stop()
  })
})

describe('a sign-in that comes to nothing', () => {
  /** The store does not answer any more once the agent is logged in. */
  async function broken(bench: CwaBench): Promise<CwaClient> {
    const anna = bench.client('anna')
    const keep = bench.a.store.keep.bind(bench.a.store)
    const failing = vi.spyOn(bench.a.store, 'keep').mockImplementation((...what) => {
      if (what[0] === 'cwaSession') bench.store.outage('TERR_NO_SWITCH')
      return keep(...what)
    })
    await expect(anna.signIn()).rejects.toThrow(TServerError)
    failing.mockRestore()
    bench.store.outage(undefined)
    expect(await loggedIn(bench, anna)).toBe(true)
    return anna
  }

  test('[UC-80] leaves nobody logged in for longer than two minutes', async () => {
    const bench = cwaBench()
    const anna = await broken(bench)
    await bench.pass(120_000)
    expect(await loggedIn(bench, anna)).toBe(false)
    await bench.stop()
  })

  test('[UC-80] and is repeated logs in as if nothing had been: ready, and out with the last session', async () => {
    const bench = cwaBench()
    const anna = await broken(bench)
    const { tserver } = bench.a.centre
    await tserver.request({ request: 'TAgentSetNotReady', person: anna.person.id, thisDN: '7001' as never })
    await anna.signIn(bench.b)
    const [record] = await tserver.logins(['7001' as never])
    expect(record?.login?.state).toBe('ready')
    await bench.pass(120_000)
    expect(await loggedIn(bench, anna)).toBe(true)
    await anna.ask({ request: 'terminateSession' })
    expect(await loggedIn(bench, anna)).toBe(false)
    await bench.stop()
  })
})

describe('a session that is ended', () => {
  test('[UC-69] while its person signs in elsewhere does not log them out there', async () => {
    const bench = cwaBench()
    const [first, second] = [await bench.client('anna').signIn(), bench.client('anna', bench.b)]
    const { tserver } = bench.a.centre
    const { request } = tserver
    let signing: Promise<CwaClient> | undefined
    tserver.request = async (asked) => {
      if (asked.request === 'TAgentLogout') {
        signing ??= second.signIn()
        await settle()
      }
      return request(asked)
    }
    await first.ask({ request: 'terminateSession' })
    expect(await alive((await signing) as CwaClient)).toBe(true)
    expect(await loggedIn(bench, second)).toBe(true)
    await bench.stop()
  })

  test('[UC-69] does not log out an agent who went and came by another facade meanwhile', async () => {
    const bench = cwaBench()
    const anna = await bench.client('anna').signIn()
    const { tserver } = bench.a.centre
    const at = { person: anna.person.id, thisDN: '7001' as never }
    await tserver.request({ request: 'TAgentLogout', ...at })
    await bench.pass(5_000)
    await tserver.request({ request: 'TAgentLogin', ...at, place: 'Place_7001' })
    await anna.ask({ request: 'terminateSession' })
    expect(await loggedIn(bench, anna)).toBe(true)
    await bench.stop()
  })

  test('[UC-69] is unknown on every node at once, and its held poll is answered', async () => {
    const bench = cwaBench({ holdMs: 20_000 })
    const anna = await bench.client('anna').signIn()
    await anna.poll()
    anna.node = bench.b
    const held = anna.send()
    await settle()
    anna.node = bench.a
    await anna.ask({ request: 'terminateSession' })
    expect(await held).toMatchObject({ gap: expect.stringContaining('has ended') })
    for (const node of [bench.a, bench.b]) {
      anna.node = node
      expect(await alive(anna)).toBe(false)
    }
    await bench.stop()
  })

  test('[UC-69] is found to be ended within half a minute where the hint was lost', async () => {
    const bench = cwaBench()
    const anna = await bench.client('anna').signIn()
    anna.node = bench.b
    await anna.drain()
    bench.store.loseHints(true)
    anna.node = bench.a
    await anna.ask({ request: 'terminateSession' })
    anna.node = bench.b
    for (let i = 0; i < 12; i++) {
      await bench.pass(3_000)
      await anna.poll()
    }
    expect(await alive(anna)).toBe(false)
    await bench.stop()
  })

  test('[UC-69] does not live again by what was written at the same time', async () => {
    const bench = cwaBench({ sessionTimeoutMs: 120_000 })
    const anna = await bench.client('anna').signIn()
    const other = await bench.client('anna', bench.b).signIn()
    await anna.drain()
    // Its time is up for both nodes to look, while its client says goodbye.
    await bench.pass(100_000)
    await anna.poll()
    await other.poll()
    bench.clock.advance(65_000)
    const ending = anna.ask({ request: 'terminateSession' })
    for (let i = 0; i < 5; i++) bench.clock.advance(500)
    await ending
    await bench.pass(10_000)
    expect(await alive(anna)).toBe(false)
    expect(await bench.store.kept('cwaSession', `${anna.person.id}:${anna.sid}`)).toBeUndefined()
    expect(await loggedIn(bench, anna)).toBe(true)
    await bench.stop()
  })

  test('[UC-69] logs nobody out who had been logged in otherwise', async () => {
    const bench = cwaBench()
    const { tserver } = bench.a.centre
    const { id } = bench.person('anna')
    const thisDN = bench.a.centre.directory().places.get('Place_7001')?.dns[0]
    if (!thisDN) throw new Error('no DN')
    await tserver.request({ request: 'TRegisterAddress', person: id, thisDN })
    await tserver.request({ request: 'TAgentLogin', person: id, thisDN, place: 'Place_7001' })
    const anna = await bench.client('anna').signIn()
    await anna.ask({ request: 'terminateSession' })
    expect(await loggedIn(bench, anna)).toBe(true)
    await bench.stop()
  })

  test('[UC-69] logs out later where the store did not answer', async () => {
    const bench = cwaBench({ sessionTimeoutMs: 120_000 })
    const anna = await bench.client('anna').signIn()
    const { tserver } = bench.a.centre
    const { request } = tserver
    tserver.request = async () => {
      bench.store.outage('TERR_NO_SWITCH')
      return request({ request: 'TAgentLogout', person: anna.person.id, thisDN: '7001' as never })
    }
    await expect(anna.ask({ request: 'terminateSession' })).rejects.toThrow()
    tserver.request = request
    bench.store.outage(undefined)
    expect(await loggedIn(bench, anna)).toBe(true)
    await bench.pass(200_000)
    expect(await loggedIn(bench, anna)).toBe(false)
    await bench.stop()
  })

  test('[UC-69] leaves nothing behind in the store', async () => {
    const bench = cwaBench()
    const anna = await bench.client('anna').signIn()
    await anna.drain()
    await bench.pass(2_000)
    await anna.ask({ request: 'terminateSession' })
    const name = `${anna.person.id}:${anna.sid}`
    const kept = [
      bench.store.kept('cwaSession', name),
      bench.store.kept('cwaSession', `${name} cursor`),
      bench.store.kept('cwaPerson', anna.person.id),
    ]
    expect(await Promise.all(kept)).toEqual([undefined, undefined, undefined])
    await bench.stop()
  })
})

test('[UC-70] of too many sessions those end that were silent for longest', async () => {
  const bench = cwaBench({ sessionsPerPerson: 2 })
  const first = await bench.client('anna').signIn()
  await bench.pass(2_000)
  const second = await bench.client('anna').signIn()
  await bench.pass(2_000)
  await first.poll()
  const third = await bench.client('anna').signIn()
  expect([await alive(first), await alive(second), await alive(third)]).toEqual([true, false, true])
  expect(await loggedIn(bench, first)).toBe(true)
  await bench.stop()
})

test('[UC-60] sessions of one person that begin at once are all there', async () => {
  const bench = cwaBench()
  const clients = [bench.a, bench.b, bench.a, bench.b].map((node) => bench.client('anna', node))
  await Promise.all(clients.map((client) => client.signIn()))
  expect(new Set(clients.map(({ sid }) => sid)).size).toBe(4)
  expect(await Promise.all(clients.map(alive))).toEqual([true, true, true, true])
  const kept = JSON.parse((await bench.store.kept('cwaPerson', bench.person('anna').id)) as string)
  expect(kept.sids).toHaveLength(4)
  await bench.stop()
})
