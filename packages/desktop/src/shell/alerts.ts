/** What calls the agent's attention. */
export interface Alert {
  what: 'text' | 'session'
  sessionId: string
  peer: string
}

export interface AlertsDeps {
  /** Null where the browser has none. */
  audio: (() => AudioContext) | null
  /** The browser's own notes; shown only where the agent has allowed them. */
  note: ((alert: Alert) => void) | null
  /** Whether the agent wants sounds. */
  sounds: () => boolean
}

/** Two notes up for a session, one for a text; a call that has to be answered repeats. Frequencies in Hz, times in seconds. */
const tunes = {
  text: [{ at: 0, hz: 880, for: 0.09 }],
  session: [
    { at: 0, hz: 587, for: 0.12 },
    { at: 0.14, hz: 880, for: 0.2 },
  ],
} as const

const ringEveryMs = 2_500

/** Sounds made by the browser itself, without any file, and its notes. */
export class Alerts {
  readonly #deps: AlertsDeps
  #context: AudioContext | undefined
  #ringing: ReturnType<typeof setInterval> | undefined

  constructor(deps: AlertsDeps) {
    this.#deps = deps
  }

  alert(alert: Alert): void {
    this.#play(alert.what)
    this.#deps.note?.(alert)
  }

  /** Rings until it is told not to. */
  ring(on: boolean): void {
    if (on === (this.#ringing !== undefined)) return
    clearInterval(this.#ringing)
    this.#ringing = on ? setInterval(() => this.#play('session'), ringEveryMs) : undefined
  }

  #play(what: keyof typeof tunes): void {
    if (!this.#deps.sounds() || !this.#deps.audio) return
    this.#context ??= this.#deps.audio()
    const context = this.#context
    // Browsers let a page sound only after somebody has pressed something on it.
    if (context.state === 'suspended') context.resume().catch(() => undefined)
    for (const { at, hz, for: length } of tunes[what]) note(context, context.currentTime + at, hz, length)
  }
}

function note(context: AudioContext, at: number, hz: number, length: number): void {
  const oscillator = context.createOscillator()
  const gain = context.createGain()
  oscillator.type = 'sine'
  oscillator.frequency.value = hz
  gain.gain.setValueAtTime(0, at)
  gain.gain.linearRampToValueAtTime(0.12, at + 0.015)
  gain.gain.exponentialRampToValueAtTime(0.001, at + length)
  oscillator.connect(gain).connect(context.destination)
  oscillator.start(at)
  oscillator.stop(at + length)
}
