import { randomBytes } from 'node:crypto';
import type { Bonario } from '../src/compose.ts';
import { answerDispute, rehearse, submit } from '../src/modules/campaigns/index.ts';
import { loadPersons } from '../src/modules/debtors/index.ts';
import { openDispute } from '../src/modules/disputes/index.ts';
import { type Operator, ROLES } from '../src/modules/operators/index.ts';
import { DAY, ENTE, type Ground } from './console-ground.ts';
import type { BenchDatabase } from './database.ts';
import { say, seconds } from './line.ts';

/** What the pages are asked for. */
export interface History {
  /** A running campaign with a fifth of all messages; one that ended, of the usual size; a draft; one to approve. */
  readonly campaigns: {
    readonly big: string;
    readonly small: string;
    readonly draft: string;
    readonly toApprove: string;
  };
  /** Whoever was written to most often, and a message whose words can be opened. */
  readonly busiest: { readonly debtorId: string; readonly deliveryId: string };
  readonly debtId: string;
  readonly disputeId: string;
  /** A fact in the middle of the register. */
  readonly leafId: string;
  /** How many rows there are in the tables that grow. */
  readonly rows: Readonly<Record<string, number>>;
}

const CAMPAIGNS = 20;
const DISPUTES = 2_000;
const OPEN_DISPUTES = 300;
/** A sealed e-mail of the default texts, and a sealed SMS: how wide a row of `delivery` is decides how fast it is read. */
const TEXT_BYTES = { email: 1_450, sms: 250 };
const BATCH = 500;

/**
 * Two years of campaigns in a few statements, as the owner: 5 messages for each debt, spread over 20 campaigns, with what
 * became of them, payments, visits, disputes and the register. `now`: legal time of the pages, after all of it. What is
 * made here by SQL is shaped as the program writes it, but for the register's digests and roots, which prove nothing.
 */
export async function loadHistory(
  database: BenchDatabase,
  program: Bonario,
  ground: Ground,
  debts: number,
  now: number,
): Promise<History> {
  const operator = { operatorId: ground.operatorId, name: 'Paola Bianchi', roles: [...ROLES] };
  for (const code of ['bozza', 'da-approvare']) {
    await rehearse(program.campaigns, ENTE, documentOf(code), operator);
  }
  await submit(program.campaigns, ENTE, 'da-approvare', operator);
  const step = async (name: string, statement: string) => {
    const began = performance.now();
    await database.owner(statement);
    say(`  ${name}, ${seconds(began)} s`);
  };
  for (const [name, statement] of statements(debts, now, ground.operatorId)) await step(name, statement);
  await loadDisputes(database, program, operator, now);
  await step('vacuum and analyze', 'vacuum analyze');
  const campaigns = { big: 'giro-1', small: 'giro-7', draft: 'bozza', toApprove: 'da-approvare' };
  return { campaigns, ...(await lookedAt(database, program)) };
}

/** The one person and the one dispute that are opened, and how much there is of everything. */
async function lookedAt(database: BenchDatabase, program: Bonario): Promise<Omit<History, 'campaigns'>> {
  const [busiest] = await database.owner(`select d.debtor_id, min(d.delivery_id::text) as delivery_id from delivery d
    where d.ente_id = ${ENTE} and d.text_content is not null group by 1 order by count(*) desc, 1 limit 1`);
  const debtorId = String(busiest?.debtor_id);
  const deliveryId = String(busiest?.delivery_id);
  const vault = program.vaultOf(ENTE);
  const person = await program.db.tenant(ENTE, async (tx) => (await loadPersons(tx, vault, [debtorId])).get(debtorId));
  if (person === undefined) throw new Error('nobody was written to');
  // The words of the one message that is opened, sealed to their place as deliveries/kept-texts.ts does.
  const words = vault.seal(
    person.key,
    `text|${deliveryId}`,
    JSON.stringify({ subject: 'Avviso', text: 'Gentile Lei, …' }),
  );
  await database.owner('update delivery set text_content = $1 where ente_id = $2 and delivery_id = $3', [
    words,
    ENTE,
    deliveryId,
  ]);
  const [debt] = await database.owner(`select debt_id from debt where ente_id = ${ENTE} and debtor_id = $1 limit 1`, [
    debtorId,
  ]);
  const [dispute] = await database.owner(
    `select dispute_id from dispute where ente_id = ${ENTE} and state = 'open' limit 1`,
  );
  const [leaf] = await database.owner(`select leaf_id from audit_leaf where ente_id = ${ENTE} order by leaf_id
    offset (select count(*) / 2 from audit_leaf where ente_id = ${ENTE}) limit 1`);
  const rows: Record<string, number> = {};
  for (const table of COUNTED) {
    const [counted] = await database.owner(`select count(*)::int as n from ${table} where ente_id = ${ENTE}`);
    rows[table] = Number(counted?.n);
  }
  return {
    busiest: { debtorId, deliveryId },
    disputeId: String(dispute?.dispute_id),
    debtId: String(debt?.debt_id),
    leafId: String(leaf?.leaf_id),
    rows,
  };
}

const COUNTED = [
  'debtor',
  'contact_point',
  'debt',
  'notice',
  'notice_line',
  'delivery',
  'delivery_signal',
  'receipt',
  'dispute',
  'audit_leaf',
  'audit_order',
  'audit_seal',
];

const documentOf = (code: string) => `versione: 1
codice: ${code}
nome: Avviso ${code}
crediti: [TARI, IMU]
pubblico: { scadenzaEntro: 2026-06-30, importoMinimo: "12,00" }
cascata:
  - { canale: email, testo: primo-avviso }
  - { canale: email, testo: secondo-avviso, attesaGiorni: 7 }
`;

/** 0 to 99, spread over a row's own number: the same in every run. */
const dice = (of: string, salt: number) => `(((${of})::bigint * 7919 + ${salt * 104729}) % 9973 % 100)`;
/** An id that sorts by its instant, as ids of the register do. */
const idAt = (at: string) =>
  `(lpad(to_hex((extract(epoch from ${at}) * 1000)::bigint), 12, '0') || '7' || substr(md5(random()::text), 1, 3)
    || '8' || substr(md5(random()::text), 1, 15))::uuid`;
const blob = (bytes: number) => `'\\x${randomBytes(bytes).toString('hex')}'::bytea`;

function statements(debts: number, now: number, operatorId: string): [string, string][] {
  const at = `'${new Date(now).toISOString()}'::timestamptz`;
  const big = Math.round(debts * 0.45);
  const small = Math.round((debts * 1.8) / (CAMPAIGNS - 1));
  return [
    [
      'people',
      `create temp table who as
        select row_number() over (order by d.debtor_id)::int - 1 as r, d.debtor_id, e.contact_id as email, e.address_lookup as email_at,
          s.contact_id as sms, s.address_lookup as sms_at,
          (select array_agg(x.debt_id) from debt x where x.ente_id = ${ENTE} and x.debtor_id = d.debtor_id) as debts
        from debtor d
        left join contact_point e on e.ente_id = ${ENTE} and e.debtor_id = d.debtor_id and e.channel = 'email'
        left join contact_point s on s.ente_id = ${ENTE} and s.debtor_id = d.debtor_id and s.channel = 'sms'
        where d.ente_id = ${ENTE} and coalesce(e.contact_id, s.contact_id) is not null`,
    ],
    [
      'campaigns',
      `create temp table round as
        select no, gen_random_uuid() as campaign_id, 'giro-' || no as code, case when no = 1 then ${big} else ${small} end as size,
          no * 5003 as skip, ${at} - make_interval(days => no * 30 - 15) as started_at
        from generate_series(1, ${CAMPAIGNS}) no;
      insert into campaign (ente_id, campaign_id, code, state, version, approved_version, submitted_by, approved_by, started_at, completed_at)
        select ${ENTE}, campaign_id, code, case when no = 1 then 'running' else 'completed' end, 1, 1, '${operatorId}', '${operatorId}',
          started_at, case when no > 1 then started_at + interval '25 days' end from round;
      insert into campaign_version (ente_id, campaign_id, version, document, yaml, sha256, author_id, at)
        select ${ENTE}, r.campaign_id, 1, v.document || jsonb_build_object('code', r.code, 'name', 'Avviso ' || r.code),
          replace(v.yaml, 'bozza', r.code), v.sha256, v.author_id, r.started_at
        from round r cross join campaign_version v join campaign c on c.ente_id = v.ente_id and c.campaign_id = v.campaign_id where c.code = 'bozza';
      insert into campaign_step (ente_id, campaign_id, step_no, channel, template_code, template_version, wait_days, only_if,
          max_per_person, max_per_address)
        select ${ENTE}, campaign_id, s, case when s = 2 then 'sms' else 'email' end, 'primo-avviso', 1, 7, 'always', 3, 3
        from round cross join generate_series(1, 3) s;
      insert into rehearsal (ente_id, campaign_id, version, at, counts, digest)
        select ${ENTE}, r.campaign_id, 1, r.started_at, h.counts, h.digest
        from round r cross join rehearsal h join campaign c on c.ente_id = h.ente_id and c.campaign_id = h.campaign_id where c.code = 'bozza'`,
    ],
    [
      'payments',
      `create temp table paid as
        select d.debt_id, d.debtor_id, d.due_cents, q.notice_number,
          ${at} - make_interval(hours => 1 + ${dice('row_number() over ()', 3)}::int * 143) as at
        from debt d join payment_request q on q.ente_id = ${ENTE} and q.debt_id = d.debt_id
        where d.ente_id = ${ENTE} and ${dice('d.line', 1)} < 25;
      update debt d set paid_cents = d.due_cents from paid p where d.ente_id = ${ENTE} and d.debt_id = p.debt_id;
      insert into debt_entry (ente_id, entry_id, debt_id, kind, component, amount_cents, at, source, source_ref)
        select ${ENTE}, gen_random_uuid(), debt_id, 'payment', 'principal', -due_cents, at, 'receipt', 'R' || notice_number from paid;
      insert into receipt (ente_id, receipt_id, notice_number, debt_id, amount_cents, paid_at, received_at, psp, state, content_sha256)
        select ${ENTE}, 'R' || notice_number, notice_number, debt_id, due_cents, at, at, 'Banca di prova', 'booked', ${blob(32)} from paid;
      insert into receipt (ente_id, receipt_id, notice_number, amount_cents, paid_at, received_at, psp, state, content_sha256)
        select ${ENTE}, 'Q' || n, '3' || lpad(n::text, 17, '0'), 5000, ${at}, ${at}, 'Banca di prova', 'quarantined', ${blob(32)}
        from generate_series(1, 40) n;
      insert into contact_hold (ente_id, hold_id, subject_kind, subject, reason, source_ref, since, until)
        select ${ENTE}, gen_random_uuid(), 'debtor', uuid_send(debtor_id), 'payment', notice_number, at, at + interval '7 days' from paid;
      insert into contact_hold (ente_id, hold_id, subject_kind, subject, reason, source_ref, since)
        select ${ENTE}, gen_random_uuid(), 'address', email_at, 'optOut', r::text, ${at} from who where email is not null and r % 100 = 0`,
    ],
    [
      'notices',
      `insert into notice (ente_id, notice_id, campaign_id, debtor_id, purpose_group, health, office_id, state, stop_reason, next_step,
          next_attempt, next_due_at, created_at)
        select ${ENTE}, gen_random_uuid(), c.campaign_id, w.debtor_id, 'entrate', false, 1,
          case when x.h < 25 then 'settled' when x.h < 35 then 'stopped' when c.no > 1 then 'exhausted' when x.h < 90 then 'active' else 'planned' end,
          case when x.h between 25 and 34 then (array['optOut', 'dispute', 'notMe'])[1 + x.h % 3] end,
          case when x.h < 90 then 3 else 1 end, 1, case when c.no = 1 and x.h >= 60 then ${at} + make_interval(mins => w.r % 20000) end,
          c.started_at
        from round c cross join (select count(*)::int as n from who) t
        join who w on (w.r + c.skip) % t.n < c.size
        cross join lateral (select ${dice('w.r', 5)} as h) x;
      insert into notice_line (ente_id, campaign_id, notice_id, debt_id)
        select ${ENTE}, n.campaign_id, n.notice_id, unnest(w.debts) from notice n join who w using (debtor_id);
      insert into exclusion (ente_id, campaign_id, debtor_id, purpose_group, reason)
        select ${ENTE}, c.campaign_id, w.debtor_id, 'entrate', (array['noContact', 'belowMinimum', 'addressHeld', 'held'])[1 + w.r % 4]
        from round c cross join (select count(*)::int as n from who) t
        join who w on (w.r + c.skip) % t.n >= c.size and (w.r + c.skip) % t.n < c.size * 1.2`,
    ],
    [
      'messages',
      `insert into delivery (ente_id, delivery_id, notice_id, step_no, attempt, campaign_id, debtor_id, contact_id, channel, address_lookup,
          purpose_group, template_code, template_version, max_per_person, max_per_address, state, reason, fault, due_at, expires_at,
          handed_over_at, finished_at, provider_ref, text_sha256, text_content)
        select ${ENTE}, gen_random_uuid(), n.notice_id, s, 1, n.campaign_id, n.debtor_id, k.contact_id, k.channel, k.at, 'entrate',
          'primo-avviso', 1, 3, 3, t.state,
          case when t.state = 6 then (array['5.1.1', '4.2.2', 'mailboxFull', '5.7.1'])[1 + w.r % 4] when t.state = 7 then 'expired'
            when t.state = 8 then 'leaseLost' when t.state = 9 then (array['held:payment', 'nothingLeft'])[1 + w.r % 2] end,
          case when t.state = 6 then 'permanent' end, d.due, d.due + interval '3 days', h.at,
          case when t.state in (6, 7, 9) then d.due + interval '1 hour' end,
          case when h.at is not null then '<' || n.notice_id || '.' || s || '@bonario.invalid>' end,
          case when h.at is not null then ${blob(32)} end,
          case when h.at is null then null when k.channel = 'sms' then ${blob(TEXT_BYTES.sms)} else ${blob(TEXT_BYTES.email)} end
        from round c join notice n on n.ente_id = ${ENTE} and n.campaign_id = c.campaign_id and n.state <> 'planned'
        join who w on w.debtor_id = n.debtor_id
        cross join lateral (select case when ${dice('w.r', 11)} < 15 then 1 when ${dice('w.r', 11)} < 45 then 2 else 3 end as depth) p
        cross join lateral generate_series(1, p.depth) s
        cross join lateral (select case when w.email is null or (s = 2 and w.sms is not null) then 'sms' else 'email' end as channel) y
        cross join lateral (select y.channel, case when y.channel = 'sms' then w.sms else w.email end as contact_id,
          case when y.channel = 'sms' then w.sms_at else w.email_at end as at) k
        cross join lateral (select c.started_at + make_interval(days => 7 * (s - 1), mins => w.r % 480) as due) d
        cross join lateral (select ${dice('(w.r + s * 31)', 13)} as v, ${dice('(w.r + s * 17)', 17)} as g) x
        cross join lateral (select (case when c.no = 1 and s = p.depth and x.g < 20 then 0 when c.no = 1 and w.r % 900 = 0 then 8
          when x.v < 10 then 3 when x.v < 55 then 4 when x.v < 75 then 5 when x.v < 87 then 6 when x.v < 89 then 7 else 9 end)::smallint as state) t
        cross join lateral (select case when t.state in (3, 4, 5) or (t.state = 6 and x.g < 50) then d.due + interval '5 minutes' end as at) h`,
    ],
    [
      'signals and visits',
      `insert into delivery_signal (ente_id, provider, provider_event_id, delivery_id, kind, fault, code, at)
        select ${ENTE}, case when channel = 'sms' then 'smpp' else 'smtp' end, delivery_id::text, delivery_id,
          case state when 4 then 'delivered' when 5 then 'read' else 'bounced' end, fault, coalesce(reason, '2.0.0'), handed_over_at + interval '2 hours'
        from delivery where ente_id = ${ENTE} and handed_over_at is not null and state in (4, 5, 6);
      insert into link (ente_id, token_hash, purpose, notice_id, contact_id, delivery_id, created_at, expires_at)
        select ${ENTE}, uuid_send(delivery_id), 'open', notice_id, contact_id, delivery_id, handed_over_at, handed_over_at + interval '60 days'
        from delivery where ente_id = ${ENTE} and handed_over_at is not null;
      insert into portal_session (ente_id, session_hash, level, notice_id, contact_id, debtor_id, delivery_id, opened_real, last_used_real)
        select ${ENTE}, uuid_send(delivery_id), 'identified', notice_id, contact_id, debtor_id, delivery_id, handed_over_at, handed_over_at
        from delivery where ente_id = ${ENTE} and state = 5 and step_no = 1`,
    ],
    [
      'register',
      `create temp table fact as
        select handed_over_at + interval '2 hours' as at, 'citizen.identified' as kind, 'citizen' as actor, 1 as n,
          jsonb_build_object('noticeId', notice_id, 'level', 'identified', 'reason', null) as facts
        from delivery where ente_id = ${ENTE} and state = 5
        union all select at, 'receipt.booked', 'apiKey:' || gen_random_uuid(), 1, jsonb_build_object('debtId', debt_id, 'cents', due_cents) from paid
        union all select handed_over_at, 'delivery.handedOver', 'system', 20, jsonb_build_object('accepted', 20, 'refused', 0)
          from delivery where ente_id = ${ENTE} and handed_over_at is not null and ${dice('step_no + extract(epoch from due_at)::bigint / 60', 23)} < 5
        union all select started_at + make_interval(mins => s), (array['campaign.submitted', 'campaign.approved', 'campaign.started', 'campaign.paused', 'campaign.resumed'])[s],
          'operator:${operatorId}', 1, jsonb_build_object('campaign', code, 'version', 1) from round cross join generate_series(1, 5) s;
      insert into audit_leaf (ente_id, leaf_id, at, kind, actor, row_count, facts, digest)
        select ${ENTE}, ${idAt('f.at')}, f.at, f.kind, f.actor, f.n, f.facts, ${blob(32)}
        from fact f;
      insert into audit_order (ente_id, seal_no, leaf_ids)
        select ${ENTE}, 1 + o / 30, array_agg(leaf_id order by leaf_id)
        from (select leaf_id, row_number() over (order by leaf_id)::int - 1 as o from audit_leaf where ente_id = ${ENTE}) l
        group by 1 + o / 30;
      insert into audit_seal (ente_id, seal_no, sealed_at, leaf_count, merkle_root, previous, chained)
        select ${ENTE}, o.seal_no, l.at, cardinality(o.leaf_ids), ${blob(32)}, ${blob(32)}, ${blob(32)}
        from audit_order o join audit_leaf l on l.ente_id = ${ENTE} and l.leaf_id = o.leaf_ids[cardinality(o.leaf_ids)]
        where o.ente_id = ${ENTE}`,
    ],
  ];
}

/** Through the program itself, so that their words open: the last ones are still to be answered. */
async function loadDisputes(database: BenchDatabase, program: Bonario, operator: Operator, now: number): Promise<void> {
  const began = performance.now();
  const vault = program.vaultOf(ENTE);
  const opened: { id: string; at: number }[] = [];
  const rows = await database.owner(
    `select distinct on (debtor_id) debtor_id, notice_id from notice where ente_id = ${ENTE} and state = 'exhausted' order by debtor_id limit ${DISPUTES}`,
  );
  for (let from = 0; from < rows.length; from += BATCH) {
    const some = rows.slice(from, from + BATCH);
    await program.db.tenant(ENTE, async (tx) => {
      const persons = await loadPersons(
        tx,
        vault,
        some.map((row) => String(row.debtor_id)),
      );
      for (const [i, row] of some.entries()) {
        const person = persons.get(String(row.debtor_id));
        if (person === undefined) continue;
        // The last are of the past month: some late, some due soon.
        const place = rows.length - from - i;
        const at = now - (place <= OPEN_DISPUTES ? (place % 32) * DAY : 40 * DAY + place * 3_600_000);
        const kind = (['alreadyPaid', 'wrongAmount', 'notOwed'] as const)[i % 3] ?? 'alreadyPaid';
        const about = {
          person,
          noticeId: String(row.notice_id),
          debtId: null,
          kind,
          idempotencyKey: `bench-${from + i}`,
          now: at,
        };
        const dispute = await openDispute(tx, vault, {
          ...about,
          statement: 'Ho pagato in posta a giugno, allego la ricevuta.',
        });
        opened.push({ id: dispute.disputeId, at });
      }
    });
  }
  for (const { id, at } of opened.slice(0, Math.max(0, opened.length - OPEN_DISPUTES))) {
    const deps = { db: program.db, vaultOf: program.vaultOf, now: () => at + 20 * DAY };
    const answer = 'Abbiamo controllato: il pagamento non risulta.';
    await answerDispute(deps, ENTE, { disputeId: id, accept: false, answer }, operator);
  }
  say(`  ${opened.length} disputes, ${seconds(began)} s`);
}
