/** What a stack counts, from its creation on. Everything here was dropped, not acted upon. */
export interface Counters {
  /** Messages that are no frame of this version, or not one that belongs on its channel. */
  badFrames: number;
  /** Frames for an address or port that is not here, or from a connection's unknown end. */
  misdirectedFrames: number;
  /** Frames from a node that is known to be dead. */
  framesFromDead: number;
  /** Frames that break the rules of the connection they belong to. */
  protocolViolations: number;
  /** Handshakes that found a full backlog. */
  handshakesDropped: number;
  /** Handshakes to a port where nothing listens. */
  handshakesRefused: number;
  /** Handshakes sent again for want of an answer. */
  handshakesRepeated: number;
  /** Datagrams that found a full receive buffer. */
  datagramsDropped: number;
}

/** Counters that stand at 0. */
export function newCounters(): Counters {
  return {
    badFrames: 0,
    misdirectedFrames: 0,
    framesFromDead: 0,
    protocolViolations: 0,
    handshakesDropped: 0,
    handshakesRefused: 0,
    handshakesRepeated: 0,
    datagramsDropped: 0,
  };
}
