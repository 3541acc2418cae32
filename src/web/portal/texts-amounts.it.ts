/** The part of the catalogue that speaks of amounts: states, C3 to C6 and C8. Joined into `texts` (texts.it.ts). */
import { type CivilDate, formatDateLong } from '../../kernel/civil-date.ts';
import { type Cents, formatEuro } from '../../kernel/money.ts';
import { formatInstant } from '../../kernel/rome-time.ts';
import type { DisputeKind, PositionState } from './dialogue.ts';

export const amountTexts = {
  state: {
    toPay: 'Da pagare',
    overdue: 'Scaduto',
    verifying: 'In verifica',
    paid: 'Pagato',
    cancelled: 'Annullato',
    disputed: 'Segnalazione in corso',
    suspended: 'Sospeso',
    doubted: 'In verifica dall’ufficio',
    inPlan: 'A rate',
  } satisfies Record<PositionState, string>,

  due: (state: PositionState, date: CivilDate) =>
    state === 'overdue' ? `La scadenza era il ${formatDateLong(date)}` : `Scadenza: ${formatDateLong(date)}`,

  positions: {
    title: 'I Suoi importi',
    none: 'Non risultano importi da pagare a Suo nome presso questo ente.',
    noneNext: 'Non deve fare nulla. Se aspettava di trovare qualcosa, contatti l’ufficio.',
    greeting: (name: string) => `Gentile ${name},`,
    lead: (open: number) =>
      open === 0
        ? 'secondo i nostri dati non risultano importi da pagare.'
        : open === 1
          ? 'secondo i nostri dati un importo risulta ancora da pagare.'
          : `secondo i nostri dati ${open} importi risultano ancora da pagare.`,
    openTitle: 'Da pagare',
    otherTitle: 'Altri importi',
    total: (cents: Cents) => `In tutto: ${formatEuro(cents)}. Ogni importo si paga separatamente.`,
    partial: (cents: Cents) => `Già versati ${formatEuro(cents)}`,
  },

  position: {
    back: 'Tutti gli importi',
    outstanding: 'Importo da pagare',
    paidSum: 'Importo pagato',
    sum: 'Importo',
    greeting: (name: string | null) => (name === null ? '' : `Gentile ${name}, `),
    message: {
      toPay:
        'secondo i nostri dati questo importo risulta ancora da pagare. Se ha già pagato, ce lo segnali: controlliamo noi.',
      overdue:
        'secondo i nostri dati questo importo risulta ancora da pagare. Se ha già pagato, ce lo segnali: controlliamo noi.',
      verifying:
        'stiamo aspettando la conferma del pagamento. Non paghi di nuovo: se il pagamento non riesce, l’avviso torna disponibile entro 30 minuti circa.',
      paid: 'il pagamento è registrato. Non riceverà altri promemoria per questo importo.',
      cancelled: 'l’ufficio ha annullato questo importo. Non deve pagare nulla.',
      disputed:
        'abbiamo ricevuto la Sua segnalazione. Finché non rispondiamo sospendiamo i promemoria per questo importo.',
      suspended: 'l’ufficio ha sospeso questo importo. Per ora non deve fare nulla.',
      doubted:
        'su questo importo c’è stato un errore nostro e l’ufficio lo sta verificando. Per ora non deve pagare né fare altro.',
      inPlan: 'sta pagando questo importo a rate.',
    } satisfies Record<PositionState, string>,
    pay: 'Paga',
    payAnyway: 'Voglio comunque pagare',
    payAnywayNote: 'La segnalazione resta aperta',
    noNotice: 'Per pagare questo importo contatti l’ufficio: Le indicherà come fare.',
    refersTo: 'A che cosa si riferisce',
    howSum: 'Come si forma l’importo',
    breakdownCaption: 'Voci che compongono l’importo',
    alreadyPaid: 'Già versato',
    total: 'Totale da pagare',
    stillDue: 'Resta da pagare',
    otherWays: 'Pagare in banca, alle Poste, in tabaccheria o con un’app',
    otherWaysText: 'Usi questi due dati. Non serve altro.',
    noticeNumber: 'Numero dell’avviso',
    bodyTaxCode: 'Codice fiscale dell’ente',
    report: 'Ho già pagato o non devo pagare',
    reportNote: 'Controlliamo noi e sospendiamo i promemoria',
    installmentsTitle: 'Le rate',
    natureTitle: 'Che cos’è questo avviso',
  },

  pay: {
    title: 'Pagamento',
    back: 'Torna all’importo',
    text: 'Ora passerà a pagoPA, il sistema dei pagamenti pubblici. Al termine tornerà qui.',
    warn: 'Arrivi fino in fondo: se chiude la pagina a metà, l’avviso può restare bloccato per circa 30 minuti.',
    submit: 'Continua su pagoPA',
    changedTitle: 'L’importo è cambiato',
    changed: (cents: Cents) => `Ora risultano da pagare ${formatEuro(cents)}. Se va bene, continui.`,
    paidTitle: 'Questo importo risulta già pagato',
    paid: 'Non deve pagare di nuovo.',
    doubtTitle: 'L’ufficio sta verificando questo importo',
    doubt: 'Su questo importo c’è stato un errore nostro e l’ufficio lo sta verificando. Per ora non deve pagare.',
    progressTitle: 'Un pagamento è già in corso',
    progress:
      'Forse ha aperto pagoPA in un’altra pagina o da un altro dispositivo. Non paghi di nuovo: se quel pagamento non riesce, l’avviso torna disponibile entro 30 minuti circa.',
    progressLink: 'Vedi come sta andando',
    downTitle: 'Ora il pagamento non è disponibile',
    down: 'Non è stato avviato nessun pagamento. Riprovi tra qualche minuto, oppure paghi con il numero dell’avviso in banca, alle Poste, in tabaccheria o con un’app.',
    retry: 'Riprova',
  },

  outcome: {
    refresh: 'Aggiorna',
    updatedAt: (at: number) => `Ultimo controllo: ${formatInstant(at)}.`,
    toPosition: 'Torna all’importo',
    toAll: 'Tutti gli importi',
    verifying: {
      title: 'Stiamo aspettando la conferma',
      text: 'Di solito bastano pochi minuti. Può chiudere questa pagina: appena arriva la conferma, i promemoria si fermano.',
      warning: {
        title: 'Non paghi di nuovo',
        text: 'Se il pagamento non riesce, l’avviso torna disponibile entro 30 minuti circa.',
      },
      next: '',
    },
    paid: {
      title: 'Grazie, il pagamento è registrato',
      text: 'Non riceverà altri promemoria per questo importo.',
      warning: null,
      next: 'La ricevuta Le arriva da chi ha eseguito il pagamento: la conservi.',
    },
    cancelled: {
      title: 'Il pagamento è stato annullato',
      text: 'L’importo risulta ancora da pagare. Se vuole, può riprovare.',
      warning: null,
      next: '',
    },
    failed: {
      title: 'Il pagamento non è riuscito',
      text: 'L’importo risulta ancora da pagare.',
      warning: {
        title: 'Vede un addebito sul conto?',
        text: 'Allora non paghi di nuovo: contatti l’ufficio.',
      },
      next: '',
    },
    retry: 'Riprova',
  },

  report: {
    title: 'Ho già pagato o non devo pagare',
    lead: 'Ci dica che cosa non torna: controlliamo noi. Appena invia la segnalazione, sospendiamo i promemoria fino alla risposta.',
    about: 'La segnalazione riguarda:',
    back: 'Torna indietro',
    kind: 'Che cosa è successo?',
    kinds: {
      alreadyPaid: 'Ho già pagato',
      exempt: 'Non devo pagare: per esempio ho un’esenzione o un’agevolazione',
      wrongAmount: 'L’importo non è giusto',
      notUnderstood: 'Non capisco a che cosa si riferisce',
      other: 'Altro',
    } satisfies Record<DisputeKind, string>,
    text: 'Che cosa vuole dirci? (facoltativo)',
    textHint:
      'Se ha già pagato, scriva quando e come. Non serve indicare dati della carta, IBAN o informazioni sulla salute.',
    submit: 'Invia la segnalazione',
    errorTitle: 'Manca un’informazione',
    kindMissing: 'Scelga che cosa è successo.',
    textTooLong: (max: number) => `Il testo è troppo lungo: al massimo ${max} caratteri.`,
    timeout: 'Per proteggere i Suoi dati la sessione si chiude dopo 20 minuti senza attività.',
    doneTitle: 'Segnalazione inviata',
    done: (number: string, deadline: CivilDate) =>
      `Abbiamo ricevuto la segnalazione n. ${number}. Risponderemo entro il ${formatDateLong(deadline)}. Fino ad allora sospendiamo i promemoria.`,
    doneNext: 'Conservi il numero della segnalazione: Le serve se contatta l’ufficio.',
    doneLink: 'Torna alla comunicazione',
    savedText: 'Il testo che aveva scritto',
    savedTextHint: 'Non è stato inviato. Può copiarlo per non perderlo.',
  },
} as const;
