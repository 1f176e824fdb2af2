import { createServer, type Server } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import sirv from 'sirv';
import { root, type BrowserName } from './tool.ts';

const EXECUTABLES = { chromium: '/usr/bin/chromium', firefox: '/usr/bin/firefox-esr' };

const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * A browser without the command-line tool: bare pages of one origin that import the package as
 * anybody's page does.
 */
export class Pages {
  readonly browser: Browser;
  readonly origin: string;
  readonly #server: Server;
  readonly #profile: string;

  private constructor(browser: Browser, server: Server, profile: string) {
    this.browser = browser;
    this.#server = server;
    this.#profile = profile;
    // cast: a server that listens on TCP has an AddressInfo.
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(name: BrowserName): Promise<Pages> {
    const files = sirv(root, { dev: true });
    const server = createServer((request, response) => {
      if (request.url === '/' || request.url === '/other') {
        response.setHeader('content-type', 'text/html');
        response.end('<!doctype html><title>test page</title>');
        return;
      }
      files(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const profile = mkdtempSync(join(tmpdir(), 'backtab-pages-'));
    const browser = await puppeteer.launch({
      browser: name === 'chromium' ? 'chrome' : 'firefox',
      executablePath: process.env[`BACKTAB_${name.toUpperCase()}`] ?? EXECUTABLES[name],
      headless: true,
      userDataDir: profile,
      args: name === 'chromium' ? CHROMIUM_FLAGS : [],
    });
    return new Pages(browser, server, profile);
  }

  /** A new tab on an empty page of the origin. */
  async open(): Promise<Page> {
    const page = await this.browser.newPage();
    await page.goto(`${this.origin}/`);
    return page;
  }

  async stop(): Promise<void> {
    await this.browser.close();
    this.#server.closeAllConnections();
    this.#server.close();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
