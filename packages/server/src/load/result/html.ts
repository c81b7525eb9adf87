import type { LoadResult } from './result.ts'
export const htmlOf = (result: LoadResult): string => JSON.stringify(result)
