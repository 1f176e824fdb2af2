/**
 * The host process: `node host.mjs PROFILE EXECUTABLE headless|headful`. Started by the first client
 * of a profile, detached from it; its stdout says only that it listens, its stderr is the log.
 */
import { ftruncateSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Host } from './host.ts';
import { listeningLine, portTakenStatus } from './messages.ts';
import { PortTaken, serveOrigin } from './origin.ts';
import { readProfile } from './profile.ts';

const [directory, executable, mode] = process.argv.slice(2);
if (directory === undefined || executable === undefined) throw new Error('missing arguments');

// The reader of stdout, the client that started this process, may have been killed.
process.stdout.on('error', () => undefined);
process.on('SIGINT', () => undefined);
process.on('SIGHUP', () => undefined);

// The port comes first: whoever has it may trust and change what the profile records.
const port = readProfile(directory).state.port;
try {
  const server = await serveOrigin(port, fileURLToPath(new URL('./page', import.meta.url)));
  // Other processes may have found the port taken and said so here; it is this one's log now.
  ftruncateSync(process.stderr.fd);
  const host = new Host(readProfile(directory), executable, mode === 'headful', server);
  process.on('SIGTERM', () => void host.end());
  host.start();
  process.stdout.write(listeningLine);
} catch (error) {
  console.error(error);
  process.exit(error instanceof PortTaken ? portTakenStatus : 1);
}
