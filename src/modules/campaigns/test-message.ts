import { sql } from 'kysely';
import { CodedError } from '../../kernel/errors.ts';
import { enteOf, instant, type Tx } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { creditTypeOf, loadEnte, officeOf } from '../creditors/index.ts';
import { addressLookup } from '../debtors/index.ts';
import { latestTemplate, previewMessage } from '../notices/index.ts';
import { type Operator, requireRole } from '../operators/index.ts';
import type { CampaignDeps } from './campaign-actions.ts';
import { campaignLeaf } from './campaign-leaf.ts';
import { documentOf, findCampaign } from './campaigns.store.ts';

/** Class of the advisory lock; the operator is the second key. */
const ONE_AT_A_TIME = 7_205_344;
const HOUR_MS = 3_600_000;
/** Of one operator in an hour: a try, not a way to write to people. */
const MOST_IN_AN_HOUR = 10;
const NOTICE = 'Questa è una prova con dati inventati: i collegamenti non aprono nulla.';

export interface TestMessage {
  readonly to: string;
  readonly subject: string;
  readonly body: string;
}

/**
 * The text of a step with invented values, to be sent to the operator's own address by e-mail, also when it is an SMS.
 * The address is in the domain that the body writes from and belongs to no citizen; no delivery is made of it. The fact is
 * on record before anything is sent. Errors TEST_ADDRESS, TEST_CITIZEN, TEST_TOO_MANY, TEST_STEP, TEMPLATE_SYNTAX,
 * TEMPLATE_VALUE.
 */
export function makeTestMessage(
  deps: Pick<CampaignDeps, 'db' | 'now'> & { readonly vaultOf: (enteId: number) => EnteVault },
  enteId: number,
  code: string,
  step: number,
  address: string,
  operator: Operator,
): Promise<TestMessage> {
  requireRole(operator, 'write');
  return deps.db.tenant(enteId, async (tx) => {
    const now = deps.now();
    const ente = await loadEnte(tx);
    const to = address.trim().toLowerCase();
    const domain = ente.senderAddress.split('@').at(-1)?.toLowerCase() ?? '';
    if (!/^[a-z0-9._%+-]{1,64}@[a-z0-9.-]{1,190}$/.test(to) || !to.endsWith(`@${domain}`)) {
      throw new CodedError('TEST_ADDRESS', 'a try goes to the body’s own domain only', { domain });
    }
    if (await isContact(tx, deps.vaultOf(enteId), to))
      throw new CodedError('TEST_CITIZEN', 'a citizen is reached there');
    const campaign = await findCampaign(tx, code);
    const actor = `operator:${operator.operatorId}`;
    // The lock keeps two tries at once from both being the last that is allowed, also from two campaigns.
    await sql`select pg_advisory_xact_lock(${ONE_AT_A_TIME}, hashtext(${actor}))`.execute(tx.kysely);
    if ((await triesSince(tx, actor, now - HOUR_MS)) >= MOST_IN_AN_HOUR) {
      throw new CodedError('TEST_TOO_MANY', 'too many tries in an hour', { most: MOST_IN_AN_HOUR });
    }
    const { doc } = await documentOf(tx, campaign.campaignId, campaign.version);
    const wanted = doc.steps[step - 1];
    const template = wanted === undefined ? null : await latestTemplate(tx, wanted.templateCode);
    if (template === null) throw new CodedError('TEST_STEP', 'no such step, or it has no text yet');
    const office = officeOf(ente, creditTypeOf(ente, doc.creditTypes[0] ?? '').officeId);
    const text = previewMessage(ente, office, template);
    if (text.kind === 'refused') throw new CodedError(text.code, text.message);
    await campaignLeaf(tx, code, 'campaign.testSent', actor, now, { step, template: template.code });
    const subject = text.subject === '' ? `SMS ${template.code}` : text.subject;
    return { to, subject: `[prova] ${subject}`, body: `${NOTICE}\n\n${text.body}` };
  });
}

async function isContact(tx: Tx, vault: EnteVault, address: string): Promise<boolean> {
  const { rows } = await sql`select 1 from contact_now where ente_id = ${enteOf(tx)}
    and address_lookup = ${addressLookup(vault, 'email', address)} limit 1`.execute(tx.kysely);
  return rows.length > 0;
}

async function triesSince(tx: Tx, actor: string, since: number): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from campaign_fact_now
    where ente_id = ${enteOf(tx)} and kind = 'campaign.testSent' and actor = ${actor} and at > ${instant(since)}`.execute(
    tx.kysely,
  );
  return rows[0]?.n ?? 0;
}
