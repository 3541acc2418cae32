import { sql } from 'kysely';
import { CodedError } from '../../kernel/errors.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { type Ente, loadEnte, loadRules } from '../creditors/index.ts';
import { loadPersons, type PersonRecord } from '../debtors/index.ts';
import { latestTemplate, type MessagePreview, previewFor } from '../notices/index.ts';
import { audienceQuery } from './audience.ts';
import type { CampaignDeps } from './campaign-actions.ts';
import type { CampaignDocument } from './campaign-document.ts';
import { campaignLeaf } from './campaign-leaf.ts';
import { documentOf, findCampaign } from './campaigns.store.ts';

/** Enough to see that names and offices come out right; not a way to read the audience. */
const HOW_MANY = 5;
/** Persons looked at first; ten times as many each time that they do not give enough. */
const FIRST_LOOK = 200;

export interface SampleDeps extends Pick<CampaignDeps, 'db' | 'now'> {
  readonly vaultOf: (enteId: number) => EnteVault;
  /** Where the portal answers, without a final slash. */
  readonly portalUrl: string;
}

export interface SamplePerson {
  readonly debtorId: string;
  readonly personal: PersonRecord['personal'];
  readonly totalCents: number;
}

/** The first few who would be contacted today, the same at every look. Errors CAMPAIGN_UNKNOWN, CREDIT_TYPE_UNKNOWN. */
export function samplePeople(deps: SampleDeps, enteId: number, code: string): Promise<SamplePerson[]> {
  return deps.db.tenant(enteId, async (tx) => {
    const { ente, campaignId, doc } = await campaignNow(tx, code);
    const found = await firstOf(tx, ente, doc, campaignId, deps.now());
    const ids = found.map((one) => one.debtor_id);
    const persons = await loadPersons(tx, deps.vaultOf(enteId), ids);
    return found.flatMap(({ debtor_id: debtorId, total_cents: totalCents }) => {
      const person = persons.get(debtorId);
      return person === undefined ? [] : [{ debtorId, personal: person.personal, totalCents }];
    });
  });
}

export interface OpenedSample {
  readonly personal: PersonRecord['personal'];
  readonly texts: readonly {
    readonly step: number;
    readonly channel: string;
    readonly code: string;
    readonly text: MessagePreview;
  }[];
}

/** The messages as one of them would read them; who looked is on record. Error SAMPLE_UNKNOWN: not one of them. */
export function openSample(
  deps: SampleDeps,
  enteId: number,
  code: string,
  debtorId: string,
  operatorId: string,
): Promise<OpenedSample> {
  return deps.db.tenant(enteId, async (tx) => {
    const now = deps.now();
    const { ente, campaignId, doc } = await campaignNow(tx, code);
    const one = (await firstOf(tx, ente, doc, campaignId, now)).find((row) => row.debtor_id === debtorId);
    if (one === undefined) throw new CodedError('SAMPLE_UNKNOWN', 'this person is not among the examples');
    const texts: OpenedSample['texts'][number][] = [];
    let personal: OpenedSample['personal'] | null = null;
    for (const [i, { channel, templateCode }] of doc.steps.entries()) {
      const template = await latestTemplate(tx, templateCode);
      if (template === null) continue;
      const people = [{ debtorId, officeId: one.office_id }];
      const [made] = await previewFor(tx, deps.vaultOf(enteId), ente, deps.portalUrl, people, template);
      if (made === undefined) continue;
      personal = made.personal;
      texts.push({ step: i + 1, channel, code: templateCode, text: made.text });
    }
    if (personal === null) throw new CodedError('SAMPLE_UNKNOWN', 'there is no text to show');
    await campaignLeaf(tx, code, 'campaign.sampleOpened', `operator:${operatorId}`, now, { debtorId });
    return { personal, texts };
  });
}

async function campaignNow(tx: Tx, code: string) {
  const { campaignId, version } = await findCampaign(tx, code);
  const { doc } = await documentOf(tx, campaignId, version);
  return { ente: await loadEnte(tx), campaignId, doc };
}

interface SampleRow {
  readonly debtor_id: string;
  readonly office_id: number;
  readonly total_cents: number;
}

/**
 * By debtor, and the audience only of as many of them as it takes: over a whole town it is worked out in a second, and
 * the first few are nearly always among the first persons.
 */
async function firstOf(tx: Tx, ente: Ente, doc: CampaignDocument, campaignId: string, now: number) {
  const rules = await loadRules(tx, romeDate(now));
  const found: SampleRow[] = [];
  let after: string | null = null;
  for (let size = FIRST_LOOK; ; size *= 10) {
    const ids: string[] = await personsAfter(tx, after, size);
    const audience = audienceQuery(tx, ente, rules, doc, campaignId, now, ids);
    const { rows } = await sql<SampleRow>`
      select a.debtor_id, a.office_id, a.total_cents from (${audience}) a where a.reason is null
      order by a.debtor_id, a.purpose_group limit ${HOW_MANY - found.length}`.execute(tx.kysely);
    found.push(...rows);
    after = ids.at(-1) ?? null;
    if (found.length === HOW_MANY || ids.length < size) return found;
  }
}

async function personsAfter(tx: Tx, after: string | null, limit: number): Promise<string[]> {
  const { rows } = await sql<{ debtor_id: string }>`select debtor_id from debtor_now
    where ente_id = ${enteOf(tx)} ${after === null ? sql`` : sql`and debtor_id > ${after}::uuid`}
    order by debtor_id limit ${limit}`.execute(tx.kysely);
  return rows.map((row) => row.debtor_id);
}
