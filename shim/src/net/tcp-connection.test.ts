import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ByteQueue } from './byte-queue.ts';
import { MAX_WINDOW } from './frame.ts';
import { Connection, type ConnectionOwner, type Wire } from './tcp-connection.ts';
import { defaultTcpOptions } from './tcp-options.ts';
import { at, bytesOf, netError, textOf, turns } from './testing/sockets.ts';

/** Writes down what a connection sends. */
class RecordingWire implements Wire {
  readonly immediate = false;
  readonly sent: string[] = [];

  data(offset: number, bytes: Uint8Array): void {
    this.sent.push(`data ${offset} ${textOf(bytes)}`);
  }

  dataFrom(offset: number, queue: ByteQueue, length: number): void {
    const bytes = new Uint8Array(length);
    queue.take(bytes);
    this.data(offset, bytes);
  }

  ack(received: number, limit: number, fin: boolean): void {
    this.sent.push(`ack ${received} ${limit}${fin ? ' fin' : ''}`);
  }

  fin(offset: number): void {
    this.sent.push(`fin ${offset}`);
  }

  reset(): void {
    this.sent.push('reset');
  }

  ping(): void {
    this.sent.push('ping');
  }

  close(): void {
    this.sent.push('close');
  }
}

class RecordingOwner implements ConnectionOwner {
  violations = 0;
  endings = 0;

  ended(): void {
    this.endings++;
  }

  progressed(): void {
    // The tests look for themselves.
  }

  violated(): void {
    this.violations++;
  }
}

interface End {
  readonly connection: Connection;
  readonly wire: RecordingWire;
  readonly owner: RecordingOwner;
}

/** A connection that has allowed `receiveBuffer` bytes and may send `sendLimit`. */
function end(receiveBuffer = 100, sendLimit = 100): End {
  const owner = new RecordingOwner();
  const options = { ...defaultTcpOptions(), receiveBufferSize: receiveBuffer, sendBufferSize: 50 };
  const local = at('10.0.0.1', 1);
  const remote = at('10.0.0.2', 2);
  const connection = new Connection(owner, local, remote, options, receiveBuffer, sendLimit);
  const wire = new RecordingWire();
  connection.attach(wire);
  return { connection, wire, owner };
}

suite('A TCP connection', () => {
  test('posts the first bytes at once and collects the rest of the turn', async () => {
    const { connection, wire } = end();
    connection.send(bytesOf('one'));
    assert.deepEqual(wire.sent, ['data 0 one']);
    connection.send(bytesOf('two'));
    connection.send(bytesOf('three'));
    assert.deepEqual(wire.sent, ['data 0 one']);
    await turns(1);
    assert.deepEqual(wire.sent, ['data 0 one', 'data 3 twothree']);
    connection.send(bytesOf('four'));
    assert.equal(wire.sent.pop(), 'data 11 four');
  });

  test('sends no more than it is allowed, and the rest when it is', () => {
    const { connection, wire } = end(100, 4);
    assert.equal(connection.sendable(), 54);
    connection.send(bytesOf('123456'));
    connection.shutdownSend();
    assert.deepEqual(wire.sent, ['data 0 1234']);
    connection.onAck(4, 5, false);
    assert.deepEqual(wire.sent.slice(1), ['data 4 5']);
    connection.onAck(5, 100, false);
    assert.deepEqual(wire.sent.slice(2), ['data 5 6', 'fin 6']);
  });

  test('allows more when a quarter of the buffer has been read', () => {
    const { connection, wire } = end(100);
    connection.onData(0, new Uint8Array(60), true);
    connection.receive(new Uint8Array(24));
    assert.deepEqual(wire.sent, []);
    connection.receive(new Uint8Array(1));
    assert.deepEqual(wire.sent, ['ack 60 125']);
  });

  test('ends when both directions have and the program has let go', () => {
    const { connection, wire, owner } = end();
    connection.onFin(0);
    assert.deepEqual(wire.sent, ['ack 0 100 fin']);
    assert.equal(connection.state, 'close-wait');
    connection.close();
    assert.deepEqual(wire.sent.slice(1), ['fin 0']);
    assert.equal(connection.state, 'last-ack');
    assert.equal(owner.endings, 0);
    connection.onAck(0, 100, true);
    assert.deepEqual(wire.sent.slice(2), ['close']);
    assert.equal(owner.endings, 1);
    assert.equal(connection.state, 'closed');
  });

  const violations: Readonly<Record<string, (connection: Connection) => void>> = {
    'a gap': (connection) => connection.onData(11, bytesOf('x'), true),
    'a repetition': (connection) => connection.onData(0, bytesOf('0123456789'), true),
    'more than was allowed': (connection) => connection.onData(10, new Uint8Array(91), true),
    'an end before the last byte': (connection) => connection.onFin(9),
    'an end beyond the last byte': (connection) => connection.onFin(11),
    'bytes after the end': (connection) => {
      connection.onFin(10);
      connection.onData(10, bytesOf('x'), true);
    },
    'a second end': (connection) => {
      connection.onFin(10);
      connection.onFin(10);
    },
  };
  for (const [what, violate] of Object.entries(violations)) {
    test(`is reset by ${what}`, () => {
      const { connection, wire, owner } = end();
      connection.onData(0, bytesOf('0123456789'), true);
      violate(connection);
      assert.equal(owner.violations, 1);
      assert.equal(owner.endings, 1);
      assert.deepEqual(wire.sent.slice(-2), ['reset', 'close']);
      const kept = new Uint8Array(20);
      assert.equal(connection.receive(kept), 10);
    });
  }

  const implausible: Readonly<Record<string, (connection: Connection) => void>> = {
    'bytes that were not sent': (connection) => connection.onAck(4, 100, false),
    'a smaller limit': (connection) => connection.onAck(3, 99, false),
    'a limit beyond any window': (connection) => connection.onAck(3, 4 + MAX_WINDOW, false),
    'an end that was not sent': (connection) => connection.onAck(3, 100, true),
  };
  for (const [what, acknowledge] of Object.entries(implausible)) {
    test(`ignores an acknowledgement of ${what}`, () => {
      const { connection, wire, owner } = end();
      connection.send(bytesOf('123'));
      acknowledge(connection);
      assert.equal(owner.violations, 1);
      assert.equal(connection.state, 'established');
      assert.deepEqual(wire.sent, ['data 0 123']);
      connection.onAck(3, 101, false);
      assert.equal(owner.violations, 1);
    });
  }

  test('hears nothing once it has ended', () => {
    const { connection, wire, owner } = end();
    connection.onReset();
    connection.onReset();
    connection.onData(0, bytesOf('x'), true);
    connection.onFin(0);
    connection.onAck(0, 100, false);
    connection.onPing();
    connection.close();
    assert.deepEqual(wire.sent, ['close']);
    assert.equal(owner.endings, 1);
    assert.throws(() => connection.available(), netError('ECONNRESET'));
  });

  test('probes a silent peer as its options say, and gives up', () => {
    const { connection, wire } = end();
    Object.assign(connection.options, {
      keepAlive: true,
      keepAliveIdle: 10,
      keepAliveInterval: 5,
      keepAliveCount: 3,
    });
    const tick = (seconds: number): void => {
      for (let second = 0; second < seconds; second++) connection.tick();
    };
    connection.onPing();
    wire.sent.length = 0;
    tick(10);
    assert.deepEqual(wire.sent, []);
    tick(1);
    assert.deepEqual(wire.sent, ['ping']);
    // An answer starts it all over.
    connection.onAck(0, 100, false);
    tick(11);
    assert.deepEqual(wire.sent, ['ping', 'ping']);
    tick(14);
    assert.deepEqual(wire.sent, ['ping', 'ping', 'ping', 'ping']);
    assert.equal(connection.state, 'established');
    tick(1);
    assert.deepEqual(wire.sent.slice(4), ['reset', 'close']);
    assert.throws(() => connection.available(), netError('ETIMEDOUT'));
  });
});
