import { type Static, type TObject, type TProperties, type TUnsafe, Type } from 'typebox'

/** The bodies of one resource's POST: one of several operations, told apart by `operationName`. */
export type Operations<T extends Record<string, TProperties>> = {
  [K in keyof T & string]: { operationName: K } & Static<TObject<T[K]>>
}[keyof T & string]

/** The JSON schema behind it. The discriminator makes the validator look at the named operation only and report its mistakes. */
export interface OperationsSchema {
  oneOf: readonly { properties: { operationName: { const: string } } }[]
}

/** A body that is one of these operations; keys are their names, values their parameters. */
export function operations<const T extends Record<string, TProperties>>(of: T): TUnsafe<Operations<T>> {
  return Type.Unsafe<Operations<T>>({
    type: 'object',
    required: ['operationName'],
    discriminator: { propertyName: 'operationName' },
    oneOf: Object.entries(of).map(([name, parameters]) =>
      Type.Object({ operationName: Type.Literal(name), ...parameters }, { title: name }),
    ),
  })
}

/** The operations that a body schema knows. */
export function operationNames(schema: Partial<OperationsSchema> | undefined): readonly string[] {
  return schema?.oneOf?.map(({ properties }) => properties.operationName.const) ?? []
}
