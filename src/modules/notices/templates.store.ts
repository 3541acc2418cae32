import { CodedError } from '../../kernel/errors.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { enteOf, instant, type Tx, tables } from '../../platform/db/index.ts';
import { writeLeaf } from '../audit/index.ts';
import { DEFAULT_TEMPLATES } from './default-templates.ts';
import { checkTemplate, type TextProblem } from './text-rules.ts';

interface TemplateTables {
  template_version: {
    ente_id: number;
    code: string;
    version: number;
    channel: string;
    subject: string;
    body: string;
    sha256: string;
    author_id: string;
    at: string;
  };
}

export interface TemplateText {
  readonly code: string;
  readonly version: number;
  readonly channel: string;
  readonly subject: string;
  readonly body: string;
}

/**
 * Saves a text as the next version of its code; the same words again are no new version. Texts are never edited, so that
 * which one was in force on a date is always known. Error TEMPLATE_REFUSED carries the first problem; `checkTemplate`
 * gives them all.
 */
export async function saveTemplate(
  tx: Tx,
  input: {
    readonly code: string;
    readonly channel: string;
    readonly subject: string;
    readonly body: string;
    readonly authorId: string;
    readonly now: number;
  },
): Promise<TemplateText> {
  const problems = checkTemplate(input);
  if (problems.length > 0) throw refused(problems);
  const latest = await latestTemplate(tx, input.code);
  if (latest !== null && latest.subject === input.subject && latest.body === input.body) return latest;
  const { code, channel, subject, body } = input;
  const version = (latest?.version ?? 0) + 1;
  await tables<TemplateTables>(tx)
    .insertInto('template_version')
    .values({
      ente_id: enteOf(tx),
      code,
      version,
      channel,
      subject,
      body,
      sha256: sha256Hex(`${subject}\n${body}`),
      author_id: input.authorId,
      at: instant(input.now),
    })
    .execute();
  await writeLeaf(tx, {
    at: input.now,
    kind: 'template.saved',
    actor: `operator:${input.authorId}`,
    rowCount: 1,
    facts: { template: code, version, channel, sha256: sha256Hex(`${subject}\n${body}`) },
  });
  return { code, version, channel, subject, body };
}

/**
 * A new code whose first version is the text of another, on the same channel. Errors TEMPLATE_CODE, TEMPLATE_TAKEN,
 * TEMPLATE_UNKNOWN, and what `saveTemplate` refuses.
 */
export async function copyTemplate(
  tx: Tx,
  from: string,
  code: string,
  authorId: string,
  now: number,
): Promise<TemplateText> {
  // What a campaign's document may name.
  if (!/^[a-z0-9-]{2,60}$/.test(code)) throw new CodedError('TEMPLATE_CODE', 'not a code of a text', { code });
  const source = await latestTemplate(tx, from);
  if (source === null) throw new CodedError('TEMPLATE_UNKNOWN', `no text ${from}`, { code: from });
  if ((await latestTemplate(tx, code)) !== null) {
    throw new CodedError('TEMPLATE_TAKEN', `there is a text ${code} already`, { code });
  }
  return saveTemplate(tx, { ...source, code, authorId, now });
}

function refused(problems: readonly TextProblem[]): CodedError {
  const first = problems[0] as TextProblem;
  return new CodedError('TEMPLATE_REFUSED', first.message, {
    problem: first.code,
    rule: first.rule,
    more: problems.length - 1,
  });
}

export async function latestTemplate(tx: Tx, code: string): Promise<TemplateText | null> {
  const row = await tables<TemplateTables>(tx)
    .selectFrom('template_version')
    .select(['code', 'version', 'channel', 'subject', 'body'])
    .where('ente_id', '=', enteOf(tx))
    .where('code', '=', code)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

/** Codes of the texts to start from that the body does not have yet. */
export async function missingDefaults(tx: Tx): Promise<string[]> {
  const rows = await tables<TemplateTables>(tx)
    .selectFrom('template_version')
    .select('code')
    .distinct()
    .where('ente_id', '=', enteOf(tx))
    .execute();
  const known = new Set(rows.map((row) => row.code));
  return DEFAULT_TEMPLATES.flatMap(({ code }) => (known.has(code) ? [] : [code]));
}

/** Error TEMPLATE_UNKNOWN. */
export async function templateVersion(tx: Tx, code: string, version: number): Promise<TemplateText> {
  const row = await tables<TemplateTables>(tx)
    .selectFrom('template_version')
    .select(['code', 'version', 'channel', 'subject', 'body'])
    .where('ente_id', '=', enteOf(tx))
    .where('code', '=', code)
    .where('version', '=', version)
    .executeTakeFirst();
  if (row === undefined)
    throw new CodedError('TEMPLATE_UNKNOWN', `no text ${code}, version ${version}`, { code, version });
  return row;
}
