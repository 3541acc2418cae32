import { formatDate } from '../../kernel/civil-date.ts';
import type { CampaignResults, ResultList } from '../../modules/insight/index.ts';
import { channelWords, reasonWords } from './campaign-words.ts';
import { NO_COST } from './results-words.ts';

/** A sum of money; or a count of the messages of one step, with the list of people behind it. */
export type Cell =
  | string
  | number
  | { readonly cents: number }
  | { readonly n: number; readonly list: ResultList; readonly step: number };

export interface ResultTable {
  readonly key: 'imbuto' | 'incassi' | 'canali' | 'costi' | 'resa' | 'esclusioni';
  readonly title: string;
  readonly columns: readonly string[];
  rows(results: CampaignResults): Cell[][];
}

/** The numbers behind each picture, as the page shows them and as the file holds them. */
export const TABLES: readonly ResultTable[] = [
  {
    key: 'imbuto',
    title: 'Dal pubblico al pagamento',
    columns: ['Passaggio', 'Persone'],
    rows: ({ funnel }) => [
      ['Nel pubblico', funnel.audience],
      ['Con un avviso', funnel.planned],
      ['Contattate', funnel.contacted],
      ['Hanno letto', funnel.read],
      ['Hanno pagato', funnel.paid],
    ],
  },
  {
    key: 'incassi',
    title: 'Incassi nel tempo',
    columns: ['Giorno', 'Incassato, in euro'],
    rows: ({ byDay }) => byDay.map(({ day, cents }) => [formatDate(day), { cents }]),
  },
  {
    key: 'canali',
    title: 'Per canale e passo',
    columns: ['Passo', 'Canale', 'Accettati', 'Letti', 'Falliti'],
    rows: ({ byChannel }) =>
      byChannel.map(({ step, channel, accepted, read, failed }) => [
        step,
        channelWords(channel),
        { n: accepted, list: 'contacted', step },
        { n: read, list: 'read', step },
        { n: failed, list: 'failed', step },
      ]),
  },
  {
    key: 'costi',
    title: 'Costo per canale',
    columns: ['Canale', 'Messaggi accettati', 'Unità fatturate', 'Senza prezzo', 'Costo, in euro'],
    rows: ({ cost }) =>
      cost.byChannel.map((one) => [
        channelWords(one.channel),
        one.messages,
        one.units,
        one.unpriced,
        one.cents === null ? NO_COST : { cents: one.cents },
      ]),
  },
  {
    key: 'resa',
    title: 'Costo per euro incassato',
    columns: ['Voce', 'In euro'],
    rows: ({ cost }) => [
      ['Costo dei messaggi', cost.cents === null ? NO_COST : { cents: cost.cents }],
      ['Incassato dopo il primo messaggio', { cents: cost.collectedCents }],
      [
        'Costo per ogni euro incassato',
        cost.perEuro === null ? 'non si può dire' : cost.perEuro.toFixed(4).replace('.', ','),
      ],
    ],
  },
  {
    key: 'esclusioni',
    title: 'Chi è rimasto fuori',
    columns: ['Motivo', 'Persone'],
    rows: ({ exclusions }) => exclusions.map((one) => [reasonWords(one.reason), one.n]),
  },
];

/** The cell in a file: numbers as numbers, sums in euro. */
export function plainCell(cell: Cell): string | number {
  if (typeof cell !== 'object') return cell;
  return 'cents' in cell ? cell.cents / 100 : cell.n;
}
