import { testInBrowser } from './browser.ts';

testInBrowser('chromium');
