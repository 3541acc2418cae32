const FIRST = `Gentile {{ persona.nome }},

{{ ente.nome }} ha una comunicazione personale per Lei.
Per rispetto della Sua riservatezza non la scriviamo qui.

Può leggerla in questa pagina:
{{ collegamento }}

`;

const SECOND = `Gentile {{ persona.nome }},

la comunicazione personale che Le abbiamo preparato è ancora qui:
{{ collegamento }}

`;

const CORRECTION = `Gentile {{ persona.nome }},

nei giorni scorsi {{ ente.nome }} Le ha mandato un messaggio con un errore nostro. Non ne tenga conto. Ci scusiamo.

Se per quel messaggio ha già fatto qualcosa, ci chiami o venga allo sportello: controlliamo insieme e rimediamo noi.

Qui trova i messaggi che Le abbiamo mandato e come contattarci:
{{ collegamento }}

`;

/** What every message must have at its end: the office (R49), «non sono io», whether it is genuine, the way out. */
const OFFICE_AND_WAYS_OUT = `{{ ufficio.nome }}
Telefono {{ ufficio.telefono }}
Orari: {{ ufficio.orari }}
{{ ufficio.indirizzo }}

Non è Lei {{ persona.nome }}? Apra la pagina e scelga «Non sono io». Non Le scriveremo più.

È un messaggio vero? Il nostro indirizzo è {{ ente.mittente }}. Il nostro sito è {{ ente.sito }}. Non Le chiederemo mai il numero della carta o una password.

Responsabile: {{ ufficio.responsabile }}.
Per chiedere un riesame: {{ ufficio.riesame }}.

Non vuole ricevere messaggi a questo indirizzo?
{{ rinuncia }}
`;

/** Texts to start from, neutral by construction; a body keeps its own versions. */
export const DEFAULT_TEMPLATES = [
  {
    code: 'primo-avviso',
    channel: 'email',
    subject: '{{ ente.nome }}: una comunicazione personale per Lei',
    body: `${FIRST}La pagina Le chiederà di confermare chi è. Tenga a portata di mano una lettera che ha già ricevuto da noi: serve un numero che si trova lì.

Se preferisce, ci chiami o venga allo sportello.
${OFFICE_AND_WAYS_OUT}`,
  },
  {
    code: 'secondo-avviso',
    channel: 'email',
    subject: '{{ ente.nome }}: la comunicazione per Lei è ancora disponibile',
    body: `${SECOND}Se l’ha già letta e ha già fatto quanto serve, non deve fare altro. Se qualcosa non torna, ce lo dica dalla stessa pagina: controlliamo noi.

Può anche chiamarci o venire allo sportello.
${OFFICE_AND_WAYS_OUT}`,
  },
  // Where only the digital identity opens what there is to read (R47, R65): no number of an old letter is asked for.
  {
    code: 'avviso-riservato',
    channel: 'email',
    subject: '{{ ente.nome }}: una comunicazione personale per Lei',
    body: `${FIRST}La pagina Le chiederà di confermare chi è con la Sua identità digitale. Se non ce l’ha, ci chiami o venga allo sportello: La aiutiamo noi.
${OFFICE_AND_WAYS_OUT}`,
  },
  {
    code: 'secondo-riservato',
    channel: 'email',
    subject: '{{ ente.nome }}: la comunicazione per Lei è ancora disponibile',
    body: `${SECOND}Si apre con la Sua identità digitale. Se l’ha già letta e ha già fatto quanto serve, non deve fare altro. Se qualcosa non torna, ce lo dica dalla stessa pagina: controlliamo noi.

Può anche chiamarci o venire allo sportello.
${OFFICE_AND_WAYS_OUT}`,
  },
  {
    code: 'sms-avviso',
    channel: 'sms',
    subject: '',
    body: `{{ ente.nome }}: abbiamo una comunicazione personale per Lei. La legga qui: {{ collegamento }} Informazioni: {{ ufficio.telefono }}. Non vuole SMS? {{ rinuncia }}`,
  },
  // What takes back a message that was wrong: it says that it was, and nothing of what (R51).
  {
    code: 'rettifica',
    channel: 'email',
    subject: '{{ ente.nome }}: una correzione al messaggio che Le abbiamo mandato',
    body: `${CORRECTION}${OFFICE_AND_WAYS_OUT}`,
  },
  {
    code: 'sms-rettifica',
    channel: 'sms',
    subject: '',
    body: `{{ ente.nome }}: il messaggio che Le abbiamo mandato aveva un errore nostro, non ne tenga conto. {{ collegamento }} Informazioni: {{ ufficio.telefono }}. Non vuole SMS? {{ rinuncia }}`,
  },
] as const;
