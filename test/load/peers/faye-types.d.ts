declare module 'faye' {
  /** The part of faye 1.4.3 the load test uses. */
  export class NodeAdapter {
    constructor(options: { mount: string; timeout: number })
    attach(server: import('node:http').Server): void
    getClient(): { publish(channel: string, data: object): unknown }
  }
}
