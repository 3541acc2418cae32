import { formatDate } from '../../kernel/civil-date.ts';
import type { CampaignResults } from '../../modules/insight/index.ts';
import { channelWords, reasonWords } from './campaign-words.ts';

export interface ResultTable {
  readonly key: 'imbuto' | 'incassi' | 'canali' | 'esclusioni';
  readonly title: string;
  readonly columns: readonly string[];
  rows(results: CampaignResults): (string | number)[][];
}

/** The numbers behind each picture, as the page shows them and as the file holds them; sums in euro. */
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
    rows: ({ byDay }) => byDay.map(({ day, cents }) => [formatDate(day), cents / 100]),
  },
  {
    key: 'canali',
    title: 'Per canale e passo',
    columns: ['Passo', 'Canale', 'Accettati', 'Letti', 'Falliti'],
    rows: ({ byChannel }) =>
      byChannel.map((one) => [one.step, channelWords(one.channel), one.accepted, one.read, one.failed]),
  },
  {
    key: 'esclusioni',
    title: 'Chi è rimasto fuori',
    columns: ['Motivo', 'Persone'],
    rows: ({ exclusions }) => exclusions.map((one) => [reasonWords(one.reason), one.n]),
  },
];
