import { timingSafeEqual } from 'node:crypto';
import { rmSync } from 'node:fs';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, Page } from 'puppeteer-core';
import { WebSocketServer, type WebSocket } from 'ws';
import { deferred } from '../deferred.ts';
import { messageOf } from '../errors.ts';
import { launchBrowser, startProblem } from './browser.ts';
import {
  controlPath,
  endingStatus,
  hostVersion,
  readClientMessage,
  type ClientMessage,
  type HostMessage,
} from './messages.ts';
import { killMarked } from './processes.ts';
import { browserDirectory, profileOrigin, writeProfile, type Profile } from './profile.ts';

/** A host that nobody has connected to after this long ends again. */
const firstClientWithin = 30_000;

/** How long the browser may take to end when asked, before it is killed. */
const browserEndsWithin = 10_000;

class Client {
  readonly socket: WebSocket;
  readonly tabs = new Map<number, Promise<Page>>();
  leaving = false;

  constructor(socket: WebSocket) {
    this.socket = socket;
  }

  send(message: HostMessage): void {
    this.socket.send(JSON.stringify(message));
  }
}

/**
 * The host of one profile: owns its browser and its origin, and opens and closes tabs for clients.
 * It ends when its last client has disconnected, in whatever way.
 */
export class Host {
  readonly #profile: Profile;
  readonly #executable: string;
  readonly #headful: boolean;
  readonly #clients = new Set<Client>();
  readonly #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  #browser: Promise<Browser> | undefined;
  /** Resolved when there was a client, or none came in time. */
  readonly #firstClient = deferred<undefined>();
  #ending = false;

  /** @param server already listens on the profile's port, which makes this process the host */
  constructor(profile: Profile, executable: string, headful: boolean, server: Server) {
    this.#profile = profile;
    this.#executable = executable;
    this.#headful = headful;
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** Starts the browser and serves clients from now on. */
  start(): void {
    this.#browser = this.#startBrowser();
    this.#browser.catch(async (error: unknown) => {
      console.error(error);
      await this.#fail({ type: 'start-failed', message: startProblem(error) });
    });
    setTimeout(() => this.#firstClient.resolve(undefined), firstClientWithin);
    void this.#firstClient.promise.then(() => {
      if (this.#clients.size === 0) void this.end();
    });
  }

  async #startBrowser(): Promise<Browser> {
    const profile = this.#profile;
    const { browser, browserPid } = profile.state;
    const directory = browserDirectory(profile);
    // A browser recorded here belonged to a host that was killed: this process has the port now.
    if (browserPid !== undefined && !(await killMarked(browserPid, directory))) {
      throw new Error(`process ${browserPid}, left behind by a killed run, does not end`);
    }
    profile.state.hostPid = process.pid;
    delete profile.state.browserPid;
    writeProfile(profile);
    const started = await launchBrowser({
      browser,
      executable: this.#executable,
      directory,
      headful: this.#headful,
    });
    profile.state.browserPid = started.process()?.pid;
    writeProfile(profile);
    started.on('disconnected', () => {
      if (!this.#ending) void this.#fail({ type: 'browser-ended' });
    });
    return started;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refuse = (status: number) => {
      socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    };
    const given = Buffer.from(request.headers.authorization ?? '');
    const wanted = Buffer.from(`Bearer ${this.#profile.state.token}`);
    if (request.url !== controlPath) {
      refuse(404);
    } else if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
      refuse(401);
    } else if (this.#ending) {
      refuse(endingStatus);
    } else {
      this.#sockets.handleUpgrade(request, socket, head, (client) => this.#welcome(client));
    }
  }

  #welcome(socket: WebSocket): void {
    const client = new Client(socket);
    this.#clients.add(client);
    this.#firstClient.resolve(undefined);
    socket.on('message', (data) => {
      try {
        // cast: with the default binaryType, `ws` hands over messages as one Buffer.
        this.#handle(client, readClientMessage(JSON.parse((data as Buffer).toString())));
      } catch (error) {
        console.error(error);
        socket.terminate();
      }
    });
    socket.on('error', (error) => console.error(error));
    socket.on('close', () => void this.#disconnected(client));
    client.send({ type: 'welcome', version: hostVersion, headful: this.#headful });
  }

  #handle(client: Client, message: ClientMessage): void {
    switch (message.type) {
      case 'open':
        void this.#open(client, message.tab, message.target);
        break;
      case 'close':
        void this.#close(client, message.tab);
        break;
      case 'leave':
        void this.#leave(client);
        break;
    }
  }

  async #open(client: Client, tab: number, target: string): Promise<void> {
    const opening = this.#openPage(client, tab, target);
    client.tabs.set(tab, opening);
    try {
      await opening;
      client.send({ type: 'opened', tab });
    } catch (error) {
      client.tabs.delete(tab);
      console.error(error);
      client.send({ type: 'tab-failed', tab, message: messageOf(error) });
    }
  }

  async #openPage(client: Client, tab: number, target: string): Promise<Page> {
    if (!this.#browser) throw new Error('the host has not been started');
    const browser = await this.#browser;
    const page = await browser.newPage();
    const ended = (message: string) => {
      if (client.tabs.delete(tab) && !client.leaving)
        client.send({ type: 'tab-failed', tab, message });
    };
    page.on('console', (message) => console.error(`tab ${tab}: ${message.text()}`));
    page.on('pageerror', (error) => console.error(`tab ${tab}: ${messageOf(error)}`));
    page.on('close', () => ended('its tab was closed'));
    page.on('error', (error) => ended(`its tab crashed: ${error.message}`));
    await page.goto(new URL(target, profileOrigin(this.#profile)).href, {
      waitUntil: 'domcontentloaded',
    });
    return page;
  }

  async #close(client: Client, tab: number): Promise<void> {
    const opening = client.tabs.get(tab);
    client.tabs.delete(tab);
    try {
      await (await opening)?.close();
    } catch (error) {
      // A tab that cannot be closed has crashed or gone; the browser's end takes the rest.
      console.error(error);
    }
    client.send({ type: 'closed', tab });
  }

  async #leave(client: Client): Promise<void> {
    // Its tabs end with it, which is no news to it.
    client.leaving = true;
    await this.#disconnected(client);
    client.socket.close();
  }

  async #disconnected(client: Client): Promise<void> {
    if (!this.#clients.delete(client)) return;
    if (this.#clients.size === 0) {
      await this.end();
      return;
    }
    await Promise.all([...client.tabs.keys()].map((tab) => this.#close(client, tab)));
  }

  async #fail(message: HostMessage): Promise<void> {
    // A browser that fails at once can be faster than the client that asked for it.
    await this.#firstClient.promise;
    for (const client of this.#clients) client.send(message);
    await this.end();
  }

  /** Ends the browser and this process. Clients that connect meanwhile are told to try again. */
  async end(): Promise<never> {
    if (this.#ending) return new Promise<never>(() => undefined);
    this.#ending = true;
    await this.#endBrowser();
    delete this.#profile.state.hostPid;
    delete this.#profile.state.browserPid;
    if (this.#profile.state.temporary) {
      rmSync(this.#profile.directory, { recursive: true, force: true, maxRetries: 10 });
    } else {
      writeProfile(this.#profile);
    }
    process.exit();
  }

  async #endBrowser(): Promise<void> {
    const browser = await this.#browser?.catch(() => undefined);
    const child = browser?.process();
    const pid = child?.pid;
    if (!browser || !child || pid === undefined) return;
    const exited = new Promise<void>((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) resolve();
      else child.once('exit', () => resolve());
    });
    const asked = browser.close().catch((error: unknown) => console.error(error));
    await Promise.race([
      Promise.all([exited, asked]),
      delay(browserEndsWithin, undefined, { ref: false }),
    ]);
    await killMarked(pid, browserDirectory(this.#profile));
  }
}
