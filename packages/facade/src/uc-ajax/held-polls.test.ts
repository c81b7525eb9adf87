import { describe, expect, test } from 'vitest'
import { cwaBench, settle } from '../testing/cwa-bench.ts'

const holdMs = 20_000

async function waiting() {
  const bench = cwaBench({ holdMs })
  const anna = await bench.client('anna').signIn()
  const ben = await bench.client('ben').signIn()
  await anna.poll()
  await ben.poll()
  const answers: unknown[] = []
  const ask = (node = ben.node) => {
    ben.node = node
    const { sessions, centre } = node
    const asked = sessions
      .find(centre, ben.person.id, ben.sid)
      .then((session) => session && sessions.poll(session, { ackId: ben.ackId, active: false }))
    asked.then(
      (answer) => answers.push(answer),
      (error) => answers.push(error),
    )
    return asked
  }
  return { bench, anna, ben, answers, ask }
}

describe('a poll that is held', () => {
  test('[UC-72] is answered as soon as there is an event, also one from another node', async () => {
    const { bench, anna, answers, ask } = await waiting()
    anna.node = bench.b
    ask()
    await settle()
    expect(answers).toEqual([])
    await anna.invite('sip:ben@demo', 'hello')
    await settle()
    expect(answers).toMatchObject([{ ackId: 4, events: [{ eid: 3 }, { eid: 4 }] }])
    await bench.stop()
  })

  test('[UC-72] is answered empty when its time is up', async () => {
    const { bench, ben, answers, ask } = await waiting()
    ask()
    await bench.pass(holdMs - 1_000)
    expect(answers).toEqual([])
    await bench.pass(2_000)
    expect(answers).toMatchObject([{ ackId: ben.ackId, events: [] }])
    await bench.stop()
  })

  test('[UC-72] is answered empty by the next poll of its session', async () => {
    const { bench, anna, ben, answers, ask } = await waiting()
    ask()
    ask()
    await settle()
    ask()
    await settle()
    expect(answers).toMatchObject([
      { ackId: ben.ackId, events: [] },
      { ackId: ben.ackId, events: [] },
    ])
    await anna.invite('sip:ben@demo', 'hello')
    await settle()
    expect(answers).toHaveLength(3)
    await bench.stop()
  })

  test('[UC-72] is not held up by an event that is nothing to the client', async () => {
    const { bench, ben, answers, ask } = await waiting()
    ask()
    await settle()
    const { dns } = await bench.a.centre.tserver.agent(ben.person.id)
    for (const thisDN of dns)
      await bench.a.centre.tserver.request({ request: 'TAgentSetNotReady', person: ben.person.id, thisDN })
    await settle()
    expect(answers).toEqual([])
    await bench.stop()
    await settle()
    expect(answers).toHaveLength(1)
  })

  test('[UC-72] outlives a store that does not answer, and then has what came meanwhile', async () => {
    const { bench, anna, answers, ask } = await waiting()
    ask()
    await settle()
    bench.store.loseHints(true)
    await anna.invite('sip:ben@demo', 'hello')
    bench.store.loseHints(false)
    bench.store.outage('TERR_NO_SWITCH')
    bench.a.store.doubt()
    await settle()
    expect(answers).toEqual([])
    bench.store.outage(undefined)
    await settle()
    expect(answers).toMatchObject([{ events: [{ eid: 3 }, { eid: 4 }] }])
    await bench.stop()
  })

  test('[UC-74] is answered empty when its node closes', async () => {
    const { bench, ben, answers, ask } = await waiting()
    ask()
    await settle()
    await bench.a.sessions.close()
    expect(answers).toMatchObject([{ ackId: ben.ackId, events: [] }])
    await bench.stop()
  })

  test('[UC-64] is answered when its events are lost', async () => {
    const { bench, answers, ask } = await waiting()
    ask()
    await settle()
    const { store } = bench.a
    const { readFeed } = store
    store.readFeed = async (...asked) => ({ ...(await readFeed.apply(store, asked)), epoch: 'e2' })
    store.doubt()
    await settle()
    expect(answers).toMatchObject([{ gap: expect.stringContaining('has lost the events') }])
    await bench.stop()
  })

  test('[UC-68] keeps its session alive for as long as it is held', async () => {
    const bench = cwaBench({ holdMs: 200_000, sessionTimeoutMs: 60_000 })
    const anna = await bench.client('anna').signIn()
    await anna.poll()
    const held = anna.node.sessions
      .find(anna.node.centre, anna.person.id, anna.sid)
      .then((session) => session && anna.node.sessions.poll(session, { ackId: anna.ackId, active: false }))
    await bench.pass(199_000)
    await bench.pass(2_000)
    expect(await held).toMatchObject({ events: [] })
    await bench.stop()
  })
})
