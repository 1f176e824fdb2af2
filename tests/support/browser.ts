import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { findBrowser, type BrowserName } from '../../cli/src/browsers.ts';
import { launchBrowser } from '../../cli/src/host/browser.ts';

/** A real headless browser on a fresh profile. */
export interface FreshBrowser {
  readonly browser: Browser;
  /** Ends the browser and removes its profile. */
  close(): Promise<void>;
}

/** Starts a browser the way the command-line tool does. */
export async function startFreshBrowser(name: BrowserName): Promise<FreshBrowser> {
  const directory = mkdtempSync(join(tmpdir(), 'backtab-browser-'));
  const executable = findBrowser(name, process.env);
  const browser = await launchBrowser({ browser: name, executable, directory, headful: false });
  return {
    browser,
    close: async () => {
      await browser.close();
      // The last processes of a browser may still write for a moment.
      rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}
