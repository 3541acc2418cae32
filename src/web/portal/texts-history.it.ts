/** Sentences of what went before: the answer to a report (C8) and the messages that were sent (C10). */
import { type CivilDate, formatDateLong } from '../../kernel/civil-date.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import type { MessageView } from './dialogue.ts';

const channels: Readonly<Record<string, string>> = { email: 'E-mail', sms: 'SMS', pec: 'PEC', voice: 'Telefonata' };

export const historyTexts = {
  answer: {
    openTitle: (number: string) => `La Sua segnalazione n. ${number}`,
    open: (deadline: CivilDate) =>
      `L’ufficio Le risponde entro il ${formatDateLong(deadline)}. Fino ad allora i promemoria sono sospesi. La risposta comparirà qui.`,
    acceptedTitle: 'Segnalazione accolta',
    rejectedTitle: 'Segnalazione non accolta',
    given: (number: string, at: number) =>
      `Il ${formatDateLong(romeDate(at))} l’ufficio ha risposto alla Sua segnalazione n. ${number}:`,
    acceptedNext: 'Non deve fare altro.',
    acceptedStillDue: 'Un importo risulta ancora da pagare: se qualcosa non torna, contatti l’ufficio.',
    rejectedNext:
      'L’importo risulta ancora da pagare e può ricevere altri promemoria. Se ha altri elementi, mandi una nuova segnalazione o contatti l’ufficio.',
    rejectedClosed: 'Ora per questo importo non deve pagare nulla.',
    listed: 'C’è una risposta alla Sua segnalazione',
  },

  messages: {
    link: 'I messaggi che Le abbiamo inviato',
    linkNote: 'Data, canale, recapito, esito e testo',
    title: 'I messaggi che Le abbiamo inviato',
    lead: 'Qui trova ogni messaggio che Le abbiamo inviato, con data, canale ed esito.',
    none: 'Non Le abbiamo inviato messaggi.',
    noneNext:
      'Se ne ha ricevuto uno che sembra nostro, non apra i collegamenti che contiene e lo faccia vedere all’ufficio.',
    back: 'I Suoi importi',
    channel: (channel: string) => channels[channel] ?? channel,
    address: 'Recapito',
    noAddress: 'non più conservato',
    why: 'Perché Le abbiamo scritto',
    about: (names: readonly string[]) => `Promemoria: ${names.join(', ')}`,
    outcome: 'Esito',
    outcomes: {
      sent: 'Inviato: non sappiamo ancora se è arrivato',
      arrived: 'Arrivato',
      opened: 'Arrivato e aperto',
      failed: 'Non arrivato',
      unknown: 'Non sappiamo se è arrivato',
    } satisfies Record<MessageView['outcome'], string>,
    read: 'Leggi il testo',
    keys: 'I collegamenti sono abbreviati: quelli completi sono nel messaggio che ha ricevuto.',
    codes: 'I codici di verifica che chiede Lei non sono in questo elenco.',
    wrong: 'Un recapito non è Suo? Lo dica all’ufficio.',
  },
} as const;
