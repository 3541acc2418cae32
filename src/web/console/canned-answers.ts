/** Answers an office gives again and again; what is special to the case is added in the operator's own words. */
export interface CannedAnswer {
  readonly code: string;
  readonly accept: boolean;
  readonly title: string;
  readonly text: string;
}

export const CANNED: readonly CannedAnswer[] = [
  {
    code: 'pagato',
    accept: true,
    title: 'Il pagamento risulta',
    text: 'Abbiamo controllato: il pagamento risulta. L’importo non è più dovuto e non Le scriveremo più per questo. Grazie della segnalazione.',
  },
  {
    code: 'esente',
    accept: true,
    title: 'L’esenzione spetta',
    text: 'Abbiamo controllato: l’esenzione Le spetta. L’importo non è più dovuto.',
  },
  {
    code: 'errore',
    accept: true,
    title: 'L’importo era sbagliato',
    text: 'Ha ragione: l’importo era sbagliato e lo abbiamo tolto. Ci scusiamo per il disturbo.',
  },
  {
    code: 'nontrovato',
    accept: false,
    title: 'Il pagamento non risulta',
    text: 'Abbiamo controllato e il pagamento non risulta. Se ha una ricevuta, la porti o la mandi all’ufficio: la guarderemo subito.',
  },
  {
    code: 'dovuto',
    accept: false,
    title: 'L’importo risulta dovuto',
    text: 'Abbiamo controllato i dati e l’importo risulta dovuto. Se qualcosa non Le torna, l’ufficio è a disposizione per spiegarlo.',
  },
];
