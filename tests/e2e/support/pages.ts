import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'puppeteer-core';
import sirv from 'sirv';
import type { BrowserName } from '../../../cli/src/browsers.ts';
import { startFreshBrowser, type FreshBrowser } from '../../support/browser.ts';
import { root } from './tool.ts';

/**
 * A browser without the command-line tool: bare pages of one origin that import the package as
 * anybody's page does.
 */
export class Pages {
  readonly origin: string;
  readonly #server: Server;
  readonly #fresh: FreshBrowser;

  private constructor(fresh: FreshBrowser, server: Server) {
    this.#fresh = fresh;
    this.#server = server;
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
    return new Pages(await startFreshBrowser(name), server);
  }

  /** A new tab on an empty page of the origin. */
  async open(): Promise<Page> {
    const page = await this.#fresh.browser.newPage();
    await page.goto(`${this.origin}/`);
    return page;
  }

  async stop(): Promise<void> {
    await this.#fresh.close();
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
