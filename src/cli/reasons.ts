/** Why somebody was not written to, in words for the office; the code itself where there are none. */
const REASONS: Readonly<Record<string, string>> = {
  erased: 'dati cancellati',
  deceased: 'persona deceduta',
  minor: 'minore',
  nearDecadence: 'vicino alla decadenza: serve l’atto, non un avviso',
  belowMinimum: 'sotto l’importo minimo',
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
  uncertain: 'non si sa se il messaggio è arrivato',
  expired: 'il messaggio è scaduto prima di partire',
  ceiling: 'troppi messaggi in sette giorni: aspetta',
  notYet: 'il suo turno deve ancora venire',
  queued: 'in coda',
  campaignStopped: 'la campagna è stata fermata',
  noticeEnded: 'non serviva più',
  window: 'aspetta l’orario consentito',
  paused: 'la campagna è sospesa',
  resolvedByOperator: 'chiarito da un operatore',
  nothingLeft: 'non c’era più nulla da dire',
};

export function reasonText(reason: string): string {
  return REASONS[reason] ?? reason;
}

const DISPUTES: Readonly<Record<string, string>> = {
  alreadyPaid: 'ha già pagato',
  exempt: 'è esente',
  wrongAmount: 'importo sbagliato',
  notUnderstood: 'non capisce',
  other: 'altro',
};

export function disputeText(kind: string): string {
  return DISPUTES[kind] ?? kind;
}

const STATES: Readonly<Record<string, string>> = {
  draft: 'bozza',
  inApproval: 'in approvazione',
  approved: 'approvata',
  running: 'in corso',
  paused: 'sospesa',
  completed: 'conclusa',
  recalled: 'richiamata',
  stopped: 'fermata',
  staging: 'in lettura',
  staged: 'letto, da caricare',
  committing: 'in caricamento',
  committed: 'caricato',
  discarded: 'scartato',
};

/** The state of a campaign or of a file, for people; JSON keeps the program's own word. */
export function stateText(state: string): string {
  return STATES[state] ?? state;
}
