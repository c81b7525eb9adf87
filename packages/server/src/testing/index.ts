export { type BayeuxClient, type BayeuxMessage, openBayeuxClient, type Transport } from '../load/bayeux-client.ts'
export { Histogram, type HistogramData } from '../load/histogram.ts'
export { cookieLine, HttpConnection, type HttpReply, httpRequest } from '../load/http-connection.ts'
export { seeded } from '../load/random.ts'
