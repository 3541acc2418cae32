/** Sentences of the sign-in by SPID or CIE. */
const ways = { spid: 'SPID', cie: 'CIE' } as const;

export const signInTexts = {
  title: 'Entri con la Sua identità digitale',
  lead: (name: string) =>
    `Dopo l’accesso vede le Sue posizioni con ${name}. Serve il livello 2: la password e una conferma sul telefono, oppure la Sua carta.`,
  enter: (way: keyof typeof ways) => `Entra con ${ways[way]}`,
  either: (offered: readonly (keyof typeof ways)[]) => `Entra con ${offered.map((way) => ways[way]).join(' o ')}`,
  ways: { spid: 'Con il Suo gestore SPID, di solito dal telefono.', cie: 'Con la carta d’identità elettronica.' },
  cardTitle: (offered: readonly (keyof typeof ways)[]) => `Con ${offered.map((way) => ways[way]).join(' o ')}`,
  cardText: 'Entra con la Sua identità digitale: vede subito di che cosa si tratta e può pagare o segnalare un errore.',
  codeTitle: 'In alternativa, con un codice',
  getsTitle: 'Che cosa riceviamo',
  gets: [
    'Solo il Suo codice fiscale, che serve a trovare le Sue posizioni.',
    'Nessuna password: la scrive solo sulla pagina del gestore della Sua identità.',
  ],
  noneTitle: 'Non ha SPID né CIE?',
  none: 'Può usare il collegamento del messaggio che ha ricevuto, oppure rivolgersi all’ufficio.',
  retry: 'Riprova',
  refused: {
    cancelled: {
      title: 'Non è entrato',
      lead: 'L’accesso è stato interrotto prima della fine. Non è cambiato nulla: può riprovare quando vuole.',
    },
    invalid: {
      title: 'L’accesso non è riuscito',
      lead: 'L’accesso è scaduto, oppure era già stato usato o era cominciato in un’altra finestra. Riprovi da qui.',
    },
    levelTooLow: {
      title: 'Serve un accesso di livello 2',
      lead: 'L’accesso con la sola password non basta per vedere questi dati. Riprovi e confermi con il telefono o con la carta.',
    },
    noFiscalNumber: {
      title: 'Non abbiamo ricevuto il Suo codice fiscale',
      lead: 'Senza codice fiscale non possiamo trovare le Sue posizioni. Usi un’identità digitale personale, oppure si rivolga all’ufficio.',
    },
    unavailable: {
      title: 'Ora non è possibile entrare',
      lead: 'Il servizio di accesso non risponde. Riprovi tra qualche minuto, oppure si rivolga all’ufficio.',
    },
  },
} as const;
