import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { testAuthority } from '@ringdown/signalling/testing'
import { expect, test } from 'vitest'
import { listen } from './listener.ts'
import { Rest } from './rest.ts'

test('[LR-3] only the node itself is told a password, whoever has signed another certificate', async () => {
  const folder = new URL('../testing/', import.meta.url)
  const [own, key] = ['localhost.crt', 'localhost.key'].map((name) => readFileSync(new URL(name, folder), 'utf8'))
  const authority = await testAuthority()
  const other = await authority.issue('IP:127.0.0.1')
  const asked: string[] = []
  const serve = async (options: { cert: string; key: string }) => {
    const server = createServer(options, (request, response) => {
      asked.push(request.headers.authorization ?? '')
      response.end('{"statusCode":0}')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return { server, address: `https://127.0.0.1:${(server.address() as AddressInfo).port}` }
  }
  const [right, wrong] = [await serve({ cert: own ?? '', key: key ?? '' }), await serve(other)]
  const headers = { authorization: 'Basic secret' }
  try {
    const rest = new Rest(right.address, own)
    expect(await rest.send('GET', '/me', headers)).toMatchObject({ status: 200 })
    rest.close()
    expect(asked).toEqual(['Basic secret'])

    const lured = new Rest(wrong.address, own)
    await expect(lured.send('GET', '/me', headers)).rejects.toThrow()
    lured.close()
    const ignore = () => undefined
    const listening = listen({ address: wrong.address, certificate: own, headers, onText: ignore, onFault: ignore })
    await expect(listening).rejects.toThrow()
    // One that the same authority has signed is another one all the same.
    const neighbour = await authority.issue('IP:127.0.0.1')
    const cousin = new Rest(wrong.address, neighbour.cert + authority.ca)
    await expect(cousin.send('GET', '/me', headers)).rejects.toThrow('somebody else answers')
    cousin.close()
    expect(asked).toEqual(['Basic secret'])
  } finally {
    for (const { server } of [right, wrong]) server.close().closeAllConnections()
    await authority.remove()
  }
})
