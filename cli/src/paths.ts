import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { BrowserName } from './browsers.ts';

/** A base directory of the XDG specification, which has relative values ignored. */
function baseDirectory(variable: string, fallback: string): string {
  const value = process.env[variable];
  return value !== undefined && isAbsolute(value) ? value : join(homedir(), fallback);
}

/** The profile that holds named disks unless `--profile` says otherwise: one per browser. */
export function defaultProfile(browser: BrowserName): string {
  return join(baseDirectory('XDG_DATA_HOME', '.local/share'), 'backtab', browser);
}

/** Where prepared programs are kept; it can be removed at any time. */
export function cacheDirectory(): string {
  return join(baseDirectory('XDG_CACHE_HOME', '.cache'), 'backtab');
}
