import { sql } from 'kysely';
import { isCoded } from '../../kernel/errors.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { loadEnte, loadRules, officeOf } from '../creditors/index.ts';
import { displayName } from '../debtors/index.ts';
import type { RenderedText, TextPort, TextRequest } from '../deliveries/index.ts';
import { createLinks } from './links.ts';
import { messageValues } from './message-values.ts';
import { renderMessage } from './render-message.ts';
import { type TemplateText, templateVersion } from './templates.store.ts';
import { textToHtml } from './text-to-html.ts';

const DAY_MS = 86_400_000;

export interface RenderDeps {
  readonly vaultOf: (enteId: number) => EnteVault;
  /** Where the portal answers, without a final slash. */
  readonly portalUrl: string;
}

/** The text port (architecture §6): what is told is made from the lines open at that moment, under the policy. */
export function makeTextPort(deps: RenderDeps): TextPort {
  return {
    async render(tx, requests, persons, now) {
      const results = new Map<string, RenderedText>();
      if (requests.length === 0) return results;
      const vault = deps.vaultOf(enteOf(tx));
      const open = await openAmounts(
        tx,
        requests.map((r) => r.noticeId),
      );
      const telling = requests.filter((request) => {
        const notice = open.get(request.noticeId);
        if (notice !== undefined && notice.leftCents > 0) return true;
        results.set(request.deliveryId, { kind: 'nothingLeft' });
        return false;
      });
      const ente = await loadEnte(tx);
      const days = (await loadRules(tx, romeDate(now))).get<number>('linkValidDays', null).value;
      const templates = await loadTemplates(tx, telling);
      const links = await createLinks(
        tx,
        vault,
        telling.flatMap(({ noticeId, contactId, deliveryId }) => [
          { purpose: 'open' as const, noticeId, contactId, deliveryId },
          { purpose: 'optOut' as const, noticeId, contactId, deliveryId },
        ]),
        now,
        now + days * DAY_MS,
      );
      for (const [i, request] of telling.entries()) {
        const person = persons.get(request.debtorId);
        const template = templates.get(`${request.templateCode}|${request.templateVersion}`);
        if (person === undefined || template === undefined) {
          results.set(request.deliveryId, { kind: 'refused', code: 'noContact' });
          continue;
        }
        const name = displayName(person.personal);
        const optOut = `${deps.portalUrl}/o/${links[2 * i + 1]}`;
        const values = messageValues(ente, officeOf(ente, open.get(request.noticeId)?.officeId ?? 0), name, {
          open: `${deps.portalUrl}/l/${links[2 * i]}`,
          optOut,
        });
        results.set(
          request.deliveryId,
          write(template, values, name, { name: ente.name, address: ente.senderAddress }, optOut),
        );
      }
      return results;
    },
  };
}

function write(
  template: TemplateText,
  values: object,
  personName: string,
  sender: { name: string; address: string },
  optOutUrl: string,
): RenderedText {
  try {
    const { subject, body: text, problem } = renderMessage(template, values, personName);
    if (problem !== null) return { kind: 'refused', code: problem.code };
    return {
      kind: 'text',
      sender,
      subject,
      text,
      html: template.channel === 'email' ? textToHtml(subject, text) : null,
      optOutUrl,
    };
  } catch (error) {
    if (isCoded(error)) return { kind: 'refused', code: error.code };
    throw error;
  }
}

/**
 * What is left to tell of each notice: neither a debt that the office doubts (docs/adr/0010) nor one that is being paid in
 * installments is told of. A correction has no
 * lines and always something to tell, also to who has paid meanwhile.
 */
async function openAmounts(
  tx: Tx,
  noticeIds: readonly string[],
): Promise<Map<string, { leftCents: number; officeId: number }>> {
  const ente = enteOf(tx);
  const { rows } = await sql<{ notice_id: string; office_id: number; left: number }>`
    select n.notice_id, n.office_id, coalesce(sum(d.outstanding_cents) filter (where d.state = 'open'
      and not exists (select from debt_unasked_now x where x.ente_id = ${ente} and x.debt_id = d.debt_id)), 0)::bigint as left
    from notice n
    join notice_line l on l.ente_id = ${ente} and l.notice_id = n.notice_id
    join debt_now d on d.ente_id = ${ente} and d.debt_id = l.debt_id
    where n.ente_id = ${ente} and n.notice_id = any(${[...noticeIds]}::uuid[]) and n.state in ('planned', 'active')
    group by n.notice_id, n.office_id
    union all
    select n.notice_id, n.office_id, 1 from notice n
    join recall_now r on r.ente_id = ${ente} and r.recall_id = n.campaign_id and r.state = 'running'
    where n.ente_id = ${ente} and n.notice_id = any(${[...noticeIds]}::uuid[]) and n.state <> 'recalled'`.execute(
    tx.kysely,
  );
  return new Map(rows.map((row) => [row.notice_id, { leftCents: row.left, officeId: row.office_id }]));
}

async function loadTemplates(tx: Tx, requests: readonly TextRequest[]): Promise<Map<string, TemplateText>> {
  const templates = new Map<string, TemplateText>();
  for (const { templateCode, templateVersion: version } of requests) {
    const key = `${templateCode}|${version}`;
    if (!templates.has(key)) templates.set(key, await templateVersion(tx, templateCode, version));
  }
  return templates;
}

export interface NoticeRecord {
  readonly noticeId: string;
  readonly debtorId: string;
  readonly purposeGroup: string;
  readonly health: boolean;
  readonly officeId: number;
}

export async function findNotice(tx: Tx, noticeId: string): Promise<NoticeRecord | null> {
  const { rows } = await sql<{
    notice_id: string;
    debtor_id: string;
    purpose_group: string;
    health: boolean;
    office_id: number;
  }>`
    select notice_id, debtor_id, purpose_group, health, office_id from notice
    where ente_id = ${enteOf(tx)} and notice_id = ${noticeId}`.execute(tx.kysely);
  const row = rows[0];
  if (row === undefined) return null;
  return {
    noticeId: row.notice_id,
    debtorId: row.debtor_id,
    purposeGroup: row.purpose_group,
    health: row.health,
    officeId: row.office_id,
  };
}
