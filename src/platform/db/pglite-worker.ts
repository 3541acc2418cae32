/**
 * PGlite in its own thread: one long join would otherwise stop the pages for its whole length (data-engine §7).
 * Protocol: `{ id, op, sql, parameters }` in, `{ id, rows, affected }` or `{ id, error }` out, one at a time.
 */
import { openAsBlob } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { ARRAY_OIDS, OID, parseInt8, parseTimestamptz, type Reading } from './engine.ts';

if (parentPort === null) throw new Error('pglite-worker runs as a worker thread only');
const port = parentPort;
const { dataDir, start } = workerData as { dataDir: string | null; start: string | null };

const lite = await PGlite.create({
  ...(dataDir === null ? {} : { dataDir }),
  ...(start === null ? {} : { loadDataDir: await openAsBlob(start) }),
  relaxedDurability: false,
  // The default 128 MB of shared buffers are touched one by one and never given back; a trial does not need them.
  startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=32MB'],
  parsers: {
    [OID.int8]: parseInt8,
    // The driver's own reads digit by digit.
    [OID.bytea]: (text: string) => new Uint8Array(Buffer.from(text.slice(2), 'hex')),
    [OID.date]: (text: string) => text,
    [OID.timestamptz]: parseTimestamptz,
  },
});
// random_page_cost: with the default 4 the planner scans a tenant's whole index for each marked row (data-engine §7).
await lite.exec("set timezone = 'UTC'; set random_page_cost = 1.1");
// Bytes go as they are: a value of `bytea`, which the driver would write digit by digit, or a whole array in its binary
// form (`binary-array.ts`), which it would take for text.
for (const oid of [OID.bytea, ...ARRAY_OIDS]) {
  const plain = lite.serializers[oid];
  lite.serializers[oid] = (value: unknown) =>
    value instanceof Uint8Array ? (value as unknown as string) : (plain?.(value) ?? String(value));
}
port.postMessage({ ready: true });

type Request = { id: number; op: 'query' | 'exec' | 'close'; sql: string; parameters: unknown[]; reading: Reading };

const READING = {
  ours: {},
  plain: { parsers: { [OID.timestamptz]: (text: string) => new Date(parseTimestamptz(text)) } },
} as const;

port.on('message', (request: Request) => {
  void answer(request);
});

async function answer(request: Request): Promise<void> {
  try {
    if (request.op === 'close') {
      await lite.close();
      port.postMessage({ id: request.id, rows: [], affected: 0 });
      port.close();
      return;
    }
    if (request.op === 'exec') {
      const results = await lite.exec(request.sql, READING[request.reading]);
      const rows = results.flatMap((result) => result.rows);
      port.postMessage({ id: request.id, rows, affected: results.at(-1)?.affectedRows ?? 0 });
      return;
    }
    const result = await lite.query<Record<string, unknown>>(request.sql, request.parameters, READING[request.reading]);
    port.postMessage({ id: request.id, rows: result.rows, affected: result.affectedRows ?? 0 });
  } catch (error) {
    const { message, code, detail, constraint } = error as Error & Record<string, string | undefined>;
    port.postMessage({ id: request.id, error: { message, code, detail, constraint } });
  }
}
