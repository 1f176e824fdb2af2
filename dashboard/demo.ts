/**
 * Serves the demo page: what `make demo` runs when everything is built.
 *
 *     node dashboard/demo.ts [--port 7377] [--headless] [--browser chromium|firefox] [--screenshot FILE]
 *
 * With `--headless`, or HEADLESS=1 in the environment, a real browser without a display goes
 * through the demo, and the exit status is 0 only when a value outlasted the browser's SIGKILL.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { browserNames } from '../cli/src/browsers.ts';
import { runHeadless } from './headless.ts';
import { DEFAULT_PORT, serveDemo } from './serve.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: String(DEFAULT_PORT) },
    headless: { type: 'boolean', default: (process.env['HEADLESS'] ?? '0') !== '0' },
    browser: { type: 'string', default: 'chromium' },
    screenshot: { type: 'string' },
  },
});

function fail(message: string): never {
  console.error(`demo: ${message}`);
  process.exit(1);
}

const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65535) fail(`${values.port} is not a port`);
const browser = browserNames.find((name) => name === values.browser);
if (browser === undefined) fail(`--browser is one of ${browserNames.join(', ')}`);
for (const file of [
  'dashboard/main.js',
  'dashboard/worker.js',
  'wasm/examples/kv/kv-server.wasm',
]) {
  if (!existsSync(join(root, 'build', file))) fail(`build/${file} is missing: run make`);
}

/** Opens an address in the person's browser, if there is a display; says nothing if that fails. */
function openInBrowser(url: string): void {
  const { BROWSER, DISPLAY, WAYLAND_DISPLAY } = process.env;
  const hasDisplay = (DISPLAY ?? WAYLAND_DISPLAY ?? '') !== '' || process.platform === 'darwin';
  if (!hasDisplay) return;
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const command = BROWSER === undefined || BROWSER === '' ? opener : BROWSER;
  spawn(command, [url], { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
}

const server = await serveDemo(root, port);
if (values.headless) {
  try {
    await runHeadless({
      url: server.url,
      browser,
      say: (step) => console.log(`demo: ${step}`),
      ...(values.screenshot === undefined ? {} : { screenshot: values.screenshot }),
    });
  } catch (error) {
    console.error(`demo: FAILED: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
  server.close();
} else {
  if (port !== 0 && server.port !== port) {
    console.log(
      `Port ${port} is taken. Values stored at that address are not to be seen at this one.`,
    );
  }
  console.log(`The demo runs at ${server.url} (Ctrl-C ends it)`);
  openInBrowser(server.url);
}
