import type { Carrier, Channel } from './carrier.ts';

/**
 * Frames over BroadcastChannel: between all contexts of one origin (pages, workers), in one browser
 * profile. A frame posted just before the channel is closed still arrives.
 */
export const broadcastChannelCarrier: Carrier = {
  open(name, receive) {
    const channel = new BroadcastChannel(name);
    channel.onmessage = (event: MessageEvent<unknown>) => receive(event.data);
    // What cannot be deserialized was not posted by this layer, but is counted like any bad frame.
    channel.onmessageerror = () => receive(undefined);
    return new BroadcastChannelChannel(channel);
  },
};

class BroadcastChannelChannel implements Channel {
  readonly #channel: BroadcastChannel;

  constructor(channel: BroadcastChannel) {
    this.#channel = channel;
  }

  post(frame: ArrayBuffer): void {
    this.#channel.postMessage(frame);
  }

  close(): void {
    this.#channel.onmessage = null;
    this.#channel.onmessageerror = null;
    this.#channel.close();
  }
}
