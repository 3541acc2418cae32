import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSpool, type Spool } from './import-spool.ts';

const ABOUT = { enteId: 1, operatorId: 'anna', fileName: 'tari.csv', creditType: 'TARI' };
const bytes = new TextEncoder().encode('codice_fiscale;importo\nRSSMRA80A01H501U;12,00\n'.repeat(5_000));

let now = 0;
let spool: Spool;
beforeEach(() => {
  now = 1_000;
  spool = openSpool(() => now);
});
afterEach(() => spool.close());

async function* whole(content: Uint8Array) {
  yield content;
}

async function read(open: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of open()) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('files between the pages of an import', () => {
  it('can be read as often as needed, also by somebody who stops early', async () => {
    const file = await spool.put(ABOUT, whole(bytes));
    expect((await read(file.open)).equals(bytes)).toBe(true);
    for await (const _ of file.open()) break;
    expect((await read(file.open)).equals(bytes)).toBe(true);
  });

  it('are of one person at one body, one at a time, for an hour', async () => {
    const file = await spool.put(ABOUT, whole(bytes));
    expect(spool.get(1, 'anna', file.id)).toBe(file);
    expect(spool.get(1, 'bruno', file.id)).toBeNull();
    expect(spool.get(2, 'anna', file.id)).toBeNull();
    const next = await spool.put(ABOUT, whole(bytes));
    expect(spool.get(1, 'anna', file.id)).toBeNull();
    now += 60 * 60_000 + 1;
    expect(spool.get(1, 'anna', next.id)).toBeNull();
  });

  it('are as many as fit, and no more', async () => {
    for (let i = 0; i < 50; i += 1) await spool.put({ ...ABOUT, operatorId: `o${i}` }, whole(bytes.subarray(0, 10)));
    await expect(spool.put(ABOUT, whole(bytes))).rejects.toMatchObject({ code: 'UPLOAD_BUSY' });
  });

  it('leave nothing when the sender breaks off', async () => {
    async function* broken() {
      yield bytes;
      throw new Error('gone');
    }
    await expect(spool.put(ABOUT, broken())).rejects.toThrow('gone');
    expect(await spool.put(ABOUT, whole(bytes))).toMatchObject({ fileName: 'tari.csv' });
  });
});
