import { CodedError } from '../../kernel/errors.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import { type SmsSegments, smsSegments } from '../../kernel/sms-text.ts';
import { type ChannelPrice, channelPriceOf, type Ente, loadRules, officeOf } from '../../modules/creditors/index.ts';
import { type TextVersion, textVersions } from '../../modules/insight/index.ts';
import { checkTemplate, gulpease, previewMessage, previewValues } from '../../modules/notices/index.ts';
import { sayError } from './campaign-words.ts';
import type { ConsoleDeps, Signed } from './context.ts';

export interface TextPreview {
  /** Null when the text cannot be made at all. */
  readonly shown: { readonly subject: string; readonly body: string; readonly gulpease: number } | null;
  /** Of an SMS. */
  readonly sms: SmsSegments | null;
  /** Thousandths of a cent for one message; null: the body has told no price. */
  readonly milliCents: number | null;
  /** Italian, each with its rule; empty when the text may be saved. */
  readonly problems: readonly string[];
}

/** A text as an invented person would read it, with the body's own names in it, what is wrong with it and what it costs. */
export function previewText(
  ente: Ente,
  officeId: number,
  text: { subject: string; body: string; channel: string },
  price: ChannelPrice | null,
): TextPreview {
  const office = officeOf(ente, officeId);
  const made = previewMessage(ente, office, text);
  if (made.kind === 'refused') {
    const problems = [sayError(new CodedError(made.code, made.message))];
    return { shown: null, sms: null, milliCents: null, problems };
  }
  const { subject, body } = made;
  const sms = text.channel === 'sms' ? smsSegments(body) : null;
  return {
    shown: { subject, body, gulpease: Math.round(gulpease(body)) },
    sms,
    milliCents: price === null ? null : price.milliCents * (price.per === 'segment' ? (sms?.segments ?? 1) : 1),
    problems: checkTemplate(text, previewValues(ente, office)).map((p) => `${p.message} (${p.rule})`),
  };
}

/** The texts of the body, the latest of each, and what a message costs on each channel today. */
export function textsAndPrices(
  deps: ConsoleDeps,
  signed: Signed,
): Promise<{ texts: TextVersion[]; priceOf: (channel: string) => ChannelPrice | null }> {
  return deps.db.tenant(signed.enteId, async (tx) => {
    const versions = await textVersions(tx, null);
    const rules = await loadRules(tx, romeDate(deps.now()));
    return {
      texts: versions.filter((one, i) => versions.findIndex((other) => other.code === one.code) === i),
      priceOf: (channel) => channelPriceOf(rules, channel),
    };
  });
}

/** `2 segmenti, 214 caratteri (GSM). Costo stimato: 9,2 centesimi a messaggio.` */
export function lengthAndCost({ sms, milliCents }: TextPreview): string {
  const cost =
    milliCents === null
      ? 'Costo non indicato.'
      : `Costo stimato: ${String(milliCents / 1000).replace('.', ',')} centesimi a messaggio.`;
  if (sms === null) return cost;
  const segments = `${sms.segments} ${sms.segments === 1 ? 'segmento' : 'segmenti'}`;
  const alphabet =
    sms.encoding === 'gsm7'
      ? 'alfabeto breve, GSM'
      : `alfabeto lungo, UCS-2, per questi caratteri: ${sms.forcing.join(' ')}`;
  return `${segments}, ${sms.units} caratteri (${alphabet}). ${cost}`;
}
