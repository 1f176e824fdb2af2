import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'puppeteer-core';
import { browserNames, type BrowserName } from '../../cli/src/browsers.ts';
import { startFreshBrowser } from '../../tests/support/browser.ts';

const TYPES: Record<string, string> = { js: 'text/javascript', wasm: 'application/wasm' };

/**
 * Opens a page in Chromium and in Firefox, one after the other, and measures in it.
 *
 * @param files - what the page's server serves, by path without the leading slash; the page itself
 *   is empty
 * @param measure - called with the page of each browser
 * @returns what `measure` returned, by browser
 */
export async function inBrowsers<T>(
  files: ReadonlyMap<string, string | Uint8Array>,
  measure: (page: Page) => Promise<T>,
): Promise<Record<BrowserName, T>> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname.slice(1);
    const body = path === '' ? '<!doctype html><title>measuring</title>' : files.get(path);
    const type = TYPES[path.split('.').at(-1) ?? ''] ?? 'text/html';
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': type });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // cast: a server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  const results: Partial<Record<BrowserName, T>> = {};
  try {
    for (const name of browserNames) {
      const fresh = await startFreshBrowser(name);
      try {
        const page = await fresh.browser.newPage();
        await page.goto(`http://127.0.0.1:${port}/`);
        results[name] = await measure(page);
      } finally {
        await fresh.close();
      }
    }
  } finally {
    server.close();
  }
  // cast: the loop above has filled it for every name.
  return results as Record<BrowserName, T>;
}

/**
 * Posts one message to a fresh module worker of the page and resolves to its one answer.
 *
 * @param script - the worker's path on the page's server
 * @throws Error when the worker fails, or answers with a string, which is its complaint
 */
export async function askWorker<Answer>(
  page: Page,
  script: string,
  message: unknown,
): Promise<Answer> {
  const answer: unknown = await page.evaluate(
    (url, request) =>
      new Promise<unknown>((resolve) => {
        const worker = new Worker(url, { type: 'module' });
        const finish = (result: unknown): void => {
          worker.terminate();
          resolve(result);
        };
        worker.onmessage = (event: MessageEvent<unknown>) => finish(event.data);
        worker.onerror = (event) => finish(`the worker failed: ${event.message}`);
        worker.postMessage(request);
      }),
    script,
    message,
  );
  if (typeof answer === 'string') throw new Error(`${JSON.stringify(message)}: ${answer}`);
  // cast: the worker and its caller are two files of one suite, which names the type.
  return answer as Answer;
}
