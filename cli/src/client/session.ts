import { browserTitle } from '../browsers.ts';
import { deferred } from '../deferred.ts';
import { ToolError } from '../errors.ts';
import type { Profile } from '../host/profile.ts';
import { HostConnection } from './host-connection.ts';
import { PageServer, type PageConnection } from './page-connection.ts';
import type { Progress } from './progress.ts';

/** How long a page may take to connect once its tab has been opened. */
const pageConnectsWithin = 30_000;

/** One use of a profile's browser by this process: the tabs it opens live as long as the session. */
export class Session {
  readonly #host: HostConnection;
  readonly #pages: PageServer;

  private constructor(host: HostConnection, pages: PageServer) {
    this.#host = host;
    this.#pages = pages;
  }

  /** Connects to the profile's browser, starting it when it does not run. */
  static async open(profile: Profile, headful: boolean, progress: Progress): Promise<Session> {
    progress.show(`starting ${browserTitle(profile.state.browser)}`);
    const host = await HostConnection.open(profile, headful);
    return new Session(host, await PageServer.listen(host.origin));
  }

  /**
   * Opens a tab whose page runs nodes for this process.
   *
   * @param title shown as the tab's title
   * @throws ToolError when the browser does not start, the tab does not open or cannot run nodes
   */
  async openPage(title: string): Promise<PageConnection> {
    const { address, connection } = this.#pages.expect();
    const ended = deferred<never>();
    ended.promise.catch(() => undefined);
    const fragment = new URLSearchParams({ server: address, title });
    await this.#host.openTab(`/#${fragment.toString()}`, (message) => {
      ended.reject(new ToolError(message));
      void connection.then((page) => page.end(message));
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new ToolError('the page did not connect back within 30 seconds')),
        pageConnectsWithin,
      );
    });
    const page = await Promise.race([connection, late, ended.promise]);
    clearTimeout(timer);
    await page.ready;
    return page;
  }

  /** Closes the session's tabs; resolves when they, and for the last session the browser, are gone. */
  async close(): Promise<void> {
    await this.#host.leave();
    this.#pages.close();
  }
}
