/**
 * The demo: a key-value server and its client, both C++, as two nodes of this page. With
 * `?role=client` the page runs a client only, for the server in another tab.
 */
import { spawn } from '../../shim/src/node/index.ts';
import { NodePanel } from './node-panel.ts';

const NETWORK = 'demo';
const SERVER = 'server';
const PORT = '6379';

/** What a node fails with when another tab has its name or its disk. */
const SERVER_ELSEWHERE = ['EADDRINUSE', 'EBUSY'];

const programs = {
  server: new URL('programs/kv-server.wasm', document.baseURI),
  client: new URL('programs/kv-client.wasm', document.baseURI),
};

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

/** Shows one of the page's notices, which are in its HTML, and hides the others. */
function notice(id?: 'no-jspi' | 'server-elsewhere'): void {
  for (const section of element('notices').children) {
    section.toggleAttribute('hidden', section.id !== id);
  }
}

const nodes = element('nodes');

function addClient(name?: string): NodePanel {
  const client = new NodePanel(nodes, {
    title: 'C++ client',
    interactive: true,
    spawn: {
      program: programs.client,
      args: [SERVER, PORT],
      network: NETWORK,
      terminal: true,
      ...(name === undefined ? {} : { name }),
    },
    stop: (panel) => panel.closeInput(),
    stopTitle: 'Ends its input, as Ctrl-D does: the program ends by itself',
  });
  for (const button of element('suggestions').querySelectorAll('button')) {
    button.onclick = () => client.enter(button.textContent);
  }
  element('suggestions').hidden = false;
  return client;
}

/** Asks the server to end, as any client could: by a node that lives for one command. */
function shutServerDown(): void {
  spawn({ program: programs.client, args: [SERVER, PORT, 'SHUTDOWN'], network: NETWORK });
}

function runServerAndClient(): void {
  let client: NodePanel | undefined;
  let printed = '';
  const server = new NodePanel(nodes, {
    title: 'C++ server',
    interactive: false,
    spawn: {
      program: programs.server,
      args: ['--port', PORT, '--data', '/data'],
      network: NETWORK,
      name: SERVER,
      disk: 'kv',
      terminal: { stdout: true, stderr: true },
    },
    stop: shutServerDown,
    stopTitle: 'Sends it the command SHUTDOWN: the program ends by itself',
    onOutput: (text) => {
      if (client !== undefined) return;
      printed += text;
      if (!printed.includes('ready to accept connections')) return;
      client = addClient('client');
      client.start();
      client.focus();
    },
    onExit: ({ code = '' }) => {
      if (SERVER_ELSEWHERE.includes(code)) notice('server-elsewhere');
    },
  });
  element('try-again').onclick = () => {
    notice();
    void server.restart();
  };
  server.start();
}

function runClient(): void {
  document.title = 'Client · backtab demo';
  element('about').hidden = true;
  element('about-client').hidden = false;
  const client = addClient();
  client.start();
  client.focus();
}

if (!('Suspending' in WebAssembly)) {
  notice('no-jspi');
} else if (new URLSearchParams(location.search).get('role') === 'client') {
  runClient();
} else {
  runServerAndClient();
}
