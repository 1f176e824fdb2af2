/**
 * The demo page in a real browser: everything a visitor can do. Needs a complete build. The browser
 * is Chromium, or what BACKTAB_TEST_BROWSER names.
 */
import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'puppeteer-core';
import { browserNames, findBrowser } from '../cli/src/browsers.ts';
import { launchBrowser } from '../cli/src/host/browser.ts';
import { DemoPage } from './demo-page.ts';
import { runHeadless } from './headless.ts';
import { serveDemo, type DemoServer } from './serve.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const browserName =
  browserNames.find((name) => name === process.env['BACKTAB_TEST_BROWSER']) ?? 'chromium';
const profile = mkdtempSync(join(tmpdir(), 'backtab-page-test-'));
/** What the server prints when clients can connect. */
const LISTENS = 'ready to accept connections';
let server: DemoServer;
let browser: Browser;
let tabs: DemoPage[] = [];

before(async () => {
  server = await serveDemo(root, 0);
  browser = await launchBrowser({
    browser: browserName,
    executable: findBrowser(browserName, process.env),
    directory: profile,
    headful: false,
  });
});
afterEach(async () => {
  for (const tab of tabs) await tab.page.close();
  tabs = [];
});
after(async () => {
  await browser.close();
  server.close();
  rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
});

async function open(search = ''): Promise<DemoPage> {
  const tab = await DemoPage.open(browser, server.url + search);
  tabs.push(tab);
  return tab;
}

test('a value outlasts reloading and closing the tab', async () => {
  const first = await open();
  await first.ready();
  await first.ask('SET reloaded yes', 'OK');
  await first.page.reload();
  await first.ready();
  await first.ask('GET reloaded', '"yes"');
  await first.page.close();
  tabs = [];
  const second = await open();
  await second.ready();
  await second.ask('GET reloaded', '"yes"');
});

test('a client in another tab talks to the same server', async () => {
  const first = await open();
  await first.ready();
  await first.ask('SET shared "from the first tab"', 'OK');
  const second = await open('?role=client');
  await second.printed('C++ client', 'server:6379>');
  await second.ask('GET shared', '"from the first tab"');
  await second.ask('SET shared second', 'OK');
  await first.ask('GET shared', '"second"');
});

test('a second server says that one runs already, and starts when that has gone', async () => {
  const first = await open();
  await first.ready();
  const second = await open();
  assert.match(await second.notice('server-elsewhere'), /already runs in another tab/);
  await second.hasState('C++ server', 'did not run');
  await first.page.close();
  tabs = [second];
  await second.page.click('#try-again');
  await second.ready();
  assert.equal(
    await second.page.$eval('#server-elsewhere', (notice) => notice.matches('[hidden]')),
    true,
  );
});

test('killing, stopping and restarting the nodes', async () => {
  const tab = await open();
  await tab.ready();
  await tab.ask('SET kept 1', 'OK');
  await tab.press('C++ server', 'kill');
  await tab.hasState('C++ server', 'killed');
  await tab.ask('GET kept', 'Could not connect to server:6379:');
  await tab.press('C++ server', 'start');
  await tab.printed('C++ server', LISTENS, 2);
  await tab.hasState('C++ server', 'running');
  await tab.ask('EXISTS kept', '(integer) 1');

  await tab.press('C++ server', 'stop');
  await tab.hasState('C++ server', 'ended with status 0');
  await tab.press('C++ server', 'start');
  await tab.printed('C++ server', LISTENS, 3);
  // While it runs, the same button restarts it.
  await tab.press('C++ server', 'start');
  await tab.printed('C++ server', LISTENS, 4);
  await tab.hasState('C++ server', 'running');
  await tab.ask('DEL kept', '(integer) 1');

  await tab.press('C++ client', 'stop');
  await tab.hasState('C++ client', 'ended with status 0');
  await tab.press('C++ client', 'start');
  await tab.hasState('C++ client', 'running');
  await tab.ask('EXISTS kept', '(integer) 0');
});

test('the line is edited in the terminal as in any other', async () => {
  const tab = await open();
  await tab.ready();
  const { keyboard } = tab.page;
  await tab.type('SET edXited');
  for (const key of [
    'ArrowLeft',
    'ArrowLeft',
    'ArrowLeft',
    'ArrowLeft',
    'Backspace',
    'End',
  ] as const) {
    await keyboard.press(key);
  }
  await keyboard.type(' wörld✓');
  await tab.printed('C++ client', '> SET edited wörld✓');
  await keyboard.press('Enter');
  await tab.printed('C++ client', '> SET edited wörld✓\nOK');
  await tab.ask('GET edited', String.raw`"w\xc3\xb6rld\xe2\x9c\x93"`);

  await keyboard.press('ArrowUp');
  await keyboard.press('ArrowUp');
  await keyboard.press('Home');
  await keyboard.press('Delete');
  await keyboard.press('Delete');
  await keyboard.press('Delete');
  await keyboard.type('ECHO a #');
  await keyboard.press('Enter');
  await tab.printed(
    'C++ client',
    "> ECHO a # edited wörld✓\n(error) ERR wrong number of arguments for 'echo' command",
  );

  // Far longer than a row, with a change in its first row.
  const long = 'long'.repeat(60);
  await tab.type(`ECHO ${long}`);
  await keyboard.press('Home');
  await keyboard.press('Delete');
  await keyboard.type('E');
  await keyboard.press('Enter');
  await tab.printed('C++ client', 'long"\nserver:6379>');
  const rows = await tab.page.$$eval(
    'section.node[aria-label="C++ client"] .xterm-rows > div',
    (all) => all.map((row) => row.textContent.trimEnd()).join(''),
  );
  assert.ok(rows.includes(`ECHO ${long}"${long}"`), rows);
});

test('a browser without JSPI is told which have it', async () => {
  const page = await browser.newPage();
  const tab = new DemoPage(page);
  tabs.push(tab);
  await page.evaluateOnNewDocument(() => {
    Reflect.deleteProperty(WebAssembly, 'Suspending');
  });
  await page.goto(server.url);
  const notice = await tab.notice('no-jspi');
  assert.match(notice, /Chrome or Edge 137, Firefox 153, Safari 27/);
  assert.equal((await page.$$('section.node')).length, 0);
});

test('the demo without a display, which kills its browser', async () => {
  const steps: string[] = [];
  await runHeadless({ url: server.url, browser: browserName, say: (step) => steps.push(step) });
  assert.match(steps.at(-1) ?? '', /the value was read back$/);
});
