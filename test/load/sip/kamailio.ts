import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readUse } from '../proc.ts'
import { cores, startPinned, waitFor } from '../subject/child.ts'
import { freeUdpPort, isUdpTaken } from './udp-port.ts'
import { passwordOf, realm } from './users.ts'

/** What Kamailio does in a row: each is a script as its documentation has it, and nothing else. */
export type KamailioRole = 'answerer' | 'relay' | 'registrar'

const head = (port: number) => `#!KAMAILIO
debug=-1
log_stderror=yes
children=1
disable_tcp=yes
auto_aliases=no
listen=udp:127.0.0.1:${port}
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
modparam("usrloc", "db_mode", 0)
modparam("usrloc", "hash_size", 14)
modparam("registrar", "max_contacts", 10)
modparam("auth", "nonce_count", 1)
modparam("auth", "qop", "auth")
`

const scripts: Record<KamailioRole, string> = {
  // A server transaction for each request, which absorbs repetitions as ours does.
  answerer: `request_route {
  if (!t_newtran()) exit;
  if (is_method("MESSAGE")) t_reply("200", "OK");
  else t_reply("405", "Method Not Allowed");
}
`,
  relay: `request_route {
  if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (is_method("REGISTER")) { save("location"); exit; }
  if (has_totag()) {
    if (loose_route()) { if (!t_relay()) sl_reply_error(); }
    else if (is_method("ACK")) { if (t_check_trans()) t_relay(); }
    else sl_send_reply("404", "Not Here");
    exit;
  }
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  t_check_trans();
  if (is_method("INVITE")) record_route();
  if (!lookup("location")) { sl_send_reply("404", "Not Found"); exit; }
  if (!t_relay()) sl_reply_error();
}
`,
  // Stateless replies, as in the configuration Kamailio ships.
  registrar: `request_route {
  if (!is_method("REGISTER")) { sl_send_reply("405", "Method Not Allowed"); exit; }
  if (!pv_www_authenticate("${realm}", "${passwordOf}", "0") || $au != $tU) { www_challenge("${realm}", "1"); exit; }
  if (!save("location")) sl_reply_error();
}
`,
}

/** Whether there is one to compare with. */
export function hasKamailio(): boolean {
  try {
    execFileSync('which', ['kamailio'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** A Kamailio with one worker for UDP, on the server's core. */
export interface RunningKamailio {
  readonly port: number
  /** CPU time of all its processes so far, microseconds. */
  cpuUs(): number
  output(): string
  stop(): Promise<void>
}

/** `-x fm -X fm`: the memory manager Debian's package takes by default is made for debugging, and several times slower. */
export async function startKamailio(role: KamailioRole, parent: string): Promise<RunningKamailio> {
  const port = await freeUdpPort()
  const folder = join(parent, `kamailio-${role}`)
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'kamailio.cfg')
  writeFileSync(file, head(port) + scripts[role])
  // A transaction takes some 10 kB for 5 s.
  const memory = ['-x', 'fm', '-X', 'fm', '-m', '3072', '-M', '64']
  const child = startPinned(cores.server, 'kamailio', ['-DD', '-E', ...memory, '-f', file, '-w', folder, '-Y', folder])
  try {
    await waitFor(child, async () => isUdpTaken(port))
  } catch (error) {
    await child.stop()
    throw error
  }
  return {
    port,
    cpuUs: () => family(child.pid).reduce((sum, pid) => sum + readUse(pid).cpuUs, 0),
    output: child.output,
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
