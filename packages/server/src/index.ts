export { type RunningServer, type ServerDeps, startServer } from './compose.ts'
export { type Config, formatMistake, type Loaded, loadConfig } from './config/load-config.ts'
export { createLog, type Log } from './log.ts'
export type { ReloadReport } from './reload.ts'
