// Who may import whom. `test/repository/direction.test.ts` plants one import against each rule and expects it to be caught.
const pure =
  '^packages/(signalling/src/(tserver|sip/(message|transaction|dialog|sdp))|msrp/src/(message|session)|client/src/model|desktop/src/(lab/)?model)/'
const tests = '([.]test[.]ts$|/testing/|^test/)'

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'core-does-no-io',
      comment: 'Pure folders import nothing of the runtime and no library: time, ids and hashes come in as parameters.',
      severity: 'error',
      from: { path: pure, pathNot: tests },
      to: { pathNot: '^packages/' },
    },
    {
      name: 'core-knows-no-edge',
      comment: 'Handlers and transports know the core, not the other way round.',
      severity: 'error',
      from: { path: pure },
      // flow.ts says what a transport is and holds types only.
      to: { path: '/(handler|transport)/', pathNot: '/sip/transport/flow[.]ts$' },
    },
    {
      name: 'protocols-are-siblings',
      comment: 'MSRP knows nothing of SIP or of the T-Server.',
      severity: 'error',
      from: { path: '^packages/msrp/' },
      to: { path: '^packages/(?!msrp/)' },
    },
    {
      name: 'core-stands-alone',
      comment: 'Everybody builds on signalling; signalling builds on nobody.',
      severity: 'error',
      from: { path: '^packages/signalling/' },
      to: { path: '^packages/(?!signalling/)' },
    },
    {
      name: 'store-knows-signalling-only',
      severity: 'error',
      from: { path: '^packages/session-store/' },
      to: { path: '^packages/(?!session-store/|signalling/)' },
    },
    {
      name: 'facade-knows-signalling-only',
      severity: 'error',
      from: { path: '^packages/facade/' },
      to: { path: '^packages/(?!facade/|signalling/)' },
    },
    {
      name: 'client-stands-alone',
      comment: 'The client knows the HTTP contract and no package of ours, so that it can be taken elsewhere.',
      severity: 'error',
      from: { path: '^packages/client/' },
      to: { path: '^(packages/(?!client/)|test/)' },
    },
    {
      name: 'client-runs-everywhere',
      comment: 'In browsers as in Node: what differs between them comes in as a parameter.',
      severity: 'error',
      from: { path: '^packages/client/src/', pathNot: tests },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'desktop-sees-http-only',
      comment:
        'The desktop knows the HTTP contract by way of the client, no other package of ours, and nothing of Node.',
      severity: 'error',
      from: { path: '^packages/desktop/', pathNot: tests },
      to: { path: '^(packages/(?!desktop/|client/)|test/)' },
    },
    {
      name: 'desktop-runs-in-a-browser',
      severity: 'error',
      from: { path: '^packages/desktop/src/', pathNot: tests },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'only-server-composes',
      severity: 'error',
      from: { pathNot: '^(packages/server|test)/' },
      to: { path: '^packages/server/' },
    },
    {
      name: 'packages-meet-at-index',
      comment: 'A package is entered through its index.ts, or by tests through testing/.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: { path: '^packages/([^/]+)/src/(?!index[.]ts|testing/)', pathNot: '^packages/$1/' },
    },
    {
      name: 'tests-meet-at-index',
      severity: 'error',
      from: { path: '^test/' },
      to: { path: '^packages/([^/]+)/src/(?!index[.]ts|testing/)' },
    },
    {
      name: 'testing-is-for-tests',
      severity: 'error',
      from: { pathNot: tests },
      to: { path: '^packages/.*([.]test[.]ts$|/testing/)|^test/' },
    },
    {
      name: 'no-circular',
      comment: 'Types may name each other: nothing of that is left when the code runs.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'not-resolvable',
      comment: 'An import that ends nowhere would pass every other rule in silence.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)[.]tsc/|^packages/desktop/dist/' },
    // Type-only imports are directions too.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.cjs', '.mjs', '.json', '.d.ts'],
      mainFields: ['module', 'main', 'types', 'typings'],
    },
  },
}
