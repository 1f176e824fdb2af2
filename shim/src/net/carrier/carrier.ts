/**
 * What moves frames between nodes. A carrier delivers each frame posted on a channel to every
 * other open channel object of the same name, never to the one it was posted on, at most once, in
 * the order posted on that object. It may delay frames; it never alters them. What arrives is not
 * trusted: any script of the origin can post on any channel.
 */
export interface Carrier {
  /**
   * Opens the channel `name`.
   *
   * @param receive - called with each message, never before `open` has returned; a message that
   *   is no ArrayBuffer was not posted by this layer
   */
  open(name: string, receive: (message: unknown) => void): Channel;
}

/** One open channel. */
export interface Channel {
  /** Posts one frame. The buffer is the carrier's from then on: the caller neither reads nor writes it. */
  post(frame: ArrayBuffer): void;
  /** Closes the channel: nothing is delivered any more; frames already posted still arrive. */
  close(): void;
}
