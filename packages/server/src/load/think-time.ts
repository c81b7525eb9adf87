import { exponential } from './random.ts'

/** How long people think between two texts of a session, milliseconds. */
export interface ThinkTime {
  distribution: 'constant' | 'uniform' | 'exponential'
  mean: number
  /** `uniform` goes from mean - spread to mean + spread. */
  spread: number
}

/** The next pause, milliseconds, never below 0. SPEC LD-5. */
export function nextThought({ distribution, mean, spread }: ThinkTime, random: () => number): number {
  switch (distribution) {
    case 'constant':
      return mean
    case 'uniform':
      return Math.max(0, mean + (2 * random() - 1) * spread)
    case 'exponential':
      return mean * exponential(random)
  }
}
