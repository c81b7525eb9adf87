import { type SipBench, sipBench, sipDirectory } from '@ringdown/signalling/testing'
import { cwaView, type ViewSetUp } from './cwa-view.ts'

export const directory = sipDirectory({ 7002: { 'auto-answer': 'no', 'no-answer-timeout': '5' } })
export const [anna, ben] = ['{"uri":"sip:anna@demo","name":"Anna Berg"}', '{"uri":"sip:ben@demo","name":"Ben Clarke"}']

/** Anna answers by herself, ben presses something; each is logged in and has a UC AJAX session. */
export async function cwaPair() {
  const bench: SipBench = sipBench({ directory })
  const agents = { anna: bench.agent('anna'), ben: bench.agent('ben') }
  for (const agent of Object.values(agents)) await agent.logIn()
  const view = async (name: keyof typeof agents, sid: number, more: Partial<ViewSetUp> = {}) => {
    const agent = agents[name]
    const { offset } = await bench.store.feedEnd(agent.person)
    return cwaView({ bench, directory, agent, sid, offset, ...more })
  }
  const [a, b] = [await view('anna', 11), await view('ben', 22)]
  return { bench, agents, view, a, b }
}

/** Anna and ben talk; she has written the first text. */
export async function talkingPair() {
  const made = await cwaPair()
  const callUUID = await made.a.initiate('2', '7002')
  await made.b.accept('2')
  return { ...made, callUUID, begin: { a: (await made.a.now()).eid, b: (await made.b.now()).eid } }
}
