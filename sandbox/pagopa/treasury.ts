import { type CivilDate, year } from '../../src/kernel/civil-date.ts';
import { seededFraction, sha256Hex } from '../../src/kernel/hash.ts';
import type { Credit, Flows } from './flows.ts';
import type { Registry } from './registry.ts';
import { euro } from './texts.ts';
import { branch, leaf } from './xml.ts';

/** A credit that has nothing to do with pagoPA. */
export interface OtherCredit {
  readonly amountCents: number;
  readonly payerName: string;
  readonly text: string;
}

export interface Treasury {
  /**
   * The "giornale di cassa" of the body's bank for one day, as XML: every credit of the PSPs on that day and `others`.
   * Throws for a body that is not registered.
   */
  journal(creditor: string, day: CivilDate, others?: readonly OtherCredit[]): string;
}

/**
 * Element names, their order and values as in OPI_GIORNALE_DI_CASSA_V_1_8.xsd (AgID/SIOPE+, read in
 * pagopa/p4pa-payhub-activities, with its example). Uncertain: what each bank fills of the optional elements, and how
 * long its `causale` may be. Codes of bank, body and SIOPE+ are invented; the bank's signature is left out.
 */
const BANK = { abi: '99999', tramite: 'A2A-00000001' } as const;

/** How banks write the text of a cumulative credit: with their own prefixes, and blanks at the ends of lines (pagopa §12). */
const HANDS: readonly ((flowId: string) => string)[] = [
  (id) => `/PUR/LGPE-RIVERSAMENTO/URI/${id}`,
  (id) => `RI1/PUR/LGPE-RIVERSAMENTO/URI/${id}`,
  (id) => `/PUR/LGPE- RIVERSAMENTO/URI/${id}`,
  (id) => `/PUR/LGPE-RIVERSAMENTO/URI/${id.slice(0, 6)} ${id.slice(6)}`,
  (id) => `ACCREDITI VARI /PUR/LGPE-RIVERSA MENTO/URI/${id.slice(0, 14)} ${id.slice(14)}`,
];

export function makeTreasury(flows: Flows, registry: Registry): Treasury {
  return {
    journal(fiscalCode, day, others = []) {
      const creditor = registry.creditor(fiscalCode);
      if (creditor === undefined) throw new Error(`pagopa: ${fiscalCode} is no body`);
      const ofBody = flows.credits().filter((credit) => credit.creditor === fiscalCode);
      const before = ofBody.filter((credit) => year(credit.day) === year(day) && credit.day < day);
      const today = ofBody.filter((credit) => credit.day === day);
      const moved = [
        ...today.map((credit) => ({
          amountCents: credit.amountCents,
          payerName: credit.psp.name,
          text: causale(credit),
        })),
        ...others,
      ];
      const opening = sum(before);
      const entries = moved.map((one, n) => movement(one, day, before.length + n + 1, n + 1));
      return document(creditor, day, entries, opening, sum(moved));
    },
  };
}

function causale({ about }: Credit): string {
  if ('remittance' in about) return about.remittance;
  const hand = HANDS[Math.floor(seededFraction('causale', about.flowId) * HANDS.length)];
  return hand === undefined ? about.flowId : hand(about.flowId);
}

function sum(credits: readonly { readonly amountCents: number }[]): number {
  return credits.reduce((total, { amountCents }) => total + amountCents, 0);
}

/** Money that came without an order to collect it: a "sospeso" that the body's accountant is to regularise. */
function movement(credit: OtherCredit, day: CivilDate, document: number, n: number): string {
  return branch('movimento_conto_evidenza', [
    leaf('identificativo_flusso', `${BANK.abi}${day.replaceAll('-', '')}`),
    leaf('numero_movimento', n),
    leaf('tipo_movimento', 'ENTRATA'),
    leaf('tipo_documento', 'SOSPESO ENTRATA'),
    leaf('tipo_operazione', 'ESEGUITO'),
    leaf('numero_documento', document),
    branch('sospeso_da_regolarizzare', [
      leaf('data_effettiva_sospeso', day),
      leaf('codice_gestionale_provvisorio', '0000099999'),
    ]),
    leaf('progressivo_documento', 0),
    leaf('importo', euro(credit.amountCents)),
    leaf('numero_bolletta_quietanza', document),
    leaf('numero_bolletta_quietanza_storno', 0),
    leaf('data_movimento', day),
    leaf('data_movimento_siope', day),
    leaf('data_valuta_ente', day),
    leaf('tipo_esecuzione', 'SEPA CREDIT TRANSFER'),
    leaf('tipo_contabilita', 'FRUTTIFERO'),
    leaf('destinazione', 'LIBERA'),
    leaf('assoggettamento_bollo', 'ESENTE BOLLO'),
    leaf('assoggettamento_spese', 'ESENTE SPESE'),
    branch('cliente', [leaf('anagrafica_cliente', credit.payerName)]),
    leaf('causale', credit.text),
  ]);
}

function document(
  creditor: { readonly fiscalCode: string; readonly name: string },
  day: CivilDate,
  movements: readonly string[],
  opening: number,
  moved: number,
): string {
  const digits = day.replaceAll('-', '');
  const balances = (names: readonly string[]): string[] =>
    [opening, moved, 0, opening + moved].map((amountCents, n) => leaf(names[n] ?? '', euro(amountCents)));
  const written = branch('flusso_giornale_di_cassa', [
    branch('testata_messaggio', [
      leaf('codice_ABI_BT', BANK.abi),
      leaf('data_ora_creazione_flusso', `${day}T20:00:00`),
      leaf('codice_ente', 'PROVA1'),
      leaf('descrizione_ente', creditor.name.toUpperCase()),
      leaf('codice_istat_ente', '000000000'),
      leaf('codice_fiscale_ente', creditor.fiscalCode),
      leaf('codice_tramite_ente', 'A2A-00000002'),
      leaf('codice_tramite_BT', BANK.tramite),
      leaf('codice_ente_BT', '0000001'),
    ]),
    leaf('identificativo_flusso_BT', `GDC-${digits}${sha256Hex(`${creditor.fiscalCode}|${day}`).slice(0, 18)}#001#001`),
    leaf('pagina', 1),
    leaf('pagine_totali', 1),
    leaf('esercizio', year(day)),
    leaf('data_riferimento_GdC', day),
    branch('informazioni_conto_evidenza', [
      leaf('conto_evidenza', '0000001'),
      leaf('descrizione_conto_evidenza', 'CONTO DI TESORERIA'),
      ...movements,
      ...balances([
        'saldo_precedente_conto_evidenza',
        'totale_entrate_conto_evidenza',
        'totale_uscite_conto_evidenza',
        'saldo_finale_conto_evidenza',
      ]),
    ]),
    ...balances([
      'saldo_complessivo_precedente',
      'totale_complessivo_entrate',
      'totale_complessivo_uscite',
      'saldo_complessivo_finale',
    ]),
  ]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${written}`;
}
