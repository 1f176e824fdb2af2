import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Access, type Policy } from './policy.ts';
import { type TestNetwork, memoryNetwork } from './testing/placements.ts';
import { at, bytesOf, connected, limited, listening, netError } from './testing/sockets.ts';

const denied = netError('EACCES');

function allows(entry: string, host: string, port: number): boolean {
  try {
    new Access({ connect: [entry] }).checkConnect(at(host, port));
    return true;
  } catch (error) {
    return !denied(error);
  }
}

function networked(name: string, run: (network: TestNetwork) => Promise<void>): void {
  test(name, async () => {
    const network = memoryNetwork();
    try {
      await limited(() => run(network));
    } finally {
      await network.close();
    }
  });
}

suite('Policies', () => {
  test('name addresses, prefixes and ports', () => {
    assert(allows('*', '10.0.3.4', 1));
    assert(allows('*', 'fd00:b7ab::1', 65535));
    assert(allows('*:80', '10.0.3.4', 80));
    assert(!allows('*:80', '10.0.3.4', 81));
    assert(allows('10.0.3.4', '10.0.3.4', 81));
    assert(!allows('10.0.3.4', '10.0.3.5', 81));
    assert(allows('10.0.3.0/24:80-90', '10.0.3.255', 90));
    assert(!allows('10.0.3.0/24:80-90', '10.0.3.255', 91));
    assert(!allows('10.0.3.0/24:80-90', '10.0.4.0', 90));
    assert(allows('10.0.2.0/23', '10.0.3.1', 1));
    assert(!allows('10.0.2.0/23', '10.0.4.1', 1));
    assert(allows('10.0.0.0/0', '192.0.2.1', 1));
    assert(!allows('10.0.0.0/0', 'fd00:b7ab::1', 1));
    assert(allows('[fd00:b7ab::1]:80', 'fd00:b7ab::1', 80));
    assert(allows('[fd00:b7ab::]/64', 'fd00:b7ab::99', 80));
    assert(!allows('[fd00:b7ab::]/64', 'fd00:b7ab:0:1::99', 80));
    assert(!allows('[fd00:b7ab::]/120', 'fd00:b7ab::100', 80));
  });

  test('are checked when they are made', () => {
    const wrong = ['', 'host', '10.0.0.1:', '10.0.0.1:x', '10.0.0.1/33', '10.0.0.1:70000'];
    wrong.push(
      '10.0.0.1:9-8',
      'fd00::1',
      '[fd00::1',
      '[10.0.0.1]',
      '[::]/129',
      '*/8',
      '10.0.0.1:1:2',
    );
    for (const entry of wrong) {
      assert.throws(() => new Access({ bind: [entry] }), netError('EINVAL'), entry);
    }
  });

  networked('allow everything unless told', async (network) => {
    const server = await network.node({ name: 'server' });
    const client = await network.node({ policy: {} });
    await listening(server, 'ipv4', 7000);
    await connected(client, at('10.0.0.1', 7000));
    await client.resolve('server');
  });

  networked('limit what is connected to', async (network) => {
    const server = await network.node();
    await listening(server, 'ipv4', 7000);
    await listening(server, 'ipv4', 7001);
    const client = await network.node({ policy: { connect: ['10.0.0.1:7000'] } });
    await connected(client, at('10.0.0.1', 7000));
    await assert.rejects(connected(client, at('10.0.0.1', 7001)), denied);
    const socket = client.udpSocket('ipv4');
    socket.bind(at('0.0.0.0', 0));
    assert.throws(() => socket.send(bytesOf('x'), at('10.0.0.1', 7001)), denied);
    assert.throws(() => socket.connect(at('10.0.0.1', 7001)), denied);
    socket.send(bytesOf('x'), at('10.0.0.1', 7000));
  });

  networked('limit what is listened on', async (network) => {
    const policy: Policy = { bind: ['10.0.0.1:7000', '[fd00:b7ab::1]:7000'] };
    const node = await network.node({ policy });
    const bind = (host: string, port: number): void => {
      const family = host.includes(':') ? 'ipv6' : 'ipv4';
      node.tcpSocket(family).bind(at(host, port));
      node.udpSocket(family).bind(at(host, port));
    };
    bind('10.0.0.1', 7000);
    bind('::', 7000);
    for (const host of ['10.0.0.1', '0.0.0.0', '::']) assert.throws(() => bind(host, 7001), denied);
    // An ephemeral port is a client's; nobody listens on one unless it is allowed.
    await assert.rejects(listening(node, 'ipv4', 0), denied);
    bind('0.0.0.0', 0);
  });

  networked('never limit what stays in the node', async (network) => {
    const node = await network.node({
      name: 'own',
      policy: { bind: [], connect: [], resolve: [] },
    });
    const listener = node.tcpSocket('ipv4');
    listener.bind(at('127.0.0.1', 7000));
    listener.listen();
    await connected(node, at('127.0.0.1', 7000));
    await node.resolve('localhost');
    await node.resolve('10.0.0.9');
    await assert.rejects(listening(node, 'ipv4', 7001), denied);
  });

  networked('limit what is looked up, in each spelling', async (network) => {
    const domain = 'demo.internal';
    await network.node({ name: 'db', domain });
    await network.node({ name: 'secret', domain });
    const lookup = async (resolve: readonly string[], name: string): Promise<unknown> => {
      const node = await network.node({ domain, policy: { resolve } });
      return node.resolve(name);
    };
    for (const entry of ['db', 'DB.demo.internal', '*.demo.internal', '*']) {
      await lookup([entry], 'db');
      await lookup([entry], 'Db.Demo.Internal.');
    }
    await assert.rejects(lookup(['db'], 'secret'), denied);
    await assert.rejects(lookup(['db'], 'secret.demo.internal'), denied);
    await assert.rejects(lookup([], 'db'), denied);
  });
});

suite('Domains', () => {
  networked('may be chosen', async (network) => {
    const node = await network.node({ name: 'n1', domain: 'demo.internal' });
    assert.equal((await node.resolve('n1.demo.internal')).length, 2);
    assert.equal((await node.resolve('n1')).length, 2);
    await assert.rejects(node.resolve(`n1.${network.name}.internal`), netError('ENOTFOUND'));
    await assert.rejects(network.node({ domain: 'demo..internal' }), netError('EINVAL'));
    await assert.rejects(network.node({ domain: '' }), netError('EINVAL'));
  });
});
