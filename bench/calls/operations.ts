/** What is measured: the guest's operations, in the order of the table. */
export const operations = [
  { name: 'now', title: 'monotonic-clock.now' },
  { name: 'ready', title: 'pollable.ready' },
  { name: 'poll', title: 'poll, one ready pollable' },
  { name: 'check-write', title: 'output-stream.check-write' },
  { name: 'check-write+write', title: 'output-stream.check-write + write of 16 B' },
  { name: 'subscribe+drop', title: 'subscribe + drop' },
  { name: 'read-16', title: 'descriptor.read of 16 B' },
  { name: 'read-4096', title: 'descriptor.read of 4 KiB' },
  { name: 'write-16', title: 'descriptor.write of 16 B' },
  { name: 'write-4096', title: 'descriptor.write of 4 KiB' },
] as const;

/** The name of an operation, as the guest takes it. */
export type Operation = (typeof operations)[number]['name'];

/** Who binds the imports of the component; `bare`: nobody, see bare.ts. */
export type Binding = 'bare' | 'backtab' | 'jco';
