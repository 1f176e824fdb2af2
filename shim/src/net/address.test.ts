import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  formatAddress,
  formatSocketAddress,
  hostAddress,
  hostNumber,
  isIpv4Mapped,
  isLoopback,
  isUnicast,
  isWildcard,
  MAX_HOST,
  parseAddress,
  parseSocketAddress,
} from './address.ts';
import { parseHostName } from './resolve.ts';
import { netError } from './testing/sockets.ts';

function addressOf(text: string): ReturnType<typeof hostAddress> {
  return parseAddress(text) ?? assert.fail(`${text} is an address`);
}

suite('Addresses', () => {
  test('are read in every standard form and written in the canonical one', () => {
    const forms: readonly (readonly [string, string])[] = [
      ['0.0.0.0', '0.0.0.0'],
      ['10.0.255.254', '10.0.255.254'],
      ['::', '::'],
      ['::1', '::1'],
      ['1::', '1::'],
      ['2001:0db8:0:0:0:0:0:0', '2001:db8::'],
      ['DEAD:BEEF::0', 'dead:beef::'],
      ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
      ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
      ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
      ['::ffff:127.0.0.1', '::ffff:7f00:1'],
      ['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:102:304'],
      ['fd00:b7ab::a', 'fd00:b7ab::a'],
    ];
    for (const [text, canonical] of forms) assert.equal(formatAddress(addressOf(text)), canonical);
  });

  test('are nothing else', () => {
    const others = ['', ' ', '1.2.3', '1.2.3.4.5', '1.2.3.256', '1.2.3.4 ', ':', ':::', '1::2::3'];
    others.push(
      '12345::',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '::g',
      '[::1]',
      '1.2.3.4::',
      '::1.2.3',
    );
    others.push('1:2:3:4:5:6:7:8::', ':1:2:3:4:5:6:7', '1:2:3:4:5:6:7:');
    for (const text of others) assert.equal(parseAddress(text), undefined, text);
  });

  test('have ports', () => {
    for (const text of ['10.0.0.1:80', '[fd00:b7ab::1]:65535', '[::]:0']) {
      const address = parseSocketAddress(text) ?? assert.fail(text);
      assert.equal(formatSocketAddress(address), text);
    }
    for (const text of [
      '10.0.0.1',
      '10.0.0.1:65536',
      '[10.0.0.1]:80',
      '::1:80',
      ':80',
      '[::1]80',
    ]) {
      assert.equal(parseSocketAddress(text), undefined, text);
    }
  });

  test('of a network have host numbers', () => {
    for (const host of [1, 255, 256, MAX_HOST]) {
      assert.equal(hostNumber(hostAddress('ipv4', host)), host);
      assert.equal(hostNumber(hostAddress('ipv6', host)), host);
    }
    const others = ['10.0.0.0', '10.0.255.255', '10.1.0.1', '11.0.0.1', '127.0.0.1', '::1'];
    others.push('fd00:b7ab::', 'fd00:b7ab::ffff', 'fd00:b7ab::1:0', 'fd00:b7ac::1');
    for (const text of others) assert.equal(hostNumber(addressOf(text)), undefined, text);
  });

  test('are of kinds', () => {
    const all = ['0.0.0.0', '127.8.9.1', '10.0.0.1', '224.0.0.1', '255.255.255.255', '::', '::1'];
    all.push('ff02::1', '::ffff:1.2.3.4', 'fd00:b7ab::1');
    const those = (is: (address: ReturnType<typeof addressOf>) => boolean): string[] =>
      all.filter((text) => is(addressOf(text)));
    assert.deepEqual(those(isWildcard), ['0.0.0.0', '::']);
    assert.deepEqual(those(isLoopback), ['127.8.9.1', '::1']);
    assert.deepEqual(those(isIpv4Mapped), ['::ffff:1.2.3.4']);
    const notUnicast = those((address) => !isUnicast(address));
    assert.deepEqual(notUnicast, ['224.0.0.1', '255.255.255.255', 'ff02::1']);
  });
});

suite('Host names', () => {
  const addresses = (text: string): string[] => {
    const host = parseHostName(text);
    return host.kind === 'addresses' ? host.addresses.map(formatAddress) : assert.fail(text);
  };
  const name = (text: string): string => {
    const host = parseHostName(text);
    return host.kind === 'name' ? host.name : assert.fail(text);
  };

  test('may be addresses in any spelling', () => {
    for (const text of [
      '127.0.0.1',
      '0x7f.1',
      '127.1',
      '0177.0.0.01',
      '2130706433',
      '0x7f000001',
    ]) {
      assert.deepEqual(addresses(text), ['127.0.0.1'], text);
    }
    for (const text of ['::1', '[::1]', '0:0:0:0:0:0:0:1'])
      assert.deepEqual(addresses(text), ['::1']);
    for (const text of ['dead:beef::', 'dead:beef::0', 'DEAD:BEEF::0']) {
      assert.deepEqual(addresses(text), ['dead:beef::']);
    }
    assert.deepEqual(addresses('0'), ['0.0.0.0']);
    assert.deepEqual(addresses('192.0.2.0'), ['192.0.2.0']);
  });

  test('know localhost', () => {
    for (const text of ['localhost', 'LocalHost', 'localhost.', 'a.localhost']) {
      assert.deepEqual(addresses(text), ['127.0.0.1', '::1'], text);
    }
  });

  test('are domain names, in lower case and ASCII', () => {
    assert.equal(name('Server'), 'server');
    assert.equal(name('n1.demo.internal.'), 'n1.demo.internal');
    assert.equal(name('a-b_c.d9'), 'a-b_c.d9');
    assert.equal(name('münchen.de'), 'xn--mnchen-3ya.de');
  });

  test('are nothing else', () => {
    const others = [
      '',
      ' ',
      '.',
      'a..b',
      'a.b<&>',
      '127.0.0.1:80',
      '[::]:80',
      'http://example.com/',
    ];
    others.push('256.1.1.1', '1.2.3.4.5', 'a.1', '-a', 'a-', 'a b', 'x'.repeat(64), '[127.0.0.1]');
    others.push('mün chen', 'mün/chen', 'mün:80', `${'a.'.repeat(127)}aa`, '08.1', '4294967296');
    for (const text of others) assert.throws(() => parseHostName(text), netError('EINVAL'), text);
  });
});
