import type { RecallCause, RecallKind } from '../../modules/campaigns/index.ts';
import { field } from './context.ts';

/** What was typed, field by field, so that a page that comes back shows it again. */
export interface RecallForm {
  readonly kind: RecallKind;
  readonly campaign: string;
  readonly importId: string;
  /** `code|version` */
  readonly text: string;
  readonly creditType: string;
  readonly list: string;
  readonly note: string;
  /** Of a campaign: what is owed is right. */
  readonly amountsStand: boolean;
  /** Code of the correction's text by channel. */
  readonly texts: Readonly<Record<string, string>>;
}

const KINDS: Readonly<Record<string, RecallKind>> = {
  campagna: 'campaign',
  file: 'import',
  testo: 'text',
  posizioni: 'debts',
};

export const CORRECTED_CHANNELS = ['email', 'sms'] as const;

/** From a body, or from the query of a link that leads here from a campaign. */
export function recallForm(source: unknown): RecallForm {
  return {
    kind: KINDS[field(source, 'causa')] ?? 'campaign',
    campaign: field(source, 'campagna'),
    importId: field(source, 'file'),
    text: field(source, 'testo'),
    creditType: field(source, 'tipo'),
    list: field(source, 'elenco'),
    note: field(source, 'nota'),
    amountsStand: field(source, 'importi-giusti') === '1',
    texts: Object.fromEntries(
      CORRECTED_CHANNELS.flatMap((channel) => {
        const code = field(source, `rettifica-${channel}`);
        return code === '' ? [] : [[channel, code]];
      }),
    ),
  };
}

export function causeOf(form: RecallForm): RecallCause {
  switch (form.kind) {
    case 'campaign':
      return { kind: 'campaign', code: form.campaign };
    case 'import':
      return { kind: 'import', importId: form.importId };
    case 'text': {
      const [code = '', version] = form.text.split('|');
      return { kind: 'text', code, version: Number.parseInt(version ?? '', 10) || 0 };
    }
    case 'debts': {
      const ids = form.list.split(/[\r\n;,]+/).map((one) => one.trim());
      return { kind: 'debts', creditType: form.creditType, externalIds: ids.filter((one) => one !== '') };
    }
  }
}
