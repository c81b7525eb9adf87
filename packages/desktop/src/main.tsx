import { Events, type Fetch, newID, WebServices } from '@ringdown/client'
import { render } from 'preact'
import { type Desktop, type Effect, emptyDesktop, type Input, type Page } from './model/desktop.ts'
import { next } from './model/next.ts'
import { nameOf } from './model/people.ts'
import { ringing } from './model/sessions.ts'
import { Alerts } from './shell/alerts.ts'
import { Drawer } from './shell/drawer.ts'
import { Loop } from './shell/loop.ts'

import { noteOf, notesAllowed } from './shell/notes.ts'
import { performer } from './shell/perform.ts'
import { keepSettings, readSettings, type Settings } from './shell/settings.ts'
import { shelfOf } from './shell/shelf.ts'
import { Tabs } from './shell/tabs.ts'
import { Waits } from './shell/waits.ts'
import type { Act } from './view/act.ts'
import { App } from './view/app.tsx'
import { languageOf, languages, speaker } from './view/text.ts'
import { titleOf } from './view/title.ts'

// Everything is made here, and everything of the browser comes in here.
const shelf = shelfOf(() => window.localStorage)
const drawer = new Drawer(shelf)
let settings = readSettings(shelf)
const language = () =>
  languageOf(settings.language !== null && settings.language in languages ? [settings.language] : navigator.languages)

const address = window.location.origin
const services = new WebServices({ address, fetch: window.fetch.bind(window) as Fetch })
const alerts = new Alerts({
  audio: 'AudioContext' in window ? () => new AudioContext() : null,
  sounds: () => settings.sounds,
  note: (alert) => {
    const say = speaker(language())
    if (settings.notes) noteOf(say(`note.${alert.what}`, { name: nameOf(loop.state, alert.peer) }), alert.sessionId)
  },
})

const tabs = new Tabs(
  () => new BroadcastChannel('ringdown'),
  (who) => loop.send({ input: 'signedInElsewhere', who }),
)

const loop: Loop<Desktop, Input, Effect> = new Loop(
  { ...emptyDesktop, page: pageOf(window.location.pathname), visible: document.visibilityState === 'visible' },
  next,
  performer({
    services,
    events: (listeners) =>
      new Events({ address, headers: services.headers(), maxBackoff: 3_000, maxNetworkDelay: 8_000, ...listeners }),
    drawer,
    waits: new Waits(),
    phones: { make: async (options) => new (await import('./phone/browser-phone.ts')).BrowserPhone(options) },
    alerts,
    tellTabs: (who) => tabs.tell(who),
    now: () => Date.now(),
    send: (input) => loop.send(input),
  }),
  (state, before) => {
    alerts.ring(ringing(state) !== undefined)
    if (state.page !== before.page) showPath(state.page)
    show()
  },
)

const choose = (chosen: Partial<Settings>) => {
  settings = { ...settings, ...chosen }
  keepSettings(shelf, settings)
  show()
  // The browser asks the person; whatever they say, the page shows how it stands.
  if (chosen.notes) Notification.requestPermission().then(show, show)
}

function act(): Act {
  return {
    tell: loop.send,
    startBySip: (number, text) => loop.send({ input: 'startBySip', number, text, messageId: newID() }),
    sendDraft: (id) => loop.send({ input: 'send', id, messageId: newID(), now: Date.now() }),
    settings,
    notesAllowed: notesAllowed(),
    choose,
    ask: services.ask.bind(services),
  }
}

// Many inputs of one moment are one picture.
let drawing = false
function show(): void {
  if (drawing) return
  drawing = true
  queueMicrotask(() => {
    drawing = false
    const say = speaker(language(), navigator.languages)
    document.title = titleOf(loop.state, say)
    const root = document.getElementById('desktop')
    if (root) render(<App desktop={loop.state} act={act()} say={say} />, root)
  })
}

function pageOf(path: string): Page {
  if (/^\/lab(\/|$)/.test(path)) return 'lab'
  return path.startsWith('/history') ? 'history' : 'desk'
}

function showPath(page: Page): void {
  // The console's own pages have addresses below.
  if (page === pageOf(window.location.pathname)) return
  window.history.pushState(null, '', page === 'desk' ? '/' : `/${page}`)
}

window.addEventListener('popstate', () => loop.send({ input: 'openPage', page: pageOf(window.location.pathname) }))
window.addEventListener('offline', () => loop.send({ input: 'offline' }))
window.addEventListener('online', () => loop.send({ input: 'online' }))
document.addEventListener('visibilitychange', () =>
  loop.send({ input: 'visible', visible: document.visibilityState === 'visible' }),
)
window.addEventListener('storage', ({ key, newValue }) => {
  const name = drawer.keyOf(key)
  if (name !== undefined) loop.send({ input: 'savedElsewhere', key: name, value: newValue })
})
show()
loop.send({ input: 'opened' })
