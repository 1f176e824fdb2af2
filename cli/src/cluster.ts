import { dirname, resolve } from 'node:path';
import { isIPv4, isIPv6 } from 'node:net';
import { messageOf, ToolError } from './errors.ts';
import { JsonError, JsonValue } from './json.ts';
import {
  isName,
  nameRule,
  parseMount,
  parsePort,
  parseTemporary,
  readPublication,
  type MountOption,
  type Publication,
} from './options.ts';

/** A port of a node (by name or address) that another node waits for. */
export interface Endpoint {
  host: string;
  port: number;
}

/** One node of a cluster file. */
export interface ClusterNode {
  name: string;
  /** As written; it is also the program's `argv[0]`. */
  program: string;
  /** Where the program is: relative to the cluster file's directory. */
  path: string;
  args: string[];
  env: Record<string, string>;
  disk: string | undefined;
  /** Named disks and temporary ones below the one at `/`. */
  mounts: MountOption[];
  ip: string | undefined;
  /** Whether the node gets a tab of its own, else it is a worker of the first page. */
  tab: boolean;
  waitFor: Endpoint[];
  publish: Publication[];
}

/** What a cluster file describes: nodes on one network. */
export interface Cluster {
  network: string;
  nodes: ClusterNode[];
}

function readName(value: JsonValue): string {
  const name = value.string();
  if (!isName(name)) throw value.wrong(`a name (${nameRule})`);
  return name;
}

function readEndpoint(value: JsonValue): Endpoint {
  const text = value.string();
  const colon = text.lastIndexOf(':');
  const host = text.slice(0, Math.max(colon, 0)).replace(/^\[|\]$/g, '');
  const port = parsePort(text.slice(colon + 1));
  if (host === '' || port === undefined || !(isName(host) || isIPv4(host) || isIPv6(host))) {
    throw value.wrong('HOST:PORT');
  }
  return { host, port };
}

function readMounts(
  value: JsonValue,
  form: string,
  parse: (text: string) => MountOption,
): MountOption[] {
  const read = (item: JsonValue): MountOption => {
    try {
      return parse(item.string());
    } catch (error) {
      throw error instanceof ToolError ? item.wrong(form) : error;
    }
  };
  return value.optional((list) => list.array().map(read)) ?? [];
}

function readNode(value: JsonValue, directory: string): ClusterNode {
  const members = value.object([
    'name',
    'program',
    'args',
    'env',
    'disk',
    'mount',
    'tmp',
    'ip',
    'tab',
    'waitFor',
    'publish',
  ]);
  const program = members.program.string();
  const environment = (env: JsonValue) =>
    Object.fromEntries(env.entries().map(([key, item]) => [key, item.string()]));
  return {
    name: readName(members.name),
    program,
    path: resolve(directory, program),
    args: members.args.optional((args) => args.strings()) ?? [],
    env: members.env.optional(environment) ?? {},
    disk: members.disk.optional(readName),
    mounts: [
      ...readMounts(members.mount, 'GUEST=DISK or GUEST=DISK:ro', parseMount),
      ...readMounts(members.tmp, 'an absolute path other than /', parseTemporary),
    ],
    ip: members.ip.optional((ip) => {
      const address = ip.string();
      if (!isIPv4(address) && !isIPv6(address)) throw ip.wrong('an IP address');
      return address;
    }),
    tab: members.tab.optional((tab) => tab.boolean()) ?? true,
    waitFor: members.waitFor.optional((list) => list.array().map(readEndpoint)) ?? [],
    publish:
      members.publish.optional((list) =>
        list.array().map((item) => {
          const publication = readPublication(item.string());
          if (!publication) throw item.wrong('[ADDRESS:]HOSTPORT:PORT');
          return publication;
        }),
      ) ?? [],
  };
}

/**
 * Reads a cluster file.
 *
 * @param text the file's contents
 * @param file its path, for messages and for the programs' relative paths
 * @throws ToolError that names the path in the JSON of what is wrong
 */
export function parseCluster(text: string, file: string): Cluster {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new ToolError(`${file} is not JSON: ${messageOf(error)}`);
  }
  try {
    const { network, nodes } = new JsonValue(document).object(['network', 'nodes']);
    const cluster = {
      network: network.optional(readName) ?? 'default',
      nodes: nodes.array().map((node) => readNode(node, dirname(file))),
    };
    if (cluster.nodes.length === 0) throw nodes.wrong('at least one node');
    const indices = new Map<string, number>();
    for (const [index, { name }] of cluster.nodes.entries()) {
      const earlier = indices.get(name);
      if (earlier !== undefined) {
        throw new JsonError(
          `nodes[${index}].name: ${JSON.stringify(name)} is already the name of nodes[${earlier}]`,
        );
      }
      indices.set(name, index);
    }
    return cluster;
  } catch (error) {
    if (error instanceof JsonError) throw new ToolError(`${file}: ${error.message}`);
    throw error;
  }
}
