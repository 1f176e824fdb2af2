/**
 * A node's worker whose IndexedDB is watched: at each line of output, which programs of these tests
 * print right after an fsync has returned, it looks how far the transactions had come by then. The
 * findings go out on the BroadcastChannel `recording` when the node has ended.
 */
import { recordIndexedDb } from '../../../shim/src/disk/testing/recording-indexeddb.ts';
import type { FromWorker } from '../../../shim/src/node/protocol.ts';

/** What was found; see the test that listens. */
export interface Findings {
  /** Lines that said `synced`. */
  readonly acknowledged: number;
  /** Acknowledgements at which no new strict transaction was complete. */
  readonly early: number;
  readonly durabilities: readonly string[];
  /** Transactions that were not ended by an explicit commit(). */
  readonly implicit: number;
}

const { transactions } = recordIndexedDb();
let acknowledged = 0;
let early = 0;
let completeBefore = 0;

const post = self.postMessage.bind(self);
self.postMessage = (message: FromWorker, options?: WindowPostMessageOptions): void => {
  if (message.type === 'output' && message.stream === 'stdout') {
    if (new TextDecoder().decode(message.bytes).startsWith('synced')) {
      acknowledged++;
      const complete = transactions.filter(
        ({ durability, committed, outcome }) =>
          durability === 'strict' && committed && outcome === 'complete',
      ).length;
      if (complete <= completeBefore) early++;
      completeBefore = complete;
    }
  } else if (message.type === 'ended') {
    const findings: Findings = {
      acknowledged,
      early,
      durabilities: transactions.map(({ durability }) => durability),
      implicit: transactions.filter(({ committed }) => !committed).length,
    };
    new BroadcastChannel('recording').postMessage(findings);
  }
  post(message, options);
};

await import('../../../shim/src/node/worker.ts');
