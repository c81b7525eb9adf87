/** The words the schema of `ringdown.yaml` is written in. */
import { Type } from 'typebox'
import type { Secret } from './secret.ts'

/** Marks a string whose value is never shown. It may be written as `{ file: path }`, which is read at load. */
export const SecretText = (description: string) =>
  Type.Unsafe<Secret>({ type: 'string', secret: true, minLength: 1, description })
/** `hint` tells what `pattern` wants; `quiet` keeps the value out of messages. */
interface TextOptions {
  default?: string
  pattern?: string
  hint?: string
  quiet?: boolean
}
export const Text = (description: string, options: TextOptions = {}) =>
  Type.String({ minLength: 1, description, ...options })
export const Flag = (value: boolean, description: string) => Type.Boolean({ default: value, description })
export const Whole = (value: number, minimum: number, maximum: number, description: string) =>
  Type.Integer({ default: value, minimum, maximum, description })
export const Choice = <const T extends readonly string[]>(names: T, value: T[number], description: string) =>
  Type.Unsafe<T[number]>({ type: 'string', enum: names, default: value, description })
export const List = (description: string, item: TextOptions = {}) =>
  Type.Array(Text('', item), { default: [], description })
/** A part of the file that may be left out: its keys then have their defaults. */
export const Part = <T extends Type.TProperties>(properties: T, description: string) =>
  Type.Object(properties, { additionalProperties: false, default: {}, description })
export const Thing = <T extends Type.TProperties>(properties: T, description: string) =>
  Type.Object(properties, { additionalProperties: false, description })
