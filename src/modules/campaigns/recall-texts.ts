import { sql } from 'kysely';
import { CodedError } from '../../kernel/errors.ts';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import type { Ente } from '../creditors/index.ts';
import { checkTemplate, latestTemplate, previewValues } from '../notices/index.ts';
import type { RecallText } from './recall.store.ts';

/** The text of a correction that the program proposes for a channel. */
const USUAL: Readonly<Record<string, string>> = { email: 'rettifica', sms: 'sms-rettifica' };

/**
 * The words on each channel that was used: those the operator chose, else the usual ones, in their latest version. They
 * keep the same rules as every other text, with the names of every office of the body in them. Errors RECALL_TEXT_MISSING
 * (no such text for this channel), TEMPLATE_REFUSED.
 */
export async function correctionTexts(
  tx: Tx,
  ente: Ente,
  channels: readonly string[],
  chosen: Readonly<Record<string, string>>,
): Promise<RecallText[]> {
  const texts: RecallText[] = [];
  for (const channel of channels) {
    const code = chosen[channel] ?? USUAL[channel] ?? '';
    const text = await latestTemplate(tx, code);
    if (text === null || text.channel !== channel) {
      throw new CodedError('RECALL_TEXT_MISSING', `no text ${code} for ${channel}`, { channel, text: code });
    }
    for (const office of ente.offices) {
      const [problem] = checkTemplate(text, previewValues(ente, office));
      if (problem === undefined) continue;
      throw new CodedError('TEMPLATE_REFUSED', problem.message, { problem: problem.code, rule: problem.rule });
    }
    texts.push({ channel, code, version: text.version });
  }
  return texts;
}

/** Who wrote these very words: none of them may approve. */
export async function writersOf(tx: Tx, texts: readonly RecallText[]): Promise<Set<string>> {
  const { rows } = await sql<{ code: string; version: number; author_id: string }>`
    select code, version, author_id from template_text_now
    where ente_id = ${enteOf(tx)} and code = any(${texts.map((text) => text.code)}::text[])`.execute(tx.kysely);
  const used = new Set(texts.map((text) => `${text.code}|${text.version}`));
  return new Set(rows.filter((row) => used.has(`${row.code}|${row.version}`)).map((row) => row.author_id));
}
