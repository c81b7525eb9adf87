/** Who is there in the SIP measurements: the same people in every server and in SIPp's injection files. */

/** The domain, and the realm of the digest. */
export const realm = 'load.test'
/** All have the same. */
export const passwordOf = 'ringdown-load'
/** The n-th of those who register. */
export const userOf = (n: number): string => String(300_000 + n)
/** Who is called where there is one callee. */
export const callee = '200000'
