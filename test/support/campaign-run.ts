import { sql } from 'kysely';
import { SimulatedClock, systemMonotonic } from '../../src/kernel/clocks.ts';
import { newId } from '../../src/kernel/ids.ts';
import {
  answerDispute,
  approve,
  type CampaignDeps,
  ownRates,
  pause,
  planCampaign,
  type RehearsalCounts,
  type RunDeps,
  rehearse,
  resume,
  run,
  runTenant,
  stop,
  submit,
  takeReceipt,
  tick,
} from '../../src/modules/campaigns/index.ts';
import type { Ente } from '../../src/modules/creditors/index.ts';
import { ALL_GUARDS, type Guards, stateOfCode } from '../../src/modules/deliveries/index.ts';
import { DEFAULT_TEMPLATES, makeTextPort, saveTemplate } from '../../src/modules/notices/index.ts';
import { createOperator, type Operator, type Role } from '../../src/modules/operators/index.ts';
import { noticeNumberOf, type ReceiptBooked } from '../../src/modules/payments/index.ts';
import type { Tx } from '../../src/platform/db/index.ts';
import type { JobPayloads } from '../../src/platform/jobs/index.ts';
import { FakeChannel } from './fake-channel.ts';
import { type AddedDebt, addDebts, addEnte, type DebtRowInput } from './ground.ts';
import { openTestStore, TEST_START, type TestStore } from './store.ts';

export const PORTAL_URL = 'https://avvisi.example';
export const DAY = 86_400_000;

/** A campaign of two e-mails; `over` replaces whole keys of the document, an empty text leaves one out. */
export function campaignYaml(over: Record<string, string> = {}): string {
  const keys: Record<string, string> = {
    versione: '1',
    codice: 'giro',
    nome: 'Avviso di prova',
    crediti: '[TARI]',
    pubblico: '{ scadenzaEntro: 2026-08-01, importoMinimo: "12,00" }',
    cascata: '[{ canale: email, testo: primo-avviso }, { canale: email, testo: secondo-avviso, attesaGiorni: 5 }]',
    ...over,
  };
  return Object.entries(keys)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('');
}

/** One person with an address and a debt that is due: what most tests need. */
export function person(n: number, over: Partial<DebtRowInput> = {}): DebtRowInput {
  return { externalId: `P${n}`, email: `p${n}@posta.example`, amountCents: 10_000, dueDate: '2026-06-16', ...over };
}

export interface DeliveryRow {
  readonly deliveryId: string;
  readonly noticeId: string;
  readonly debtorId: string;
  readonly stepNo: number;
  readonly attempt: number;
  readonly state: string;
  readonly reason: string | null;
  readonly fault: string | null;
  readonly dueAt: number;
  readonly handedOverAt: number | null;
}

export interface NoticeRow {
  readonly noticeId: string;
  readonly debtorId: string;
  readonly group: string;
  readonly state: string;
  readonly stopReason: string | null;
  readonly nextStep: number;
  readonly nextAttempt: number;
  readonly nextDueAt: number | null;
}

/** The whole way of a message, from campaign to wire, of one body with a clock of its own. */
export interface CampaignRun {
  readonly store: TestStore;
  readonly enteId: number;
  readonly ente: Ente;
  readonly clerk: Operator;
  readonly head: Operator;
  readonly channel: FakeChannel;
  readonly deps: RunDeps;
  readonly campaigns: CampaignDeps;
  now(): number;
  tx<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  addDebts(rows: readonly DebtRowInput[], creditType?: string): Promise<AddedDebt[]>;
  /** Saves the default texts. */
  saveTexts(): Promise<void>;
  /** Rehearses, submits, approves and runs, the default texts saved; the plan waits as a job. */
  launch(yaml?: string): Promise<RehearsalCounts>;
  /** Does the waiting jobs: how many notices were planned. */
  plan(): Promise<number>;
  /** Plans, and queues what is due, without taking anything. */
  queue(): Promise<number>;
  /** Jobs and everything due at this instant, until nothing is left; when there is work next. */
  settle(): Promise<number | null>;
  /** Moves the clock from due instant to due instant up to `until`, settling at each. */
  live(until: number, at?: () => Promise<void>): Promise<void>;
  /** A receipt for this debt, by its own notice number; each call is another payment. */
  pay(debtId: string, amountCents: number, receiptId?: string): Promise<ReceiptBooked>;
  /** The clerk answers a dispute. */
  decide(disputeId: string, accept: boolean): Promise<{ relieved: readonly string[] }>;
  pauseCampaign(code?: string): Promise<void>;
  resumeCampaign(code?: string): Promise<void>;
  stopCampaign(code?: string): Promise<void>;
  /** What the audit says of one kind of fact, oldest first. */
  leaves(kind: string): Promise<{ actor: string; rowCount: number; facts: Record<string, unknown> }[]>;
  deliveries(): Promise<DeliveryRow[]>;
  notices(): Promise<NoticeRow[]>;
}

export interface CampaignRuns {
  readonly store: TestStore;
  /** A new body in the same store, at `TEST_START`. */
  fresh(over?: Partial<Ente>, guards?: Guards): Promise<CampaignRun>;
  close(): Promise<void>;
}

export async function openCampaignRuns(): Promise<CampaignRuns> {
  const store = await openTestStore();
  let enteId = 100;
  return {
    store,
    async fresh(over = {}, guards = ALL_GUARDS) {
      enteId += 1;
      return openRun({ ...store, clock: new SimulatedClock(TEST_START) }, enteId, over, guards);
    },
    close: () => store.close(),
  };
}

async function openRun(store: TestStore, enteId: number, over: Partial<Ente>, guards: Guards): Promise<CampaignRun> {
  const ente = await addEnte(store, enteId, over);
  const tx = <T>(work: (tx: Tx) => Promise<T>) => store.db.tenant(enteId, work);
  const operator = async (name: string, roles: readonly Role[]): Promise<Operator> => {
    const { operatorId } = await tx((t) => createOperator(t, store.vaultOf(enteId), { name, roles }));
    return { operatorId, name, roles };
  };
  const clerk = await operator('Paola Bianchi', ['see', 'import', 'write', 'decide']);
  const head = await operator('Luigi Verdi', ['see', 'approve', 'manage']);
  const now = () => store.clock.now();
  const channel = new FakeChannel(now);
  const waiting: JobPayloads['planCampaign'][] = [];
  const campaigns: CampaignDeps = {
    db: store.db,
    now,
    jobs: {
      async enqueue(_tx, name, payload) {
        if (name === 'planCampaign') waiting.push(payload as JobPayloads['planCampaign']);
      },
      handle() {},
      drain: async () => 0,
    },
  };
  const deps: RunDeps = {
    db: store.db,
    vaultOf: store.vaultOf,
    texts: makeTextPort({ vaultOf: store.vaultOf, portalUrl: PORTAL_URL }),
    now,
    guards,
    monotonic: systemMonotonic,
    channels: [channel],
    rates: ownRates(100_000, systemMonotonic),
  };
  const never = new AbortController().signal;

  async function plan(): Promise<number> {
    let planned = 0;
    for (const job of waiting.splice(0)) planned += await planCampaign(campaigns, job.enteId, job.campaignId);
    return planned;
  }

  async function settle(): Promise<number | null> {
    await plan();
    for (let round = 0; round < 50; round += 1) {
      if ((await runTenant(deps, enteId, never)) > 0) continue;
      const { rows } = await store.db.system((t) =>
        sql<{ at: number }>`select next_at as at from tenant_due where ente_id = ${enteId}`.execute(t.kysely),
      );
      return rows[0]?.at ?? null;
    }
    throw new Error('the program never came to rest');
  }

  async function saveTexts(): Promise<void> {
    await tx(async (t) => {
      for (const template of DEFAULT_TEMPLATES) {
        await saveTemplate(t, { ...template, authorId: clerk.operatorId, now: now() });
      }
    });
  }

  return {
    store,
    enteId,
    ente,
    clerk,
    head,
    channel,
    deps,
    campaigns,
    now,
    tx,
    addDebts: (rows, creditType) => addDebts(store, enteId, rows, creditType),
    saveTexts,
    async launch(yaml = campaignYaml()) {
      await saveTexts();
      const { campaign, counts, problems } = await rehearse(campaigns, enteId, yaml, clerk);
      if (problems.length > 0) throw new Error(JSON.stringify(problems));
      await submit(campaigns, enteId, campaign.code, clerk);
      await approve(campaigns, enteId, campaign.code, counts.toContact, head);
      await run(campaigns, enteId, campaign.code, head);
      return counts;
    },
    plan,
    async queue() {
      await plan();
      return tx((t) => tick(t, deps));
    },
    settle,
    async live(until, each = async () => {}) {
      for (let at = await settle(); at !== null && at <= until; at = await settle()) {
        if (at <= now()) throw new Error('due work does not move');
        store.clock.advanceTo(at);
        await each();
      }
      store.clock.advanceTo(until);
    },
    async pay(debtId, amountCents, receiptId = newId()) {
      const noticeNumber = (await tx((t) => noticeNumberOf(t, debtId))) ?? '';
      const receipt = { receiptId, noticeNumber, amountCents, paidAt: now(), psp: 'Banca di prova' };
      return takeReceipt({ db: store.db, now }, enteId, receipt, 'apiKey:test');
    },
    decide: (disputeId, accept) =>
      answerDispute(
        { db: store.db, vaultOf: store.vaultOf, now },
        enteId,
        { disputeId, accept, answer: 'Abbiamo controllato.' },
        clerk,
      ),
    pauseCampaign: (code = 'giro') => pause(campaigns, enteId, code, head),
    resumeCampaign: (code = 'giro') => resume(campaigns, enteId, code, head),
    stopCampaign: (code = 'giro') => stop(campaigns, enteId, code, head),
    async leaves(kind) {
      const { rows } = await tx((t) =>
        sql<{ actor: string; rowCount: number; facts: Record<string, unknown> }>`
          select actor, row_count as "rowCount", facts from audit_leaf where ente_id = ${enteId} and kind = ${kind}
          order by leaf_id`.execute(t.kysely),
      );
      return rows;
    },
    async deliveries() {
      const { rows } = await tx((t) =>
        sql<Omit<DeliveryRow, 'state'> & { state: number }>`select delivery_id as "deliveryId", notice_id as "noticeId",
          debtor_id as "debtorId", step_no as "stepNo", attempt, state, reason, fault, due_at as "dueAt",
          handed_over_at as "handedOverAt"
          from delivery where ente_id = ${enteId} order by debtor_id, step_no, attempt`.execute(t.kysely),
      );
      return rows.map((row) => ({ ...row, state: stateOfCode(row.state) }));
    },
    async notices() {
      const { rows } = await tx((t) =>
        sql<NoticeRow>`select notice_id as "noticeId", debtor_id as "debtorId", purpose_group as "group", state,
          stop_reason as "stopReason", next_step as "nextStep", next_attempt as "nextAttempt", next_due_at as "nextDueAt"
          from notice where ente_id = ${enteId} order by debtor_id, purpose_group`.execute(t.kysely),
      );
      return rows;
    },
  };
}
