/** Why somebody was not written to, or what became of the message, in words for the office. */
const REASONS: Readonly<Record<string, string>> = {
  erased: 'dati cancellati',
  deceased: 'persona deceduta',
  minor: 'minore',
  nearDecadence: 'vicino alla decadenza: serve l’atto, non un avviso',
  belowMinimum: 'sotto l’importo minimo',
  fineTooEarly: 'la sanzione si può ancora pagare al minimo',
  fineDateUnknown: 'non si sa quando è stata notificata la sanzione',
  deadlinePast: 'sanzione ormai prescritta',
  deadlineUnknown: 'mancano i dati per sapere se è prescritta',
  oldConsumption: 'consumi di oltre due anni: vanno esposti a parte',
  inDoubt: 'in verifica dopo una rettifica',
  inPlan: 'sta pagando a rate, o l’ha chiesto',
  minimumUnknown: 'il minimo del tributo non è stabilito per oggi',
  held: 'contatto sospeso',
  dispute: 'ha una segnalazione aperta',
  payment: 'ha pagato da poco',
  notMe: 'ha detto «non sono io»',
  optOut: 'non vuole messaggi a quell’indirizzo',
  complaint: 'ha segnalato il messaggio come indesiderato',
  otherCampaign: 'già in un’altra campagna',
  noContact: 'nessun recapito per questi canali',
  deadContact: 'il recapito non funziona',
  contactPurpose: 'il recapito era stato dato per altro',
  addressHeld: 'ha chiesto di non essere contattato lì',
  undeliverable: 'il messaggio è stato rifiutato',
  paid: 'ha pagato prima',
  cancelled: 'non deve più nulla',
  settled: 'non deve più nulla',
  exhausted: 'ha ricevuto tutti i passi previsti',
  planned: 'il suo turno deve ancora venire',
  active: 'in corso',
  stopped: 'fermata',
  uncertain: 'non si sa se il messaggio è arrivato',
  expired: 'il messaggio è scaduto prima di partire',
  ceiling: 'troppi messaggi in sette giorni: aspetta',
  notYet: 'il suo turno deve ancora venire',
  queued: 'in coda',
  campaignStopped: 'la campagna è stata fermata',
  noticeEnded: 'non serviva più',
  recalled: 'richiamato, perché conteneva un errore',
  window: 'aspetta l’orario consentito',
  paused: 'la campagna è sospesa',
  dailyBudget: 'aspetta: il canale ha raggiunto il massimo di invii del giorno',
  pacing: 'aspetta il suo turno nel ritmo della campagna',
  resolvedByOperator: 'chiarito da un operatore',
  nothingLeft: 'non c’era più nulla da dire',
};

/** The words for a reason; the program's own where there are none, a provider's code as it is. */
export function reasonWords(reason: string): string {
  const bare = reason.replace(/^(?:held|hold):/, '');
  const known = REASONS[bare];
  if (known !== undefined) return known;
  return /^[a-z][A-Za-z]*$/.test(bare) ? bare : `rifiutato dal canale (${bare})`;
}
