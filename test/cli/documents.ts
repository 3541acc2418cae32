import { debtsCsv, enteCf, validCf } from '../support/ground.ts';

/** The program has the clock of this machine here: what is due is due since last year. */
const LAST_YEAR = new Date().getFullYear() - 1;

/** Tax code of that body. */
export const ENTE_CF = enteCf(1);

export const ENTE = `enteId: 1
slug: borgo-di-prova
name: Comune di Borgo di Prova
kind: comune
codiceFiscale: "${ENTE_CF}"
codiceIpa: c_t001
website: www.borgodiprova.example
senderAddress: avvisi@borgodiprova.example
accent: null
patronDay: null
segregationCode: "02"
generatesNoticeNumbers: true
offices:
  - officeId: 1
    name: Sportello del cittadino
    phone: 055 0100200
    email: sportello@borgodiprova.example
    hours: dal lunedì al venerdì, 9:00-13:00
    address: Piazza della Fonte 1
    procedureOfficer: Laura Verdi
    selfReviewBody: Sportello del cittadino
creditTypes:
  - code: TARI
    name: TARI
    nature: tax
    health: false
    purposeGroup: entrate
    officeId: 1
    explanation: ""
`;
/** Its one step waits, so that on the clock of this machine nothing is sent and nothing ends while the test looks. */
export const CAMPAIGN = `versione: 1
codice: primo-giro
nome: Avviso bonario TARI
crediti: [TARI]
pubblico:
  scadenzaEntro: ${LAST_YEAR}-12-31
  importoMinimo: "12,00"
cascata:
  - canale: email
    testo: primo-avviso
    attesaGiorni: 3
limiti:
  perPersona: 2
  perIndirizzo: 2
`;
const good = debtsCsv(
  [0, 1, 2].map((n) => ({
    externalId: `P-${n}`,
    cf: validCf(n),
    email: `persona${n}@posta.example`,
    amountCents: 10_000 + n,
    dueDate: `16/06/${LAST_YEAR}`,
    taxYear: LAST_YEAR,
    documentNumber: `B-${n}`,
  })),
);
/** Three good rows and one without a codice fiscale. */
export const FILE = `${good}P-9;NONESISTE;Rossi;Mario;;;;;;16/06/2020;10,00;;;\r\n`;
