import { afterEach, expect, test } from 'vitest'
import { PageFolder } from '../readme/page.ts'
import { Endpoint, freePorts } from './endpoint.ts'
import { Desk } from './scenario.ts'

let folder: PageFolder
const leaving: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const leave of leaving.splice(0).reverse()) await leave()
  await folder.close()
})

/** Passwords that were shown, by who has them. */
const shown = (text: string): ReadonlyMap<string, string> =>
  new Map([...text.matchAll(/^(\S+|SIP \S+) {2,}(\S{19})$/gm)].map(([, who = '', password = '']) => [who, password]))

test('[IN-2, IN-4] answers from a pipe, then serve: two of its agents chat', async () => {
  folder = new PageFolder()
  const answers = ['acme', 'Acme support', '', '', '', '', '', '', 'anna, ben', '', 'no'].join('\n')
  const { stdout } = await folder.shell('ringdown init && ringdown check-config >&2', { stdin: `${answers}\n` })
  const passwords = shown(stdout)
  const address = await folder.serve()
  const desks = ['anna', 'ben'].map((userName, i) => {
    const desk = new Desk(address, { userName, password: passwords.get(userName) ?? '', dn: String(7001 + i) })
    leaving.push(() => desk.leaves())
    return desk
  })
  const [anna, ben] = desks
  if (!anna || !ben) throw new Error('nobody is there')
  for (const desk of desks) await desk.logsIn()
  await anna.calls('7002')
  await anna.sees('Initiating', { peer: '7002' })
  await anna.sees('Talking', { peer: '7002' })
  await ben.sees('Alerting', { peer: '7001' })
  await ben.sees('Talking', { peer: '7001' })
  await anna.says('written by init')
  await ben.hears('7001', 'written by init')
  await anna.completes()
})

test('[IN-4, IN-5] from flags, with SIP legs: endpoints register with the passwords that were made, and exchange a text', async () => {
  folder = new PageFolder()
  const [sip = 0, msrp = 0] = await freePorts(2)
  const flags = `--yes --sip yes --sip-port ${sip} --msrp-port ${msrp} --agent-legs sip --passwords passwords`
  expect((await folder.shell(`ringdown init ${flags} && ringdown check-config`)).stdout).toContain(
    'is good: main (2 DNs',
  )
  await folder.serve()
  const passwords = shown(folder.read('passwords'))
  const endpoint = async (number: string) => {
    const engine = { host: '127.0.0.1', port: sip }
    const opened = await Endpoint.open({ number, password: passwords.get(`SIP ${number}`) ?? '', engine, msrp: false })
    leaving.push(() => opened.close())
    await opened.registers()
    return opened
  }
  const [one, other] = [await endpoint('7001'), await endpoint('7002')]
  expect([200, 202]).toContain((await one.texts('7002', 'from phone to phone')).status)
  await other.hears('from phone to phone')
})
