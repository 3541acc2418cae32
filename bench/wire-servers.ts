import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** What the servers took since they started. */
export interface WireCounts {
  readonly mails: number;
  /** Headers and words of them, as they were read. */
  readonly mailBytes: number;
  readonly texts: number;
  readonly cpuMs: number;
}

export interface WireServers {
  readonly smtp: number;
  readonly smsc: number;
  counts(): Promise<WireCounts>;
  stop(): Promise<void>;
}

/** The mail host and the SMSC of the sandbox in a process of their own, on loopback. */
export async function startWireServers(): Promise<WireServers> {
  const child = fork(join(import.meta.dirname, 'wire-child.ts'));
  const [ports] = (await once(child, 'message')) as [{ smtp: number; smsc: number }];
  return {
    ...ports,
    async counts() {
      child.send('counts');
      const [counts] = (await once(child, 'message')) as [WireCounts];
      return counts;
    },
    async stop() {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}
