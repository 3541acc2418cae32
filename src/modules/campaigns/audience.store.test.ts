import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CampaignRun,
  type CampaignRuns,
  campaignYaml,
  openCampaignRuns,
  person,
} from '../../../test/support/campaign-run.ts';
import { IMU, TARI, TICKET, validCf } from '../../../test/support/ground.ts';
import { civilDate } from '../../kernel/civil-date.ts';
import { makeNoticeNumber } from '../../kernel/notice-number.ts';
import { setEnteRule } from '../creditors/index.ts';
import { placeHold } from '../deliveries/index.ts';
import { bookReceipt } from '../payments/index.ts';
import { rehearse } from './campaign-actions.ts';
import { findCampaign } from './campaigns.store.ts';
import { planCampaign } from './plan-campaign.ts';

let runs: CampaignRuns;
beforeAll(async () => {
  runs = await openCampaignRuns();
});
afterAll(() => runs.close());

const exclusions = async (run: CampaignRun) => {
  const { rows } = await run.tx((tx) =>
    sql<{ reason: string; n: number }>`select reason, count(*)::int as n from exclusion where ente_id = ${run.enteId}
      group by reason order by reason`.execute(tx.kysely),
  );
  return Object.fromEntries(rows.map((row) => [row.reason, row.n]));
};
const set = (run: CampaignRun, statement: ReturnType<typeof sql>) => run.tx((tx) => statement.execute(tx.kysely));
const addressOf = async (run: CampaignRun, debtorId: string) => {
  const { rows } = await run.tx((tx) =>
    sql<{ address_lookup: Uint8Array }>`select address_lookup from contact_now where ente_id = ${run.enteId}
      and debtor_id = ${debtorId}`.execute(tx.kysely),
  );
  return rows[0]?.address_lookup as Uint8Array;
};

/** A body with one person for every reason there is to leave somebody alone, and one to write to. */
async function oneOfEach() {
  const run = await runs.fresh();
  const names = [
    'fine',
    'erased',
    'deceased',
    'minor',
    'nearDecadence',
    'belowMinimum',
    'held',
    'otherCampaign',
    'noContact',
    'deadContact',
    'contactPurpose',
    'addressHeld',
  ] as const;
  const over: Partial<Record<(typeof names)[number], Parameters<typeof person>[1]>> = {
    // R01: decadence of what was due in 2021 comes at the end of 2026, 115 days away.
    nearDecadence: { dueDate: '2021-06-16' },
    belowMinimum: { amountCents: 1_199 },
    otherCampaign: { taxYear: 2024 },
  };
  const debts = await run.addDebts(
    names.map((name, i) =>
      person(i, { cf: validCf(i), externalId: name, email: `${name}@posta.example`, ...over[name] }),
    ),
  );
  const who = Object.fromEntries(names.map((name, i) => [name, debts[i]?.debtorId as string])) as Record<
    (typeof names)[number],
    string
  >;
  await run.launch(campaignYaml({ codice: 'altra', pubblico: '{ scadenzaEntro: 2026-08-01, anni: [2024] }' }));
  await run.plan();
  const id = run.enteId;
  await set(run, sql`update debtor set key_wrapped = null where ente_id = ${id} and debtor_id = ${who.erased}`);
  await set(run, sql`update debtor set deceased = true where ente_id = ${id} and debtor_id = ${who.deceased}`);
  await set(run, sql`update debtor set minor = true where ente_id = ${id} and debtor_id = ${who.minor}`);
  await set(run, sql`update contact_point set channel = 'sms' where ente_id = ${id} and debtor_id = ${who.noContact}`);
  await set(
    run,
    sql`update contact_point set dead_at = now() where ente_id = ${id} and debtor_id = ${who.deadContact}`,
  );
  await set(
    run,
    sql`update contact_point set purposes = '{IMU}' where ente_id = ${id} and debtor_id = ${who.contactPurpose}`,
  );
  const lookup = await addressOf(run, who.addressHeld);
  await run.tx(async (tx) => {
    const hold = { sourceRef: 'x', since: run.now(), until: null };
    await placeHold(tx, { ...hold, subject: { kind: 'debtor', debtorId: who.held }, reason: 'dispute' });
    await placeHold(tx, { ...hold, subject: { kind: 'address', lookup }, reason: 'optOut' });
  });
  return { run, who };
}

describe('the audience', () => {
  it('leaves people alone for every reason there is, one word each', async () => {
    const { run, who } = await oneOfEach();
    const { counts } = await rehearse(run.campaigns, run.enteId, campaignYaml(), run.clerk);
    const excluded = Object.fromEntries(
      Object.keys(who)
        .filter((k) => k !== 'fine')
        .map((k) => [k, 1]),
    );
    expect(counts).toMatchObject({ audience: 12, toContact: 1, excluded, dueCents: 10_000 });
  });

  it('is the very same one that is planned', async () => {
    const { run, who } = await oneOfEach();
    const counts = await run.launch();
    await run.plan();
    const planned = (await run.notices()).filter((n) => n.debtorId !== who.otherCampaign);
    expect(planned.map((n) => n.debtorId)).toEqual([who.fine]);
    const byReason = await run.tx(async (tx) => {
      const { campaignId } = await findCampaign(tx, 'giro');
      const { rows } = await sql<{ reason: string }>`select reason from exclusion
        where ente_id = ${run.enteId} and campaign_id = ${campaignId}`.execute(tx.kysely);
      return Object.fromEntries(rows.map((row) => [row.reason, 1]));
    });
    expect(byReason).toEqual(counts.excluded);
  });

  it('planned a second time changes nothing, even if people are others by then', async () => {
    const run = await runs.fresh();
    const [a, b] = await run.addDebts([person(1), person(2, { amountCents: 500 })]);
    await run.launch();
    expect(await run.plan()).toBe(1);
    const campaignId = await run.tx(async (tx) => (await findCampaign(tx, 'giro')).campaignId);
    const subject = { kind: 'debtor', debtorId: a?.debtorId as string } as const;
    await run.tx((tx) => placeHold(tx, { subject, reason: 'dispute', sourceRef: 'x', since: run.now(), until: null }));
    await set(run, sql`update debt set due_cents = 50000 where ente_id = ${run.enteId} and debt_id = ${b?.debtId}`);
    expect(await planCampaign(run.campaigns, run.enteId, campaignId)).toBe(0);
    expect(await run.notices()).toHaveLength(1);
    expect(await exclusions(run)).toEqual({ belowMinimum: 1 });
  });

  it('of nobody at all ends the campaign: nothing else would', async () => {
    const run = await runs.fresh();
    await run.addDebts([person(1, { dueDate: '2026-08-20' })]);
    expect((await run.launch()).audience).toBe(0);
    await run.plan();
    expect((await run.tx((tx) => findCampaign(tx, 'giro'))).state).toBe('completed');
  });

  it('R31: the tax minimum counts per tax and year, and below it nothing of that year is told', async () => {
    const run = await runs.fresh();
    const cf = validCf(1);
    const debts = await run.addDebts([
      person(1, { cf, amountCents: 700, taxYear: 2025, externalId: 'a' }),
      person(1, { cf, amountCents: 700, taxYear: 2025, externalId: 'b' }),
      person(1, { cf, amountCents: 900, taxYear: 2024, externalId: 'c' }),
    ]);
    expect(await run.launch()).toMatchObject({ toContact: 1, dueCents: 1_400 });
    await run.plan();
    const { rows } = await run.tx((tx) =>
      sql<{ debt_id: string }>`select debt_id from notice_line where ente_id = ${run.enteId}`.execute(tx.kysely),
    );
    expect(rows.map((row) => row.debt_id).sort()).toEqual([debts[0]?.debtId, debts[1]?.debtId].sort());
  });

  it('with a minimum of nothing still leaves out who has no line to be told', async () => {
    const run = await runs.fresh();
    await run.addDebts([person(1, { amountCents: 900 })]);
    const yaml = campaignYaml({ pubblico: '{ scadenzaEntro: 2026-08-01, importoMinimo: "0,00" }' });
    expect(await run.launch(yaml)).toMatchObject({ toContact: 0, excluded: { belowMinimum: 1 } });
    await run.settle();
    expect(await run.notices()).toEqual([]);
  });

  it('R04: near decadence is for the formal act, unless that is scheduled', async () => {
    const run = await runs.fresh();
    await run.addDebts([person(1, { dueDate: '2021-06-16' })]);
    await run.saveTexts();
    const count = async (yaml: string) => (await rehearse(run.campaigns, run.enteId, yaml, run.clerk)).counts;
    expect(await count(campaignYaml())).toMatchObject({ toContact: 0, excluded: { nearDecadence: 1 } });
    expect(await count(campaignYaml({ attoFormaleProgrammato: 'true' }))).toMatchObject({ toContact: 1 });
  });

  it('a hold with an end leaves nobody out: it is waited for', async () => {
    const run = await runs.fresh();
    const [debt] = await run.addDebts([person(1)]);
    const subject = { kind: 'debtor', debtorId: debt?.debtorId as string } as const;
    const until = run.now() + 86_400_000;
    await run.tx((tx) => placeHold(tx, { subject, reason: 'payment', sourceRef: 'x', since: run.now(), until }));
    expect(await run.launch()).toMatchObject({ toContact: 1 });
    await run.live(until);
    expect(run.channel.sent.map((s) => s.at)).toEqual([until]);
  });

  it('never mixes health with anything, for one and the same person', async () => {
    const run = await runs.fresh({ creditTypes: [TARI, { ...IMU, officeId: 1 }, TICKET] });
    const cf = validCf(1);
    await run.addDebts([person(1, { cf })], 'TARI');
    await run.addDebts([person(2, { cf, email: 'p1@posta.example' })], 'IMU');
    await run.addDebts([person(3, { cf, email: 'p1@posta.example' })], 'TICKET');
    await run.launch(campaignYaml({ crediti: '[TARI, IMU, TICKET]' }));
    expect(await run.plan()).toBe(2);
    expect((await run.notices()).map((n) => n.group)).toEqual(['entrate', 'salute']);
    const { rows } = await run.tx((tx) =>
      sql<{ n: number; healthy: number }>`select count(*)::int as n, count(*) filter (where d.health)::int as healthy
        from notice_line l join debt_now d on d.debt_id = l.debt_id and d.ente_id = l.ente_id
        where l.ente_id = ${run.enteId} group by l.notice_id order by n`.execute(tx.kysely),
    );
    expect(rows).toEqual([
      { n: 1, healthy: 1 },
      { n: 2, healthy: 0 },
    ]);
  });

  it('does not count who paid before the file was loaded', async () => {
    const run = await runs.fresh({ generatesNoticeNumbers: false });
    const noticeNumber = makeNoticeNumber('02', 77);
    const receipt = { receiptId: 'early', noticeNumber, amountCents: 10_000, paidAt: run.now(), psp: 'Banca' };
    const booked = await run.tx((tx) => bookReceipt(tx, receipt, 'apiKey:test', run.now()));
    expect(booked.status).toBe('quarantined');
    await run.addDebts([person(1, { noticeNumber }), person(2)]);
    expect(await run.launch()).toMatchObject({ audience: 1, toContact: 1 });
    await run.settle();
    expect(run.channel.sent.map((s) => s.message.to)).toEqual(['p2@posta.example']);
    const { rows } = await run.tx((tx) =>
      sql<{ state: string }>`select state from payment_now where ente_id = ${run.enteId}`.execute(tx.kysely),
    );
    expect(rows).toEqual([{ state: 'booked' }]);
  });
});

describe('what the law keeps out of a friendly message', () => {
  const FINE = { ...TARI, code: 'MULTA', name: 'Multe', nature: 'trafficFine' as const };
  const excludedBy = async (run: CampaignRun, credit: string) => {
    const { counts } = await rehearse(run.campaigns, run.enteId, campaignYaml({ crediti: `[${credit}]` }), run.clerk);
    return counts.excluded;
  };

  it('is a fine that may still be paid at its minimum, or whose day nobody knows (R28)', async () => {
    const run = await runs.fresh({ creditTypes: [FINE] });
    const debts = await run.addDebts([person(1), person(2), person(3)]);
    const day = (n: number, date: string) =>
      set(
        run,
        sql`update debt set notified_on = ${date} where ente_id = ${run.enteId} and debt_id = ${debts[n]?.debtId}`,
      );
    // Today is 7 September 2026: sixty days ago was 9 July.
    await day(0, '2026-07-09');
    await day(1, '2026-07-08');
    expect(await excludedBy(run, 'MULTA')).toEqual({ fineTooEarly: 1, fineDateUnknown: 1 });
    await run.tx((tx) =>
      setEnteRule(tx, {
        key: 'fineWithoutDate',
        creditType: 'MULTA',
        validFrom: civilDate('2026-01-01'),
        value: 'write',
        legalBasis: 'Delibera di prova',
      }),
    );
    expect(await excludedBy(run, 'MULTA')).toEqual({ fineTooEarly: 1 });
  });

  it('is a sanction that is over, while the rest of the person’s lines go out (R12)', async () => {
    const run = await runs.fresh();
    const debts = await run.addDebts([
      person(1, { cf: validCf(1) }),
      person(2, { cf: validCf(1), amountCents: 3_000 }),
      person(3, { cf: validCf(3) }),
    ]);
    for (const n of [1, 2]) {
      await set(
        run,
        sql`update debt set component = 'sanction', deadline_on = '2026-09-06', deadline_kind = 'limitation'
          where ente_id = ${run.enteId} and debt_id = ${debts[n]?.debtId}`,
      );
    }
    const { counts } = await rehearse(run.campaigns, run.enteId, campaignYaml(), run.clerk);
    expect(counts).toMatchObject({ toContact: 1, dueCents: 10_000, excluded: { deadlinePast: 1 } });
  });

  it('is water of more than two years ago, or of which nobody knows whether it is over (R10, R11)', async () => {
    const WATER = { ...TARI, code: 'ACQUA', name: 'Acqua', nature: 'water' as const };
    const run = await runs.fresh({ creditTypes: [TARI, WATER] });
    const debts = await run.addDebts([person(1), person(2), person(3)], 'TARI');
    const be = (n: number, from: string, deadline: string | null) =>
      set(
        run,
        sql`update debt set credit_type = 'ACQUA', consumption_from = ${from}, deadline_on = ${deadline}
          where ente_id = ${run.enteId} and debt_id = ${debts[n]?.debtId}`,
      );
    // Today is 7 September 2026.
    await be(0, '2024-09-06', '2027-09-01');
    await be(1, '2024-09-07', '2027-09-01');
    await be(2, '2025-01-01', null);
    await set(run, sql`update contact_point set purposes = '{ACQUA}' where ente_id = ${run.enteId}`);
    const { counts } = await rehearse(run.campaigns, run.enteId, campaignYaml({ crediti: '[ACQUA]' }), run.clerk);
    expect(counts).toMatchObject({ toContact: 1, excluded: { oldConsumption: 1, deadlineUnknown: 1 } });
  });

  it('is a tax whose minimum is not in force: unknown is not zero (R31)', async () => {
    const run = await runs.fresh();
    await run.addDebts([person(1)]);
    run.store.clock.advanceTo(Date.UTC(2027, 0, 4, 9));
    expect(await excludedBy(run, 'TARI')).toEqual({ minimumUnknown: 1 });
  });
});
