/**
 * The control messages between the tool and a page that runs nodes for it. They travel as control
 * frames of one {@link Multiplexer}; the tool assigns all channel ids, in the order in which the
 * messages name them. Both sides validate what they receive.
 */
import { JsonValue } from './json.ts';

/** Raised with every incompatible change of this file or ./multiplexer.ts. */
export const protocolVersion = 1;

/** Name and length of a byte string that follows on a channel, in the order of its list. */
export interface SizedFile {
  path: string;
  size: number;
}

/**
 * How a program's parts are to be loaded: `component` has one, a plain component or core module;
 * `adapted` has the glue module's source and then each core module by its name.
 */
export const programForms = ['component', 'adapted'] as const;
export type ProgramForm = (typeof programForms)[number];

/** Starts a node. Its `contents` channel carries the program's parts and then each file. */
export interface StartMessage {
  type: 'start';
  /** The tool's number of the node, unique on the connection. */
  node: number;
  program: { form: ProgramForm; parts: SizedFile[] };
  files: SizedFile[];
  /** Guest paths read back at the end. */
  outputs: string[];
  argv0: string;
  /** Without argv0. */
  args: string[];
  env: Record<string, string>;
  name?: string | undefined;
  network?: string | undefined;
  ip?: string | undefined;
  disk?: string | undefined;
  /** Disks below the one at `/`; without a name they are in memory. */
  mounts: { path: string; disk?: string | undefined; readOnly: boolean }[];
  /** The packages whose calls to show, all when empty; left out for no trace. */
  trace?: string[] | undefined;
  /** Which standard streams are terminals. */
  terminal: { stdin: boolean; stdout: boolean; stderr: boolean };
  /** Channel ids; `results` carries the outputs' contents after `exited`. */
  contents: number;
  stdin: number;
  stdout: number;
  stderr: number;
  results: number;
}

/** What the tool tells the page. */
export type ToolMessage =
  | StartMessage
  | { type: 'kill'; node: number }
  /** Connects to a port the node listens on; answered by `connected` or `refused`. */
  | { type: 'connect'; node: number; port: number; channel: number }
  /** Answered by `listening` once some node of the network listens on host:port. */
  | { type: 'watch-listener'; watch: number; network: string; host: string; port: number };

/** How a node ended; `error` is a failure of backtab's own (a disk in use, a lost address, …). */
export const exitReasons = ['exit', 'trap', 'killed', 'error'] as const;
export type ExitReason = (typeof exitReasons)[number];

export interface ExitedMessage {
  type: 'exited';
  node: number;
  /** The program's exit status, 0 to 255; meaningful with reason `exit`. */
  status: number;
  reason: ExitReason;
  message?: string | undefined;
  outputs: SizedFile[];
}

/** What the page tells the tool. */
export type PageMessage =
  /** The first message; `problem` says why this browser cannot run nodes. */
  | { type: 'ready'; version: number; problem?: string | undefined }
  | { type: 'started'; node: number; name: string; ip: string }
  | { type: 'trace'; node: number; line: string }
  | ExitedMessage
  | { type: 'connected'; channel: number }
  | { type: 'refused'; channel: number; message: string }
  | { type: 'listening'; watch: number };

function readStatus(value: JsonValue): number {
  const status = value.integer();
  if (status > 255) throw value.wrong('an exit status from 0 to 255');
  return status;
}

function readSizedFiles(value: JsonValue): SizedFile[] {
  return value.array().map((item) => {
    const { path, size } = item.object(['path', 'size']);
    return { path: path.string(), size: size.integer() };
  });
}

function readType<T extends string>(message: unknown, types: readonly T[]): T {
  const members = new Map(new JsonValue(message).entries());
  return (members.get('type') ?? new JsonValue(undefined, 'type')).oneOf(types);
}

/** @throws JsonError when the message is not one of {@link ToolMessage} */
export function readToolMessage(message: unknown): ToolMessage {
  const value = new JsonValue(message);
  const type = readType(message, ['start', 'kill', 'connect', 'watch-listener']);
  switch (type) {
    case 'start':
      return readStart(value);
    case 'kill': {
      const { node } = value.object(['type', 'node']);
      return { type, node: node.integer() };
    }
    case 'connect': {
      const { node, port, channel } = value.object(['type', 'node', 'port', 'channel']);
      return { type, node: node.integer(), port: port.integer(), channel: channel.integer() };
    }
    case 'watch-listener': {
      const { watch, network, host, port } = value.object([
        'type',
        'watch',
        'network',
        'host',
        'port',
      ]);
      return {
        type,
        watch: watch.integer(),
        network: network.string(),
        host: host.string(),
        port: port.integer(),
      };
    }
  }
}

function readStart(value: JsonValue): StartMessage {
  const members = value.object([
    'type',
    'node',
    'program',
    'files',
    'outputs',
    'argv0',
    'args',
    'env',
    'name',
    'network',
    'ip',
    'disk',
    'mounts',
    'trace',
    'terminal',
    'contents',
    'stdin',
    'stdout',
    'stderr',
    'results',
  ]);
  const string = (item: JsonValue) => item.string();
  const program = members.program.object(['form', 'parts']);
  const terminal = members.terminal.object(['stdin', 'stdout', 'stderr']);
  return {
    type: 'start',
    node: members.node.integer(),
    program: { form: program.form.oneOf(programForms), parts: readSizedFiles(program.parts) },
    files: readSizedFiles(members.files),
    outputs: members.outputs.strings(),
    argv0: members.argv0.string(),
    args: members.args.strings(),
    env: Object.fromEntries(members.env.entries().map(([key, item]) => [key, item.string()])),
    name: members.name.optional(string),
    network: members.network.optional(string),
    ip: members.ip.optional(string),
    disk: members.disk.optional(string),
    mounts: members.mounts.array().map((item) => {
      const mount = item.object(['path', 'disk', 'readOnly']);
      return {
        path: mount.path.string(),
        disk: mount.disk.optional(string),
        readOnly: mount.readOnly.boolean(),
      };
    }),
    trace: members.trace.optional((list) => list.strings()),
    terminal: {
      stdin: terminal.stdin.boolean(),
      stdout: terminal.stdout.boolean(),
      stderr: terminal.stderr.boolean(),
    },
    contents: members.contents.integer(),
    stdin: members.stdin.integer(),
    stdout: members.stdout.integer(),
    stderr: members.stderr.integer(),
    results: members.results.integer(),
  };
}

/** @throws JsonError when the message is not one of {@link PageMessage} */
export function readPageMessage(message: unknown): PageMessage {
  const value = new JsonValue(message);
  const string = (item: JsonValue) => item.string();
  const type = readType(message, [
    'ready',
    'started',
    'trace',
    'exited',
    'connected',
    'refused',
    'listening',
  ]);
  switch (type) {
    case 'ready': {
      const { version, problem } = value.object(['type', 'version', 'problem']);
      return { type, version: version.integer(), problem: problem.optional(string) };
    }
    case 'started': {
      const { node, name, ip } = value.object(['type', 'node', 'name', 'ip']);
      return { type, node: node.integer(), name: name.string(), ip: ip.string() };
    }
    case 'trace': {
      const { node, line } = value.object(['type', 'node', 'line']);
      return { type, node: node.integer(), line: line.string() };
    }
    case 'exited': {
      const members = value.object(['type', 'node', 'status', 'reason', 'message', 'outputs']);
      return {
        type,
        node: members.node.integer(),
        status: readStatus(members.status),
        reason: members.reason.oneOf(exitReasons),
        message: members.message.optional(string),
        outputs: readSizedFiles(members.outputs),
      };
    }
    case 'connected': {
      const { channel } = value.object(['type', 'channel']);
      return { type, channel: channel.integer() };
    }
    case 'refused': {
      const { channel, message: reason } = value.object(['type', 'channel', 'message']);
      return { type, channel: channel.integer(), message: reason.string() };
    }
    case 'listening': {
      const { watch } = value.object(['type', 'watch']);
      return { type, watch: watch.integer() };
    }
  }
}
