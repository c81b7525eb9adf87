import { FetchRequest } from './fetch-request.ts'

interface Global {
  process?: { versions?: { node?: string } }
  window?: object
}

/** Whether this is Node, or something that says so. */
export function isNode(): boolean {
  return (globalThis as Global).process?.versions?.node !== undefined
}

/**
 * Gives the stock CometD client the `window` it looks for, where there is none: timers, the console, `WebSocket`, and requests by `fetch`.
 * Where somebody else has made one (`cometd-nodejs-client`, a simulated page) it is left as it is.
 */
export function prepareGround(): void {
  if ((globalThis as Global).window !== undefined) return
  const window = {
    // Looked up when called, so that a test's clock counts.
    setTimeout: (run: () => void, ms: number) => globalThis.setTimeout(run, ms),
    clearTimeout: (timer: number) => globalThis.clearTimeout(timer),
    console,
    WebSocket: globalThis.WebSocket,
    XMLHttpRequest: FetchRequest,
  }
  Object.defineProperty(globalThis, 'window', { value: window, configurable: true, writable: true })
}

/**
 * What goes behind the address when a WebSocket is opened, to show who this is: Node's `WebSocket`, and that of the package `ws`, take
 * headers there. A browser's takes none and sends its cookie.
 */
export function socketOptions(headers: Record<string, string>): { protocol?: string } {
  // The client hands it on as it is; its types know names of protocols only.
  return isNode() ? { protocol: { headers } as unknown as string } : {}
}
