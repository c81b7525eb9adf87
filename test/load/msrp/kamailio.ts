import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { readUse } from '../proc.ts'
import { cores, freePort, type PinnedChild, startPinned, waitFor } from '../subject/child.ts'

/**
 * The relay of Kamailio's manual: digest with one password, 200 to every SEND, connections found again by its own map. Its
 * queue for a connection has 32 kB unless told otherwise; what does not fit is lost, though it was answered 200.
 */
const config = (port: number) => `#!KAMAILIO
debug=0
log_stderror=yes
children=1
tcp_children=1
auto_aliases=no
tcp_accept_no_cl=yes
tcp_conn_wq_max=16777216
tcp_wq_max=268435456
listen=tcp:127.0.0.1:${port}
loadmodule "sl.so"
loadmodule "kex.so"
loadmodule "msrp.so"
loadmodule "pv.so"
loadmodule "auth.so"
modparam("auth", "qop", "auth")
modparam("msrp", "cmap_size", 8)
modparam("msrp", "use_path_addr", "127.0.0.1:${port}")
request_route { exit; }
event_route[msrp:frame-in] {
  msrp_reply_flags("1");
  if (msrp_is_reply()) {
    msrp_relay();
  } else if ($msrp(method) == "AUTH") {
    if (!pv_www_authenticate("load", "secret", "0", "$msrp(method)")) {
      if (auth_get_www_authenticate("load", "1", "$var(wauth)")) msrp_reply("401", "Unauthorized", "$var(wauth)");
      exit;
    }
    msrp_cmap_save();
  } else if ($msrp(method) == "SEND" || $msrp(method) == "REPORT") {
    if ($msrp(method) != "REPORT") msrp_reply("200", "OK");
    if ($msrp(nexthops) > 1) { msrp_relay(); exit; }
    if (msrp_cmap_lookup()) { msrp_relay_flags("1"); msrp_relay(); }
  } else {
    msrp_reply("501", "Unknown");
  }
}
`

/** A Kamailio with one worker for TCP, on the server's core. */
export interface KamailioRelay {
  readonly relay: { readonly uri: string; readonly user: string; readonly password: string }
  /** CPU time of all its processes so far, microseconds. */
  cpuUs(): number
  stop(): Promise<void>
}

export async function startKamailio(folder: string): Promise<KamailioRelay> {
  const port = await freePort()
  const file = join(folder, 'kamailio-msrp.cfg')
  writeFileSync(file, config(port))
  // Debian's default memory allocator is several times slower.
  const args = ['-DD', '-E', '-x', 'fm', '-X', 'fm', '-m', '256', '-M', '64', '-f', file, '-w', folder, '-Y', folder]
  const child: PinnedChild = startPinned(cores.server, 'kamailio', args)
  process.once('exit', () => child.process.kill()) // also where the test fails
  await waitFor(child, () => canConnect(port))
  return {
    relay: { uri: `msrp://load@127.0.0.1:${port};tcp`, user: 'load', password: 'secret' },
    cpuUs: () => family(child.pid).reduce((sum, pid) => sum + readUse(pid).cpuUs, 0),
    stop: child.stop,
  }
}

/** The process and its children. */
function family(pid: number): number[] {
  const children = readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1')
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] === String(pid)
    } catch {
      return false // it has just ended
    }
  })
  return [pid, ...children.map(Number)]
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}
