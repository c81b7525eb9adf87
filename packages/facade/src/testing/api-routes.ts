import { createApp } from '../app.ts'

/** Every route below the API's root, as `POST /users`. */
export async function apiRoutes(): Promise<string[]> {
  const root = '/api/v2'
  const routes: string[] = []
  const clock = { now: () => 0, after: () => () => undefined }
  const app = await createApp({
    centres: [],
    clock,
    node: 'routes',
    extend: (all) =>
      all.addHook('onRoute', ({ method, url }) => {
        for (const one of [method].flat())
          if (url.startsWith(`${root}/`)) routes.push(`${one} ${url.slice(root.length)}`)
      }),
  })
  await app.close()
  return routes
}
