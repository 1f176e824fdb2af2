import { after, before } from 'node:test';
import type { BrowserName } from '../../cli/src/browsers.ts';
import { testDisks } from './cases/disks.ts';
import { testFences } from './cases/fences.ts';
import { testNetworks } from './cases/networks.ts';
import { testPages } from './cases/pages.ts';
import { testPrograms } from './cases/programs.ts';
import { Pages } from './support/pages.ts';
import { Tool, wasmProgram } from './support/tool.ts';

/** All end-to-end tests, in one real browser. */
export function testInBrowser(browser: BrowserName): void {
  const tool = new Tool(browser);
  let pages: Pages;
  before(async () => {
    // Its tab keeps the browser of the profile open between the tests: one start for all of them.
    const keeper = tool.start(['--network', 'keeper', wasmProgram('ends'), 'sleep']);
    await keeper.printed(/asleep/);
    pages = await Pages.start(browser);
  });
  testPrograms(tool);
  testNetworks(tool);
  testDisks(tool);
  testPages(() => pages);
  testFences(() => pages);
  after(async () => {
    await pages.stop();
    await tool.dispose();
  });
}
