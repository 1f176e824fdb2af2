import { createServer, type Server } from 'node:http';
import sirv from 'sirv';
import { errorCode } from '../errors.ts';

/** The port of an origin is in use. */
export class PortTaken extends Error {
  override readonly name = 'PortTaken';
}

/**
 * Serves a directory of static files on http://127.0.0.1:PORT.
 *
 * @returns the server, already listening
 * @throws PortTaken when something else listens there
 */
export async function serveOrigin(port: number, directory: string): Promise<Server> {
  const files = sirv(directory, {
    etag: true,
    setHeaders: (response) => {
      // Revalidated at every load: a rebuilt tool must not meet its old page.
      response.setHeader('Cache-Control', 'no-cache');
    },
  });
  const server = createServer((request, response) => {
    // A page of another site whose name was pointed at this address must not get in.
    if (request.headers.host !== `127.0.0.1:${port}`) {
      response.writeHead(421).end();
      return;
    }
    files(request, response, () => {
      response.writeHead(404).end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(errorCode(error) === 'EADDRINUSE' ? new PortTaken(error.message) : error),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}
