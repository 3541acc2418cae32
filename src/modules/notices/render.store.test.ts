import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CampaignRun,
  type CampaignRuns,
  DAY,
  openCampaignRuns,
  PORTAL_URL,
  person,
} from '../../../test/support/campaign-run.ts';
import { TICKET } from '../../../test/support/ground.ts';
import { erasePerson, loadPersons } from '../debtors/index.ts';
import type { RenderedText, TextRequest } from '../deliveries/index.ts';
import { DEFAULT_TEMPLATES } from './default-templates.ts';
import { enteOfToken, findLink } from './links.ts';
import { latestTemplate, saveTemplate, templateVersion } from './templates.store.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const [first] = DEFAULT_TEMPLATES;

/** The request that the first message of everybody would make. */
async function requests(run: CampaignRun): Promise<TextRequest[]> {
  await run.launch();
  await run.queue();
  const { rows } = await run.tx((tx) =>
    sql<TextRequest>`select d.delivery_id as "deliveryId", d.notice_id as "noticeId", d.debtor_id as "debtorId",
      d.contact_id as "contactId", d.channel, 'primo-avviso' as "templateCode", 1 as "templateVersion"
      from delivery_now d where d.ente_id = ${run.enteId} order by d.delivery_id`.execute(tx.kysely),
  );
  return rows;
}

const render = async (run: CampaignRun, list: readonly TextRequest[]): Promise<(RenderedText | undefined)[]> => {
  const texts = await run.tx(async (tx) => {
    const ids = list.map((request) => request.debtorId);
    const persons = await loadPersons(tx, run.deps.vaultOf(run.enteId), ids);
    return run.deps.texts.render(tx, list, persons, run.now());
  });
  return list.map((request) => texts.get(request.deliveryId));
};

describe('a rendered message', () => {
  it('greets the person, comes from the body, and says nothing of what it is about', async () => {
    const run = await runs.fresh();
    await run.addDebts([person(1, { name: 'Ada', surname: 'Cura', amountCents: 123_456 })]);
    const [text] = await render(run, await requests(run));
    if (text?.kind !== 'text') throw new Error(JSON.stringify(text));
    expect(text.text).toContain('Gentile Ada Cura,');
    expect(text.sender).toEqual({ name: run.ente.name, address: run.ente.senderAddress });
    expect(`${text.subject} ${text.text} ${text.html}`).not.toMatch(/1[.]?234|TARI|2026-06|importo/i);
    expect(text.optOutUrl).toMatch(new RegExp(`^${PORTAL_URL}/o/${run.enteId}-`));
  });

  it('refuses a word that the name of the office or of the body brings in', async () => {
    for (const rename of [
      sql`update office set name = 'Ufficio Tributi'`,
      sql`update ente set name = 'Consorzio Rifiuti di Prova'`,
    ]) {
      const run = await runs.fresh();
      await run.addDebts([person(1)]);
      const list = await requests(run);
      await run.tx((tx) => sql`${rename} where ente_id = ${run.enteId}`.execute(tx.kysely));
      expect(await render(run, list)).toEqual([{ kind: 'refused', code: 'DISCLOSURE_SERVICE' }]);
    }
  });

  it('lets a person be called like a word of the list, in capitals too', async () => {
    const run = await runs.fresh();
    await run.addDebts([person(1, { name: 'TARI', surname: 'MULTA' })]);
    const list = await requests(run);
    const [text] = await render(run, list);
    expect(text?.kind).toBe('text');
    const loud = {
      ...first,
      code: 'forte',
      body: first.body.replace('{{ persona.nome }}', '{{ persona.nome | downcase }}'),
    };
    await run.tx((tx) => saveTemplate(tx, { ...loud, authorId: run.clerk.operatorId, now: run.now() }));
    const [again] = await render(
      run,
      list.map((r) => ({ ...r, templateCode: 'forte' })),
    );
    expect(again?.kind).toBe('text');
  });

  it('is not made when nothing is open any more, or the notice has ended', async () => {
    const run = await runs.fresh();
    const [debt] = await run.addDebts([person(1), person(2)]);
    const list = await requests(run);
    await run.tx((tx) =>
      sql`update notice set state = 'stopped' where ente_id = ${run.enteId} and debtor_id = ${debt?.debtorId}`.execute(
        tx.kysely,
      ),
    );
    const texts = await render(run, list);
    const mine = list.findIndex((r) => r.debtorId === debt?.debtorId);
    expect(texts[mine]).toEqual({ kind: 'nothingLeft' });
    expect(texts[1 - mine]?.kind).toBe('text');
  });

  it('of an erased person is refused', async () => {
    const run = await runs.fresh();
    const [debt] = await run.addDebts([person(1)]);
    const list = await requests(run);
    await run.tx((tx) => erasePerson(tx, debt?.debtorId as string));
    expect(await render(run, list)).toEqual([{ kind: 'refused', code: 'noContact' }]);
  });

  it('speaks of care no more than of taxes', async () => {
    const run = await runs.fresh({ creditTypes: [TICKET] });
    await run.addDebts([person(1)]);
    await run.launch(
      'versione: 1\ncodice: giro\nnome: Salute\ncrediti: [TICKET]\npubblico: { scadenzaEntro: 2026-08-01 }\ncascata: [{ canale: email, testo: primo-avviso }]\n',
    );
    await run.settle();
    expect(run.channel.sent[0]?.message.text).not.toMatch(/ticket|sanitar|visita/i);
  });
});

describe('links', () => {
  const tokenIn = (text: RenderedText | undefined, path: 'l' | 'o') =>
    text?.kind === 'text' ? (new RegExp(`/${path}/(\\S+)`).exec(text.text)?.[1] ?? '') : '';

  it('carry the tenant and 128 bits, are kept as a hash, and open for one purpose', async () => {
    const run = await runs.fresh();
    await run.addDebts([person(1)]);
    const [text] = await render(run, await requests(run));
    const [open, out] = [tokenIn(text, 'l'), tokenIn(text, 'o')];
    expect(enteOfToken(open)).toBe(run.enteId);
    expect(open).toMatch(/^\d+-[A-Za-z0-9_-]{22}$/);
    const vault = run.store.vaultOf(run.enteId);
    const find = (token: string, purpose: 'open' | 'optOut') =>
      run.tx((tx) => findLink(tx, vault, token, purpose, run.now()));
    expect(await find(open, 'open')).toMatchObject({ purpose: 'open', createdAt: run.now() });
    expect(await find(open, 'optOut')).toBeNull();
    expect(await find(out, 'optOut')).not.toBeNull();
    expect(await find(out, 'open')).toBeNull();
    const { rows } = await run.tx((tx) =>
      sql<{
        hash: string;
      }>`select encode(token_hash, 'escape') as hash from link where ente_id = ${run.enteId}`.execute(tx.kysely),
    );
    expect(rows.some((row) => row.hash.includes(open.slice(4)))).toBe(false);
  });

  it('stop opening after their term; the way out never does', async () => {
    const run = await runs.fresh();
    await run.addDebts([person(1)]);
    const [text] = await render(run, await requests(run));
    const vault = run.store.vaultOf(run.enteId);
    const find = (path: 'l' | 'o', at: number) =>
      run.tx((tx) => findLink(tx, vault, tokenIn(text, path), path === 'l' ? 'open' : 'optOut', at));
    expect(await find('l', run.now() + 90 * DAY - 1)).not.toBeNull();
    expect(await find('l', run.now() + 90 * DAY)).toBeNull();
    expect(await find('o', run.now() + 900 * DAY)).not.toBeNull();
  });

  it('of another shape name no body', () => {
    for (const token of [
      '',
      '1',
      '1-',
      `x-${'a'.repeat(22)}`,
      `1-${'a'.repeat(21)}`,
      `1-${'a'.repeat(23)}`,
      `9999999999-${'a'.repeat(22)}`,
    ]) {
      expect(enteOfToken(token)).toBeNull();
    }
  });
});

describe('texts', () => {
  it('are kept in versions; the same words are no new one', async () => {
    const run = await runs.fresh();
    const save = (body: string) =>
      run.tx((tx) => saveTemplate(tx, { ...first, body, authorId: run.clerk.operatorId, now: run.now() }));
    expect((await save(first.body)).version).toBe(1);
    expect((await save(first.body)).version).toBe(1);
    const other = first.body.replace('Se preferisce', 'Oppure');
    expect((await save(other)).version).toBe(2);
    expect((await run.tx((tx) => latestTemplate(tx, first.code)))?.body).toBe(other);
    expect((await run.tx((tx) => templateVersion(tx, first.code, 1))).body).toBe(first.body);
    await expect(run.tx((tx) => templateVersion(tx, first.code, 3))).rejects.toMatchObject({
      code: 'TEMPLATE_UNKNOWN',
    });
  });

  it('with a problem are not saved', async () => {
    const run = await runs.fresh();
    const bad = run.tx((tx) =>
      saveTemplate(tx, { ...first, subject: 'Il Suo debito', authorId: run.clerk.operatorId, now: run.now() }),
    );
    await expect(bad).rejects.toMatchObject({
      code: 'TEMPLATE_REFUSED',
      details: { problem: 'DISCLOSURE_DEBT', rule: 'R51' },
    });
    expect(await run.tx((tx) => latestTemplate(tx, first.code))).toBeNull();
  });
});
