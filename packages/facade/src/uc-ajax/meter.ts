/** What is counted of the UC AJAX API on this node. */
export interface UcAjaxMeter {
  /** How many sessions this node holds now. */
  sessions(count: number): void
  /** A poll was answered with so many events; held: it had waited for them, or for nothing. */
  polled(events: number, held: boolean): void
  /** A text was written to a client, so many milliseconds after it was accepted. */
  delivered(ms: number): void
  /** A request was refused for its ticket; the reason is one of a few words. */
  refused(reason: string): void
}

export const noUcAjaxMeter: UcAjaxMeter = { sessions() {}, polled() {}, delivered() {}, refused() {} }
