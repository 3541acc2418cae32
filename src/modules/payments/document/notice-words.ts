/** BCP 47. */
export type NoticeLanguage = 'it' | 'de';

/**
 * The fixed texts of the notice. They are those of the official guide (pagopa §2), which forbids changing them: hence
 * «tu» where Bonario itself says «Lei». In braces what each notice puts in.
 */
export interface NoticeWords {
  readonly notice: string;
  readonly creditor: string;
  readonly addressee: string;
  readonly fiscalCode: string;
  readonly howMuchAndWhen: string;
  /** Where nothing is said of a date. */
  readonly howMuch: string;
  readonly amount: string;
  readonly discounted: string;
  readonly reduced: string;
  readonly euro: string;
  readonly by: string;
  readonly withinFiveDays: string;
  readonly fromSixthToSixtiethDay: string;
  readonly fullOrInstallments: string;
  readonly installmentsOnly: string;
  readonly seeEachInstallment: string;
  readonly mayChange: string;
  readonly chooseAmount: string;
  readonly deadlinesTitle: string;
  readonly deadlines: string;
  readonly storageTitle: string;
  readonly storage: string;
  readonly where: string;
  readonly channels: string;
  readonly onlineTitle: string;
  readonly online: string;
  readonly onlineSite: string;
  readonly onlineApp: string;
  readonly onlineSiteAndApp: string;
  readonly placesTitle: string;
  readonly places: string;
  readonly placesAndCounter: string;
  readonly paymentData: string;
  readonly single: string;
  readonly installment: string;
  readonly scanBeside: string;
  readonly scanAbove: string;
  readonly subject: string;
  readonly cbill: string;
  readonly noticeCode: string;
  readonly creditorCode: string;
}

const PLACES =
  'presso Banche e Sportelli ATM, negli Uffici Postali e Punti Postali, nei Bar, Edicole, Ricevitorie, Supermercati, Tabaccherie e altri Esercenti Convenzionati.';
const PLACES_DE =
  'bei Banken und ATM-Schaltern, in Postämtern und Poststellen, Tabaktrafiken und anderen angebundenen Dienstleistern.';
const HOME_BANKING = 'dal tuo Home Banking, con la tua app di pagamento o con gli altri canali abilitati.';
const ONLINE_DE = 'mittels Home Banking, einer Zahlungsapp oder anderer zugelassener Zahlungsdienstleister.';

const it: NoticeWords = {
  notice: 'Avviso di pagamento',
  creditor: 'Ente Creditore',
  addressee: 'Destinatario',
  fiscalCode: 'Cod. Fiscale',
  howMuchAndWhen: 'Quanto e quando pagare?',
  howMuch: 'Quanto pagare?',
  amount: 'Importo',
  discounted: 'Importo scontato del 30%',
  reduced: 'Importo ridotto',
  euro: 'Euro',
  by: 'entro il {date}',
  withinFiveDays: 'entro 5 giorni dalla notifica del verbale',
  fromSixthToSixtiethDay: 'dal 6º al 60º giorno dalla notifica del verbale',
  fullOrInstallments: 'Puoi pagare per intero oppure in {count} rate',
  installmentsOnly: 'Puoi pagare in {count} rate',
  seeEachInstallment: 'Importi e scadenze sono riportati nel dettaglio di ogni singola rata.',
  mayChange:
    'In fase di pagamento l’importo potrebbe subire aumenti (per sanzioni, interessi, costi di notifica o altri fattori) o riduzioni (per sgravi o note di credito).',
  chooseAmount:
    'Scegli l’importo corretto per i termini previsti, altrimenti riceverai altre richieste di pagamento per le somme residue ed eventuali somme aggiuntive.',
  deadlinesTitle: 'Come si calcolano le scadenze?',
  deadlines:
    'Il giorno della notifica non si conta. Se la scadenza è di domenica (o festivo), puoi pagare anche il primo giorno feriale successivo.',
  storageTitle: 'Cosa succede in caso di giacenza?',
  storage:
    'La notifica corrisponde al giorno del ritiro, se questo avviene entro 10 giorni dalla data di deposito (la data più vecchia sull’avviso di giacenza). Se non ritiri il verbale entro i 10 giorni, calcola le scadenze iniziando a contare dall’undicesimo giorno.',
  where: 'Dove pagare?',
  channels: 'vai su pagopa.gov.it',
  onlineTitle: 'Paga con l’app IO',
  online: `oppure ${HOME_BANKING}`,
  onlineSite: `oppure sul sito di {creditor}, ${HOME_BANKING}`,
  onlineApp: `oppure sull’app di {creditor}, ${HOME_BANKING}`,
  onlineSiteAndApp: `oppure sul sito o app di {creditor}, ${HOME_BANKING}`,
  placesTitle: 'Paga sul territorio',
  places: PLACES,
  placesAndCounter: `{counter}, ${PLACES}`,
  paymentData: 'Dati per il pagamento',
  single: 'Rata unica',
  installment: 'Rata {number}',
  scanBeside: 'Inquadra il codice QR con la tua app di pagamento o usa i dati accanto.',
  scanAbove: 'Inquadra il codice QR con la tua app di pagamento o usa i dati sopra.',
  subject: 'Oggetto del pagamento',
  cbill: 'Codice CBILL',
  noticeCode: 'Codice Avviso',
  creditorCode: 'Cod. Fiscale Ente',
};

/** The guide has no German words for `howMuch`, for an app of the body, nor a short «Cod. Fiscale»: made from the others. */
const de: NoticeWords = {
  notice: 'Zahlungsmitteilung',
  creditor: 'Körperschaft',
  addressee: 'Empfänger',
  fiscalCode: 'St.Nr.',
  howMuchAndWhen: 'Wieviel und wann bezahlen?',
  howMuch: 'Wieviel bezahlen?',
  amount: 'Betrag',
  discounted: 'um 30% reduzierter Betrag',
  reduced: 'Reduzierte Zahlung',
  euro: 'Euro',
  by: 'Fällig am {date}',
  withinFiveDays: 'innerhalb 5 Tagen ab Zustellungsdatum',
  fromSixthToSixtiethDay: 'vom 6ten bis 60ten Tag ab Zustellungsdatum',
  fullOrInstallments: 'Es ist möglich, den Betrag vollständig oder in {count} Raten zu zahlen',
  installmentsOnly: 'Es ist möglich, den Betrag in {count} Raten zu zahlen',
  seeEachInstallment: 'Die Beträge und Fälligkeiten sind in den Details der einzelnen Rate angegeben.',
  mayChange:
    'Während der Zahlungsphase kann der Betrag Erhöhungen (z. B. durch Sanktionen, Zinsen, Zustellungskosten oder andere Faktoren) oder Verringerungen (z. B. durch Ermäßigungen oder Gutschriften) unterliegen.',
  chooseAmount: 'Den zur eigenen Frist passenden Bereich auswählen.',
  deadlinesTitle: 'Wie werden die Fristen berechnet?',
  deadlines:
    'Der Tag der Zustellung wird nicht mitgerechnet. Fällt die Frist auf einen Sonntag (oder Feiertag), kann am ersten folgenden Werktag bezahlt werden.',
  storageTitle: 'Was passiert bei Lagerung?',
  storage:
    'Die Zustellung entspricht dem Tag der Abholung, wenn diese innerhalb von 10 Tagen nach dem Lagerdatum erfolgt. Wird der Bericht nicht innerhalb von 10 Tagen abgeholt, sind die Fristen ab dem elften Tag zu berechnen.',
  where: 'Wo bezahlen?',
  channels: 'Liste der Zahlungsdienstleister: pagopa.gov.it',
  onlineTitle: 'Online',
  online: `mit der App IO, ${ONLINE_DE}`,
  onlineSite: `mit der App IO, auf {creditor}, ${ONLINE_DE}`,
  onlineApp: `mit der App IO, auf {creditor}, ${ONLINE_DE}`,
  onlineSiteAndApp: `mit der App IO, auf {creditor}, ${ONLINE_DE}`,
  placesTitle: 'In Ihrer Umgebung',
  places: PLACES_DE,
  placesAndCounter: `{counter}, ${PLACES_DE}`,
  paymentData: 'Zahlungsinformationen',
  single: 'Einzige Rate',
  installment: 'Rate {number}',
  scanBeside: 'Den QR-Code mit der Zahlungs-App scannen oder folgende Daten verwenden.',
  scanAbove: 'Den QR-Code mit der Zahlungs-App scannen oder oben Daten verwenden.',
  subject: 'Zahlungsgrund',
  cbill: 'CBILL-Kodex',
  noticeCode: 'Zahlungsmitteilungskodex',
  creditorCode: 'St.Nr. der Körperschaft',
};

export const NOTICE_WORDS: Readonly<Record<NoticeLanguage, NoticeWords>> = { it, de };

/** Of the postal slip, which is Poste's own form and in Italian alone. */
export const SLIP_WORDS = {
  title: 'Bollettino postale PA',
  account: 'sul C/C n.',
  amount: 'di Euro',
  holder: 'Intestato a',
  payer: 'Destinatario',
  subject: 'Oggetto del pagamento',
  noticeCode: 'Codice Avviso',
  type: 'Tipo',
  typeCode: 'P1',
  creditorCode: 'Cod. Fiscale Ente Creditore',
  where:
    'Bollettino Postale pagabile in tutti gli Uffici Postali e sui canali fisici o digitali abilitati di Poste Italiane e dell’Ente Creditore',
} as const;

/** Puts the values where a text has their names in braces; a value is never looked into. */
export function fillIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (braced, name: string) => values[name] ?? braced);
}
