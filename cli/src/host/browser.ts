import { launch, type Browser } from 'puppeteer-core';
import type { BrowserName } from '../browsers.ts';
import { messageOf } from '../errors.ts';

/** How to start the browser of a profile. */
export interface LaunchOptions {
  browser: BrowserName;
  executable: string;
  /** The browser's own profile directory. */
  directory: string;
  headful: boolean;
}

/** What backtab needs beyond puppeteer's own flags; nothing here talks to the outside. */
const chromiumFlags = [
  '--disable-quic',
  '--disable-component-update',
  '--no-default-browser-check',
];

/**
 * Starts a browser under automation: Chromium over a CDP pipe (it ends by itself when the pipe
 * closes, so not even a killed host leaves it behind), Firefox over WebDriver BiDi.
 *
 * @throws Error with the browser's own first words when it does not start
 */
export async function launchBrowser(options: LaunchOptions): Promise<Browser> {
  const common = {
    executablePath: options.executable,
    userDataDir: options.directory,
    headless: !options.headful,
    defaultViewport: null,
    timeout: 60_000,
    // Signals are the host's to handle: the browser must outlive none of its decisions.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  };
  if (options.browser === 'firefox') {
    return launch({ ...common, browser: 'firefox' });
  }
  // Chromium refuses to run its sandbox as root.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return launch({
    ...common,
    browser: 'chrome',
    pipe: true,
    args: [...chromiumFlags, ...sandbox],
  });
}

/** Why the browser did not start, on one line: puppeteer's message holds what it wrote to stderr. */
export function startProblem(error: unknown): string {
  const [said = ''] = messageOf(error).split('TROUBLESHOOTING');
  return said.replaceAll(/\s+/g, ' ').trim().slice(0, 500);
}
