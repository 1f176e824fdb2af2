import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseCluster } from './cluster.ts';
import { ToolError } from './errors.ts';

function parse(document: unknown) {
  return parseCluster(JSON.stringify(document), '/clusters/demo.json');
}

/** The document must be refused with this message after the file's name. */
function refuses(document: unknown, message: string | RegExp): void {
  assert.throws(
    () => parse(document),
    (error) => {
      assert.ok(error instanceof ToolError);
      const prefix = '/clusters/demo.json: ';
      assert.ok(error.message.startsWith(prefix), error.message);
      const rest = error.message.slice(prefix.length);
      if (typeof message === 'string') assert.equal(rest, message);
      else assert.match(rest, message);
      return true;
    },
  );
}

const node = { name: 'a', program: 'a.wasm' };

suite('cluster files', () => {
  test('what can be left out has its default', () => {
    assert.deepEqual(parse({ nodes: [node] }), {
      network: 'default',
      nodes: [
        {
          name: 'a',
          program: 'a.wasm',
          path: '/clusters/a.wasm',
          args: [],
          env: {},
          disk: undefined,
          mounts: [],
          ip: undefined,
          tab: true,
          waitFor: [],
          publish: [],
        },
      ],
    });
  });

  test('every key', () => {
    const cluster = parse({
      network: 'demo',
      nodes: [
        node,
        {
          name: 'b',
          program: '/bin/b.wasm',
          args: ['x', ''],
          env: { K: 'V' },
          disk: 'data',
          mount: ['/lib=shared:ro', '/more=other'],
          tmp: ['/tmp'],
          ip: '10.0.0.9',
          tab: false,
          waitFor: ['a:80', '10.0.0.1:81', '[fd00:b7ab::1]:82'],
          publish: ['8080:80', '0.0.0.0:8081:80'],
        },
      ],
    });
    assert.equal(cluster.network, 'demo');
    assert.deepEqual(cluster.nodes[1], {
      name: 'b',
      program: '/bin/b.wasm',
      path: '/bin/b.wasm',
      args: ['x', ''],
      env: { K: 'V' },
      disk: 'data',
      mounts: [
        { path: '/lib', disk: 'shared', readOnly: true },
        { path: '/more', disk: 'other', readOnly: false },
        { path: '/tmp', readOnly: false },
      ],
      ip: '10.0.0.9',
      tab: false,
      waitFor: [
        { host: 'a', port: 80 },
        { host: '10.0.0.1', port: 81 },
        { host: 'fd00:b7ab::1', port: 82 },
      ],
      publish: [
        { address: '127.0.0.1', hostPort: 8080, port: 80 },
        { address: '0.0.0.0', hostPort: 8081, port: 80 },
      ],
    });
  });

  test('what is wrong is named with its path', () => {
    refuses([], 'the document: expected an object, found an array');
    refuses({}, 'nodes: expected an array, found nothing');
    refuses({ nodes: [] }, 'nodes: expected at least one node, found an array');
    refuses({ nodes: [node], disks: 1 }, 'unknown key "disks" (known: network, nodes)');
    refuses(
      { network: 'A', nodes: [node] },
      /^network: expected a name \(.*\), found the string "A"$/,
    );
    refuses({ nodes: [node, null] }, 'nodes[1]: expected an object, found null');
    refuses({ nodes: [{ program: 'a' }] }, 'nodes[0].name: expected a string, found nothing');
    refuses({ nodes: [{ name: 'a' }] }, 'nodes[0].program: expected a string, found nothing');
    refuses(
      { nodes: [{ ...node, mount: ['/lib=shared:rw'] }] },
      'nodes[0].mount[0]: expected GUEST=DISK or GUEST=DISK:ro, found the string "/lib=shared:rw"',
    );
    refuses({ nodes: [{ ...node, port: 1 }] }, /^nodes\[0\]: unknown key "port" \(known: name, /);
    refuses(
      { nodes: [{ ...node, args: ['x', 7] }] },
      'nodes[0].args[1]: expected a string, found the number 7',
    );
    refuses(
      { nodes: [{ ...node, env: { K: true } }] },
      'nodes[0].env.K: expected a string, found the boolean true',
    );
    refuses({ nodes: [{ ...node, tab: 'no' }] }, /^nodes\[0\]\.tab: expected true or false, /);
    refuses({ nodes: [{ ...node, ip: 'x' }] }, /^nodes\[0\]\.ip: expected an IP address, /);
    refuses({ nodes: [{ ...node, disk: 'x/y' }] }, /^nodes\[0\]\.disk: expected a name /);
    for (const endpoint of ['a', ':80', 'a:0', 'a:b', 'A:80']) {
      refuses(
        { nodes: [{ ...node, waitFor: [endpoint] }] },
        `nodes[0].waitFor[0]: expected HOST:PORT, found the string "${endpoint}"`,
      );
    }
    refuses(
      { nodes: [{ ...node, publish: ['80'] }] },
      /^nodes\[0\]\.publish\[0\]: expected \[ADDR/,
    );
    refuses({ nodes: [node, node] }, 'nodes[1].name: "a" is already the name of nodes[0]');
  });

  test('a file that is not JSON', () => {
    assert.throws(() => parseCluster('{', 'x.json'), /^ToolError: x\.json is not JSON: /);
  });
});
