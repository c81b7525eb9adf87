/**
 * A response as sip.js has to see it: without challenges by digest algorithms it does not know, where one it knows is there.
 * COMPAT sip.js 0.21: it looks at the first challenge only and knows MD5 alone; drop when it does RFC 8760.
 */
export function md5First(message: string): string {
  if (!/^SIP\/2\.0 40[17] /.test(message)) return message
  const end = message.indexOf('\r\n\r\n')
  const lines = message.slice(0, end === -1 ? message.length : end).split('\r\n')
  const challenge = /^(www|proxy)-authenticate\s*:/i
  const known = (line: string) => /algorithm\s*=\s*"?MD5"?\s*(,|$)/i.test(line) || !/algorithm\s*=/i.test(line)
  if (!lines.some((line) => challenge.test(line) && known(line))) return message
  const kept = lines.filter((line) => !challenge.test(line) || known(line))
  return kept.join('\r\n') + (end === -1 ? '' : message.slice(end))
}
