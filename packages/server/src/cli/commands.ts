import { configTable } from '../config/config-table.ts'
import { planTable } from '../load/plan/plan-table.ts'
import { metricsTable, processTable } from '../metrics/metrics-table.ts'
import { backupCommand } from './backup.ts'
import { checkConfigCommand } from './check-config.ts'
import type { Command } from './command.ts'
import { commandTable } from './command-table.ts'
import { demo } from './demo.ts'
import { doctorCommand } from './doctor.ts'
import { eraseCommand } from './erase.ts'
import { exportCommand } from './export.ts'
import { hashPasswordCommand } from './hash-password.ts'
import { initCommand } from './init/init.ts'
import { loadCommand } from './load.ts'
import { readyCommand } from './ready.ts'
import { restoreCommand } from './restore.ts'
import { serveCommand } from './serve.ts'
import { sessionsCommand } from './sessions.ts'
import { traceCommand } from './trace/trace.ts'
import { version } from './version.ts'
import { webhooksCommand } from './webhooks.ts'

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  initCommand,
  doctorCommand,
  serveCommand,
  checkConfigCommand,
  readyCommand,
  { name: 'demo', what: 'two agents chat, in this terminal', run: (_line, io) => demo(io) },
  sessionsCommand,
  traceCommand,
  exportCommand,
  eraseCommand,
  backupCommand,
  restoreCommand,
  webhooksCommand,
  loadCommand,
  hashPasswordCommand,
  printer('config-table', 'print all keys of the configuration, as Markdown', configTable),
  printer('command-table', 'print all commands and their options, as Markdown', () => commandTable(commands)),
  printer('metrics-table', 'print all metrics, as Markdown', () => `${metricsTable()}\n\n${processTable()}`),
  printer('load-plan-table', 'print all keys of a load plan, as Markdown', planTable),
  printer('version', 'print the version', version),
]

function printer(name: string, what: string, print: () => string): Command {
  return {
    name,
    what,
    run: (_line, io) => {
      io.out(print())
      return 0
    },
  }
}
