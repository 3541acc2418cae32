import { ROUTES } from '../test/tenancy/route-table.ts';
import type { Ground } from './console-ground.ts';
import type { History } from './console-history.ts';

export interface Page {
  readonly name: string;
  readonly url: string;
  /** Sent as a form, with the page's token, when there is one. */
  readonly form?: Readonly<Record<string, string>>;
  /** As htmx asks for the piece that moves. */
  readonly part?: boolean;
  /** A file, which may take its time: measured, but not held against the 300 ms. */
  readonly file?: boolean;
}

/** The operator's pages (ui.md §3, O1 to O14) with their filters, first and last pages, and searches. */
export function pagesOf(ground: Ground, history: History): Page[] {
  const { big, small, draft, toApprove } = history.campaigns;
  const { debtorId, deliveryId } = history.busiest;
  const [firstImport = ''] = ground.importIds;
  const at = (code: string) => `/console/campagne/${code}`;
  const page = (name: string, url: string, more: Partial<Page> = {}): Page => ({ name, url, ...more });
  return [
    page('oggi', '/console'),
    page('invii incerti', '/console/invii-incerti'),
    page('ricevute', '/console/ricevute'),
    page('scadenze', '/console/scadenze'),
    page('scadenze oltre', '/console/scadenze?passo=oltre'),
    page('scadenze, un credito', '/console/scadenze?credito=TARI'),
    page('file scadenze', '/console/scadenze/csv', { file: true }),
    page('regole', '/console/regole/TARI'),
    page('una regola', '/console/regole/TARI/taxMinimumCents'),
    page('regole di una posizione', `/console/posizioni/${history.debtId}/regole`),
    page('permessi', '/console/permessi'),
    page('un operatore', `/console/permessi/${ground.operatorId}`),
    page('programmi collegati', '/console/permessi/programmi'),
    page('importa', '/console/importa'),
    page('un file caricato', `/console/importa/${firstImport}`),
    page('righe da correggere', `/console/importa/${firstImport}/righe/da-correggere`, { file: true }),
    page('campagne', '/console/campagne'),
    page('nuova campagna', '/console/campagne-nuova'),
    page('una campagna', at(big)),
    page('modifica', `${at(draft)}/modifica`),
    page('prova', `${at(draft)}/prova`),
    page('prova, esempi', `${at(draft)}/prova/esempi`),
    page('approva', `${at(toApprove)}/approva`),
    page('avanzamento', `${at(big)}/avanzamento`),
    page('avanzamento, la parte viva', `${at(big)}/avanzamento`, { part: true }),
    page('ferma', `${at(big)}/ferma`),
    page('testi', '/console/testi'),
    page('un testo', '/console/testi/primo-avviso'),
    page('un testo nuovo', '/console/testi-nuovo'),
    page('risultati di tutte', '/console/risultati'),
    page('risultati, campagna grande', `${at(big)}/risultati`),
    page('risultati, campagna solita', `${at(small)}/risultati`),
    ...['planned', 'contacted', 'read', 'paid', 'failed', 'uncertain', 'excluded'].map((list) =>
      page(`elenco ${list}`, `${at(big)}/risultati/${list}`),
    ),
    page('elenco contacted, pagina 1000', `${at(big)}/risultati/contacted?pagina=1000`),
    page('elenco read, un passo', `${at(big)}/risultati/read?passo=2`),
    page('elenco failed, un motivo', `${at(big)}/risultati/failed?motivo=5.1.1`),
    page('elenco excluded, un motivo', `${at(big)}/risultati/excluded?motivo=noContact`),
    ...['imbuto', 'incassi', 'canali', 'esclusioni'].map((table) =>
      page(`file ${table}`, `${at(big)}/risultati/csv/${table}`, { file: true }),
    ),
    page('persone', '/console/persone'),
    page('cerca un cognome', '/console/persone', { form: { cerca: ground.surname } }),
    page('cerca un codice fiscale', '/console/persone', { form: { cerca: ground.cf } }),
    page('una persona', `/console/persone/${debtorId}`),
    page('una persona, un testo aperto', `/console/persone/${debtorId}?testo=${deliveryId}`),
    ...['aperte', 'scadute', 'vicine', 'decise', 'tutte'].map((show) =>
      page(`segnalazioni ${show}`, `/console/segnalazioni?stato=${show}`),
    ),
    page('segnalazioni tutte, pagina 40', '/console/segnalazioni?stato=tutte&pagina=40'),
    page('segnalazioni per motivo', '/console/segnalazioni?stato=tutte&motivo=alreadyPaid'),
    page('una segnalazione', `/console/segnalazioni/${history.disputeId}`),
    page('registro', '/console/registro'),
    page('registro, indietro', `/console/registro?prima=${history.leafId}`),
  ];
}

/** Of no interest here: before the sign-in, one's own codes, and a file that is still on its way in. */
const LEFT_OUT = /accedi|invito|accesso|regole$|importa\/file/;

/** Pages of the console that the list above has forgotten. */
export function unmeasured(pages: readonly Page[]): string[] {
  const asked = pages.map((page) => page.url.split('?')[0] ?? '');
  return ROUTES.filter((route) => route.startsWith('GET /console') && !LEFT_OUT.test(route)).filter((route) => {
    const shape = new RegExp(`^${route.slice(4).replace(/:\w+/g, '[^/]+')}$`);
    return !asked.some((url) => shape.test(url));
  });
}
