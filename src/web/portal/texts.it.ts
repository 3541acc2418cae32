/**
 * Every Italian sentence of the citizen portal (ui.md §7). Citizens are addressed with "Lei"; an amount «risulta» unpaid,
 * because our data may be wrong; no legal article in a first paragraph and no exclamation marks (law sheet §9.2).
 */
import { formatInstant } from '../../kernel/rome-time.ts';
import { amountTexts } from './texts-amounts.it.ts';
import { historyTexts } from './texts-history.it.ts';
import { signInTexts } from './texts-oidc.it.ts';
import { planTexts } from './texts-plan.it.ts';

/** "Il Comune di …", "L’Azienda …": the body's name as the subject of a sentence. */
export function withArticle(name: string): string {
  if (/^(comune|consorzio|municipio)\b/i.test(name)) return `Il ${name}`;
  if (/^(provincia|regione|comunità|citt[aà])\b/i.test(name)) return `La ${name}`;
  if (/^(unione|azienda|agenzia|asl|ausl|asst|ats|ente|istituto)\b/i.test(name)) return `L’${name}`;
  return `L’ente ${name}`;
}

export const texts = {
  ...amountTexts,
  ...historyTexts,
  ...planTexts,
  signIn: signInTexts,
  service: 'Avviso bonario digitale',
  tagline: 'Comunicazioni e pagamenti',
  homeTagline: 'Comunicazioni degli enti pubblici',
  skipToContent: 'Vai al contenuto',
  skipToContacts: 'Vai ai contatti',
  actionsLabel: 'Servizi della pagina',
  help: 'Aiuto',
  exit: 'Esci',
  errorTitlePrefix: 'Errore: ',
  isItTrue: 'È vero? Come riconoscere i nostri messaggi',
  website: 'Sito istituzionale',
  taxCode: 'Codice fiscale',
  allBodies: 'Tutti gli enti',
  neverAsk:
    'Non Le chiederemo mai il numero della carta, l’IBAN, una password o la foto di un documento per telefono o per messaggio.',
  reminder: 'Questo avviso è un promemoria. Non è un avviso di accertamento né una cartella.',

  office: {
    title: 'Serve aiuto?',
    phone: 'Telefono',
    email: 'E-mail',
    hours: 'Orari',
    address: 'Indirizzo',
  },

  home: {
    title: 'Ha ricevuto una comunicazione da un ente pubblico?',
    lead: 'Per leggerla, apra il collegamento che trova nel messaggio. Qui può controllare che il messaggio sia autentico.',
    listTitle: 'Enti che usano questo servizio',
    rowNote: 'Chi scrive, come verificare un messaggio, come contattare l’ufficio',
    none: 'Nessun ente usa ancora questo servizio.',
    howTitle: 'Come funziona',
    how: [
      'L’ente Le scrive quando un importo risulta ancora da pagare. Il messaggio non contiene importi né motivi.',
      'Lei apre il collegamento e conferma la Sua identità. Solo allora vede di che cosa si tratta.',
      'Può pagare, segnalare un errore o dire che ha già pagato. Da quel momento non riceve altri promemoria per quell’importo.',
    ],
  },

  ente: {
    title: 'È vero? Come riconoscere i nostri messaggi',
    lead: (name: string) =>
      `${withArticle(name)} può scriverLe quando un importo risulta ancora da pagare. Ecco come capire se un messaggio è davvero nostro.`,
    senderTitle: 'Da dove scriviamo',
    sender: 'I nostri messaggi arrivano sempre da questo indirizzo:',
    senderNote: 'Controlli l’indirizzo per intero, non solo il nome che appare accanto.',
    writeTitle: 'Che cosa scriviamo',
    write: [
      'Il Suo nome e il nome dell’ente.',
      'Un collegamento a queste pagine, dove conferma la Sua identità prima di vedere altro.',
      'Nessun importo, nessun motivo, nessun allegato.',
    ],
    neverTitle: 'Che cosa non chiediamo mai',
    never: [
      'Il numero della carta o l’IBAN.',
      'Password o foto di documenti.',
      'Di pagare su un conto corrente indicato in un messaggio.',
      'Il codice di verifica per telefono: va scritto solo in queste pagine.',
    ],
    checkTitle: 'Se ha un dubbio',
    check: [
      'Non usi il collegamento del messaggio.',
      'Scriva l’indirizzo del sito dell’ente direttamente nel browser.',
      'Chiami l’ufficio al numero pubblicato sul sito.',
    ],
    payTitle: 'Come si paga',
    pay: 'Si paga con pagoPA, usando il numero dell’avviso: in queste pagine, in banca, alle Poste, in tabaccheria o con le app di pagamento. Sceglie Lei dove.',
    enterTitle: 'Ha ricevuto un messaggio?',
    enter: 'Apra il collegamento che contiene: La porterà alla comunicazione che La riguarda.',
  },

  arrival: {
    title: (name: string) => `${withArticle(name)} Le ha inviato una comunicazione`,
    lead: 'Per proteggere i Suoi dati, confermi la Sua identità.',
    genuineTitle: 'Il messaggio è autentico',
    genuine: (sentAt: number | null) =>
      sentAt === null
        ? 'Il collegamento che ha aperto viene da un nostro messaggio, inviato da'
        : `Il collegamento che ha aperto viene da un nostro messaggio del ${formatInstant(sentAt)}, inviato da`,
    howTitle: 'Come vedere la comunicazione',
    how: [
      'Le inviamo un codice di sei cifre allo stesso indirizzo del messaggio.',
      'Le chiediamo anche un dato che Lei ha già: il numero di una bolletta o fattura precedente, il codice utente, oppure il numero di un avviso.',
    ],
    askCode: 'Ricevi un codice',
    noCode:
      'Per questa comunicazione si rivolga all’ufficio: Le darà tutte le informazioni dopo aver verificato chi è.',
    notMe: 'Non sono io',
    notMeNote: 'Il messaggio è arrivato alla persona sbagliata',
    report: 'Ho già pagato o non devo pagare',
    reportNote: 'Ce lo dica: controlliamo noi e sospendiamo i promemoria',
  },

  code: {
    title: 'Inserisca il codice',
    back: 'Torna all’inizio',
    lead: 'Le abbiamo inviato un codice di sei cifre allo stesso indirizzo del messaggio. Vale per pochi minuti.',
    code: 'Codice di sei cifre',
    codeHint: 'Lo trova nel messaggio che ha appena ricevuto.',
    item: 'Un dato che Lei ha già',
    itemHint: 'Il numero di una bolletta o fattura precedente, il codice utente, oppure il numero di un avviso.',
    itemWhy: 'Perché due dati?',
    itemWhyText:
      'Il codice conferma l’indirizzo, non la persona. Con il secondo dato siamo sicuri che a leggere sia Lei, anche se l’indirizzo è condiviso.',
    submit: 'Continua',
    resendTitle: 'Il codice non arriva?',
    resendText: 'Controlli anche la posta indesiderata.',
    resendWait: (seconds: number) =>
      `Controlli anche la posta indesiderata. Può chiedere un nuovo codice dopo ${seconds < 100 ? `${seconds} secondi` : `${Math.ceil(seconds / 60)} minuti`}.`,
    resend: 'Invia un nuovo codice',
    otherWay: 'Non ha questi dati?',
    otherWayText: 'Può rivolgersi all’ufficio: trova i contatti in questa pagina.',
    errorTitle: 'Controlli i dati inseriti',
    codeMissing: 'Scriva il codice: sono sei cifre.',
    itemMissing: 'Scriva uno dei dati richiesti.',
    mismatch: (left: number) =>
      `Il codice o il dato non corrisponde. Controlli e riprovi: ${left === 1 ? 'resta 1 tentativo' : `restano ${left} tentativi`}.`,
    expired: 'Il codice è scaduto. Ne chieda uno nuovo con il pulsante in fondo alla pagina.',
    tooManyTitle: 'Ha chiesto più codici in poco tempo',
    tooMany:
      'Per sicurezza aspetti qualche minuto prima di chiederne un altro. L’ultimo codice ricevuto può ancora valere.',
    downTitle: 'Ora non riusciamo a inviare il codice',
    down: 'Il problema è nostro. Riprovi tra qualche minuto, oppure contatti l’ufficio. Non deve fare altro.',
  },

  notMe: {
    title: 'Non sono io',
    lead: 'Se il messaggio non era per Lei, ce lo dica: non scriveremo più a questo indirizzo.',
    effects: [
      'Questo indirizzo viene tolto dai nostri contatti.',
      'Non serve dire chi è, e non deve fare altro.',
      'Non Le mostriamo nessun dato della persona che cercavamo.',
    ],
    submit: 'Confermo, non sono io',
    back: 'Torna indietro',
    doneTitle: 'Grazie per averlo segnalato',
    done: 'Non scriveremo più a questo indirizzo. Può cancellare il messaggio che ha ricevuto.',
  },

  optOut: {
    title: 'Non ricevere più messaggi a questo indirizzo',
    lead: 'Se conferma, non Le invieremo altri promemoria a questo indirizzo.',
    effect:
      'Gli importi che risultano da pagare non cambiano. Per averne notizia può rivolgersi all’ufficio dell’ente.',
    submit: 'Non scrivetemi più qui',
    doneTitle: 'Fatto: non Le scriveremo più a questo indirizzo',
    done: 'La scelta vale da subito. Se cambia idea, contatti l’ufficio dell’ente.',
    unknownTitle: 'Questo collegamento non è valido',
    unknown: 'Forse l’indirizzo non è completo. Apra di nuovo il collegamento dal messaggio, oppure contatti l’ente.',
  },

  assistance: {
    title: 'Come possiamo aiutarLa',
    lead: 'Se in queste pagine non trova quello che cerca, si rivolga all’ufficio: Le darà tutte le informazioni dopo aver verificato chi è.',
    bringTitle: 'Che cosa tenere a portata di mano',
    bring: [
      'Un documento d’identità e il codice fiscale.',
      'Il messaggio che ha ricevuto.',
      'Se ha già pagato, la ricevuta.',
    ],
    payTitle: 'Come si paga',
    pay: 'Se ha già un avviso di pagamento, può pagarlo con il suo numero in banca, alle Poste, in tabaccheria o con un’app di pagamento. Paghi una volta sola: la conferma può richiedere un po’ di tempo.',
    troubleTitle: 'Se è in difficoltà',
    trouble: 'Per chiedere di pagare a rate o per parlare della Sua situazione, contatti l’ufficio.',
    noEnte: 'Scelga l’ente che Le ha scritto: trova i contatti dell’ufficio.',
  },

  expired: {
    title: 'La sessione è scaduta',
    lead: 'La sessione è scaduta per proteggere i Suoi dati. Per rientrare apra di nuovo il collegamento che trova nel messaggio.',
    payment: 'Se ha appena pagato, non paghi di nuovo: appena arriva la conferma, i promemoria si fermano.',
    toEnte: (name: string) => `Vai alla pagina di ${name}`,
  },
  badLink: {
    title: 'Questo collegamento non è più valido',
    lead: 'Può essere scaduto, oppure l’indirizzo non è completo. Cerchi nella Sua posta il nostro messaggio più recente e apra il collegamento che contiene.',
    next: 'Se non lo trova, si rivolga all’ente che Le ha scritto.',
  },
  notFound: {
    title: 'Pagina non trovata',
    lead: 'La pagina che cerca non c’è, oppure non è più disponibile.',
  },
  refused: {
    title: 'Richiesta non accettata',
    lead: 'La richiesta non è partita da queste pagine, oppure non era completa. Non è cambiato nulla: torni indietro e riprovi.',
  },
  failure: {
    title: 'Si è verificato un problema',
    lead: 'Il problema è nostro e lo abbiamo registrato. Se stava pagando, non paghi di nuovo: controlli prima la Sua comunicazione.',
    next: 'Riprovi tra qualche minuto. Se il problema resta, contatti l’ente e indichi questo codice:',
  },
} as const;
