/**
 * The part of `XMLHttpRequest` that the stock CometD client uses, on `fetch`: Node has the latter only. Cookies are the caller's: Node
 * keeps none.
 */
export class FetchRequest {
  static readonly UNSENT = 0
  readyState: number = FetchRequest.UNSENT
  status = 0
  statusText = ''
  responseText = ''
  onload: (() => void) | undefined
  onerror: (() => void) | undefined
  onabort: (() => void) | undefined
  readonly #headers: Record<string, string> = {}
  readonly #ended = new AbortController()
  #method = 'GET'
  #url = ''

  open(method: string, url: string): void {
    this.#method = method
    this.#url = url
    this.readyState = 1
  }

  setRequestHeader(name: string, value: string): void {
    this.#headers[name] = value
  }

  send(body: string): void {
    this.#exchange(body).then(
      () => this.onload?.(),
      () => (this.#ended.signal.aborted ? this.onabort : this.onerror)?.(),
    )
  }

  abort(): void {
    this.#ended.abort()
  }

  async #exchange(body: string): Promise<void> {
    const init = { method: this.#method, headers: this.#headers, body, signal: this.#ended.signal }
    const answer = await fetch(this.#url, init)
    this.responseText = await answer.text()
    this.status = answer.status
    this.statusText = answer.statusText
    this.readyState = 4
  }
}
