import { describe, expect, test } from 'vitest'
import { backlog } from './backlog.ts'
import { clock } from './clock.ts'
import { cores } from './cores.ts'
import { memory } from './memory.ts'
import { openFiles, readLimits } from './open-files.ts'
import { contextOf, fakeSystem } from './testing/context.ts'
import { udpBuffers } from './udp-buffers.ts'

const limits = (
  soft: number | string,
  hard: number | string,
) => `Limit                     Soft Limit           Hard Limit           Units
Max processes             127238               127238               processes
Max open files            ${soft}                 ${hard}              files
Max locked memory         8388608              8388608              bytes
`
const header = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'
const mib = 1024 ** 2

describe('open files', () => {
  test('[DR-3] the hard limit against what agents need, and so many it bears', async () => {
    const system = fakeSystem({ '/proc/self/limits': limits(1_024, 4_096) })
    const [found, ...more] = await openFiles.look(contextOf('', system, { agents: 1_500 }))
    expect(found).toMatchObject({ severity: 'limit', measured: 4_096, needed: 3_100, at: 1_998 })
    expect(found?.what).toBe(
      'A process started from here may have 4 096 files open; for 1 500 agents about 3 100 are needed, 2 each.',
    )
    expect(found?.lift).toContain('LimitNOFILE=')
    expect(more).toEqual([])
  })

  test('[DR-3] connections of endpoints count: SIP but over UDP, and MSRP', async () => {
    const system = fakeSystem({ '/proc/self/limits': limits(1_024, 4_096) })
    const at = async (yaml: string) => {
      const [found] = await openFiles.look(contextOf(yaml, system, { agents: 100, sipNumbers: 50 }))
      return found?.needed
    }
    expect(await at('sip: { listen: [{ transport: udp }] }')).toBe(300)
    expect(await at('sip: { listen: [{ transport: udp }, { transport: tcp }] }')).toBe(350)
    expect(await at('sip: { listen: [{ transport: tcp }] }\nmsrp: { listen: [{ transport: tcp }] }')).toBe(400)
  })

  test('[DR-3, DR-16] where a server runs, its own limit counts, and how many are open', async () => {
    const tcp = `${header}\n   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0`
    const open = Object.fromEntries(
      Array.from({ length: 170 }, (_, i) => [`/proc/77/fd/${i}`, i === 5 ? 'socket:[4711]' : '/dev/null']),
    )
    const system = fakeSystem({
      '/proc/self/limits': limits(1, 1_000_000),
      '/proc/net/tcp': tcp,
      '/proc/77/limits': limits(200, 200),
      '/proc/77/cmdline': 'node\0/opt/ringdown/main.ts\0serve\0',
      ...open,
    })
    const found = await openFiles.look(contextOf('', system, { agents: 10 }))
    expect(found.map(({ severity, what }) => `${severity} ${what}`)).toEqual([
      'problem 170 of 200 files of the server that runs are open.',
      'ok The server that runs (pid 77) may have 200 files open; for 10 agents about 120 are needed, 2 each.',
    ])
  })

  test('[DR-17] elsewhere than on Linux it cannot be told', async () => {
    for (const system of [fakeSystem({}, { platform: 'darwin' }), fakeSystem()])
      for (const check of [openFiles, udpBuffers, backlog])
        for (const found of await check.look(contextOf('sip: { listen: [{ transport: udp }] }', system)))
          expect([found.severity, found.at]).toEqual(['note', undefined])
    expect(readLimits(limits('unlimited', 'unlimited'))).toEqual({ soft: 1_048_576, hard: 1_048_576 })
  })
})

describe('UDP buffers and the backlog', () => {
  const sip = 'sip: { listen: [{ transport: udp, port: 5060 }] }'

  test('[DR-5] a buffer as the system allows it, and what it holds', async () => {
    const small = fakeSystem({ '/proc/sys/net/core/rmem_max': '212992\n' })
    const [found] = await udpBuffers.look(contextOf(sip, small, { agents: 6_000, sipNumbers: 6_000 }))
    expect(found).toMatchObject({ severity: 'limit', measured: 212_992, at: 7_395 })
    expect(found?.what).toContain('416 KiB')
    const large = fakeSystem({ '/proc/sys/net/core/rmem_max': '67108864' })
    // It is asked for 4 MiB, whatever more is allowed.
    expect((await udpBuffers.look(contextOf(sip, large)))[0]?.what).toContain('8 MiB')
    expect(await udpBuffers.look(contextOf('', small))).toEqual([])
  })

  test('[DR-5] what the socket has lost is told', async () => {
    const row = (port: string, drops: number) =>
      `  12: 00000000:${port} 00000000:0000 07 00000000:00000000 00:00000000 00000000  0  0 99 2 ffff ${drops}`
    const system = fakeSystem({
      '/proc/sys/net/core/rmem_max': '4194304',
      '/proc/net/udp': [header, row('13C4', 17), row('0035', 5)].join('\n'),
    })
    const [lost] = await udpBuffers.look(contextOf(sip, system))
    expect(lost).toMatchObject({
      severity: 'limit',
      measured: 17,
      what: expect.stringContaining('UDP port 5060 has lost 17'),
    })
  })

  test('[DR-5] the backlog is what Node asks for, or less', async () => {
    const at = async (max: string) =>
      (await backlog.look(contextOf('', fakeSystem({ '/proc/sys/net/core/somaxconn': max }))))[0]
    expect(await at('4096')).toMatchObject({ measured: 511, at: 10_220, lift: expect.stringContaining('more nodes') })
    expect(await at('128')).toMatchObject({ measured: 128, at: 2_560, lift: expect.stringContaining('somaxconn=511') })
  })
})

describe('memory and cores', () => {
  test('[DR-6] memory of the machine, or of its control group, against trace, queues and agents', async () => {
    const look = async (files: Record<string, string>, yaml = '', agents = 100) =>
      memory.look(contextOf(yaml, fakeSystem(files, { memory: 1024 * mib, heapLimit: 4096 * mib }), { agents }))
    expect((await look({})).map(({ severity }) => severity)).toEqual(['ok'])
    const [small] = await look({ '/sys/fs/cgroup/memory.max': String(256 * mib) })
    expect(small).toMatchObject({ severity: 'problem', measured: 256 * mib, at: 85 })
    expect((await look({ '/sys/fs/cgroup/memory.max': 'max\n' }))[0]?.measured).toBe(1024 * mib)
    const [traced, heap] = await look({}, 'trace: { bytes: 805306368 }')
    expect([traced?.severity, heap?.severity]).toEqual(['problem', 'problem'])
    expect(heap?.lift).toContain('--max-old-space-size=')
    const queued = await look({}, 'cometd: { queuedLimit: 2147483648 }')
    expect(queued[1]).toMatchObject({ severity: 'limit', what: expect.stringContaining('cometd.queuedLimit') })
  })

  test('[DR-6] one process is one core', async () => {
    const look = (yaml: string, cpus: number, agents = 100) =>
      cores.look(contextOf(yaml, fakeSystem({}, { cores: cpus }), { agents }))
    const redis = 'store: { redis: { url: redis://h } }'
    expect((await look('', 1)).map(({ severity }) => severity)).toEqual(['ok', 'note'])
    expect((await look('', 8, 6_000))[0]).toMatchObject({
      severity: 'limit',
      at: 10_000,
      lift: expect.stringContaining('store.redis'),
    })
    expect((await look(redis, 8))[1]?.what).toContain('up to 8 processes')
  })
})

describe('the clock', () => {
  const look = async (
    files: Record<string, string>,
    programs: Record<string, string> = {},
    now = Date.UTC(2026, 0, 1),
  ) => {
    const system = fakeSystem(files, {
      run: async (command) => programs[command],
      clock: { now: () => now, after: () => () => undefined },
    })
    const [found] = await clock.look(contextOf('', system))
    return found?.severity
  }

  test('[DR-7] whether it is kept right, by who can tell', async () => {
    expect(await look({ '/run/systemd/timesync/synchronized': '' })).toBe('ok')
    expect(await look({}, { timedatectl: 'yes\n' })).toBe('ok')
    expect(await look({}, { timedatectl: 'no\n' })).toBe('limit')
    expect(await look({}, { chronyc: 'Leap status     : Normal\n' })).toBe('ok')
    expect(await look({}, { chronyc: 'Leap status     : Not synchronised\n' })).toBe('limit')
    expect(await look({})).toBe('note')
    expect(await look({}, {}, 0)).toBe('problem')
  })
})
