/**
 * Many byte streams and a stream of control messages over one message transport (a WebSocket), with
 * credits per stream: a side sends at most {@link window} bytes that the other side's reader has not
 * taken yet, so a slow reader slows its writer and nothing buffers without bound.
 *
 * A frame is one binary message: type (u8), channel (u32, little-endian; 0 for control), payload.
 *
 * | type | payload | meaning |
 * |---|---|---|
 * | 0 control | UTF-8 JSON | a message of ./protocol.ts |
 * | 1 data | 1 to {@link maximumChunk} bytes | the next bytes of the channel |
 * | 2 credit | u32 | so many more bytes may be sent |
 * | 3 end | none | no more data in this direction |
 * | 4 reset | none | neither direction goes on; what is queued is dropped |
 *
 * Both sides create a channel by itself, at the same control message, and ids only grow; so a frame
 * for an id that was in use is late and ignored, and one for an id never used is an error.
 */

/** Bytes that may be under way in one direction of one channel. */
export const window = 256 * 1024;

/** The largest payload of a data frame, in bytes. */
export const maximumChunk = 64 * 1024;

/** Credit goes back in steps of at least this many bytes. */
const creditStep = window / 4;

const headerSize = 5;
const frameType = { control: 0, data: 1, credit: 2, end: 3, reset: 4 } as const;
type FrameType = (typeof frameType)[keyof typeof frameType];

/** The other side broke the protocol: the connection cannot go on. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** The other side reset the channel, or the connection under it ended. */
export class ChannelReset extends Error {
  override readonly name = 'ChannelReset';
}

function encodeFrame(type: FrameType, channel: number, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(headerSize + payload.length);
  frame[0] = type;
  new DataView(frame.buffer).setUint32(1, channel, true);
  frame.set(payload, headerSize);
  return frame;
}

const noPayload = new Uint8Array(0);

/** Which directions a channel has, seen from the side that holds it. */
export type ChannelDirections = 'send' | 'receive' | 'both';

/**
 * One flow-controlled byte stream in each of its directions. Closing `writable` sends end-of-stream;
 * aborting it, or cancelling `readable`, resets the whole channel.
 */
export class Channel {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly #send: (type: FrameType, payload: Uint8Array) => void;
  readonly #finished: () => void;
  #receiving: boolean;
  #sending: boolean;

  #received: Uint8Array[] = [];
  #receiveCredit = window;
  #taken = 0;
  #ended = false;
  #wakeReader: (() => void) | undefined;

  #sendCredit = window;
  #wakeWriter: (() => void) | undefined;
  #failure: Error | undefined;

  /** @param finished called once, when neither direction can carry anything any more */
  constructor(
    directions: ChannelDirections,
    send: (type: FrameType, payload: Uint8Array) => void,
    finished: () => void,
  ) {
    this.#receiving = directions !== 'send';
    this.#sending = directions !== 'receive';
    this.#send = send;
    this.#finished = finished;
    // A high-water mark of 0 lets credit follow the real reader, not a queue before it.
    this.readable = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => this.#pull(controller),
        cancel: () => this.#reset(),
      },
      { highWaterMark: 0 },
    );
    this.writable = new WritableStream<Uint8Array>({
      write: (chunk) => this.#write(chunk),
      close: () => this.#close(),
      abort: () => this.#reset(),
    });
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    for (;;) {
      if (this.#failure) throw this.#failure;
      const chunk = this.#received.shift();
      if (chunk) {
        controller.enqueue(chunk);
        this.#grant(chunk.length);
        return;
      }
      if (!this.#receiving || this.#ended) {
        controller.close();
        this.#finishReceiving();
        return;
      }
      await new Promise<void>((resolve) => (this.#wakeReader = resolve));
    }
  }

  #grant(bytes: number): void {
    this.#taken += bytes;
    if (this.#taken < creditStep || this.#ended) return;
    const payload = new Uint8Array(4);
    new DataView(payload.buffer).setUint32(0, this.#taken, true);
    this.#receiveCredit += this.#taken;
    this.#taken = 0;
    this.#send(frameType.credit, payload);
  }

  async #write(chunk: Uint8Array): Promise<void> {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#failure) throw this.#failure;
      if (!this.#sending) throw new ChannelReset('the channel carries nothing in this direction');
      const size = Math.min(rest.length, this.#sendCredit, maximumChunk);
      if (size === 0) {
        await new Promise<void>((resolve) => (this.#wakeWriter = resolve));
        continue;
      }
      this.#sendCredit -= size;
      this.#send(frameType.data, rest.subarray(0, size));
      rest = rest.subarray(size);
    }
  }

  #close(): void {
    if (this.#failure) throw this.#failure;
    if (!this.#sending) return;
    this.#send(frameType.end, noPayload);
    this.#sending = false;
    if (!this.#receiving) this.#finished();
  }

  #finishReceiving(): void {
    if (!this.#receiving) return;
    this.#receiving = false;
    if (!this.#sending) this.#finished();
  }

  #reset(): void {
    if (this.#failure || (!this.#sending && !this.#receiving)) return;
    this.#send(frameType.reset, noPayload);
    this.fail(new ChannelReset('the channel was reset here'));
  }

  /** Ends both directions with an error. */
  fail(error: Error): void {
    if (this.#failure) return;
    const live = this.#sending || this.#receiving;
    this.#failure = error;
    this.#received = [];
    this.#sending = this.#receiving = false;
    this.#wakeReader?.();
    this.#wakeWriter?.();
    if (live) this.#finished();
  }

  /** Handles a frame of the other side. */
  receive(type: FrameType, payload: Uint8Array): void {
    switch (type) {
      case frameType.data:
        if (payload.length === 0 || payload.length > this.#receiveCredit || this.#ended) {
          throw new ProtocolError('data beyond the credit or the end of its channel');
        }
        this.#receiveCredit -= payload.length;
        this.#received.push(payload);
        this.#wakeReader?.();
        break;
      case frameType.credit: {
        if (payload.length !== 4) throw new ProtocolError('a credit frame of the wrong size');
        const credit = new DataView(payload.buffer, payload.byteOffset).getUint32(0, true);
        if (credit === 0 || this.#sendCredit + credit > window) {
          throw new ProtocolError('more credit than was used');
        }
        this.#sendCredit += credit;
        this.#wakeWriter?.();
        break;
      }
      case frameType.end:
        if (payload.length !== 0) throw new ProtocolError('an end frame with a payload');
        this.#ended = true;
        this.#wakeReader?.();
        break;
      case frameType.reset:
        if (payload.length !== 0) throw new ProtocolError('a reset frame with a payload');
        this.fail(new ChannelReset('the other side reset the channel'));
        break;
      case frameType.control:
        throw new ProtocolError('a control frame on a data channel');
    }
  }
}

const frameTypes: readonly number[] = Object.values(frameType);

/** One side of a connection; owns its channels and ends them all when the connection ends. */
export class Multiplexer {
  readonly #send: (frame: Uint8Array) => void;
  readonly #onControl: (message: unknown) => void;
  readonly #channels = new Map<number, Channel>();
  #highest = 0;
  #closed: Error | undefined;

  /**
   * @param send hands one frame to the transport; called in order, never after {@link close}
   * @param onControl receives each control message, parsed but not yet validated
   */
  constructor(send: (frame: Uint8Array) => void, onControl: (message: unknown) => void) {
    this.#send = send;
    this.#onControl = onControl;
  }

  /** Sends a control message. Does nothing once the connection has ended. */
  control(message: object): void {
    if (this.#closed) return;
    const payload = new TextEncoder().encode(JSON.stringify(message));
    this.#send(encodeFrame(frameType.control, 0, payload));
  }

  /** A channel with an id that is free on both sides, for the side that assigns ids. */
  openNext(directions: ChannelDirections): { id: number; channel: Channel } {
    const id = this.#highest + 1;
    return { id, channel: this.open(id, directions) };
  }

  /**
   * Opens the channel that the other side knows under the same id.
   *
   * @throws ProtocolError when the id is 0, out of range, or not above every id used before
   */
  open(id: number, directions: ChannelDirections): Channel {
    if (!Number.isInteger(id) || id <= this.#highest || id > 0xffff_ffff) {
      throw new ProtocolError(`channel id ${id} is not new`);
    }
    this.#highest = id;
    const channel = new Channel(
      directions,
      (type, payload) => {
        if (!this.#closed) this.#send(encodeFrame(type, id, payload));
      },
      () => this.#channels.delete(id),
    );
    if (this.#closed) channel.fail(this.#closed);
    else this.#channels.set(id, channel);
    return channel;
  }

  /**
   * Handles one message of the transport.
   *
   * @throws ProtocolError when the frame is malformed; the caller then ends the connection
   */
  receive(frame: Uint8Array): void {
    const type = frame[0];
    if (frame.length < headerSize || type === undefined || !frameTypes.includes(type)) {
      throw new ProtocolError('a frame that is too short or of an unknown type');
    }
    const id = new DataView(frame.buffer, frame.byteOffset).getUint32(1, true);
    const payload = frame.subarray(headerSize);
    if (type === frameType.control) {
      if (id !== 0) throw new ProtocolError('a control frame on a channel');
      this.#onControl(parse(payload));
      return;
    }
    const channel = this.#channels.get(id);
    // cast: `type` was found among the values of frameType just above.
    if (channel) channel.receive(type as FrameType, payload);
    else if (id === 0 || id > this.#highest) throw new ProtocolError(`no channel ${id}`);
  }

  /** Ends every channel with an error; later calls do nothing. */
  close(error: Error): void {
    if (this.#closed) return;
    this.#closed = error;
    for (const channel of [...this.#channels.values()]) channel.fail(error);
  }
}

function parse(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    throw new ProtocolError('a control frame that is not JSON');
  }
}

/**
 * Reads byte strings of known sizes that follow each other on a stream.
 *
 * @returns one array per size, in order
 * @throws ProtocolError when the stream holds fewer or more bytes
 */
export async function readSized(
  stream: ReadableStream<Uint8Array>,
  sizes: readonly number[],
): Promise<Uint8Array<ArrayBuffer>[]> {
  const results = sizes.map((size) => new Uint8Array(size));
  let index = 0;
  let filled = 0;
  const skipFull = () => {
    while (index < results.length && filled === results[index]?.length) {
      index++;
      filled = 0;
    }
  };
  skipFull();
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    let rest = value;
    while (rest.length > 0) {
      const target = results[index];
      if (!target) throw new ProtocolError('more bytes than announced');
      const size = Math.min(rest.length, target.length - filled);
      target.set(rest.subarray(0, size), filled);
      filled += size;
      rest = rest.subarray(size);
      skipFull();
    }
  }
  if (index < results.length) throw new ProtocolError('fewer bytes than announced');
  return results;
}

/** Writes byte strings one after the other and ends the stream. */
export async function writeAll(
  stream: WritableStream<Uint8Array>,
  contents: Iterable<Uint8Array>,
): Promise<void> {
  const writer = stream.getWriter();
  for (const bytes of contents) await writer.write(bytes);
  await writer.close();
}
