import { computeLuhn11 } from '../../kernel/codice-fiscale.ts';
import type { Ente } from '../../modules/creditors/index.ts';

const code = (first10: string) => `${first10}${computeLuhn11(first10)}`;

/** Two invented bodies: a comune with TARI, and an ASL with unpaid tickets, which proves the stricter disclosure. */
export const SAMPLE_BODIES: readonly (Ente & {
  readonly file: string;
  readonly iban: string;
  readonly pagopaCategory: string;
})[] = [
  {
    enteId: 1,
    slug: 'borgo-sereno',
    name: 'Comune di Borgo Sereno',
    kind: 'comune',
    codiceFiscale: code('8000123456'),
    codiceIpa: 'c_x000',
    website: 'www.comune.borgosereno.example',
    senderAddress: 'avvisi@comune.borgosereno.example',
    accent: null,
    patronDay: '09-29',
    segregationCode: '02',
    generatesNoticeNumbers: true,
    file: 'TARI',
    iban: 'IT60X0542811101000000123456',
    pagopaCategory: '9/0101101IM/',
    offices: [
      {
        officeId: 1,
        name: 'Sportello del cittadino',
        phone: '055 0100200',
        email: 'sportello@comune.borgosereno.example',
        hours: 'dal lunedì al venerdì, 9:00-13:00',
        address: 'Piazza della Fonte 1, Borgo Sereno',
        procedureOfficer: 'Laura Verdi',
        selfReviewBody: 'Sportello del cittadino',
      },
    ],
    creditTypes: [
      {
        code: 'TARI',
        name: 'TARI',
        nature: 'tax',
        health: false,
        purposeGroup: 'entrate',
        officeId: 1,
        explanation:
          'La TARI è la tassa che paga la raccolta dei rifiuti. Dipende dalla superficie dell’immobile e da quante persone ci abitano.',
      },
    ],
  },
  {
    enteId: 2,
    slug: 'asl-valle-chiara',
    name: 'ASL Valle Chiara',
    kind: 'asl',
    codiceFiscale: code('9000765432'),
    codiceIpa: 'asl_x00',
    website: 'www.aslvallechiara.example',
    senderAddress: 'comunicazioni@aslvallechiara.example',
    accent: '#00695c',
    patronDay: null,
    segregationCode: '03',
    generatesNoticeNumbers: true,
    file: 'TICKET',
    iban: 'IT87C0760103200000001012345',
    pagopaCategory: '9/0501100TS/',
    offices: [
      {
        officeId: 1,
        name: 'Ufficio relazioni con il pubblico',
        phone: '055 0300400',
        email: 'urp@aslvallechiara.example',
        hours: 'dal lunedì al venerdì, 8:30-12:30',
        address: 'Via dei Tigli 10, Valle Chiara',
        procedureOfficer: 'Marco Neri',
        selfReviewBody: 'Ufficio relazioni con il pubblico',
      },
    ],
    creditTypes: [
      {
        code: 'TICKET',
        name: 'Ticket sanitario',
        nature: 'healthCopay',
        health: true,
        purposeGroup: 'salute',
        officeId: 1,
        explanation: '',
      },
    ],
  },
];

/** The sample campaign of a body, as its clerk would write it. */
export function sampleCampaign(body: { readonly file: string }, dueBy: string): string {
  return `versione: 1
codice: primo-giro
nome: Avviso bonario ${body.file}
crediti: [${body.file}]
pubblico:
  scadenzaEntro: ${dueBy}
  importoMinimo: "12,00"
cascata:
  - canale: email
    testo: primo-avviso
  - canale: sms
    testo: sms-avviso
    attesaGiorni: 5
    soloSe: nonRaggiunto
  - canale: email
    testo: secondo-avviso
    attesaGiorni: 5
    soloSe: nonLetto
  - canale: email
    testo: secondo-avviso
    attesaGiorni: 14
    soloSe: nonLetto
limiti:
  perPersona: 2
  perIndirizzo: 2
`;
}
