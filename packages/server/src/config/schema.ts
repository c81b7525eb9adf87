import { type Static, Type } from 'typebox'
import { Hep } from './hep-schema.ts'
import { Otel } from './otel-schema.ts'
import { Choice, Flag, List, Part, SecretText, Text, Thing, Whole } from './schema-words.ts'
import { httpLimits, sipLimits } from './security-schema.ts'
import { Webhooks, webhookLimit } from './webhooks-schema.ts'

// A value may be a DN's password.
const option = Type.String({ fromFile: true })
const Annex = Type.Record(Type.String(), Type.Record(Type.String(), option), {
  default: {},
  description:
    'Sections of options, `TServer` among them: `{ TServer: { multimedia: true, sip-signaling-chat: none } }`. A value may be `{ file: path }`.',
})

const Person = Thing(
  {
    id: Type.Optional(
      Text('32 lower-case hex digits; derived from the contact centre and the user name when left out.'),
    ),
    userName: Text('What the person logs in with.'),
    firstName: Type.String({ default: '', description: 'First name.' }),
    lastName: Type.String({ default: '', description: 'Last name.' }),
    emailAddress: Type.Optional(Text('E-mail address.')),
    roles: Type.Array(Text(''), {
      default: ['agent'],
      description: 'Any of `agent`, `supervisor`, `admin`, `apiuser`.',
    }),
    enabled: Flag(true, 'Whether the person can log in.'),
    place: Type.Optional(Text('The place a login takes when it names none.')),
    agentLogins: List('Codes of the agent logins of this person.'),
    password: Type.Optional(SecretText('The password. Hashed at load, which takes a moment for each person.')),
    passwordHash: Type.Optional(
      SecretText('Instead of a password, what `ringdown hash-password` made of it: `$scrypt$…`.'),
    ),
    annex: Annex,
  },
  'A person.',
)

const Centre = Thing(
  {
    id: Text('Names the contact centre in the store; letters, digits, dots, dashes, underscores. Never change it.'),
    name: Type.Optional(Text('What people call it; the id when left out.')),
    features: Type.Optional(
      Type.Array(Text(''), {
        description:
          'Feature ids that are switched on; all of instant messaging, provisioning and configuration when left out.',
      }),
    ),
    options: Part(
      {
        userDataLimit: Whole(16_000, 1, 65_535, 'Bytes of user data a session can hold.'),
        textLimit: Whole(16_384, 1, 65_535, 'Bytes of one text in UTF-8.'),
        retentionMs: Whole(86_400_000, 1_000, 31_622_400_000, 'How long an ended session can be read, milliseconds.'),
      },
      'Limits and times of the contact centre.',
    ),
    switches: Type.Array(Thing({ name: Text('Name of the switch.') }, 'A switch.'), {
      default: [],
      description: 'Switches, each with a `name`.',
    }),
    dns: Type.Array(
      Thing(
        {
          number: Text('The number as it is dialled.'),
          type: Text('`Extension`, `ACD Position`, `Routing Point`, `Trunk` or `Voice over IP Service`.', {
            default: 'Extension',
          }),
          switch: Text('The switch it belongs to.'),
          annex: Annex,
        },
        'A directory number.',
      ),
      { default: [], description: 'Directory numbers.' },
    ),
    places: Type.Array(
      Thing({ name: Text('Name of the place.'), dns: List('Numbers of the DNs at this place.') }, 'A place.'),
      { default: [], description: 'Places: the DNs one person works at.' },
    ),
    agentLogins: Type.Array(
      Thing({ code: Text('The login code.'), switch: Text('The switch it is valid on.') }, 'An agent login.'),
      { default: [], description: 'Agent logins.' },
    ),
    persons: Type.Array(Person, { default: [], description: 'Agents, supervisors and administrators.' }),
    webhooks: Webhooks,
  },
  'A contact centre.',
)

const sipTransports = ['udp', 'tcp', 'tls', 'ws', 'wss'] as const
const msrpTransports = ['tcp', 'tls', 'ws', 'wss'] as const
const listener = <const T extends readonly string[]>(names: T, value: T[number], port: number, description: string) =>
  Thing(
    {
      transport: Choice(names, value, 'What is spoken there.'),
      host: Text('Numeric address to listen on; `0.0.0.0` or `::` for all of a family.', { default: '127.0.0.1' }),
      port: Whole(port, 0, 65_535, 'Port; 0 takes a free one.'),
      advertiseHost: Type.Optional(
        Text('What peers see of us behind a NAT: name or address for Via, Contact and SDP.'),
      ),
      advertisePort: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 65_535, description: 'The port peers see, where it is another one.' }),
      ),
      certFile: Type.Optional(Text('Certificate chain, PEM; for `tls` and `wss`.')),
      keyFile: Type.Optional(Text('Private key, PEM; for `tls` and `wss`.')),
      path: Type.Optional(Text('Path of the WebSocket, for `ws` and `wss`; `/` when left out.')),
      caFile: Type.Optional(
        Text(
          'Who may have signed the certificates of peers, PEM; for `tls` and `wss`. The roots Node ships when left out.',
        ),
      ),
      clientCertificate: Choice(
        ['none', 'ask', 'require'],
        'none',
        'Whether clients are asked for a certificate at `tls` and `wss`: trunks by TLS name need `ask`. For SIP.',
      ),
      origins: List('Web origins whose pages may connect at `ws` and `wss`; none named, any may. For SIP.', {
        pattern: '^https?://[^\\s/?#]+$',
        hint: 'an origin such as https://desk.example, without a path',
      }),
    },
    description,
  )

const RedisAddress = Thing(
  {
    host: Text('Host name or address.'),
    port: Type.Integer({ default: 6379, minimum: 1, maximum: 65_535, description: 'Port.' }),
  },
  'Where a Redis or a sentinel listens.',
)

/** Everything `ringdown.yaml` can say. Each key has a sentence; each key that can be left out has its default. */
export const ConfigSchema = Thing(
  {
    node: Type.Optional(
      Text(
        'Name of this node, unlike that of any other on the same store; made of the host name and chance when left out.',
        {
          pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
          hint: '1 to 64 letters, digits, dots, dashes and underscores',
        },
      ),
    ),
    http: Part(
      {
        host: Text('Address to listen on.', { default: '127.0.0.1' }),
        port: Whole(8080, 0, 65_535, 'Port to listen on; 0 takes a free one.'),
        tls: Type.Optional(
          Thing(
            { certFile: Text('Certificate chain, PEM.'), keyFile: Text('Private key, PEM.') },
            'Serve HTTPS with these files.',
          ),
        ),
        trustedProxies: List('Addresses or networks (`10.0.0.0/8`) whose X-Forwarded headers are believed.', {
          pattern: '^([0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)(/[0-9]{1,3})?$',
          hint: 'an address or a network such as 10.0.0.0/8',
        }),
        externalUrl: Type.Optional(
          Text('The address clients use, where a proxy hides it; absolute links start with it.', {
            pattern: '^https?://[^\\s/?#]+/?$',
            hint: 'like https://im.example, without a path',
          }),
        ),
        bodyLimit: Whole(524_288, 1_024, 16_777_216, 'Bytes of a request body.'),
        corsOrigins: List('Origins whose pages may call from elsewhere, such as `https://desk.example`; `*` for any.', {
          pattern: '^([*]|https?://[^\\s/?#]+)$',
          hint: 'an origin such as https://desk.example, without a path',
        }),
        ...httpLimits,
      },
      'The HTTP listener.',
    ),
    login: Part(
      {
        csrf: Flag(false, 'Demand the CSRF header on calls that change something.'),
        sameSite: Choice(
          ['lax', 'strict', 'none'],
          'lax',
          'SameSite of the session cookie; `none` for pages of another site.',
        ),
        secureCookie: Choice(
          ['auto', 'always', 'never'],
          'auto',
          'Whether the cookie is for HTTPS only; `auto` where this server or `http.externalUrl` speaks it.',
        ),
        sessionIdleMs: Whole(1_800_000, 60_000, 604_800_000, 'How long an unused HTTP session lives, milliseconds.'),
        attempts: Part(
          {
            perUserAndAddress: Whole(10, 1, 1_000_000, 'Wrong passwords for one user name from one address.'),
            perUser: Whole(100, 1, 1_000_000, 'Wrong passwords for one user name from anywhere.'),
            perAddress: Whole(100, 1, 1_000_000, 'Wrong passwords from one address.'),
            windowMs: Whole(300_000, 1_000, 86_400_000, 'How long wrong passwords are remembered, milliseconds.'),
          },
          'What is borne before a guesser has to wait.',
        ),
      },
      'How people log in.',
    ),
    cometd: Part(
      {
        timeoutMs: Whole(
          30_000,
          100,
          300_000,
          'How long a `/meta/connect` is held when nothing happens, milliseconds.',
        ),
        intervalMs: Whole(
          0,
          0,
          60_000,
          'How long a client waits between an answer and the next connect, milliseconds.',
        ),
        maxIntervalMs: Whole(30_000, 1_000, 3_600_000, 'How long a client without a connect is kept, milliseconds.'),
        resumeWindowMs: Whole(
          300_000,
          0,
          3_600_000,
          'How long after its handshake a client that was here before may take to subscribe again and miss nothing, milliseconds.',
        ),
        clientsPerLogin: Whole(8, 1, 1_000, 'Clients of one HTTP session; the oldest gives way.'),
        clientsPerPerson: Whole(32, 1, 10_000, 'Clients of one person on one node; the oldest gives way.'),
        handshakesPerSecond: Whole(10, 1, 10_000, 'Handshakes of one person in a second on one node.'),
        queuedLimit: Whole(
          268_435_456,
          1_048_576,
          17_179_869_184,
          'Characters of events held in memory for all clients of a node; above it handshakes are refused.',
        ),
        csrf: Flag(false, 'Demand the CSRF header on requests of CometD too, where `login.csrf` is on.'),
      },
      'Notifications by CometD.',
    ),
    ucAjax: Part(
      {
        enabled: Flag(true, 'Whether the UC AJAX API is served at `/forms/logon.html` and `/cwa/`.'),
        domain: Type.Optional(
          Text('Host of the SIP URIs of people and numbers; the id of the contact centre when left out.', {
            pattern: '^[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$',
            hint: 'a host name such as example.com',
          }),
        ),
        persons: Choice(
          ['user', 'number'],
          'user',
          'What stands for a person in a SIP URI: the user name, or the number of the DN they work at.',
        ),
        pollWaitMs: Whole(3_000, 100, 60_000, 'What clients are told to wait between polls, milliseconds.'),
        busyPollWaitMs: Whole(1_000, 100, 60_000, 'The same while they have a conversation, milliseconds.'),
        holdMs: Whole(
          0,
          0,
          55_000,
          'How long a poll is held when there is nothing to tell, milliseconds; 0 answers at once, as clients expect it.',
        ),
        sessionTimeoutMs: Whole(
          600_000,
          120_000,
          86_400_000,
          'How long a session lives without a request, milliseconds.',
        ),
        ticketMs: Whole(
          28_800_000,
          120_000,
          604_800_000,
          'How long a ticket is good for, milliseconds; after half of it a newer one is given out.',
        ),
        ticketGraceMs: Whole(
          120_000,
          10_000,
          3_600_000,
          'How long a ticket is taken once a newer one has been given out, milliseconds.',
        ),
        sessionsPerPerson: Whole(
          16,
          1,
          1_000,
          'Sessions of one person; the one that was silent for longest gives way.',
        ),
        inviteAgain: Choice(
          ['refuse', 'continue'],
          'refuse',
          'What an invitation of the very person one is talking to is: a second session, refused, or the next text. `continue` for clients that begin a conversation for every message.',
        ),
        strict: Flag(false, 'Refuse what the documentation of the API does not know, rather than count and ignore it.'),
        namespace: Flag(false, 'Write answers in the namespace of the API; most clients look for names without one.'),
      },
      'The UC AJAX API of Communicator Web Access.',
    ),
    monitoring: Part(
      {
        count: Flag(
          true,
          'Count what happens. Without it most of `/metrics` and of the charts of the lab console is empty.',
        ),
        token: Type.Optional(
          SecretText(
            'Bearer token that opens `/metrics` to other than loopback addresses; without it nobody else gets in.',
          ),
        ),
      },
      'Metrics and health.',
    ),
    trace: Part(
      {
        enabled: Flag(true, 'Keep what passed, in memory, for the ladders of the lab console.'),
        bytes: Whole(
          33_554_432,
          1_048_576,
          4_294_967_296,
          'Bytes kept at most; what is older gives way. Texts are among them.',
        ),
      },
      'The trace of this node, for administrators.',
    ),
    hep: Type.Optional(Hep),
    otel: Type.Optional(Otel),
    log: Part(
      {
        level: Choice(
          ['debug', 'info', 'warn', 'error', 'silent'],
          'info',
          'The least important messages that are logged.',
        ),
      },
      'The log, one JSON object a line on standard output.',
    ),
    store: Part(
      {
        embedded: Type.Optional(
          Thing(
            {
              directory: Text('Where the database files live; relative to the configuration file.', {
                default: 'ringdown-data',
              }),
            },
            'Keep everything in SQLite files beside the server: one node.',
          ),
        ),
        redis: Type.Optional(
          Thing(
            {
              url: Type.Optional(
                Text('`redis://` or `rediss://` address of one server, or the path of its unix socket.', {
                  pattern: '^(rediss?://[^\\s@]+|/.+)$',
                  hint: 'like redis://host:6379, without user and password: they have their own keys',
                  quiet: true,
                }),
              ),
              sentinels: Type.Optional(
                Type.Array(RedisAddress, { minItems: 1, description: 'Sentinels to ask for the master.' }),
              ),
              sentinelName: Type.Optional(Text('Name of the master the sentinels watch.')),
              sentinelPassword: Type.Optional(SecretText('Password of the sentinels.')),
              cluster: Type.Optional(
                Type.Array(RedisAddress, { minItems: 1, description: 'Some nodes of a Redis Cluster.' }),
              ),
              username: Type.Optional(Text('User for ACLs.')),
              password: Type.Optional(SecretText('Password.')),
              tls: Flag(false, 'Use TLS to sentinels and cluster nodes; a single server says it by `rediss://`.'),
              caFile: Type.Optional(
                Text('Who may have signed the certificate of Redis, PEM; the roots Node ships when left out.'),
              ),
              certFile: Type.Optional(Text('Certificate chain we show to Redis, PEM; read at every connection.')),
              keyFile: Type.Optional(Text('Its private key, PEM.')),
              deadlineMs: Whole(
                1_500,
                100,
                1_700,
                'How long a command may take before the request is refused, milliseconds.',
              ),
              waitReplicas: Whole(
                0,
                0,
                10,
                'Replicas that must have a commit on disk before it is accepted (Redis 7.2 and later).',
              ),
            },
            'Keep everything in Redis: any number of nodes. One of `url`, `sentinels` and `cluster`.',
          ),
        ),
        feedLimit: Whole(10_000, 100, 1_000_000, 'Events kept for each person to catch up with.'),
        webhookLimit,
      },
      'Where sessions live: `embedded` (when nothing is said) or `redis`.',
    ),
    sip: Part(
      {
        listen: Type.Array(listener(sipTransports, 'udp', 5060, 'Where SIP is spoken.'), {
          default: [],
          description: 'Listeners for SIP; none: SIP is off, and DNs with a SIP leg cannot be reached.',
        }),
        ...sipLimits,
        reusePort: Flag(
          false,
          'Let several processes of this machine listen at the same ports; the system gives each peer to one of them.',
        ),
        domains: List(
          'Host names that are ours, the first of them in the addresses we write; what we listen on is ours anyway.',
          { pattern: '^[A-Za-z0-9.:\\[\\]-]+$', hint: 'a host name or an address, without a port' },
        ),
        digest: Choice(
          ['both', 'SHA-256', 'MD5'],
          'both',
          'What a challenge offers: both, SHA-256 first, or one of them. `MD5` for clients that look at the first offer and know no other (SIPp 3.6, sip.js 0.21).',
        ),
        client: Type.Optional(
          Thing(
            {
              certFile: Type.Optional(Text('Certificate chain we show, PEM.')),
              keyFile: Type.Optional(Text('Its private key, PEM.')),
              caFile: Type.Optional(Text('Who may have signed the certificates of servers, PEM.')),
            },
            'TLS of connections we open to trunks and endpoints.',
          ),
        ),
        drachtio: Type.Optional(
          Thing(
            {
              host: Text('Host of the drachtio-server.', { default: '127.0.0.1' }),
              port: Whole(9022, 1, 65_535, 'Its port for applications.'),
              secret: SecretText('Its secret.'),
            },
            'Leave SIP to a drachtio-server instead of our own stack; `listen` is then its matter.',
          ),
        ),
      },
      'SIP: endpoints and trunks.',
    ),
    msrp: Part(
      {
        listen: Type.Array(listener(msrpTransports, 'tcp', 2855, 'Where MSRP is spoken.'), {
          default: [],
          description: 'Listeners for MSRP; none: MSRP is off, and endpoints get MESSAGEs only.',
        }),
        relay: Type.Optional(
          Thing(
            {
              uri: Text('Address of the relay, `msrps://relay.example:2855;tcp`.', {
                pattern: '^msrps?://[^\\s@/;]+(:[0-9]+)?;tcp$',
                hint: 'like msrps://relay.example:2855;tcp, without a user',
              }),
              user: Text('User to authorise as.'),
              password: SecretText('Its password.'),
            },
            'A relay (RFC 4976) all MSRP sessions go through, for peers that cannot reach us.',
          ),
        ),
        keepAliveMs: Whole(
          0,
          0,
          600_000,
          'How often an idle MSRP session sends a SEND without a body, milliseconds; 0 is never.',
        ),
      },
      'MSRP: the texts of sessions that begin with an INVITE.',
    ),
    drain: Part(
      {
        noticeMs: Whole(
          0,
          0,
          600_000,
          'How long requests are still taken while the node says it is not ready, milliseconds.',
        ),
        finishMs: Whole(10_000, 0, 600_000, 'How long requests under way may take to finish after that, milliseconds.'),
      },
      'What SIGTERM does before the process ends.',
    ),
    contactCentres: Type.Array(Centre, { minItems: 1, description: 'The contact centres this server is for.' }),
  },
  'ringdown.yaml',
)

/** The file as read: defaults filled in, secrets wrapped, nothing checked yet that one key cannot tell. */
export type FileConfig = Static<typeof ConfigSchema>
