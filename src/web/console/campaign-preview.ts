import { Liquid } from 'liquidjs';
import { isCoded } from '../../kernel/errors.ts';
import { type Ente, officeOf } from '../../modules/creditors/index.ts';
import { checkTemplate, gulpease, previewValues } from '../../modules/notices/index.ts';
import { sayError } from './campaign-words.ts';

export interface TextPreview {
  /** Null when the text cannot be made at all. */
  readonly shown: { readonly subject: string; readonly body: string; readonly gulpease: number } | null;
  /** Italian, each with its rule; empty when the text may be saved. */
  readonly problems: readonly string[];
}

const engine = new Liquid({ templates: {}, ownPropertyOnly: true, strictVariables: true });

/** A text as an invented person would read it, with the body's own names in it, and what is wrong with it. */
export function previewText(
  ente: Ente,
  officeId: number,
  text: { subject: string; body: string; channel: string },
): TextPreview {
  const values = previewValues(ente, officeOf(ente, officeId));
  try {
    // The module's own engine reads it first, and knows few tags: what it refuses never comes to be rendered here.
    const problems = checkTemplate(text, values).map((p) => `${p.message} (${p.rule})`);
    const subject = String(engine.parseAndRenderSync(text.subject, values)).trim();
    const body = String(engine.parseAndRenderSync(text.body, values));
    return { shown: { subject, body, gulpease: Math.round(gulpease(body)) }, problems };
  } catch (error) {
    if (!isCoded(error)) throw error;
    return { shown: null, problems: [sayError(error)] };
  }
}
