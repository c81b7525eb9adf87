/** What has to come back for a vector, and what the user of the session is given. */
export interface Outcome {
  /** The section of RFC 4975 that says so. */
  readonly section: string
  /** `<status> <transaction id>`, and REPORTs as `REPORT <status> <range>`. */
  readonly told: readonly string[]
  readonly texts: readonly string[]
  /** The connection is closed after it. */
  readonly closed?: true
}

// biome-ignore format: read it as a table
export const valid: Readonly<Record<string, Outcome>> = {
  'body-crlf-at-both-ends':       { section: '7.1',   told: ['200 tid1'],                               texts: ['\r\nhello\r\n'] },
  'body-looks-like-end-lines':    { section: '7.1',   told: ['200 tid1'],                               texts: ['\r\n-------tid1x$\r\n-------tid\r\n-------tid1\r\n-------tid1!\r\n-------tid1$x'] },
  'body-with-a-frame-in-it':      { section: '7.1',   told: ['200 tid1'],                               texts: ['MSRP tid9 SEND\r\nTo-Path: msrp://us.example:2855/our00000001;tcp\r\nFrom-Path: msrp://peer.example:2855/peersession;tcp\r\nMessage-ID: m-0001-x\r\nContent-Type: text/plain\r\n\r\ninner\r\n-------tid9$\r\n'] },
  'body-with-nul':                { section: '7.1',   told: ['200 tid1'],                               texts: ['a\0b'] },
  'bodiless-send':                { section: '5.4',   told: ['200 d4e5f6a7b8a1b2c3'],                   texts: [] },
  'bodiless-send-of-blink':       { section: '5.4',   told: ['200 tid1'],                               texts: [] },
  'chunk-twice':                  { section: '7.3.1', told: ['200 tid1', '200 tid1', '200 tid2'],       texts: ['hello world'] },
  'chunks':                       { section: '5.1',   told: ['200 a1b2c3d4e5f6a7b8', '200 b2c3d4e5f6a7b8a1', 'REPORT 200 1-11/11'], texts: ['hello world'] },
  'empty-lines-between':          { section: '7',     told: ['200 tid1', '200 tid2'],                   texts: ['hello', 'world'] },
  'empty-message':                { section: '7.1.1', told: ['200 tid1', 'REPORT 200 1-0/0'],           texts: [''] },
  'empty-message-one-crlf-short': { section: '7.1.1', told: ['200 tid1'],                               texts: [''] },
  'failure-report-no':            { section: '7.1.2', told: ['REPORT 200 1-5/5'],                       texts: ['hello'] },
  'failure-report-partial':       { section: '7.1.2', told: [],                                         texts: ['hello'] },
  'given-up':                     { section: '7.1',   told: ['200 tid1', '200 tid2'],                   texts: [] },
  'headers-in-any-case':          { section: '9',     told: ['200 tid1'],                               texts: ['hello'] },
  'interleaved-messages':         { section: '5.1',   told: ['200 tid1', '200 tid2', '200 tid3'],       texts: ['two', 'one!!!'] },
  'last-chunk-first':             { section: '7.3.1', told: ['200 tid2', '200 tid1'],                   texts: ['hello world'] },
  'letter-cut-between-chunks':    { section: '5.1',   told: ['200 tid1', '200 tid2'],                   texts: ['€'] },
  'longest-and-shortest-ids':     { section: '9',     told: [`200 ${'a'.repeat(32)}`, '200 a.-+'],      texts: ['hello', 'world'] },
  'message-twice':                { section: '5.4',   told: ['200 tid1', '200 tid2'],                   texts: ['hello'] },
  'overlap-later-wins':           { section: '7.3.1', told: ['200 tid1', '200 tid2', '200 tid3'],       texts: ['hello world'] },
  'path-of-a-relay':              { section: '7.2',   told: ['200 tid1', 'REPORT 200 1-5/5'],           texts: ['hello'] },
  'range-absent':                 { section: '7.1.1', told: ['200 tid1'],                               texts: ['hello'] },
  'range-all-stars':              { section: '7.1.1', told: ['200 tid1'],                               texts: ['hello'] },
  'range-end-larger-than-chunk':  { section: '7.1.1', told: ['200 tid1', '200 tid2'],                   texts: ['hello!'] },
  'range-total-wrong':            { section: '7.1.1', told: ['200 tid1'],                               texts: ['hello'] },
  'report-of-nothing':            { section: '7.1.2', told: [],                                         texts: [] },
  'response-to-nothing':          { section: '7.2',   told: ['200 tid2'],                               texts: ['hello'] },
}

// biome-ignore format: read it as a table
export const invalid: Readonly<Record<string, Outcome>> = {
  'body-of-nickname-too-long':    { section: '7.1',   told: ['413 tid1'],                               texts: [], closed: true },
  'body-without-type':            { section: '7.1',   told: ['400 tid1'],                               texts: [] },
  'end-line-with-wrong-flag':     { section: '7.1',   told: ['400 tid1'],                               texts: [], closed: true },
  'failure-report-no-and-wrong':  { section: '7.1.2', told: [],                                         texts: [] },
  'folded-header':                { section: '9',     told: ['400 tid1'],                               texts: [], closed: true },
  'header-twice':                 { section: '9',     told: ['400 tid1'],                               texts: [], closed: true },
  'header-with-a-bare-lf':        { section: '9',     told: ['400 tid1'],                               texts: [], closed: true },
  'header-with-nul':              { section: '9',     told: ['400 tid1'],                               texts: [], closed: true },
  'headers-too-long':             { section: '14',    told: ['400 tid1'],                               texts: [], closed: true },
  'http':                         { section: '7',     told: [],                                         texts: [], closed: true },
  'larger-than-max-size':         { section: '10.5',  told: ['413 tid1', '413 tid2'],                   texts: [] },
  'no-from-path':                 { section: '7.1',   told: [],                                         texts: [], closed: true },
  'no-message-id':                { section: '7.1',   told: ['400 tid1'],                               texts: [] },
  'octets-behind-the-end':        { section: '7.3.1', told: ['200 tid1', '400 tid2'],                   texts: [] },
  'other-port':                   { section: '6.1',   told: ['481 tid1'],                               texts: [] },
  'other-sender':                 { section: '7.3',   told: ['481 tid1'],                               texts: [] },
  'path-goes-on':                 { section: '7.3',   told: ['481 tid1'],                               texts: [] },
  'range-backwards':              { section: '7.1.1', told: ['400 tid1', '200 tid2'],                   texts: ['next'] },
  'range-huge':                   { section: '7.1.1', told: ['400 tid1', '200 tid2'],                   texts: ['next'] },
  'range-negative':               { section: '7.1.1', told: ['400 tid1', '200 tid2'],                   texts: ['next'] },
  'range-words':                  { section: '7.1.1', told: ['400 tid1', '200 tid2'],                   texts: ['next'] },
  'range-zero':                   { section: '7.1.1', told: ['400 tid1', '200 tid2'],                   texts: ['next'] },
  'report-that-makes-no-sense':   { section: '7.1.2', told: [],                                         texts: [], closed: true },
  'response-with-a-body':         { section: '7.2',   told: [],                                         texts: [], closed: true },
  'session-in-other-case':        { section: '6.1',   told: ['481 tid1'],                               texts: [] },
  'start-line-too-long':          { section: '14',    told: [],                                         texts: [], closed: true },
  'too-many-headers':             { section: '14',    told: ['400 tid1'],                               texts: [], closed: true },
  'unknown-method':               { section: '7.3',   told: ['501 tid1'],                               texts: [] },
  'unknown-session':              { section: '10.8',  told: ['481 tid1'],                               texts: [] },
}
