/** The command-line tool's entry: `backtab COMMAND …`. */
import { CommanderError } from 'commander';
import { report } from './commands/report.ts';
import { commandLine } from './command_line.ts';
import { ToolError, toolStatus } from './errors.ts';

// Readers may go before the tool has written everything (`backtab run … | head`): the write that
// fails says so to whoever made it, and nothing else needs to know.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

let status = 0;
try {
  await commandLine((ended) => (status = ended)).parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // It has printed its own message; help and the version are no failures.
    status = error.exitCode === 0 ? 0 : toolStatus.failure;
  } else {
    const known = error instanceof ToolError;
    report(
      known || !(error instanceof Error)
        ? String(error instanceof Error ? error.message : error)
        : `internal error: ${error.stack ?? error.message}`,
    );
    status = toolStatus.failure;
  }
}
process.exit(status);
