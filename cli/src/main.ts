/** The command-line tool's entry: `backtab COMMAND …`. */
import { CommanderError } from 'commander';
import { commandLine, completeArguments } from './command-line.ts';
import { report } from './commands/report.ts';
import { ToolError, toolStatus } from './errors.ts';

// Readers may go before the tool has written everything (`backtab run … | head`): the write that
// fails says so to whoever made it, and nothing else needs to know.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

/** Reports what a command failed with; the result is the exit status. */
function failed(error: unknown): number {
  if (error instanceof CommanderError) {
    // It has printed its own message; help and the version are no failures.
    return error.exitCode === 0 ? 0 : toolStatus.failure;
  }
  if (error instanceof ToolError) report(error.message);
  else report(`internal error: ${error instanceof Error ? String(error.stack) : String(error)}`);
  return toolStatus.failure;
}

// Also for what no command waits for: the status of a defect is 125, never one of the program's.
process.on('uncaughtException', (error) => process.exit(failed(error)));

let status = 0;
try {
  const program = commandLine((ended) => (status = ended));
  await program.parseAsync(completeArguments(program, process.argv.slice(2)), { from: 'user' });
} catch (error) {
  status = failed(error);
}
process.exit(status);
