import { after, before } from 'node:test';
import { testPages } from './cases/pages.ts';
import { Pages } from './support/pages.ts';

// The one path through a real browser that the developer's loop takes.
let pages: Pages;
before(async () => {
  pages = await Pages.start('chromium');
});
testPages(() => pages);
after(() => pages.stop());
