/** The page of a tab: connects back to the tool that opened it and runs nodes for it. */
import { messageOf } from '../errors.ts';
import { Multiplexer } from '../multiplexer.ts';
import { protocolVersion, readToolMessage } from '../protocol.ts';
import { NodeRunner } from './node-runner.ts';

function required(value: string | null, what: string): string {
  if (value === null) throw new Error(`the page's address has no ${what}`);
  return value;
}

const parameters = new URLSearchParams(location.hash.slice(1));
document.title = `${parameters.get('title') ?? ''} · backtab`;

const socket = new WebSocket(required(parameters.get('server'), 'server'));
socket.binaryType = 'arraybuffer';

const multiplexer: Multiplexer = new Multiplexer(
  // A frame is an array of its own, never over shared memory.
  (frame) => socket.send(frame as Uint8Array<ArrayBuffer>),
  (message) => runner.handle(readToolMessage(message)),
);
const main = document.querySelector('main');
if (!main) throw new Error('the page has no <main>');
const runner = new NodeRunner(multiplexer, main);

socket.onopen = () => {
  multiplexer.control({
    type: 'ready',
    version: protocolVersion,
    problem:
      'Suspending' in WebAssembly
        ? undefined
        : 'this browser has no WebAssembly JavaScript Promise Integration (JSPI): ' +
          'use Chromium 137, Firefox 153 or newer',
  });
};
socket.onmessage = (event: MessageEvent<ArrayBuffer>) => {
  try {
    multiplexer.receive(new Uint8Array(event.data));
  } catch (error) {
    // 4000: the first of the codes that are an application's own.
    socket.close(4000, messageOf(error).slice(0, 100));
  }
};
socket.onclose = () => {
  // The tool has gone; so must what it ran, even if this tab stays open.
  runner.end();
  multiplexer.close(new Error('the tool has gone'));
};
