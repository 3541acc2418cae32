import type { Ente, Office } from '../creditors/index.ts';

/** All a template can say. There is no amount, no service and no due date in it: what is not offered cannot leak. */
export interface MessageValues {
  readonly ente: { readonly nome: string; readonly sito: string; readonly mittente: string };
  readonly ufficio: {
    readonly nome: string;
    readonly telefono: string;
    readonly email: string;
    readonly orari: string;
    readonly indirizzo: string;
    readonly responsabile: string;
    readonly riesame: string;
  };
  readonly persona: { readonly nome: string };
  /** Absolute URL of the neutral page. */
  readonly collegamento: string;
  /** Absolute URL that stops messages at this address. */
  readonly rinuncia: string;
}

export function messageValues(
  ente: Pick<Ente, 'name' | 'website' | 'senderAddress'>,
  office: Office,
  personName: string,
  links: { readonly open: string; readonly optOut: string },
): MessageValues {
  return {
    ente: { nome: ente.name, sito: ente.website, mittente: ente.senderAddress },
    ufficio: {
      nome: office.name,
      telefono: office.phone,
      email: office.email,
      orari: office.hours,
      indirizzo: office.address,
      responsabile: office.procedureOfficer,
      riesame: office.selfReviewBody,
    },
    persona: { nome: personName },
    collegamento: links.open,
    rinuncia: links.optOut,
  };
}

const SAMPLE_LINKS = {
  open: 'https://avvisi.comune.esempio.it/l/1-x',
  optOut: 'https://avvisi.comune.esempio.it/o/1-x',
};

/** The body's own words with an invented person: what a name of an office brings into a text is seen before anybody is written to. */
export function previewValues(ente: Pick<Ente, 'name' | 'website' | 'senderAddress'>, office: Office): MessageValues {
  return messageValues(ente, office, 'Maria Rossi', SAMPLE_LINKS);
}

/** Invented values throughout, for checking a template on its own. */
export function sampleValues(): MessageValues {
  const office = {
    officeId: 1,
    name: 'Sportello del cittadino',
    phone: '055 0000000',
    email: 'sportello@comune.esempio.it',
    hours: 'dal lunedì al venerdì, 9:00-13:00',
    address: 'Piazza Esempio 1',
    procedureOfficer: 'Anna Verdi',
    selfReviewBody: 'Sportello del cittadino',
  };
  const ente = {
    name: 'Comune di Esempio',
    website: 'www.comune.esempio.it',
    senderAddress: 'avvisi@comune.esempio.it',
  };
  return previewValues(ente, office);
}

/** Every value replaced by a word of its own, to see which ones a text really prints. */
export function markedValues(): { readonly values: MessageValues; readonly mark: (path: string) => string } {
  const mark = (path: string) => `segno${path.replace('.', '')}fine`;
  const marked = (value: object, prefix: string): object =>
    Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        typeof inner === 'string' ? mark(`${prefix}${key}`) : marked(inner as object, `${key}.`),
      ]),
    );
  return { values: marked(sampleValues(), '') as MessageValues, mark };
}
