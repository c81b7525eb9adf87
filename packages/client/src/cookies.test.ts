import { expect, test } from 'vitest'
import { Cookies } from './cookies.ts'

test('[CL-2] cookies that no browser keeps are kept, replaced and forgotten as the server says', () => {
  const cookies = new Cookies()
  expect(cookies.header()).toEqual({})
  cookies.take(['JSESSIONID=a1=; Path=/; HttpOnly; SameSite=Lax', 'other=2', 'nonsense', '=x'])
  expect(cookies.header()).toEqual({ Cookie: 'JSESSIONID=a1=; other=2' })
  cookies.take(['JSESSIONID=b; Path=/'])
  cookies.take(['other=; Max-Age=0'])
  expect(cookies.header()).toEqual({ Cookie: 'JSESSIONID=b' })
})

test('[CL-2] no server fills the memory with cookies', () => {
  const cookies = new Cookies()
  cookies.take(Array.from({ length: 100 }, (_, i) => `c${i}=1`))
  expect(cookies.header().Cookie?.split('; ')).toHaveLength(16)
})
