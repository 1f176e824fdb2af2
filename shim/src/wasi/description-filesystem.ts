/** wasi:filesystem 0.2: types, preopens. */
import {
  alias,
  bool,
  borrow,
  bytes,
  count,
  enumeration,
  flags,
  func,
  list,
  option,
  own,
  record,
  result,
  string,
  tuple,
  u64,
  variant,
  witInterface,
} from '../abi/wit.ts';
import type { Fields, WitFunction, WitType } from '../abi/wit.ts';
import { datetime } from './description-clocks.ts';

const filesize = alias('filesize', count);
const linkCount = alias('link-count', u64);
const descriptorType = enumeration(
  'descriptor-type',
  'unknown',
  'block-device',
  'character-device',
  'directory',
  'fifo',
  'symbolic-link',
  'regular-file',
  'socket',
);
const descriptorFlags = flags(
  'descriptor-flags',
  'read',
  'write',
  'file-integrity-sync',
  'data-integrity-sync',
  'requested-write-sync',
  'mutate-directory',
);
const descriptorStat = record('descriptor-stat', {
  type: descriptorType,
  'link-count': linkCount,
  size: filesize,
  'data-access-timestamp': option(datetime),
  'data-modification-timestamp': option(datetime),
  'status-change-timestamp': option(datetime),
});
const pathFlags = flags('path-flags', 'symlink-follow');
const openFlags = flags('open-flags', 'create', 'directory', 'exclusive', 'truncate');
const newTimestamp = variant('new-timestamp', {
  'no-change': undefined,
  now: undefined,
  timestamp: datetime,
});
const directoryEntry = record('directory-entry', { type: descriptorType, name: string });
const errorCode = enumeration(
  'error-code',
  'access',
  'would-block',
  'already',
  'bad-descriptor',
  'busy',
  'deadlock',
  'quota',
  'exist',
  'file-too-large',
  'illegal-byte-sequence',
  'in-progress',
  'interrupted',
  'invalid',
  'io',
  'is-directory',
  'loop',
  'too-many-links',
  'message-size',
  'name-too-long',
  'no-device',
  'no-entry',
  'no-lock',
  'insufficient-memory',
  'insufficient-space',
  'not-directory',
  'not-empty',
  'not-recoverable',
  'unsupported',
  'no-tty',
  'no-such-device',
  'overflow',
  'not-permitted',
  'pipe',
  'read-only',
  'invalid-seek',
  'text-file-busy',
  'cross-device',
);
const advice = enumeration(
  'advice',
  'normal',
  'sequential',
  'random',
  'will-need',
  'dont-need',
  'no-reuse',
);
const metadataHashValue = record('metadata-hash-value', { lower: u64, upper: u64 });

/** A function that returns at once. */
const immediate = (params: Fields, ok?: WitType): WitFunction =>
  func(params, result(ok, errorCode));
/** A function that may have to wait for the disk. */
const disk = (params: Fields, ok?: WitType): WitFunction =>
  func(params, result(ok, errorCode), { blocking: 'sometimes' });

/** The interfaces of wasi:filesystem. */
export const filesystemInterfaces = [
  witInterface('wasi:filesystem/types', {
    types: [
      filesize,
      linkCount,
      descriptorType,
      descriptorFlags,
      descriptorStat,
      pathFlags,
      openFlags,
      newTimestamp,
      directoryEntry,
      errorCode,
      advice,
      metadataHashValue,
    ],
    resources: {
      descriptor: {
        'read-via-stream': immediate({ offset: filesize }, own('input-stream')),
        'write-via-stream': immediate({ offset: filesize }, own('output-stream')),
        'append-via-stream': immediate({}, own('output-stream')),
        advise: immediate({ offset: filesize, length: filesize, advice }),
        'sync-data': disk({}),
        'get-flags': immediate({}, descriptorFlags),
        'get-type': immediate({}, descriptorType),
        'set-size': disk({ size: filesize }),
        'set-times': disk({
          'data-access-timestamp': newTimestamp,
          'data-modification-timestamp': newTimestamp,
        }),
        read: func({ length: filesize, offset: filesize }, result(tuple(bytes, bool), errorCode), {
          blocking: 'sometimes',
          sink: true,
        }),
        write: disk({ buffer: bytes, offset: filesize }, filesize),
        'read-directory': disk({}, own('directory-entry-stream')),
        sync: disk({}),
        'create-directory-at': disk({ path: string }),
        stat: disk({}, descriptorStat),
        'stat-at': disk({ 'path-flags': pathFlags, path: string }, descriptorStat),
        'set-times-at': disk({
          'path-flags': pathFlags,
          path: string,
          'data-access-timestamp': newTimestamp,
          'data-modification-timestamp': newTimestamp,
        }),
        'link-at': disk({
          'old-path-flags': pathFlags,
          'old-path': string,
          'new-descriptor': borrow('descriptor'),
          'new-path': string,
        }),
        'open-at': disk(
          {
            'path-flags': pathFlags,
            path: string,
            'open-flags': openFlags,
            flags: descriptorFlags,
          },
          own('descriptor'),
        ),
        'readlink-at': disk({ path: string }, string),
        'remove-directory-at': disk({ path: string }),
        'rename-at': disk({
          'old-path': string,
          'new-descriptor': borrow('descriptor'),
          'new-path': string,
        }),
        'symlink-at': disk({ 'old-path': string, 'new-path': string }),
        'unlink-file-at': disk({ path: string }),
        'is-same-object': func({ other: borrow('descriptor') }, bool),
        'metadata-hash': disk({}, metadataHashValue),
        'metadata-hash-at': disk({ 'path-flags': pathFlags, path: string }, metadataHashValue),
      },
      'directory-entry-stream': {
        'read-directory-entry': disk({}, option(directoryEntry)),
      },
    },
    functions: {
      'filesystem-error-code': func({ err: borrow('error') }, option(errorCode)),
    },
  }),
  witInterface('wasi:filesystem/preopens', {
    functions: { 'get-directories': func({}, list(tuple(own('descriptor'), string))) },
  }),
];
