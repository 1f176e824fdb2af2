import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { findBrowser, type BrowserName } from '../cli/src/browsers.ts';
import { launchBrowser } from '../cli/src/host/browser.ts';
import { DemoPage } from './demo-page.ts';
import { killTree } from './process-tree.ts';

/** What to do in {@link runHeadless}. */
export interface HeadlessOptions {
  readonly url: string;
  readonly browser: BrowserName;
  /** Where to put a PNG of the page at the end. */
  readonly screenshot?: string;
  /** Told each step as it is done. */
  readonly say: (step: string) => void;
}

/** Starts the browser on a profile and opens the page in it, ready for use. */
async function start(options: HeadlessOptions, profile: string): Promise<[Browser, DemoPage]> {
  const browser = await launchBrowser({
    browser: options.browser,
    executable: findBrowser(options.browser, process.env),
    directory: profile,
    headful: false,
  });
  const page = await DemoPage.open(browser, options.url);
  page.page.on('pageerror', (error) => options.say(`the page reports: ${String(error)}`));
  await page.ready();
  return [browser, page];
}

/**
 * The demo without a display: starts a real browser on a fresh profile, stores a value by typing
 * into the client's terminal, kills the browser with SIGKILL as soon as the client has printed OK,
 * starts it again on the same profile and reads the value back.
 *
 * @throws Error when a step fails, above all when the value is not read back
 */
export async function runHeadless(options: HeadlessOptions): Promise<void> {
  const { say } = options;
  const value = `hello-${Date.now().toString(36)}`;
  const profile = mkdtempSync(join(tmpdir(), 'backtab-demo-'));
  let running: Browser | undefined;
  try {
    const [firstBrowser, first] = await start(options, profile);
    running = firstBrowser;
    say('started the page: the C++ server listens, the C++ client is connected');
    await first.ask('GET greeting', '(nil)');
    say('GET greeting      → (nil): the disk is new');
    await first.ask(`SET greeting ${value}`, 'OK');
    say(`SET greeting ${value} → OK`);
    const pid = firstBrowser.process()?.pid;
    if (pid === undefined) throw new Error('the browser has no process of its own');
    const killed = await killTree(pid);
    running = undefined;
    say(`killed the browser with SIGKILL, all ${killed} processes of it`);

    const [secondBrowser, second] = await start(options, profile);
    running = secondBrowser;
    say('started the browser again on the same profile');
    await second.ask('GET greeting', `"${value}"`);
    say(`GET greeting      → "${value}": the value was read back`);
    if (options.screenshot !== undefined) {
      await second.ask('SET visits 1', 'OK');
      await second.ask('DBSIZE', '(integer) 2');
      await second.page.screenshot({ path: options.screenshot });
      say(`put a picture of the page into ${options.screenshot}`);
    }
  } finally {
    await running?.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  }
}
