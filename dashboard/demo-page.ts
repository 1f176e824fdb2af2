import type { Browser, Page } from 'puppeteer-core';

/** The titles of the page's panels. */
export type PanelTitle = 'C++ server' | 'C++ client';

/** How long any one step may take. Only failures take this long. */
const STEP_TIMEOUT = 30_000;

/** A tab with the demo page, used as a person would: by what it shows, by keys and clicks. */
export class DemoPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(STEP_TIMEOUT);
  }

  /** Opens the page in a new tab. Nothing is waited for but the page itself. */
  static async open(browser: Browser, url: string): Promise<DemoPage> {
    const page = await browser.newPage();
    await page.setViewport({ width: 1280, height: 720 });
    await page.goto(url);
    return new DemoPage(page);
  }

  /** Waits until the server listens and the client has connected. */
  async ready(): Promise<void> {
    await this.printed('C++ server', 'ready to accept connections');
    await this.printed('C++ client', 'server:6379>');
  }

  /**
   * Waits until a node's terminal shows a text, by default once; a line break stands for the end of
   * a row.
   */
  async printed(title: PanelTitle, text: string, times = 1): Promise<void> {
    await this.#waitFor(
      `the ${title} to print ${JSON.stringify(text)}`,
      (label, wanted, count) =>
        [...document.querySelectorAll(`section.node[aria-label="${label}"] .xterm-rows > div`)]
          .map((row) => row.textContent.replaceAll('\u00a0', ' ').trimEnd())
          .join('\n')
          .split(wanted).length > Number(count),
      title,
      text,
      String(times),
    );
  }

  /** Waits until a node's panel shows a state. */
  async hasState(title: PanelTitle, state: string): Promise<void> {
    await this.#waitFor(
      `the ${title} to be "${state}"`,
      (label, wanted) =>
        document.querySelector(`section.node[aria-label="${label}"] .state`)?.textContent ===
        wanted,
      title,
      state,
    );
  }

  /** Waits until the notice with this id is shown; returns its text. */
  async notice(id: string): Promise<string> {
    await this.page.bringToFront();
    const notice = await this.page.waitForSelector(`#${id}`, { visible: true });
    return (await notice?.evaluate((element) => element.textContent)) ?? '';
  }

  /** Presses a button of a node's panel. */
  async press(title: PanelTitle, button: 'start' | 'stop' | 'kill'): Promise<void> {
    await this.page.bringToFront();
    await this.page.click(`section.node[aria-label="${title}"] button[data-part="${button}"]`);
  }

  /** Types into the client's terminal. */
  async type(text: string): Promise<void> {
    await this.page.bringToFront();
    await this.page.click('section.node[aria-label="C++ client"] .xterm-screen');
    await this.page.keyboard.type(text);
  }

  /** Types a line into the client's terminal and waits for what stands below it then. */
  async ask(line: string, answer: string): Promise<void> {
    await this.type(line);
    await this.page.keyboard.press('Enter');
    await this.printed('C++ client', `> ${line}\n${answer}`);
  }

  async #waitFor(
    what: string,
    condition: (...values: string[]) => boolean,
    ...values: string[]
  ): Promise<void> {
    try {
      // A tab in the background draws nothing, so its terminals would never show anything new.
      await this.page.bringToFront();
      await this.page.waitForFunction(condition, {}, ...values);
    } catch (error) {
      const seen = await this.page.evaluate(() => document.body.innerText);
      throw new Error(`waited for ${what} in vain; the page shows:\n${seen}`, { cause: error });
    }
  }
}
