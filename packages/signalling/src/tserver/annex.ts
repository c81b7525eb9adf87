/** The Annex of a configuration object: sections of options, as written. Values keep their spelling; typed readings are made from it. */
export type Annex = Readonly<Record<string, Readonly<Record<string, string>>>>
