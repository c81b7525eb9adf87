import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { domain } from './lab.ts'
import { freePort } from './ports.ts'
import { Program } from './program.ts'

export interface ConsolePhoneOptions {
  readonly number: string
  readonly password: string
  /** The engine's port for SIP over UDP. */
  readonly port: number
  /** Whom it writes to. */
  readonly to: string
  /** For its configuration. */
  readonly folder: string
}

/** A soft phone of Debian's, used by its console. */
export interface ConsolePhone {
  /** Sends a text to the number it was started for. */
  says(text: string): void
  /** It has shown this text on its console. */
  shows(text: string): Promise<void>
  readonly said: string
  stop(): Promise<void>
}

/** Linphone's console, registered. */
export async function linphone({ number, password, port, to, folder }: ConsolePhoneOptions): Promise<ConsolePhone> {
  const file = join(folder, 'linphonerc')
  // It keeps a database there and does not make the folder.
  mkdirSync(join(folder, '.local', 'share', 'linphone'), { recursive: true })
  const proxy = `<sip:127.0.0.1:${port};transport=udp>`
  writeFileSync(
    file,
    [
      ...['[sip]', 'default_proxy=0', 'register_only_when_network_is_up=0', 'guess_hostname=0'],
      ...[`sip_port=${await freePort()}`, 'sip_tcp_port=0', 'sip_tls_port=0'],
      ...['[net]', 'mtu=1300', '[misc]', 'version_check_url_root=', '[sound]', 'playback_dev_id=', 'ringer_dev_id='],
      ...['[auth_info_0]', `username=${number}`, `passwd=${password}`, `realm=${domain}`, `domain=${domain}`],
      ...['[proxy_0]', `reg_proxy=${proxy}`, `reg_route=${proxy}`, `reg_identity=sip:${number}@${domain}`],
      ...['reg_expires=120', 'reg_sendregister=1', 'publish=0', ''],
    ].join('\n'),
  )
  const program = new Program('linphonec', ['-c', file], { cwd: folder, env: { HOME: folder } })
  await program.readyWhen(async () => {
    // It tells of its registration only who asks.
    const asked = setInterval(() => program.tell('status register'), 500)
    await program.says(/registered, identity=/, 20_000).finally(() => clearInterval(asked))
  })
  return {
    says: (text) => program.tell(`chat sip:${to}@${domain} ${text}`),
    shows: (text) => program.says(text),
    get said() {
      return program.said
    },
    stop: () => program.stop(),
  }
}

/** baresip with its console on standard input, registered. */
export async function baresip({ number, password, port, to, folder }: ConsolePhoneOptions): Promise<ConsolePhone> {
  const modules = ['stdio', 'account', 'contact', 'menu'].map(
    (name, i) => `${i === 0 ? 'module' : 'module_app'} ${name}.so`,
  )
  const config = ['poll_method epoll', 'sip_listen 127.0.0.1:0', 'module_path /usr/lib/baresip/modules', ...modules, '']
  writeFileSync(join(folder, 'config'), config.join('\n'))
  const account = `<sip:${number}@${domain}>;auth_user=${number};auth_pass=${password}`
  writeFileSync(join(folder, 'accounts'), `${account};outbound="sip:127.0.0.1:${port};transport=udp";regint=60\n`)
  writeFileSync(join(folder, 'contacts'), `"agent" <sip:${to}@${domain}>\n`)
  const program = new Program('baresip', ['-4', '-f', folder], { cwd: folder })
  await program.readyWhen(() => program.says(/200 OK|registered successfully/, 20_000))
  return {
    says: (text) => program.tell(`/message ${text}`),
    shows: (text) => program.says(text),
    get said() {
      return program.said
    },
    stop: () => program.stop(),
  }
}
