import { testInBrowser } from './browser.ts';

testInBrowser('firefox');
