import { type DeviceStateChange, Events, type Fetch, type Notification, WebServices } from '@ringdown/client'

/** A client as an integrator would write it, on the client package: REST, and CometD by long-polling. */
export interface DemoAgent {
  userName: string
  post(path: string, body: Readonly<Record<string, unknown>>): Promise<void>
  /** Resolves when the subscription stands. */
  listen(on: (notification: Notification | DeviceStateChange) => void): Promise<void>
  leave(): Promise<void>
}

/** Logs in as somebody at the server; each request carries the credentials. */
export function demoAgent(address: string, userName: string, password: string): DemoAgent {
  const services = new WebServices({ address, userName, password, fetch: fetch as Fetch })
  let events: Events | undefined
  return {
    userName,
    async post(path, body) {
      await services.ask('POST', path, body)
    },
    async listen(on) {
      const headers = services.headers()
      events = new Events({ address, headers, transports: ['long-polling'], onNotification: on, onDevices: on })
      await events.start()
    },
    async leave() {
      await events?.stop()
    },
  }
}
