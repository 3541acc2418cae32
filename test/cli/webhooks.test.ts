import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/kernel/ids.ts';
import { type Installation, makeInstallation } from './bonario.ts';
import { ENTE } from './documents.ts';

let place: Installation;
let key = '';
const types: string[] = [];
const server = createServer((request, response) => {
  types.push(String(request.headers['bonario-event-type']));
  response.writeHead(types.length === 1 ? 204 : 503).end();
});
beforeAll(async () => {
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  // Nothing of these commands sends mail.
  place = makeInstallation(9);
  writeFileSync(join(place.folder, 'ente.yaml'), ENTE);
  key = String((await place.json(['ente', 'create', 'ente.yaml', '--manager', 'Ada Capo'])).said.key);
});
afterAll(async () => {
  server.close();
  await place.remove();
});

const webhook = (...argv: string[]) =>
  place.json(['webhook', ...argv], { BONARIO_KEY: key, BONARIO_WEBHOOK_PRIVATE: 'true' });

describe('bonario webhook', () => {
  it('adds, lists, tries and removes an address', async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/fatti`;
    const { exit, said } = await webhook('add', url, '--events', 'debt.paid, debt.cancelled');
    expect([exit, said.secret]).toEqual([0, expect.stringMatching(/^whsec_/)]);
    const id = String(said.endpointId);
    expect((await webhook('list')).said.endpoints).toMatchObject([
      { endpointId: id, url, kinds: ['debt.cancelled', 'debt.paid'], waiting: 0, givenUp: 0 },
    ]);
    expect(await webhook('test', id)).toMatchObject({ exit: 0, said: { status: 204 } });
    expect(await webhook('test', id)).toMatchObject({ exit: 1, said: { status: 503 } });
    expect(types).toEqual(['prova', 'prova']);
    expect((await webhook('remove', id)).exit).toBe(0);
    expect((await webhook('list')).said.endpoints).toEqual([]);
  });

  it('refuses what it does not know, and addresses of this network unless they are allowed', async () => {
    expect((await webhook('add', 'https://programma.example/', '--events', 'tutto')).said.error).toBe('OPTION_VALUE');
    for (const id of [newId(), 'niente']) {
      expect(await webhook('remove', id)).toMatchObject({ exit: 1, said: { error: 'WEBHOOK_UNKNOWN' } });
      expect(await webhook('test', id)).toMatchObject({ exit: 1, said: { error: 'WEBHOOK_UNKNOWN' } });
    }
    const plain = await place.json(['webhook', 'add', 'http://127.0.0.1:1/'], { BONARIO_KEY: key });
    expect(plain).toMatchObject({ exit: 1, said: { error: 'WEBHOOK_URL' } });
    expect((await place.json(['webhook', 'list'])).said.error).toBe('KEY_MISSING');
  });
});
