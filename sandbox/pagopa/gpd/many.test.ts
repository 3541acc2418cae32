import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeGpdClient, option, position, V1, V2 } from '../testing/gpd-client.ts';
import { COMUNE, startWorld, type World } from '../testing/world.ts';
import { unzipOne } from './zip.ts';

let world: World;
const { send, status } = makeGpdClient(() => world);

beforeEach(async () => {
  world = await startWorld();
});

afterEach(() => world.close());

describe('many at once', () => {
  it('twenty in one body, all or none', async () => {
    const two = [position('a', [option(1)]), position('b', [option(2)])];
    expect((await send('POST', `${V2}?toPublish=true`, { paymentPositions: two })).status).toBe(201);
    const clash = [position('c', [option(3)]), position('d', [option(1)])];
    expect((await send('POST', V2, { paymentPositions: clash })).status).toBe(409);
    expect(await status('c')).toBe(404);
    const many = Array.from({ length: 21 }, (_, n) => position(`m${n}`, [option(100 + n)]));
    expect((await send('POST', V2, { paymentPositions: many })).status).toBe(400);
    expect((await send('DELETE', V2, { paymentPositionIUPDs: ['a', 'b'] })).status).toBe(200);
    expect(await status('a')).toBe(404);
  });

  it('are listed fifty a page at most, from page 0', async () => {
    for (let n = 0; n < 12; n += 1) await send('POST', V1, position(`p${n}`, [option(n)]));
    const { body } = await send('GET', `${V1}?limit=5&page=2`);
    expect(body).toMatchObject({ page_info: { page: 2, limit: 5, items_found: 12, total_pages: 3 } });
    expect(body.payment_position_list).toHaveLength(2);
    expect((await send('GET', `${V1}?limit=51`)).status).toBe(400);
    expect((await send('GET', `${V1}?due_date_from=2027-01-01`)).body).toMatchObject({ page_info: { items_found: 0 } });
  });

  it('by a file, whose report comes when the work is done', async () => {
    const upload = `/upload/gpd/debt-positions-service/v2/brokers/98765432106/organizations/${COMUNE}/debtpositions/file`;
    await send('POST', V1, position('taken', [option(9)]));
    const file = {
      paymentPositions: [position('u1', [option(1)]), position('u2', [option(2)]), position('u3', [option(9)])],
    };
    const accepted = await sendFile('POST', upload, file);
    expect(accepted.status).toBe(202);
    expect(accepted.headers.get('retry-after')).not.toBeNull();
    const where = accepted.headers.get('location') ?? '';
    expect((await send('GET', where, undefined, 'upload')).body).toMatchObject({
      operationStatus: 'IN_PROGRESS',
      submittedItem: 3,
    });
    const report = where.replace(/status$/, 'report');
    expect((await send('GET', report, undefined, 'upload')).status).toBe(425);
    await world.time.advance(60_000);
    expect((await send('GET', report, undefined, 'upload')).body).toMatchObject({
      processedItem: 3,
      operationStatus: 'COMPLETED_WITH_WARNINGS',
      responses: [
        { statusCode: 201, requestIDs: ['u1', 'u2'] },
        { statusCode: 409, requestIDs: ['u3'] },
      ],
    });
    expect(await status('u1')).toBe('VALID');
    await sendFile('PUT', upload, { paymentPositions: [position('nobody', [option(77)])] });
    expect(await status('nobody')).toBe(404);
    await sendFile('DELETE', upload, { paymentPositionIUPDs: ['u1'] });
    expect(await status('u1')).toBe(404);
  });

  async function sendFile(
    method: string,
    path: string,
    content: object,
  ): Promise<{ status: number; headers: Headers }> {
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(zipOf(Buffer.from(JSON.stringify(content))))]), 'positions.zip');
    const headers = { 'ocp-apim-subscription-key': world.pagopa.keys.upload };
    return fetch(`${world.pagopa.apiUrl}${path}`, { method, headers, body: form });
  }
});

/** A ZIP of one deflated file, as any program would write it. */
function zipOf(content: Buffer): Buffer {
  const name = Buffer.from('positions.json');
  const packed = deflateRawSync(content);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(8, 8);
  local.writeUInt32LE(packed.length, 18);
  local.writeUInt32LE(content.length, 22);
  local.writeUInt16LE(name.length, 26);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(8, 10);
  entry.writeUInt32LE(packed.length, 20);
  entry.writeUInt32LE(content.length, 24);
  entry.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(entry.length + name.length, 12);
  end.writeUInt32LE(local.length + name.length + packed.length, 16);
  return Buffer.concat([local, name, packed, entry, name, end]);
}

describe('a ZIP', () => {
  it('gives its one file back, and nothing of what is broken', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => unzipOne(zipOf(Buffer.from(bytes))).equals(bytes)),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => unzipOne(Buffer.from(bytes))).toThrow();
      }),
    );
  });
});
