import { CodedError } from '../../kernel/errors.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { enteOf, instant, type Tx, tables } from '../../platform/db/index.ts';
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
  return { code, version, channel, subject, body };
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
