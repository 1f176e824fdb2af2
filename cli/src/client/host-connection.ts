import { spawn } from 'node:child_process';
import { openSync, closeSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { browserTitle, findBrowser } from '../browsers.ts';
import { deferred } from '../deferred.ts';
import { errorCode, ToolError } from '../errors.ts';
import { JsonError } from '../json.ts';
import {
  controlPath,
  endingStatus,
  hostVersion,
  listeningLine,
  portTakenStatus,
  readHostMessage,
  type ClientMessage,
  type HostMessage,
} from '../host/messages.ts';
import { killMarked } from '../host/processes.ts';
import {
  browserDirectory,
  hostLog,
  profileOrigin,
  readProfile,
  type Profile,
} from '../host/profile.ts';

/** What may answer on a profile's port. */
type Attempt =
  { kind: 'host'; connection: HostConnection } | { kind: 'nobody' | 'ending' | 'stranger' };

function connect(profile: Profile): Promise<Attempt> {
  return new Promise((resolve) => {
    const url = `ws://127.0.0.1:${profile.state.port}${controlPath}`;
    const socket = new WebSocket(url, {
      headers: { authorization: `Bearer ${profile.state.token}` },
      handshakeTimeout: 10_000,
      perMessageDeflate: false,
    });
    // Made in the event itself, since messages may follow in the same turn.
    socket.on('open', () =>
      resolve({ kind: 'host', connection: new HostConnection(profile, socket) }),
    );
    socket.on('unexpected-response', (request, response) => {
      resolve({ kind: response.statusCode === endingStatus ? 'ending' : 'stranger' });
      request.destroy();
    });
    socket.on('error', (error) => {
      const code = errorCode(error);
      // A host that ends resets connections that it had not accepted yet.
      if (code === 'ECONNREFUSED' || code === 'ECONNRESET') resolve({ kind: 'nobody' });
      else resolve({ kind: 'stranger' });
    });
  });
}

/**
 * Starts the host process of a profile, detached from this one.
 *
 * @returns whether it listens; false when another process was faster to take the port
 */
async function startHost(profile: Profile, executable: string, headful: boolean): Promise<boolean> {
  const log = openSync(hostLog(profile), 'a', 0o600);
  const entry = fileURLToPath(new URL('./host.mjs', import.meta.url));
  const child = spawn(
    process.execPath,
    [entry, profile.directory, executable, headful ? 'headful' : 'headless'],
    { detached: true, stdio: ['ignore', 'pipe', log], cwd: '/' },
  );
  closeSync(log);
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', (data: Buffer) => {
      if (data.toString() !== listeningLine) return;
      child.stdout?.destroy();
      child.unref();
      // From now on its end is seen on the connection.
      child.removeAllListeners('exit');
      resolve(true);
    });
    child.once('error', (error) => reject(error));
    child.once('exit', (status) => {
      if (status === portTakenStatus) resolve(false);
      else
        reject(new ToolError(`the browser's host process failed: ${lastLine(hostLog(profile))}`));
    });
  });
}

/** @throws ToolError when there is nowhere to show a window */
function checkDisplay(): void {
  const { DISPLAY: x11, WAYLAND_DISPLAY: wayland } = process.env;
  if (process.platform !== 'linux' || x11 !== undefined || wayland !== undefined) return;
  throw new ToolError('--headful needs a display: set DISPLAY, or run under xvfb-run');
}

function lastLine(path: string): string {
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1) ?? 'it left no message';
}

/**
 * A client's connection to the host of a profile. Tabs opened through it are closed when it ends,
 * and the last client's end is also the browser's.
 */
export class HostConnection {
  readonly #profile: Profile;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
  readonly #tabs = new Map<number, (message: string) => void>();
  readonly #welcome = deferred<HostMessage>();
  readonly #ended: Promise<void>;
  #nextTab = 1;
  #leaving = false;
  #failure: Error | undefined;
  /** Set when the browser ended under its programs (killed, crashed). */
  browserEnded = false;

  /** @param socket has just been opened */
  constructor(profile: Profile, socket: WebSocket) {
    this.#profile = profile;
    this.#socket = socket;
    this.#welcome.promise.catch(() => undefined);
    socket.on('message', (data) => {
      try {
        // cast: with the default binaryType, `ws` hands over messages as one Buffer.
        const message = readHostMessage(JSON.parse((data as Buffer).toString()));
        this.#welcome.resolve(message);
        this.#handle(message);
      } catch (error) {
        if (!(error instanceof JsonError) && !(error instanceof SyntaxError)) throw error;
        this.#welcome.reject(this.#otherVersion());
        this.#fail(this.#otherVersion().message);
        socket.terminate();
      }
    });
    socket.on('error', () => undefined);
    this.#ended = new Promise((resolve) => {
      socket.on('close', () => {
        this.#welcome.reject(new ToolError('the host process of the profile ended at once'));
        void this.#closed().then(resolve);
      });
    });
  }

  /**
   * Connects to the profile's host, starting it when there is none.
   *
   * @throws ToolError when the port is taken by something else or the host cannot be used
   */
  static async open(profile: Profile, headful: boolean): Promise<HostConnection> {
    try {
      return await HostConnection.#openOrStart(profile, headful);
    } catch (error) {
      // Nobody else knows of it, unless a host has come to own it.
      if (profile.state.temporary) rmSync(profile.directory, { recursive: true, force: true });
      throw error;
    }
  }

  static async #openOrStart(profile: Profile, headful: boolean): Promise<HostConnection> {
    const { port, browser } = profile.state;
    if (headful) checkDisplay();
    const taken = new ToolError(
      `port ${port}, where the profile ${profile.directory} keeps its disks, is taken by ` +
        `something else; end that, or use another --profile`,
    );
    let lost = 0;
    for (;;) {
      const attempt = await connect(profile);
      switch (attempt.kind) {
        case 'host':
          await attempt.connection.#greet(headful);
          return attempt.connection;
        case 'nobody':
          if (await startHost(profile, findBrowser(browser, process.env), headful)) break;
          // Lost against the host of a faster client, who answers next, or against a stranger.
          if (++lost === 10) throw taken;
          await delay(20);
          break;
        case 'ending':
          await delay(20);
          break;
        case 'stranger':
          throw taken;
      }
    }
  }

  #otherVersion(): ToolError {
    const { directory } = this.#profile;
    return new ToolError(
      `the profile ${directory} is in use by another version of backtab; end that first`,
    );
  }

  async #greet(headful: boolean): Promise<void> {
    const welcome = await this.#welcome.promise;
    const { directory } = this.#profile;
    if (welcome.type !== 'welcome' || welcome.version !== hostVersion) {
      this.#socket.terminate();
      throw this.#otherVersion();
    }
    if (headful && !welcome.headful) {
      this.#socket.terminate();
      throw new ToolError(
        `the profile ${directory} is in use by a headless browser; ` +
          `end that first or leave out --headful`,
      );
    }
  }

  #send(message: ClientMessage): void {
    this.#socket.send(JSON.stringify(message));
  }

  #handle(message: HostMessage): void {
    switch (message.type) {
      case 'welcome':
        break;
      case 'opened':
      case 'closed':
        this.#waiting.get(message.tab)?.resolve();
        this.#waiting.delete(message.tab);
        break;
      case 'tab-failed':
        this.#waiting.get(message.tab)?.reject(new ToolError(message.message));
        this.#waiting.delete(message.tab);
        this.#tabs.get(message.tab)?.(message.message);
        this.#tabs.delete(message.tab);
        break;
      case 'start-failed':
        this.#fail(
          `${browserTitle(this.#profile.state.browser)} did not start: ${message.message}`,
        );
        break;
      case 'browser-ended':
        this.browserEnded = true;
        this.#fail('the browser ended');
        break;
    }
  }

  #fail(message: string): void {
    this.#failure ??= new ToolError(message);
    for (const waiting of this.#waiting.values()) waiting.reject(this.#failure);
    this.#waiting.clear();
    for (const ended of this.#tabs.values()) ended(message);
    this.#tabs.clear();
  }

  async #closed(): Promise<void> {
    if (this.#leaving || this.#failure) return;
    // The host was killed: what it would have cleaned up is now this client's to do.
    const { browserPid, temporary } = readProfile(this.#profile.directory).state;
    if (browserPid !== undefined) {
      await killMarked(browserPid, browserDirectory(this.#profile));
    }
    if (temporary) rmSync(this.#profile.directory, { recursive: true, force: true });
    this.browserEnded = true;
    this.#fail('the host process of the browser was killed');
  }

  #answer(tab: number): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => this.#waiting.set(tab, { resolve, reject }));
  }

  /** The origin that tabs are opened on. */
  get origin(): string {
    return profileOrigin(this.#profile);
  }

  /**
   * Opens a tab.
   *
   * @param target the URL's path and fragment on the profile's origin
   * @param ended called with a reason when the tab ends by itself
   * @returns what closes the tab
   */
  async openTab(target: string, ended: (message: string) => void): Promise<() => Promise<void>> {
    const tab = this.#nextTab++;
    const opened = this.#answer(tab);
    if (!this.#failure) this.#send({ type: 'open', tab, target });
    await opened;
    this.#tabs.set(tab, ended);
    return async () => {
      if (this.#failure || !this.#tabs.delete(tab)) return;
      const closed = this.#answer(tab);
      this.#send({ type: 'close', tab });
      await closed;
    };
  }

  /**
   * Leaves the host, which closes this client's tabs. Resolves when that is done, for the last
   * client when browser and host have ended.
   */
  async leave(): Promise<void> {
    if (!this.#leaving && !this.#failure) {
      this.#leaving = true;
      this.#send({ type: 'leave' });
    }
    await this.#ended;
  }
}
