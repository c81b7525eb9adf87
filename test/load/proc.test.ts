import { describe, expect, test } from 'vitest'
import { parseBusy, parseRss, parseStat, readUse } from './proc.ts'

describe('proc', () => {
  test('user and system time are added, whatever the process calls itself', () => {
    const rest = 'S 1 7 7 0 -1 4194560 9 0 0 0 123 45 0 0 20 0 11 0 1 1 1 1'
    expect(parseStat(`7 (node) ${rest}`)).toBe(1_680_000)
    expect(parseStat(`7 (a (b) 1 2) ${rest}`)).toBe(1_680_000)
  })

  test('resident memory comes in bytes', () => {
    expect(parseRss('Name:\tnode\nVmHWM:\t   999 kB\nVmRSS:\t  2048 kB\nThreads:\t11\n')).toBe(2 * 1024 * 1024)
  })

  test('the busy time of the machine is that of all processes', () => {
    expect(parseBusy('cpu  300 20 80 9999 7 0 55 3 0 0\ncpu0 1 2 3\n')).toBe(4_000_000)
  })

  test('what is no such file is an error, not 0', () => {
    expect(() => parseStat('')).toThrow()
    expect(() => parseBusy('intr 1')).toThrow()
    expect(() => parseRss('Name: zombie')).toThrow()
  })

  test('our own process has used something', () => {
    const use = readUse(process.pid)
    expect(use.rss).toBeGreaterThan(1e6)
    expect(use.cpuUs).toBeGreaterThan(0)
  })
})
