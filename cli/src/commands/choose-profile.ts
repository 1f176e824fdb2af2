import type { BrowserName } from '../browsers.ts';
import { createTemporaryProfile, openProfile, type Profile } from '../host/profile.ts';
import { defaultProfile } from '../paths.ts';

/**
 * The profile for a command: what `--profile` names, else the user's own when a disk is named (disks
 * are to survive), else a temporary one.
 */
export function chooseProfile(
  directory: string | undefined,
  browser: BrowserName | undefined,
  keepsDisks: boolean,
): Promise<Profile> {
  if (directory !== undefined) return openProfile(directory, browser);
  const chosen = browser ?? 'chromium';
  return keepsDisks ? openProfile(defaultProfile(chosen), chosen) : createTemporaryProfile(chosen);
}
