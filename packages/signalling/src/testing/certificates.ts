import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** A certificate and its key, PEM. */
export interface IssuedCertificate {
  readonly cert: string
  readonly key: string
}

/** An authority of a test's own, by the `openssl` command. */
export interface TestAuthority {
  /** Its root certificate, PEM. */
  readonly ca: string
  /** A certificate for alternative names as openssl writes them: `DNS:im.example`, `URI:sip:im.example`, `IP:127.0.0.1`. */
  issue(...names: readonly string[]): Promise<IssuedCertificate>
  /** Removes its files. */
  remove(): Promise<void>
}

export async function testAuthority(): Promise<TestAuthority> {
  const dir = await mkdtemp(join(tmpdir(), 'ringdown-ca-'))
  const file = (name: string): string => join(dir, name)
  const rootFiles = ['-keyout', file('ca.key'), '-out', file('ca.pem')]
  await run('openssl', ['req', '-x509', ...key, ...rootFiles, '-days', '2', '-subj', '/CN=test authority'])
  let count = 0
  return {
    ca: await readFile(file('ca.pem'), 'utf8'),
    async issue(...names) {
      const at = ++count
      const [keyFile, request, extensions] = [file(`${at}.key`), file(`${at}.csr`), file(`${at}.ext`)]
      await writeFile(extensions, `subjectAltName=${names.join(',')}\n`)
      await run('openssl', ['req', '-new', ...key, '-keyout', keyFile, '-out', request, '-subj', `/CN=test ${at}`])
      const signer = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-set_serial', String(at)]
      const { stdout } = await run('openssl', [
        'x509',
        '-req',
        '-in',
        request,
        ...signer,
        '-days',
        '2',
        '-extfile',
        extensions,
      ])
      return { cert: stdout, key: await readFile(keyFile, 'utf8') }
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  }
}
