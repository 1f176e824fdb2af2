import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ByteSink } from '../abi/byte-sink.ts';
import { Trap, WitError } from '../abi/errors.ts';
import type { InputStream, OutputStream, StreamError } from '../generated/io.ts';
import type {
  ErrorCode,
  IpAddressFamily,
  IpSocketAddress,
  SocketsInterfaces,
  TcpSocket,
  UdpSocket,
} from '../generated/sockets.ts';
import { formatAddress, type IpAddress, parseAddress } from '../net/address.ts';
import { MemoryCarrier } from '../net/carrier/memory.ts';
import { MemoryLocks } from '../net/locks.ts';
import { Stack } from '../net/stack.ts';
import { createSockets } from './sockets.ts';
import { fromWitSocketAddress, toWitSocketAddress } from './sockets-network.ts';
import { fixture, runGuest } from './testing.ts';

const timeout = 30_000;
const network = {};

function address(host: string, port: number): IpSocketAddress {
  return toWitSocketAddress({ address: parseAddress(host) ?? assert.fail(host), port });
}

function hostOf(ip: IpSocketAddress): string {
  return formatAddress(fromWitSocketAddress(ip).address);
}

/** Asserts that a call fails with an error code of wasi:sockets. */
function fails(code: ErrorCode, call: () => unknown): void {
  assert.throws(call, (error) => {
    assert(error instanceof WitError, `a WitError, not ${String(error)}`);
    assert.equal(error.payload, code);
    return true;
  });
}

/** Asserts that a stream operation fails with `closed` or with `last-operation-failed`. */
function failsStream(tag: StreamError['tag'], call: () => unknown): void {
  assert.throws(call, (error) => {
    assert(error instanceof WitError, `a WitError, not ${String(error)}`);
    // Streams throw nothing but stream errors.
    assert.equal((error.payload as StreamError).tag, tag);
    return true;
  });
}

class Sink implements ByteSink {
  bytes = new Uint8Array(0);

  allocate(length: number): Uint8Array {
    this.bytes = new Uint8Array(length);
    return this.bytes;
  }
}

/** Reads what is there, as text. */
function read(input: InputStream, length: number): string {
  const sink = new Sink();
  assert.equal(input.read(length, sink), undefined);
  return new TextDecoder().decode(sink.bytes);
}

async function blockingRead(input: InputStream, length: number): Promise<string> {
  const sink = new Sink();
  await input.blockingRead(length, sink);
  return new TextDecoder().decode(sink.bytes);
}

function write(output: OutputStream, text: string): void {
  const bytes = new TextEncoder().encode(text);
  assert(output.checkWrite() >= bytes.length);
  assert.equal(output.write(bytes), undefined);
}

async function ready(socket: TcpSocket): Promise<void> {
  await socket.subscribe().block();
}

const families: readonly {
  family: IpAddressFamily;
  loopback: string;
  wildcard: string;
  own: string;
}[] = [
  { family: 'ipv4', loopback: '127.0.0.1', wildcard: '0.0.0.0', own: '10.0.0.1' },
  { family: 'ipv6', loopback: '::1', wildcard: '::', own: 'fd00:b7ab::1' },
];

for (const { family, loopback, wildcard, own } of families) {
  suite(`wasi:sockets, ${family}`, { timeout }, () => {
    /** Runs a test with the interfaces of a node of its own. */
    const withSockets = (
      name: string,
      run: (sockets: SocketsInterfaces, create: () => TcpSocket) => void | Promise<void>,
    ): void => {
      test(name, { timeout }, async () => {
        const stack = await Stack.create({
          network: 'test',
          carrier: new MemoryCarrier(),
          locks: new MemoryLocks().holder(),
        });
        const sockets = createSockets(stack);
        try {
          await run(sockets, () =>
            sockets['wasi:sockets/tcp-create-socket'].createTcpSocket(family),
          );
        } finally {
          await stack.close('kill');
        }
      });
    };
    const bind = (socket: TcpSocket | UdpSocket, host = loopback, port = 0): IpSocketAddress => {
      socket.startBind(network, address(host, port));
      socket.finishBind();
      return socket.localAddress();
    };
    const listen = async (socket: TcpSocket, host = loopback): Promise<IpSocketAddress> => {
      const local = bind(socket, host);
      socket.startListen();
      await ready(socket);
      socket.finishListen();
      return local;
    };
    const connect = async (
      socket: TcpSocket,
      to: IpSocketAddress,
    ): Promise<readonly [InputStream, OutputStream]> => {
      socket.startConnect(network, to);
      await ready(socket);
      return socket.finishConnect();
    };

    /** What holds in every state but where it is said otherwise. */
    const checkOptions = (socket: TcpSocket): void => {
      socket.setKeepAliveEnabled(true);
      assert.equal(socket.keepAliveEnabled(), true);
      assert(socket.keepAliveIdleTime() > 0n && socket.keepAliveInterval() > 0n);
      fails('invalid-argument', () => socket.setKeepAliveIdleTime(0n));
      fails('invalid-argument', () => socket.setKeepAliveInterval(0n));
      fails('invalid-argument', () => socket.setKeepAliveCount(0));
      fails('invalid-argument', () => socket.setHopLimit(0));
      fails('invalid-argument', () => socket.setReceiveBufferSize(0n));
      fails('invalid-argument', () => socket.setSendBufferSize(0n));
      const largest = 2n ** 64n - 1n;
      for (const value of [1n, largest]) {
        socket.setKeepAliveIdleTime(value);
        socket.setKeepAliveInterval(value);
        socket.setReceiveBufferSize(value);
        socket.setSendBufferSize(value);
      }
      socket.setKeepAliveCount(2 ** 32 - 1);
      socket.setHopLimit(255);
      socket.setKeepAliveIdleTime(1n);
      assert(socket.keepAliveIdleTime() > 0n && socket.keepAliveIdleTime() <= 1_000_000_000n);
      socket.setKeepAliveIdleTime(42_000_000_000n);
      socket.setKeepAliveInterval(42_000_000_000n);
      socket.setKeepAliveCount(42);
      socket.setHopLimit(42);
      socket.setReceiveBufferSize(0x10000n);
      socket.setSendBufferSize(0x10000n);
      assert.equal(socket.keepAliveIdleTime(), 42_000_000_000n);
      assert.equal(socket.keepAliveInterval(), 42_000_000_000n);
      assert.equal(socket.keepAliveCount(), 42);
      assert.equal(socket.hopLimit(), 42);
      assert.equal(socket.receiveBufferSize(), 0x10000n);
      assert.equal(socket.sendBufferSize(), 0x10000n);
    };
    const checkNothingInProgress = (socket: TcpSocket): void => {
      fails('not-in-progress', () => socket.finishBind());
      fails('not-in-progress', () => socket.finishConnect());
      fails('not-in-progress', () => socket.finishListen());
      assert.equal(socket.addressFamily(), family);
    };

    withSockets('a socket that is unbound', (_, create) => {
      const socket = create();
      checkNothingInProgress(socket);
      fails('invalid-state', () => socket.startListen());
      fails('invalid-state', () => socket.accept());
      fails('invalid-state', () => socket.shutdown('both'));
      fails('invalid-state', () => socket.localAddress());
      fails('invalid-state', () => socket.remoteAddress());
      assert.equal(socket.isListening(), false);
      fails('invalid-argument', () => socket.setListenBacklogSize(0n));
      socket.setListenBacklogSize(32n);
      checkOptions(socket);
    });

    withSockets('a socket that is bound', (_, create) => {
      const socket = create();
      socket.startBind(network, address(loopback, 0));
      fails('invalid-state', () => socket.localAddress());
      fails('concurrency-conflict', () => socket.startBind(network, address(loopback, 0)));
      fails('not-in-progress', () => socket.finishListen());
      socket.finishBind();
      checkNothingInProgress(socket);
      fails('invalid-state', () => socket.startBind(network, address(loopback, 0)));
      fails('invalid-state', () => socket.accept());
      fails('invalid-state', () => socket.shutdown('send'));
      fails('invalid-state', () => socket.remoteAddress());
      assert.equal(socket.isListening(), false);
      assert(socket.localAddress().val.port !== 0);
      socket.setListenBacklogSize(32n);
      checkOptions(socket);
    });

    withSockets('a socket that listens', async (_, create) => {
      const socket = create();
      const local = await listen(socket, own);
      checkNothingInProgress(socket);
      fails('invalid-state', () => socket.startBind(network, local));
      fails('invalid-state', () => socket.startConnect(network, local));
      fails('invalid-state', () => socket.startListen());
      fails('would-block', () => socket.accept());
      fails('invalid-state', () => socket.shutdown('receive'));
      fails('invalid-state', () => socket.remoteAddress());
      assert.equal(socket.isListening(), true);
      assert.equal(socket.subscribe().ready(), false);
      socket.setListenBacklogSize(32n);
      checkOptions(socket);
    });

    withSockets('a socket that is connected', async (_, create) => {
      const listener = create();
      const local = await listen(listener);
      const socket = create();
      await connect(socket, local);
      checkNothingInProgress(socket);
      fails('invalid-state', () => socket.startBind(network, local));
      fails('invalid-state', () => socket.startConnect(network, local));
      fails('invalid-state', () => socket.startListen());
      fails('invalid-state', () => socket.accept());
      assert.deepEqual(socket.remoteAddress(), local);
      assert.equal(socket.isListening(), false);
      checkOptions(socket);
    });

    withSockets('bind', async (_, create) => {
      for (const host of [loopback, wildcard, own]) {
        const first = create();
        const local = bind(first, host);
        assert.equal(hostOf(local), host);
        assert(local.val.port > 0);
        const second = create();
        const { port } = local.val;
        fails('address-in-use', () => second.startBind(network, address(host, port)));
        first[Symbol.dispose]?.();
        bind(second, host, port);
      }
      const outside = family === 'ipv4' ? '192.0.2.0' : '2001:db8::';
      fails('address-not-bindable', () => create().startBind(network, address(outside, 0)));
      const wrong = ['255.255.255.255', '224.254.0.0', 'ff00::', '::ffff:127.0.0.1'];
      wrong.push(family === 'ipv4' ? '::1' : '127.0.0.1');
      for (const host of wrong) {
        fails('invalid-argument', () => create().startBind(network, address(host, 0)));
      }
      // Listener and accepted socket are gone, the client is not: the port is free all the same.
      const listener = create();
      const local = await listen(listener);
      const client = create();
      await connect(client, local);
      await ready(listener);
      const [accepted] = listener.accept();
      accepted[Symbol.dispose]?.();
      listener[Symbol.dispose]?.();
      const again = create();
      bind(again, loopback, local.val.port);
      again.startListen();
      again.finishListen();
    });

    withSockets('connect', async (_, create) => {
      const socket = create();
      const wrong = [wildcard, 'ff00::', '224.254.0.0', '::ffff:127.0.0.1'];
      wrong.push(family === 'ipv4' ? '::1' : '127.0.0.1');
      for (const host of wrong) {
        fails('invalid-argument', () => socket.startConnect(network, address(host, 80)));
      }
      fails('invalid-argument', () => socket.startConnect(network, address(loopback, 0)));
      const listener = create();
      const local = await listen(listener);
      // What failed to start left the socket usable; so does a bind before.
      bind(socket);
      await connect(socket, local);
      const outcomes: readonly (readonly [string, ErrorCode])[] = [
        [loopback, 'connection-refused'],
        [family === 'ipv4' ? '10.0.0.99' : 'fd00:b7ab::99', 'remote-unreachable'],
        [family === 'ipv4' ? '192.0.2.1' : '2001:db8::1', 'remote-unreachable'],
      ];
      for (const [host, code] of outcomes) {
        const failing = create();
        failing.startConnect(network, address(host, 9));
        await ready(failing);
        fails(code, () => failing.finishConnect());
        fails('invalid-state', () => failing.startConnect(network, local));
      }
    });

    withSockets('a small server and client', async (_, create) => {
      const listener = create();
      const local = await listen(listener);
      for (const text of ['Hello, world!', 'once more']) {
        const client = create();
        const [, output] = await connect(client, local);
        write(output, '');
        write(output, text);
        client[Symbol.dispose]?.();
        await ready(listener);
        const [server, input] = listener.accept();
        assert(server.remoteAddress().val.port > 0);
        assert.equal(read(input, 0), '');
        assert.equal(await blockingRead(input, 100), text);
        assert.equal(input.subscribe().ready(), true);
        failsStream('closed', () => read(input, 10));
        failsStream('closed', () => read(input, 0));
        server[Symbol.dispose]?.();
      }
    });

    withSockets('shutdown', async (_, create) => {
      const listener = create();
      const local = await listen(listener);
      const client = create();
      const [input, output] = await connect(client, local);
      await ready(listener);
      const [server, serverInput, serverOutput] = listener.accept();
      write(serverOutput, 'discarded');
      client.shutdown('receive');
      client.shutdown('receive');
      failsStream('closed', () => read(input, 10));
      client.setSendBufferSize(1024n);
      const permitted = output.checkWrite();
      assert(permitted > Number(client.sendBufferSize()));
      assert.equal(output.write(new Uint8Array(permitted).fill(120)), undefined);
      client.shutdown('send');
      client.shutdown('both');
      failsStream('closed', () => output.checkWrite());
      failsStream('closed', () => output.flush());
      failsStream('closed', () => output.blockingFlush());
      let received = 0;
      try {
        for (;;) received += (await blockingRead(serverInput, 100_000)).length;
      } catch (error) {
        assert(error instanceof WitError);
      }
      assert.equal(received, permitted);
      server[Symbol.dispose]?.();
    });

    withSockets('writing more than permitted traps', async (_, create) => {
      const listener = create();
      const [, output] = await connect(create(), await listen(listener));
      assert.throws(() => output.write(new Uint8Array(1)), Trap);
      const permitted = output.checkWrite();
      assert.throws(() => output.write(new Uint8Array(permitted + 1)), Trap);
    });

    withSockets(
      'a reset is an error once, with its code, and then the end',
      async (sockets, create) => {
        const listener = create();
        const client = create();
        const [input, output] = await connect(client, await listen(listener));
        await ready(listener);
        const [server, serverInput] = listener.accept();
        write(output, 'unread');
        await serverInput.subscribe().block();
        server[Symbol.dispose]?.();
        await input.subscribe().block();
        assert.throws(
          () => read(input, 10),
          (error) => {
            assert(error instanceof WitError);
            const payload = error.payload as StreamError;
            assert.equal(payload.tag, 'last-operation-failed');
            const code = sockets['wasi:sockets/network'].networkErrorCode(payload.val);
            assert.equal(code, 'connection-reset');
            return true;
          },
        );
        failsStream('closed', () => read(input, 10));
        failsStream('last-operation-failed', () => output.checkWrite());
        failsStream('closed', () => output.checkWrite());
        assert.equal(client.remoteAddress().val.port, listener.localAddress().val.port);
      },
    );

    withSockets('udp', async (sockets) => {
      const create = (): UdpSocket =>
        sockets['wasi:sockets/udp-create-socket'].createUdpSocket(family);
      const server = create();
      fails('not-in-progress', () => server.finishBind());
      fails('invalid-state', () => server.localAddress());
      fails('invalid-state', () => server.remoteAddress());
      fails('invalid-state', () => server.stream(undefined));
      for (const set of [
        () => server.setUnicastHopLimit(0),
        () => server.setReceiveBufferSize(0n),
        () => server.setSendBufferSize(0n),
      ]) {
        fails('invalid-argument', set);
      }
      server.setReceiveBufferSize(0x10000n);
      server.setSendBufferSize(0x10000n);
      server.setUnicastHopLimit(42);
      assert.equal(server.receiveBufferSize(), 0x10000n);
      assert.equal(server.sendBufferSize(), 0x10000n);
      assert.equal(server.unicastHopLimit(), 42);
      const local = bind(server);
      fails('invalid-state', () => server.startBind(network, local));
      fails('address-in-use', () => create().startBind(network, local));
      fails('invalid-argument', () => server.stream(address(wildcard, 80)));
      fails('invalid-argument', () => server.stream(address(loopback, 0)));
      const [input] = server.stream(undefined);
      fails('invalid-state', () => server.remoteAddress());

      const client = create();
      bind(client, wildcard);
      const [, output] = client.stream(local);
      assert.deepEqual(client.remoteAddress(), local);
      assert.throws(
        () => output.send([{ data: new Uint8Array(0), remoteAddress: undefined }]),
        Trap,
      );
      assert(output.checkSend() >= 2n);
      const data = new TextEncoder().encode('Hello, world!');
      const sent = output.send([
        { data: new Uint8Array(0), remoteAddress: undefined },
        { data, remoteAddress: local },
      ]);
      assert.equal(sent, 2n);
      await input.subscribe().block();
      const received = input.receive(100n);
      assert.deepEqual(
        received.map((datagram) => datagram.data.length),
        [0, 13],
      );
      assert.equal(received[1]?.remoteAddress.val.port, client.localAddress().val.port);
      assert.deepEqual(input.receive(100n), []);
      output.checkSend();
      const elsewhere = { data, remoteAddress: address(loopback, 1) };
      fails('invalid-argument', () => output.send([elsewhere]));
      output.checkSend();
      const large = { data: new Uint8Array(70_000), remoteAddress: undefined };
      fails('datagram-too-large', () => output.send([large]));
      assert.equal(output.send([{ data, remoteAddress: undefined }, large]), 1n);

      server[Symbol.dispose]?.();
      const [incoming, outgoing] = client.stream(local);
      outgoing.checkSend();
      assert.equal(outgoing.send([{ data, remoteAddress: undefined }]), 1n);
      await incoming.subscribe().block();
      fails('connection-refused', () => incoming.receive(1n));
    });
  });
}

suite('wasi:sockets/ip-name-lookup', { timeout }, () => {
  const lookup = async (name: string): Promise<string[]> => {
    const { 'wasi:sockets/ip-name-lookup': names } = createSockets();
    const stream = names.resolveAddresses(network, name);
    await stream.subscribe().block();
    const found: string[] = [];
    for (;;) {
      const next = stream.resolveNextAddress();
      if (next === undefined) return found;
      const ip: IpAddress = { family: next.tag, parts: next.val };
      found.push(formatAddress(ip));
    }
  };

  test('finds localhost and literals', { timeout }, async () => {
    assert.deepEqual(await lookup('localhost'), ['127.0.0.1', '::1']);
    for (const literal of ['0.0.0.0', '192.0.2.0', '::', '::1', 'dead:beef::']) {
      assert.deepEqual(await lookup(literal), [literal]);
    }
    assert.deepEqual(await lookup('[::]'), ['::']);
  });

  test('fails at once for what nobody is named, and for what is no name', { timeout }, async () => {
    const { 'wasi:sockets/ip-name-lookup': names } = createSockets();
    const stream = names.resolveAddresses(network, 'example.com');
    fails('would-block', () => stream.resolveNextAddress());
    await stream.subscribe().block();
    fails('name-unresolvable', () => stream.resolveNextAddress());
    for (const name of ['', ' ', 'a.b<&>', '127.0.0.1:80', '[::]:80', 'http://example.com/']) {
      fails('invalid-argument', () => names.resolveAddresses(network, name));
    }
  });
});

suite('The Rust program sockets', { timeout }, () => {
  const program = fixture('rust/sockets.wasm');
  const skip = program === undefined ? 'no fixtures (BACKTAB_FIXTURES)' : false;
  const guest = async (
    stack: Stack | undefined,
    ...args: string[]
  ): Promise<{ stdout: string; status: number | undefined }> => {
    if (program === undefined) assert.fail('skipped');
    const { stdout, outcome } = await runGuest(program, { args, sockets: createSockets(stack) });
    return { stdout, status: outcome.kind === 'exit' ? outcome.status : undefined };
  };

  test('is refused where nothing listens', { timeout, skip }, async () => {
    const { stdout, status } = await guest(undefined, 'refused');
    assert.deepEqual({ stdout, status }, { stdout: 'refused: ConnectionRefused\n', status: 0 });
  });

  test('serves and calls between two nodes', { timeout, skip }, async () => {
    const carrier = new MemoryCarrier();
    const locks = new MemoryLocks();
    const join = (name: string): Promise<Stack> =>
      Stack.create({ network: 'test', name, carrier, locks: locks.holder() });
    const server = await join('server');
    const client = await join('client');
    const serving = guest(server, 'serve', '7000', '2');
    while (server.inspect().listeners.length === 0) {
      await new Promise((resolve) => void setTimeout(resolve, 1));
    }
    const text = 'over the network '.repeat(1000);
    for (const target of ['server:7000', '10.0.0.1:7000']) {
      const { stdout, status } = await guest(client, 'call', target, text);
      assert.deepEqual({ stdout, status }, { stdout: `echo: ${text}\n`, status: 0 });
    }
    const { stdout, status } = await serving;
    const { length } = text;
    const expected = `listening 7000\nechoed ${length}\nechoed ${length}\n`;
    assert.deepEqual({ stdout, status }, { stdout: expected, status: 0 });
    await Promise.all([server.close('exit'), client.close('exit')]);
  });
});
