import { accessSync, constants } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { ToolError } from './errors.ts';

export const browserNames = ['chromium', 'firefox'] as const;
export type BrowserName = (typeof browserNames)[number];

const known: Record<
  BrowserName,
  { title: string; commands: string[]; variable: string; debian: string; withJspi: string }
> = {
  chromium: {
    title: 'Chromium',
    commands: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    variable: 'BACKTAB_CHROMIUM',
    debian: 'chromium',
    withJspi: '137',
  },
  firefox: {
    title: 'Firefox',
    commands: ['firefox-esr', 'firefox'],
    variable: 'BACKTAB_FIREFOX',
    debian: 'firefox-esr',
    withJspi: '153',
  },
};

/** The browser's name as its makers write it. */
export function browserTitle(browser: BrowserName): string {
  return known[browser].title;
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Finds a browser's executable: what BACKTAB_CHROMIUM or BACKTAB_FIREFOX names, else on PATH.
 *
 * @throws ToolError when there is none
 */
export function findBrowser(browser: BrowserName, env: NodeJS.ProcessEnv): string {
  const { title, commands, variable, debian, withJspi } = known[browser];
  const chosen = env[variable];
  if (chosen !== undefined && chosen !== '') {
    if (executable(chosen)) return resolve(chosen);
    throw new ToolError(`${variable} names ${chosen}, which is not an executable file`);
  }
  const directories = (env['PATH'] ?? '').split(delimiter).filter((item) => item !== '');
  for (const command of commands) {
    for (const directory of directories) {
      const path = resolve(directory, command);
      if (executable(path)) return path;
    }
  }
  throw new ToolError(
    `${title} was not found on PATH; install ${title} ${withJspi} or newer ` +
      `(Debian: apt-get install ${debian}) or name its executable in ${variable}`,
  );
}
