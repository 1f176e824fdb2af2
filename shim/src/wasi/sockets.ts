/** wasi:sockets: every interface of the package, over one node's network stack. */
import type { SocketsInterfaces } from '../generated/sockets.ts';
import { Stack } from '../net/stack.ts';
import { resolveAddresses } from './sockets-lookup.ts';
import { SocketStreamError } from './sockets-network.ts';
import { WasiTcpSocket } from './sockets-tcp.ts';
import { WasiUdpSocket } from './sockets-udp.ts';

/**
 * The interfaces of wasi:sockets for one program.
 *
 * @param stack - the node's network stack, which the caller closes when the program has ended.
 *   Without one, the program has the loopback addresses, and whatever else it connects to is
 *   `remote-unreachable`.
 */
export function createSockets(stack: Stack = Stack.loopback()): SocketsInterfaces {
  return {
    'wasi:sockets/network': {
      networkErrorCode: (err) => (err instanceof SocketStreamError ? err.code : undefined),
    },
    // A program has one network, so the resource carries nothing.
    'wasi:sockets/instance-network': { instanceNetwork: () => ({}) },
    'wasi:sockets/tcp-create-socket': {
      createTcpSocket: (addressFamily) => new WasiTcpSocket(stack.tcpSocket(addressFamily)),
    },
    'wasi:sockets/udp-create-socket': {
      createUdpSocket: (addressFamily) => new WasiUdpSocket(stack.udpSocket(addressFamily)),
    },
    'wasi:sockets/ip-name-lookup': {
      resolveAddresses: (_network, name) => resolveAddresses(stack, name),
    },
  };
}
