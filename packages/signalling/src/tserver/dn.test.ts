import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readBoolean } from './annex.ts'
import { type DN, type DNType, imLeg, isTrunk, readTServerOptions } from './dn.ts'

const read = (options: Record<string, string>) => readTServerOptions({ TServer: options }, '7001')
const messages = (list: readonly { message: string }[]) => list.map(({ message }) => message)

describe('readBoolean', () => {
  test.each([
    ['true', true],
    ['Yes', true],
    ['1', true],
    ['ON', true],
    [' true ', true],
    ['false', false],
    ['NO', false],
    ['0', false],
    ['Off', false],
  ])('[DN-1] reads %j as %j', (text, value) => {
    expect(readBoolean(text)).toBe(value)
  })

  test.each(['', 'tru', '2', 'enabled', '01', 'y'])('[DN-1] %j is no boolean', (text) => {
    expect(readBoolean(text)).toBeUndefined()
  })
})

describe('readTServerOptions', () => {
  test('[DN-3] a DN without the section cannot carry IM, and has every default', () => {
    expect(readTServerOptions({}, '7001')).toEqual({
      options: {
        multimedia: false,
        sipSignalingChat: null,
        autoAnswer: false,
        autoAnswerDelay: 0,
        noAnswerTimeout: 30,
        password: null,
        contact: null,
        contactList: [],
        prefix: null,
        replacePrefix: null,
        serviceType: null,
        authenticateRequests: [],
        oosCheck: 0,
        oosForce: 0,
        storeAndForward: false,
        imIdleTimeout: 600,
        imComposing: true,
        imDeliveryReports: true,
        imDisplayReports: true,
        msrpSessmatch: false,
      },
      unknown: [],
      problems: [],
      warnings: [],
    })
  })

  test('[BR-17] the options of texts over SIP are read, and wrong ones are told', () => {
    const written = { 'store-and-forward': 'YES', 'im-idle-timeout': '60', 'im-composing': 'off' }
    const { options, problems } = read({ ...written, 'im-delivery-reports': '0', 'im-display-reports': 'no' })
    expect(problems).toEqual([])
    expect(options).toMatchObject({
      storeAndForward: true,
      imIdleTimeout: 60,
      imComposing: false,
      imDeliveryReports: false,
      imDisplayReports: false,
    })
    expect(messages(read({ 'im-idle-timeout': '0', 'store-and-forward': 'maybe' }).problems)).toEqual([
      expect.stringContaining("option store-and-forward 'maybe' is not one of"),
      "DN 7001: option im-idle-timeout '0' is not a whole number from 1 to 86400",
    ])
  })

  test('[DN-1] a boolean in another spelling is refused, and the message names the DN and the value', () => {
    expect(messages(read({ multimedia: 'perhaps' }).problems)).toEqual([
      "DN 7001: option multimedia 'perhaps' is not one of true, false, yes, no, on, off, 1, 0",
    ])
  })

  test('[DN-2] both spellings of sip-signaling-chat are read, the two-l one with a warning', () => {
    expect(read({ multimedia: '1', 'sip-signaling-chat': 'None' })).toMatchObject({
      options: { sipSignalingChat: 'none' },
      warnings: [],
    })
    const slip = read({ multimedia: '1', 'sip-signalling-chat': 'none' })
    expect(slip.options.sipSignalingChat).toBe('none')
    expect(slip.problems).toEqual([])
    expect(messages(slip.warnings)).toEqual([
      'DN 7001: sip-signalling-chat is read as sip-signaling-chat; write it with one l',
    ])
  })

  test('[DN-2] spellings that agree are one option, spellings that contradict each other are refused', () => {
    const agree = read({ multimedia: '1', 'sip-signaling-chat': 'none', 'sip-signalling-chat': 'NONE' })
    expect(agree.problems).toEqual([])
    const differ = read({ multimedia: '1', 'sip-signaling-chat': 'none', 'sip-signalling-chat': 'msrp' })
    expect(differ.problems).toEqual([
      {
        path: ['TServer', 'sip-signalling-chat'],
        message: 'DN 7001: sip-signaling-chat and sip-signalling-chat contradict each other',
      },
    ])
  })

  test('[DN-3] auto-answer is on by default only where sip-signaling-chat is none, and can be set either way', () => {
    expect(read({ multimedia: 'yes', 'sip-signaling-chat': 'none' }).options.autoAnswer).toBe(true)
    expect(read({ multimedia: 'yes' }).options.autoAnswer).toBe(false)
    expect(read({ multimedia: 'yes', 'sip-signaling-chat': 'none', 'auto-answer': 'off' }).options.autoAnswer).toBe(
      false,
    )
    expect(read({ multimedia: 'yes', 'auto-answer': 'on' }).options.autoAnswer).toBe(true)
  })

  test.each([
    ['auto-answer-delay', '-1'],
    ['auto-answer-delay', '600001'],
    ['no-answer-timeout', '0'],
    ['no-answer-timeout', '1e3'],
    ['oos-check', '10s'],
    ['oos-force', ''],
  ])('[DN-4] %s = %j is refused', (option, value) => {
    const { problems } = read({ 'auto-answer': 'on', 'oos-check': '1', [option]: value })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatchObject({ path: ['TServer', option] })
    expect(problems[0]?.message).toContain('DN 7001')
  })

  test('[DN-4] numbers are read in their units', () => {
    const { options } = read({
      'auto-answer-delay': '250',
      'no-answer-timeout': '45',
      'oos-check': '30',
      'oos-force': '5',
    })
    expect(options).toMatchObject({ autoAnswerDelay: 250, noAnswerTimeout: 45, oosCheck: 30, oosForce: 5 })
  })

  test.each([
    ['sip:7001@10.0.0.5:5060', 'sip:7001@10.0.0.5:5060'],
    ['10.0.0.5', 'sip:10.0.0.5'],
    ['sips:pbx.example;transport=tcp', 'sips:pbx.example;transport=tcp'],
    ['sip:[2001:db8::1]:5062', 'sip:[2001:db8::1]:5062'],
    ['*', null],
    ['', null],
  ])('[DN-5] contact %j is the address %j', (text, contact) => {
    const { options, problems } = read({ contact: text })
    expect(problems).toEqual([])
    expect(options.contact).toBe(contact)
  })

  test.each(['sip:', 'sip:a b@host', 'http://host', 'sip:host:99999', 'sip:host:0', '<sip:host>', 'sip:@host'])(
    '[DN-5] contact %j is refused',
    (contact) => {
      expect(messages(read({ contact }).problems)).toEqual([`DN 7001: option contact '${contact}' is not a SIP URI`])
    },
  )

  test('[DN-15] contact-list holds further addresses, and each wrong one is told', () => {
    const { options, problems } = read({
      contact: 'sip:pbx1.example',
      'contact-list': 'sip:pbx2.example:5062, 10.0.0.7,, http://x, *',
    })
    expect(options.contactList).toEqual(['sip:pbx2.example:5062', 'sip:10.0.0.7'])
    expect(messages(problems)).toEqual([
      "DN 7001: contact-list names 'http://x', which is not a SIP URI",
      "DN 7001: contact-list names '*', which is not a SIP URI",
    ])
    expect(messages(read({ 'contact-list': '10.0.0.7' }).warnings)).toEqual([
      'DN 7001: contact-list has no effect without contact',
    ])
  })

  test('[DN-16] an empty prefix is not the same as none', () => {
    expect(read({ prefix: '' }).options).toMatchObject({ prefix: '', replacePrefix: null })
    expect(read({ prefix: '+49', 'replace-prefix': '0' }).options).toMatchObject({ prefix: '+49', replacePrefix: '0' })
    expect(read({ prefix: '9', 'replace-prefix': '' }).options.replacePrefix).toBe('')
    expect(messages(read({ 'replace-prefix': '0' }).warnings)).toEqual([
      'DN 7001: replace-prefix has no effect without prefix',
    ])
  })

  test.each(['0 0', 'sip:1', 'ü', '1'.repeat(33)])('[DN-16] %j is no prefix', (prefix) => {
    expect(read({ prefix, 'replace-prefix': prefix }).problems.map(({ path }) => path[1])).toEqual([
      'prefix',
      'replace-prefix',
    ])
  })

  test('[DN-17] a Trunk and a softswitch are ways out, other services are not', () => {
    const trunk = (type: DNType, options: Record<string, string> = {}) =>
      isTrunk({ type, options: read(options).options } as DN)
    expect(trunk('Trunk')).toBe(true)
    expect(trunk('Voice over IP Service', { 'service-type': 'SoftSwitch' })).toBe(true)
    expect(trunk('Voice over IP Service', { 'service-type': 'treatment' })).toBe(false)
    expect(trunk('Voice over IP Service')).toBe(false)
    expect(trunk('Extension', { 'service-type': 'softswitch' })).toBe(false)
  })

  test('[DN-6] authenticate-requests is a list of SIP methods in any case', () => {
    const { options, problems } = read({
      password: 'secret',
      'authenticate-requests': 'register, invite,Message,,register',
    })
    expect(problems).toEqual([])
    expect(options.authenticateRequests).toEqual(['REGISTER', 'INVITE', 'MESSAGE'])
  })

  test('[DN-6] methods that do not exist or cannot be challenged are refused, each', () => {
    const { problems } = read({ password: 'x', 'authenticate-requests': 'invite,ack,hello' })
    expect(messages(problems)).toEqual([
      "DN 7001: authenticate-requests names 'ack', which is not a SIP method that can be challenged",
      "DN 7001: authenticate-requests names 'hello', which is not a SIP method that can be challenged",
    ])
  })

  test('[DN-6] challenges without a password are a contradiction', () => {
    expect(messages(read({ 'authenticate-requests': 'message' }).problems)).toEqual([
      'DN 7001: authenticate-requests needs a password to check against',
    ])
  })

  test('[DN-6] a refused password is never quoted', () => {
    expect(messages(read({ password: '' }).problems)).toEqual(['DN 7001: option password is not usable: it is empty'])
  })

  test('[DN-7] unknown options are listed, and a slip of case is warned of', () => {
    const { unknown, problems, warnings } = read({ 'refer-enabled': 'true', Multimedia: 'true' })
    expect(unknown).toEqual(['refer-enabled', 'Multimedia'])
    expect(problems).toEqual([])
    expect(messages(warnings)).toEqual(['DN 7001: option Multimedia is not read; write multimedia'])
  })

  test('[DN-7] a section with another case is warned of', () => {
    expect(messages(readTServerOptions({ tserver: { multimedia: 'true' } }, '7001').warnings)).toEqual([
      'DN 7001: section [tserver] is not read; write [TServer]',
    ])
  })

  test('[DN-7] options without effect are warned of', () => {
    expect(
      messages(
        read({ 'sip-signaling-chat': 'none', 'auto-answer': 'no', 'auto-answer-delay': '9', 'oos-force': '3' })
          .warnings,
      ),
    ).toEqual([
      'DN 7001: sip-signaling-chat has no effect without multimedia=true',
      'DN 7001: auto-answer-delay has no effect where auto-answer is off',
      'DN 7001: oos-force has no effect without oos-check',
    ])
  })

  test('[DN-3] the leg follows from multimedia and sip-signaling-chat', () => {
    const leg = (options: Record<string, string>) =>
      imLeg({ options: read(options).options } as Parameters<typeof imLeg>[0])
    expect(leg({ 'sip-signaling-chat': 'none' })).toBeNull()
    expect(leg({ multimedia: 'true', 'sip-signaling-chat': 'none' })).toBe('tlibrary')
    expect(leg({ multimedia: 'true' })).toBe('sip')
    expect(leg({ multimedia: 'true', 'sip-signaling-chat': 'message' })).toBe('sip')
  })
})

test('[DN-7] whatever an Annex holds, each option is read or listed, and every message names the DN', () => {
  const names = [
    'multimedia',
    'sip-signaling-chat',
    'sip-signalling-chat',
    'auto-answer',
    'contact',
    'oos-force',
    'password',
  ]
  const options = fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), fc.string(), { maxKeys: 12 })
  fc.assert(
    fc.property(options, (section) => {
      const { unknown, problems, warnings } = readTServerOptions({ TServer: section }, 'DN-under-test')
      for (const option of unknown) expect(names).not.toContain(option)
      for (const { message } of [...problems, ...warnings]) expect(message).toContain('DN-under-test')
      const secret = section.password
      if (secret !== undefined && secret.length > 8) expect(JSON.stringify(problems)).not.toContain(secret)
    }),
    { seed: 7 },
  )
})
