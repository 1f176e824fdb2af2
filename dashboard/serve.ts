import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import sirv from 'sirv';

/**
 * The page's usual port. It should stay the same from run to run: a browser keeps what a page
 * stores by its origin, and the port is part of that.
 */
export const DEFAULT_PORT = 7377;

/** How many ports after the wanted one are tried when it is taken. */
const FURTHER_PORTS = 20;

/** A running server of the demo page. */
export interface DemoServer {
  /** The page's address. */
  readonly url: string;
  readonly port: number;
  close(): void;
}

/**
 * Serves the built page and the C++ programs on the loopback interface.
 *
 * @param root - the checkout's root
 * @param port - the port to take; when it is taken, one of the next
 */
export async function serveDemo(root: string, port: number): Promise<DemoServer> {
  // `dev` looks at the files at every request, so a new build is served at once.
  const page = sirv(join(root, 'build/dashboard'), { dev: true });
  const programs = sirv(join(root, 'build/wasm/examples/kv'), { dev: true });
  const server = createServer((request, response) => {
    const notFound = (): void => {
      response.writeHead(404).end('not found');
    };
    const prefix = '/programs/';
    if (request.url?.startsWith(prefix) === true) {
      request.url = request.url.slice(prefix.length - 1);
      programs(request, response, notFound);
    } else {
      page(request, response, notFound);
    }
  });
  for (let candidate = port; candidate <= port + FURTHER_PORTS; candidate++) {
    if (await listens(server, candidate)) {
      // cast: a server that listens on a TCP port has an address of this type.
      const actual = (server.address() as AddressInfo).port;
      return {
        url: `http://localhost:${actual}/`,
        port: actual,
        close: () => {
          server.close();
          server.closeAllConnections();
        },
      };
    }
  }
  throw new Error(`ports ${port} to ${port + FURTHER_PORTS} are all taken; choose another: --port`);
}

/** Makes the server listen; false when the port is taken. */
function listens(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    };
    server.once('error', onError);
    server.listen(port, 'localhost', () => {
      server.off('error', onError);
      resolve(true);
    });
  });
}
