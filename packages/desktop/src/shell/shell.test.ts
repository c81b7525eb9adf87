import { type Fetch, WebServices } from '@ringdown/client'
import { describe, expect, test, vi } from 'vitest'
import { type Desktop, type Effect, emptyDesktop, type Input, type Who } from '../model/desktop.ts'
import { next } from '../model/next.ts'
import type { PhoneOptions } from '../phone/browser-phone.ts'
import { anna } from '../testing/page.ts'
import { Drawer, type Shelf } from './drawer.ts'
import { Loop } from './loop.ts'
import { performer } from './perform.ts'
import { PhoneLine } from './phone-line.ts'
import { defaultSettings, keepSettings, readSettings } from './settings.ts'
import { shelfOf } from './shelf.ts'
import { type Channel, Tabs } from './tabs.ts'
import { Waits } from './waits.ts'

class MemoryShelf implements Shelf {
  readonly #map = new Map<string, string>()
  get length() {
    return this.#map.size
  }
  key = (i: number) => [...this.#map.keys()][i] ?? null
  getItem = (name: string) => this.#map.get(name) ?? null
  setItem = (name: string, value: string) => void this.#map.set(name, value)
  removeItem = (name: string) => void this.#map.delete(name)
}

describe('the loop', () => {
  test('takes an input that comes in the middle after the one before', () => {
    const seen: string[] = []
    const loop: Loop<Desktop, Input, Effect> = new Loop(
      emptyDesktop,
      next,
      (effect) => {
        seen.push(effect.effect)
        // What is answered at once would otherwise overtake.
        if (effect.effect === 'whoAmI') loop.send({ input: 'iAm', user: anna('LoggedOut') })
        seen.push(`${effect.effect} done`)
      },
      (state) => seen.push(state.stage),
    )
    loop.send({ input: 'opened' })
    expect(seen).toEqual([
      'whoAmI',
      'whoAmI done',
      'load',
      'load done',
      'tellTabs',
      'tellTabs done',
      'readPlaces',
      'readPlaces done',
      'place',
    ])
  })
})

describe('the drawer', () => {
  test('[DT-20] keeps each agent’s things apart', () => {
    const shelf = new MemoryShelf()
    shelf.setItem('of another page', 'x')
    const [one, other] = [new Drawer(shelf), new Drawer(shelf)]
    one.open('demo/anna')
    other.open('demo/ben')
    one.save('draft/S', 'hello')
    one.save('draft/T', 'there')
    one.save('draft/T', null)
    expect([one.entries(), other.entries()]).toEqual([[['draft/S', 'hello']], []])
    expect([one.keyOf('ringdown/demo/anna/draft/S'), other.keyOf('ringdown/demo/anna/draft/S')]).toEqual([
      'draft/S',
      undefined,
    ])
  })

  test('[DT-20] keeps nothing for nobody, and bears a browser that keeps nothing', () => {
    const shelf = new MemoryShelf()
    const drawer = new Drawer(shelf)
    drawer.save('draft/S', 'x')
    expect([shelf.length, drawer.entries(), drawer.keyOf('ringdown/x')]).toEqual([0, [], undefined])
    const full = new Drawer({
      ...shelf,
      length: 0,
      key: () => null,
      setItem: () => {
        throw new Error('QuotaExceededError')
      },
    })
    full.open('demo/anna')
    full.save('draft/S', 'x')
    const none = new Drawer(
      shelfOf(() => {
        throw new Error('SecurityError')
      }),
    )
    none.open('demo/anna')
    none.save('draft/S', 'x')
    expect(none.entries()).toEqual([])
  })
})

describe('[DT-27] tabs', () => {
  test('tell each other who has signed in, and bear what they do not know', () => {
    const heard: Who[] = []
    const channel = { onmessage: null, postMessage: () => undefined } as Channel
    const said = vi.spyOn(channel, 'postMessage')
    const tabs = new Tabs(
      () => channel,
      (who) => heard.push(who),
    )
    tabs.tell({ centre: 'demo', userName: 'anna' })
    expect(said).toHaveBeenCalledWith({ centre: 'demo', userName: 'anna' })
    for (const data of [null, 'x', { centre: 5 }, { centre: 'demo', userName: 'ben' }])
      channel.onmessage?.call(channel as BroadcastChannel, { data } as MessageEvent)
    expect(heard).toEqual([{ centre: 'demo', userName: 'ben' }])
  })

  test('do without where the browser has no way between them', () => {
    const tabs = new Tabs(
      () => {
        throw new ReferenceError('BroadcastChannel is not defined')
      },
      () => undefined,
    )
    expect(() => tabs.tell({ centre: 'demo', userName: 'anna' })).not.toThrow()
  })
})

test('settings come back as they were chosen, and wrong ones are the usual ones', () => {
  const shelf = new MemoryShelf()
  expect(readSettings(shelf)).toEqual(defaultSettings)
  keepSettings(shelf, { language: 'de', theme: 'dark', sounds: false, notes: true })
  expect(readSettings(shelf)).toEqual({ language: 'de', theme: 'dark', sounds: false, notes: true })
  for (const wrong of ['no JSON', '{"theme":"pink","language":5,"sounds":"?"}']) {
    shelf.setItem('ringdown/settings', wrong)
    expect(readSettings(shelf)).toEqual(defaultSettings)
  }
  expect(readSettings(undefined)).toEqual(defaultSettings)
})

test('waits begin anew under the same name, and end together', () => {
  vi.useFakeTimers()
  try {
    const waits = new Waits()
    const seen: string[] = []
    waits.set('a', 1_000, () => seen.push('early'))
    vi.advanceTimersByTime(900)
    waits.set('a', 1_000, () => seen.push('late'))
    waits.set('b', 1_500, () => seen.push('b'))
    vi.advanceTimersByTime(1_200)
    waits.clear()
    vi.advanceTimersByTime(10_000)
    expect(seen).toEqual(['late'])
  } finally {
    vi.useRealTimers()
  }
})

describe('what is asked of the server', () => {
  function perform(answer: () => { status: number; body: string }) {
    const asked: { url: string; body: unknown }[] = []
    const inputs: Input[] = []
    const fetch: Fetch = async (url, { body }) => {
      asked.push({ url: url.slice('http://im/api/v2'.length), body: body === undefined ? null : JSON.parse(body) })
      const { status, body: text } = answer()
      return { status, headers: new Headers(), text: async () => text }
    }
    const run = performer({
      services: new WebServices({ address: 'http://im', fetch }),
      events: () => {
        throw new Error('nobody listens here')
      },
      drawer: new Drawer(undefined),
      waits: new Waits(),
      phones: {
        make: async () => {
          throw new Error('nobody is a phone here')
        },
      },
      alerts: { alert: () => undefined } as never,
      tellTabs: () => undefined,
      now: () => 5,
      send: (input) => inputs.push(input),
    })
    const state: Desktop = { ...emptyDesktop, login: 7 }
    return { asked, inputs, run: (effect: Effect) => run(effect, state) }
  }

  const id = 'S'
  // biome-ignore format: read it as a table
  const requests = [
    [{ effect: 'takePlace', place: 'P', devicePath: '/devices/d' }, '/me', 'StartContactCenterSession'],
    [{ effect: 'leavePlace' },                         '/me',                            'Offline'],
    [{ effect: 'setState', state: 'Ready' },           '/me',                            'Ready'],
    [{ effect: 'signOut' },                            '/me',                            'EndContactCenterSession'],
    [{ effect: 'start', number: '7002', userData: {} },'/me/im-sessions',                'InitiateIMSession'],
    [{ effect: 'send', id, messageId: 'm', text: 't' },'/me/im-sessions/S',              'SendMessage'],
    [{ effect: 'answer', id, accept: true },           '/me/im-sessions/S',              'Accept'],
    [{ effect: 'answer', id, accept: false },          '/me/im-sessions/S',              'Reject'],
    [{ effect: 'complete', id },                       '/me/im-sessions/S',              'Complete'],
    [{ effect: 'attach', id, userData: { a: '1' } },   '/me/im-sessions/S',              'AttachUserData'],
    [{ effect: 'deleteKey', id, key: 'a' },            '/me/im-sessions/S',              'DeleteUserData'],
    [{ effect: 'tellComposing', id, composing: true }, '/me/im-sessions/S',              'NotifyComposing'],
    [{ effect: 'tellDisplayed', id, messageId: 'm' },  '/me/im-sessions/S',              'MarkDisplayed'],
    [{ effect: 'probe' },                              '/me',                            undefined],
    [{ effect: 'readPlaces', search: 'a b' },          '/places?search=a%20b',           undefined],
    [{ effect: 'readContacts', search: '' },           '/contacts?search=',              undefined],
    [{ effect: 'readHistory' },                        '/me/ended-im-sessions',          undefined],
    [{ effect: 'readSessions' },                       '/me/im-sessions?fields=*',       undefined],
    [{ effect: 'readSession', id },                    '/me/im-sessions/S',              undefined],
    [{ effect: 'readTranscript', id, after: 3 },       '/me/im-sessions/S/messages?after=3&limit=1000', undefined],
  ] as const satisfies readonly (readonly [Effect, string, string | undefined])[]

  for (const [effect, url, operationName] of requests)
    test(`[DT-18] ${effect.effect} is ${operationName ?? 'GET'} ${url}, and its answer and failure come back with the login`, async () => {
      let status = 200
      const { asked, inputs, run } = perform(() => ({
        status,
        body: status === 200 ? '{"statusCode":0,"imSession":{"id":"S"}}' : '{"statusCode":4,"statusMessage":"away"}',
      }))
      run(effect)
      await vi.waitFor(() => expect(inputs.length).toBe(1))
      expect(asked[0]?.url).toBe(url)
      if (operationName !== undefined) expect(asked[0]?.body).toMatchObject({ operationName })
      expect(inputs[0]?.input).not.toBe('failed')

      status = 503
      run(effect)
      await vi.waitFor(() => expect(inputs.length).toBe(2))
      const failure = { failure: 'refused', statusCode: 4, httpStatus: 503, message: 'away' }
      expect(inputs[1]).toEqual({ input: 'failed', effect, failure, login: 7 })
      expect(inputs[0]?.login).toBe(7)
    })

  test('[DT-13] what gets no answer is told from what is refused', async () => {
    const { inputs, run } = perform(() => {
      throw new TypeError('Failed to fetch')
    })
    run({ effect: 'probe' })
    await vi.waitFor(() => expect(inputs.length).toBe(1))
    expect(inputs[0]).toMatchObject({ input: 'failed', effect: { effect: 'probe' }, failure: { failure: 'noAnswer' } })
  })
})

describe('the phone', () => {
  const on = { effect: 'phoneOn', number: '7029', password: 'secret' } as const
  function line(where: () => Promise<{ server: string; domain: string } | undefined>) {
    const inputs: Input[] = []
    const did: string[] = []
    const made: PhoneOptions[] = []
    const phones = {
      make: async (options: PhoneOptions) => {
        made.push(options)
        return {
          start: () => void did.push('start'),
          stop: async () => void did.push('stop'),
          say: async (number: string) => ({ status: number === '7001' ? 200 : 404, reason: '' }),
        }
      },
    }
    const services = { phone: where }
    return { inputs, did, made, phone: new PhoneLine({ services, phones, send: (input) => inputs.push(input) }) }
  }
  const here = async () => ({ server: 'ws://im:5066/', domain: 'im' })

  test('[DT-26] registers where the server says, and what it tells is told on', async () => {
    const { inputs, did, made, phone } = line(here)
    phone.on(on)
    await vi.waitFor(() => expect(did).toEqual(['start']))
    expect(made[0]).toMatchObject({ number: '7029', password: 'secret', server: 'ws://im:5066/', domain: 'im' })
    made[0]?.onNews('registered')
    expect(inputs).toEqual([{ input: 'phoneNews', news: 'registered' }])
    const begin = { effect: 'startBySip', number: '7001', text: 'hi', messageId: 'm' } as const
    expect(await phone.begin(begin)).toEqual({ input: 'startedBySip', status: 200, reason: '' })
  })

  test('[DT-26] says where there is nothing to register at', async () => {
    for (const where of [async () => undefined, () => Promise.reject(new Error('away'))]) {
      const { inputs, phone } = line(where)
      phone.on(on)
      await vi.waitFor(() => expect(inputs).toEqual([{ input: 'phoneNews', news: 'nowhere' }]))
    }
  })

  test('[DT-26] one that is not wanted any more is stopped, or never started, and not heard', async () => {
    const { inputs, did, made, phone } = line(here)
    phone.on(on)
    phone.off()
    await vi.waitFor(() => expect(made).toHaveLength(1))
    phone.on(on)
    await vi.waitFor(() => expect(did).toEqual(['start']))
    phone.off()
    for (const { onNews } of made) onNews('lost')
    expect([inputs, did]).toEqual([[], ['start', 'stop']])
    await expect(phone.begin({ effect: 'startBySip', number: '1', text: 'x', messageId: 'm' })).rejects.toThrow(
      'no phone',
    )
  })
})
