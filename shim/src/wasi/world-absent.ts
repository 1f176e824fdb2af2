/** The interfaces that a program gets where it has no disk or no network. */
import { WitError } from '../abi/errors.ts';
import type { FilesystemInterfaces } from '../generated/filesystem.ts';
import type { ErrorCode, SocketsInterfaces } from '../generated/sockets.ts';

function notSupported(): never {
  const code: ErrorCode = 'not-supported';
  throw new WitError(code);
}

/** wasi:filesystem without any directory. */
export const absentFilesystem: FilesystemInterfaces = {
  'wasi:filesystem/types': { filesystemErrorCode: () => undefined },
  'wasi:filesystem/preopens': { getDirectories: () => [] },
};

/** wasi:sockets where every attempt to make a socket or to resolve a name is `not-supported`. */
export const absentSockets: SocketsInterfaces = {
  'wasi:sockets/network': { networkErrorCode: () => undefined },
  'wasi:sockets/instance-network': { instanceNetwork: () => ({}) },
  'wasi:sockets/tcp-create-socket': { createTcpSocket: notSupported },
  'wasi:sockets/udp-create-socket': { createUdpSocket: notSupported },
  'wasi:sockets/ip-name-lookup': { resolveAddresses: notSupported },
};
