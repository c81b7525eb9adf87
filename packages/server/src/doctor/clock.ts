import type { Check } from './check.ts'

/** Whether the clock is kept right. Against that of Redis it is measured where Redis is looked at. SPEC DR-7. */
export const clock: Check = {
  name: 'clock',
  look: async ({ system }) => {
    if (system.platform !== 'linux')
      return [
        { check: 'clock', severity: 'note', what: 'Whether the clock is synchronised can be told on Linux only.' },
      ]
    const year = new Date(system.clock.now()).getUTCFullYear()
    if (year < 2025)
      return [
        {
          check: 'clock',
          severity: 'problem',
          what: `The clock says ${year}: certificates and times of texts will be wrong.`,
          lift: 'Set it, and run chrony or systemd-timesyncd.',
          measured: year,
        },
      ]
    if (system.readText('/run/systemd/timesync/synchronized') !== undefined)
      return [{ check: 'clock', severity: 'ok', what: 'The clock is kept by systemd-timesyncd.' }]
    const [timedatectl, chrony] = await Promise.all([
      system.run('timedatectl', ['show', '-p', 'NTPSynchronized', '--value']),
      system.run('chronyc', ['-n', 'tracking']),
    ])
    if (timedatectl?.trim() === 'yes' || /^Leap status\s*:\s*Normal/m.test(chrony ?? ''))
      return [{ check: 'clock', severity: 'ok', what: 'The clock is synchronised.' }]
    if (timedatectl?.trim() === 'no' || chrony !== undefined)
      return [
        {
          check: 'clock',
          severity: 'limit',
          what: 'The clock is not synchronised: leases of nodes, times of texts and certificates depend on it.',
          lift: 'Run chrony or systemd-timesyncd: timedatectl set-ntp true.',
        },
      ]
    return [
      {
        check: 'clock',
        severity: 'note',
        what: 'Whether the clock is synchronised cannot be told here: neither timedatectl nor chronyc answers, as in most containers.',
        lift: 'See that the host of this container runs chrony or systemd-timesyncd.',
      },
    ]
  },
}
