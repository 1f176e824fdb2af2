/** What a client (one run of the tool) and the host of its profile tell each other, as JSON. */
import { JsonValue } from '../json.ts';

/** Raised with every incompatible change, so that a host that still runs is not misunderstood. */
export const hostVersion = 1;

/** The path on the profile's origin where clients connect. */
export const controlPath = '/control';

/** The status with which the host refuses a client while it is ending. */
export const endingStatus = 503;

/** The host's exit status when something else listens on the profile's port. */
export const portTakenStatus = 3;

/** The line on the host's stdout that says it listens. */
export const listeningLine = 'listening\n';

export type ClientMessage =
  /** Opens a tab; `tab` is the client's number for it, `target` the part of its URL after the origin. */
  | { type: 'open'; tab: number; target: string }
  | { type: 'close'; tab: number }
  /** The client is done; the host closes the connection, when it is the last client by ending. */
  | { type: 'leave' };

export type HostMessage =
  | { type: 'welcome'; version: number; headful: boolean }
  | { type: 'opened'; tab: number }
  | { type: 'closed'; tab: number }
  /** The tab could not be opened, or has ended by itself. */
  | { type: 'tab-failed'; tab: number; message: string }
  /** The browser did not start. */
  | { type: 'start-failed'; message: string }
  /** The browser ended by itself or was killed; the host ends too. */
  | { type: 'browser-ended' };

function typeOf<T extends string>(message: unknown, types: readonly T[]): T {
  const members = new Map(new JsonValue(message).entries());
  return (members.get('type') ?? new JsonValue(undefined, 'type')).oneOf(types);
}

/** @throws JsonError when the message is not one of {@link ClientMessage} */
export function readClientMessage(message: unknown): ClientMessage {
  const value = new JsonValue(message);
  const type = typeOf(message, ['open', 'close', 'leave']);
  switch (type) {
    case 'open': {
      const { tab, target } = value.object(['type', 'tab', 'target']);
      return { type, tab: tab.integer(), target: target.string() };
    }
    case 'close':
      return { type, tab: value.object(['type', 'tab']).tab.integer() };
    case 'leave':
      return { type };
  }
}

/** @throws JsonError when the message is not one of {@link HostMessage} */
export function readHostMessage(message: unknown): HostMessage {
  const value = new JsonValue(message);
  const type = typeOf(message, [
    'welcome',
    'opened',
    'closed',
    'tab-failed',
    'start-failed',
    'browser-ended',
  ]);
  switch (type) {
    case 'welcome': {
      const { version, headful } = value.object(['type', 'version', 'headful']);
      return { type, version: version.integer(), headful: headful.boolean() };
    }
    case 'opened':
    case 'closed':
      return { type, tab: value.object(['type', 'tab']).tab.integer() };
    case 'tab-failed': {
      const members = value.object(['type', 'tab', 'message']);
      return { type, tab: members.tab.integer(), message: members.message.string() };
    }
    case 'start-failed':
      return { type, message: value.object(['type', 'message']).message.string() };
    case 'browser-ended':
      return { type };
  }
}
