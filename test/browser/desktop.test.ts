import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DNOptions, Engine, type Node, type Person } from '../faults/engine.ts'
import { startBrowser } from './browser.ts'
import { buildDesktop, DesktopPage } from './desktop-page.ts'

let browser: Browser
let engine: Engine
let node: Node
let used = 0
function people(count: number): Person[] {
  used += count
  return engine.persons.slice(used - count, used)
}

beforeAll(async () => {
  buildDesktop()
  browser = await startBrowser()
  // The last three sit at devices of other kinds.
  const options = new Map<string, DNOptions>([
    ['7028', { 'auto-answer': 'false' }],
    ['7029', { 'sip-signaling-chat': 'msrp' }],
    ['7030', { multimedia: 'false', 'sip-signaling-chat': '' }],
  ])
  engine = await Engine.create('embedded', 30, options)
  node = await engine.startNode('desktop')
})
afterAll(async () => {
  await browser?.close()
  await engine?.stop()
})

async function arrive(person: Person | undefined): Promise<DesktopPage> {
  if (!person) throw new Error('the engine has too few people')
  const desktop = await DesktopPage.open(browser, node.address)
  await desktop.arrive(person)
  return desktop
}

/** Closes the pages, none of which may have complained. */
async function leave(...desktops: readonly DesktopPage[]): Promise<void> {
  expect(desktops.flatMap(({ complaints }) => complaints)).toEqual([])
  await Promise.all(desktops.map((desktop) => desktop.close()))
}

test('[CL-6, CL-7, DT-14, DT-21] two agents live through a whole session', async () => {
  const [anna, ben] = people(2) as [Person, Person]
  const [one, other] = await Promise.all([arrive(anna), arrive(ben)])
  await one.call(ben.dn, 'Order 66')
  await other.heading(`Session with ${anna.userName}`)
  await one.write('Hello Ben')
  await other.reads('Hello Ben')
  await one.page.getByText('Seen').waitFor()
  await other.write('Hello Anna\n<b>not bold</b>')
  await one.reads('Hello Anna\n<b>not bold</b>')
  // Several at once keep their order.
  for (const text of ['1', '2', '3', '4', '5']) await one.write(text)
  await other.reads('5')
  await one.page.getByRole('button', { name: 'End session' }).click()
  await one.page.getByText('You ended the session.').first().waitFor()
  await other.page.getByText(`The session was ended by ${anna.userName}.`).first().waitFor()
  const said = ['Hello Ben', 'Hello Anna\n<b>not bold</b>', '1', '2', '3', '4', '5']
  expect(await one.texts()).toEqual(said)
  expect(await other.texts()).toEqual(said)
  await leave(one, other)
})

test('[DT-15] each sees the other writing, until the text comes', async () => {
  const [anna, ben] = people(2) as [Person, Person]
  const [one, other] = await Promise.all([arrive(anna), arrive(ben)])
  await one.talkTo(ben)
  await one.composer.pressSequentially('he')
  const writing = other.page.getByText(`${anna.userName} is writing…`)
  await writing.waitFor()
  await one.composer.press('Enter')
  await other.reads('he')
  await writing.waitFor({ state: 'detached' })
  await leave(one, other)
})

test('user data are seen and changed on both sides', async () => {
  const [anna, ben] = people(2) as [Person, Person]
  const [one, other] = await Promise.all([arrive(anna), arrive(ben)])
  await one.call(ben.dn, 'Order 66')
  const data = (desktop: DesktopPage) => desktop.page.getByRole('region', { name: 'User data' })
  await data(other).getByText('Order 66').waitFor()
  await data(other).getByLabel('Name').fill('colour')
  await data(other).getByLabel('Value').fill('blue')
  await data(other).getByRole('button', { name: 'Add' }).click()
  await data(one).getByText('blue').waitFor()
  await data(one).getByRole('button', { name: 'Change colour' }).click()
  await data(one).getByLabel('colour', { exact: true }).fill('green')
  await data(one).getByRole('button', { name: 'Save' }).click()
  await data(other).getByText('green').waitFor()
  await data(other).getByRole('button', { name: 'Delete colour' }).click()
  await data(one).getByText('green').waitFor({ state: 'detached' })
  await leave(one, other)
})

test('[DT-28] a session begins with the user data written for it, also with a contact', async () => {
  const [anna, ben] = people(2) as [Person, Person]
  const [one, other] = await Promise.all([arrive(anna), arrive(ben)])
  const data = other.page.getByRole('region', { name: 'User data' })
  const fill = async (name: string, value: string) => {
    await one.page.getByText('User data (optional)').click()
    await one.page.getByLabel('Name of pair 1').fill(name)
    await one.page.getByLabel('Value of pair 1').fill(value)
  }
  await fill('colour', 'blue')
  await one.page.getByRole('button', { name: 'One more' }).click()
  await one.page.getByLabel('Name of pair 2').fill('size')
  await one.page.getByLabel('Value of pair 2').fill('17')
  await one.call(ben.dn, 'Order 66')
  for (const text of ['Order 66', 'colour', 'blue', 'size', '17']) await data.getByText(text, { exact: true }).waitFor()
  await one.page.getByRole('button', { name: 'End session' }).click()
  await other.page.getByText(`The session was ended by ${anna.userName}.`).first().waitFor()
  // What was written has been used; the next session has its own.
  expect(await one.page.getByLabel('Name of pair 1').count()).toBe(0)
  await one.page.getByRole('button', { name: 'One more' }).click()
  await one.page.getByLabel('Name of pair 1').fill('shape')
  await one.page.getByLabel('Value of pair 1').fill('round')
  await one.page.getByRole('searchbox').fill(ben.userName)
  await one.page.getByTitle(`Start a session with ${ben.userName}`, { exact: true }).click()
  await data.getByText('round', { exact: true }).waitFor()
  expect(await data.getByText('blue', { exact: true }).count()).toBe(0)
  await leave(one, other)
})

test('[DT-12] a second session is refused with a reason, on either side', async () => {
  const [anna, ben, cleo] = people(3) as [Person, Person, Person]
  const [one, other, third] = await Promise.all([arrive(anna), arrive(ben), arrive(cleo)])
  await one.talkTo(ben)
  await third.call(ben.dn)
  await third.page.getByText('The other side is in a session already. Try again later.').waitFor()
  await third.page.getByRole('button', { name: 'Dismiss' }).click()
  await third.page.getByText('The other side is in a session already.').waitFor({ state: 'detached' })
  await one.call(cleo.dn)
  await one.page.getByText('You are in a session already. End it before you start another one.').waitFor()
  // What goes on is not disturbed.
  await one.write('still here')
  await other.reads('still here')
  await leave(one, other, third)
})

test('[DT-12] a number that nobody has ends with its reason', async () => {
  const [anna] = people(1)
  const one = await arrive(anna)
  await one.call('0000')
  await one.page.getByText('There is no such number.').first().waitFor()
  await leave(one)
})

describe('where nobody answers by themselves', () => {
  const asking = () => engine.persons[27] as Person

  test('[DT-22] a session is accepted, and talks', async () => {
    const [anna] = people(1) as [Person]
    const [one, other] = await Promise.all([arrive(anna), arrive(asking())])
    await one.call(asking().dn, 'Order 66')
    await other.page.getByRole('alert').getByText('Order 66').waitFor()
    expect(await other.page.title()).toBe(`${anna.userName} wants to talk to you`)
    expect(await one.page.getByText('Waiting for an answer…').first().isVisible()).toBe(true)
    await other.page.getByRole('button', { name: 'Accept' }).click()
    // Enter says nothing before the answer is known here too.
    await one.page.getByRole('button', { name: 'End session' }).waitFor()
    await one.write('hi')
    await other.reads('hi')
    expect(await other.page.title()).toBe('Ringdown')
    await other.page.getByRole('button', { name: 'End session' }).click()
    await one.page.getByText(`The session was ended by ${asking().userName}.`).first().waitFor()
    await leave(one, other)
  })

  test('[DT-22] a session is rejected, or withdrawn', async () => {
    const [anna] = people(1) as [Person]
    const [one, other] = await Promise.all([arrive(anna), arrive(asking())])
    await one.call(asking().dn)
    await other.page.getByRole('button', { name: 'Reject' }).click()
    await one.page.getByText(`${asking().userName} rejected the session.`).first().waitFor()
    await other.page.getByText('You rejected the session.').first().waitFor()
    await one.page.getByRole('button', { name: 'Start again' }).click()
    await other.page.getByRole('button', { name: 'Accept' }).waitFor()
    await one.page.getByRole('button', { name: 'Cancel' }).click()
    await other.page.getByText('The session was withdrawn before it was answered.').first().waitFor()
    await other.page.getByRole('button', { name: 'Accept' }).waitFor({ state: 'detached' })
    await leave(one, other)
  })
})

describe('signing in', () => {
  test('[DT-12] a wrong password is said, and the right one lets in', async () => {
    const [anna] = people(1) as [Person]
    const one = await DesktopPage.open(browser, node.address)
    await one.signIn({ userName: anna.userName, password: 'wrong' })
    await one.page.getByText('The user name or the password is wrong.').waitFor()
    await one.arrive(anna)
    await leave(one)
  })

  test('[DT-18] places say who is there, and why a device carries no messages', async () => {
    const [anna, ben] = people(2) as [Person, Person]
    const other = await arrive(ben)
    const one = await DesktopPage.open(browser, node.address)
    await one.signIn(anna)
    const place = (dn: string) => one.page.getByRole('listitem').filter({ hasText: `P${dn}` })
    await place(ben.dn).getByText(`in use by ${ben.userName}`).waitFor()
    expect(
      await place('7029')
        .getByText(/its messages go by SIP; this page can be its phone/)
        .isVisible(),
    ).toBe(true)
    expect(
      await place('7030')
        .getByText(/cannot carry messages: the option multimedia/)
        .isVisible(),
    ).toBe(true)
    await one.page.getByLabel('Find a place or a number').fill(ben.dn)
    await place(anna.dn).waitFor({ state: 'detached' })
    await place(ben.dn).getByRole('button').click()
    await one.page.getByText('Somebody else is working at this place. Choose another one.').waitFor()
    await leave(one, other)
  })

  test('an agent’s state is changed, and seen by others', async () => {
    const [anna, ben] = people(2) as [Person, Person]
    const [one, other] = await Promise.all([arrive(anna), arrive(ben)])
    await one.page.getByLabel('Your state').selectOption('Ready')
    // A page that is looked at again reads its contacts anew.
    await other.page.getByRole('searchbox').fill(anna.userName)
    await other.page
      .getByTitle(`Start a session with ${anna.userName}`, { exact: true })
      .filter({ hasText: 'Ready' })
      .click()
    await one.heading(`Session with ${ben.userName}`)
    await one.menu('Change place')
    await one.heading('Where do you work?')
    await other.page.getByText(`The session ended because ${anna.userName} signed out.`).first().waitFor()
    await leave(one, other)
  })

  test('[DT-18] who signs out leaves nothing behind for the next one at the screen', async () => {
    const [anna, ben] = people(2) as [Person, Person]
    const [one, other] = await Promise.all([arrive(anna), arrive(ben)])
    await one.talkTo(ben)
    await one.write('private')
    await other.reads('private')
    await one.menu('Sign out')
    await one.heading('Sign in')
    await one.page.getByLabel('User name').fill('')
    await other.menu('Sign out')
    await one.arrive(ben)
    expect(await one.page.getByText('private').count()).toBe(0)
    await leave(one, other)
  })
})

test('[DT-23] past sessions are found by what was said in them', async () => {
  const [anna, ben] = people(2) as [Person, Person]
  const [one, other] = await Promise.all([arrive(anna), arrive(ben)])
  for (const topic of ['Refund', 'Delivery']) {
    await one.call(ben.dn, topic)
    await other.heading(`Session with ${anna.userName}`)
    await one.page.getByText(`Connected · ${topic}`).waitFor()
    await one.write(`about the ${topic.toLowerCase()}, please`)
    await other.reads(`about the ${topic.toLowerCase()}, please`)
    await one.page.getByRole('button', { name: 'End session' }).click()
    await one.page.getByText('You ended the session.').first().waitFor()
  }
  await one.menu('Past sessions')
  expect(new URL(one.page.url()).pathname).toBe('/history')
  const list = one.page.getByRole('navigation', { name: 'Past sessions' })
  await list.getByRole('button').nth(1).waitFor()
  await one.page.getByRole('searchbox').fill('the delivery')
  await expect.poll(() => list.getByRole('button').count()).toBe(1)
  await list.getByRole('button').click()
  await one.page.getByText('about the delivery, please').waitFor()
  // It is a page of its own: it can be loaded anew, and left by going back.
  await one.page.reload()
  await list.getByRole('button').nth(1).waitFor()
  await one.menu('Back to the desk')
  await one.page.getByRole('heading', { name: 'New session' }).waitFor()
  await leave(one, other)
})
