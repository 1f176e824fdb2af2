import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, ElementHandle, Page } from 'puppeteer-core';
import { findBrowser, type BrowserName } from '../cli/src/browsers.ts';
import { launchBrowser } from '../cli/src/host/browser.ts';
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

/** How long any one step may take. Only failures take this long. */
const STEP_TIMEOUT = 30_000;

/** One start of the browser on the profile, with the demo page in it. */
class Session {
  readonly browser: Browser;
  readonly page: Page;

  private constructor(browser: Browser, page: Page) {
    this.browser = browser;
    this.page = page;
  }

  static async start(options: HeadlessOptions, profile: string): Promise<Session> {
    const browser = await launchBrowser({
      browser: options.browser,
      executable: findBrowser(options.browser, process.env),
      directory: profile,
      headful: false,
    });
    const page = await browser.newPage();
    page.setDefaultTimeout(STEP_TIMEOUT);
    page.on('pageerror', (error) => options.say(`the page reports: ${String(error)}`));
    await page.setViewport({ width: 1280, height: 720 });
    await page.goto(options.url);
    const session = new Session(browser, page);
    await session.#ready();
    return session;
  }

  /** Waits until the server listens and the client has connected. */
  async #ready(): Promise<void> {
    await this.printed('C++ server', 'ready to accept connections');
    await this.printed('C++ client', 'server:6379>');
  }

  #panel(title: string): Promise<ElementHandle | null> {
    return this.page.waitForSelector(`section.node[aria-label="${title}"]`);
  }

  /** What a node's terminal shows. */
  async screen(title: string): Promise<string> {
    const panel = await this.#panel(title);
    const rows = await panel?.$$eval('.xterm-rows > div', (lines) =>
      lines.map((line) => line.textContent.replaceAll('\u00a0', ' ').trimEnd()),
    );
    return rows?.join('\n').trimEnd() ?? '';
  }

  /** Waits until a node's terminal shows a text. */
  async printed(title: string, text: string): Promise<void> {
    try {
      await this.page.waitForFunction(
        (label, wanted) =>
          [...document.querySelectorAll(`section.node[aria-label="${label}"] .xterm-rows > div`)]
            .map((line) => line.textContent.replaceAll('\u00a0', ' '))
            .join('\n')
            .includes(wanted),
        {},
        title,
        text,
      );
    } catch (error) {
      const seen = await this.page.evaluate(() => document.body.innerText);
      throw new Error(`the ${title} did not print ${JSON.stringify(text)}; the page:\n${seen}`, {
        cause: error,
      });
    }
  }

  /** Types a line into the client's terminal and waits for a text in its answer. */
  async ask(line: string, answer: string): Promise<void> {
    const panel = await this.#panel('C++ client');
    await panel?.click();
    await this.page.keyboard.type(line);
    await this.page.keyboard.press('Enter');
    await this.printed('C++ client', `> ${line}\n${answer}`);
  }
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
    const first = await Session.start(options, profile);
    running = first.browser;
    say('started the page: the C++ server listens, the C++ client is connected');
    await first.ask('GET greeting', '(nil)');
    say('GET greeting      → (nil): the disk is new');
    await first.ask(`SET greeting ${value}`, 'OK');
    say(`SET greeting ${value} → OK`);
    const pid = running.process()?.pid;
    if (pid === undefined) throw new Error('the browser has no process of its own');
    const killed = await killTree(pid);
    running = undefined;
    say(`killed the browser with SIGKILL, all ${killed} processes of it`);

    const second = await Session.start(options, profile);
    running = second.browser;
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
