import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // What starts no server and needs no network; `unit` is what `pnpm check` runs.
    projects: [
      {
        test: {
          name: 'unit',
          root: new URL('..', import.meta.url).pathname,
          include: ['packages/*/src/**/*.test.ts'],
          exclude: ['**/node_modules/**', 'packages/*/src/**/*.live.test.ts'],
          // Only against a hang: on a loaded machine a second of work can take ten.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'live',
          root: new URL('..', import.meta.url).pathname,
          include: ['packages/*/src/**/*.live.test.ts', 'test/**/*.test.ts'],
          exclude: ['**/node_modules/**'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Fault tests kill and restart servers; two of them on two cores disturb each other's clocks.
          fileParallelism: false,
        },
      },
    ],
  },
})
