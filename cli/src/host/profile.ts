/**
 * A profile: a directory that holds a browser's own profile, and `backtab.json`, which says what
 * belongs to it. Disks live in the browser's profile under the origin http://127.0.0.1:PORT, so the
 * port is part of the profile and never changes.
 *
 * The port is also the profile's lock and its rendezvous: the one host process of a profile is
 * whoever listens there. The system takes it back from a process that dies, so nothing goes stale.
 */
import { randomBytes, randomInt } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { browserNames, browserTitle, type BrowserName } from '../browsers.ts';
import { errorCode, messageOf, ToolError } from '../errors.ts';
import { JsonValue } from '../json.ts';

const stateFile = 'backtab.json';

/** What `backtab.json` holds. */
export interface ProfileState {
  /** The format of this file. */
  version: 1;
  browser: BrowserName;
  /** The port of the origin that the profile's disks belong to. */
  port: number;
  /** Proves to the host that a client may read this profile. */
  token: string;
  /** The host removes the whole directory when it ends. */
  temporary: boolean;
  /** The host's process id while it runs; left behind only by one that was killed. */
  hostPid?: number | undefined;
  /** The browser's, likewise. */
  browserPid?: number | undefined;
}

/** A profile's directory (its real path) and what is recorded there. */
export interface Profile {
  directory: string;
  state: ProfileState;
}

/** Where the browser keeps its own profile. */
export function browserDirectory(profile: Profile): string {
  return join(profile.directory, profile.state.browser);
}

/** The file that takes the host's and the browser's diagnostics. */
export function hostLog(profile: Profile): string {
  return join(profile.directory, 'host.log');
}

/** The origin of the profile's pages. */
export function profileOrigin(profile: Profile): string {
  return `http://127.0.0.1:${profile.state.port}`;
}

function readState(directory: string): ProfileState {
  const path = join(directory, stateFile);
  try {
    const document = new JsonValue(JSON.parse(readFileSync(path, 'utf8')));
    const { version, browser, port, token, temporary, hostPid, browserPid } = document.object([
      'version',
      'browser',
      'port',
      'token',
      'temporary',
      'hostPid',
      'browserPid',
    ]);
    if (version.integer() !== 1) throw version.wrong('version 1');
    return {
      version: 1,
      browser: browser.oneOf(browserNames),
      port: port.integer(),
      token: token.string(),
      temporary: temporary.boolean(),
      hostPid: hostPid.optional((pid) => pid.integer()),
      browserPid: browserPid.optional((pid) => pid.integer()),
    };
  } catch (error) {
    throw new ToolError(`${path} is not a profile that this backtab can use: ${messageOf(error)}`);
  }
}

/** Reads an existing profile. @throws ToolError when it is none */
export function readProfile(directory: string): Profile {
  return { directory, state: readState(directory) };
}

/** Replaces `backtab.json` in one step, readable by its owner only. */
export function writeProfile(profile: Profile): void {
  const path = join(profile.directory, stateFile);
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(profile.state, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, path);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** A free port below those that systems hand out to outgoing connections (32768 and up). */
async function choosePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(20_000, 32_768);
    if (await isFree(port)) return port;
  }
  throw new ToolError('found no free port on 127.0.0.1 for the profile');
}

async function create(
  directory: string,
  browser: BrowserName,
  temporary: boolean,
): Promise<Profile> {
  const state: ProfileState = {
    version: 1,
    browser,
    port: await choosePort(),
    token: randomBytes(32).toString('hex'),
    temporary,
  };
  const draft = join(directory, `${stateFile}.${process.pid}`);
  writeFileSync(draft, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
  try {
    // Unlike a rename, a link fails when another client has just created the same profile.
    linkSync(draft, join(directory, stateFile));
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readProfile(directory);
}

/** A new profile below the system's directory for temporary files. */
export async function createTemporaryProfile(browser: BrowserName): Promise<Profile> {
  return create(realpathSync(mkdtempSync(join(tmpdir(), 'backtab-'))), browser, true);
}

/**
 * Opens the profile in `directory`, creating it when there is none.
 *
 * @param browser what the profile must belong to; by default what it belongs to, or Chromium
 * @throws ToolError when the profile belongs to another browser or cannot be created
 */
export async function openProfile(
  directory: string,
  browser: BrowserName | undefined,
): Promise<Profile> {
  let real;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    real = realpathSync(directory);
  } catch (error) {
    throw new ToolError(`the profile ${directory} cannot be created: ${messageOf(error)}`);
  }
  const profile = existsSync(join(real, stateFile))
    ? readProfile(real)
    : await create(real, browser ?? 'chromium', false);
  const owner = profile.state.browser;
  if (browser !== undefined && browser !== owner) {
    throw new ToolError(
      `the profile ${directory} belongs to ${browserTitle(owner)}; ` +
        `use --browser ${owner} or another --profile`,
    );
  }
  return profile;
}
