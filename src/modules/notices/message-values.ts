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

/** Invented values for checking a template before anybody is written to. */
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
  const links = { open: 'https://avvisi.comune.esempio.it/l/1-x', optOut: 'https://avvisi.comune.esempio.it/o/1-x' };
  return messageValues(ente, office, 'Maria Rossi', links);
}
