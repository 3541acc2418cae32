import { CodedError } from '../../../kernel/errors.ts';
import type { TreasuryJournal, TreasuryMovement } from '../../../modules/payments/reconcile/reconcile.port.ts';
import { readXml, textOf, type XmlElement, type XmlLimits } from '../../../platform/xml/index.ts';
import { eachRow, RowReader } from '../xml-rows.ts';

/**
 * Names of the "giornale di cassa" (OPI, SIOPE+). Read in the schemas 1.4 to 1.8 that pagopa/p4pa-payhub-activities carries
 * and in csipiemonte's classes of an earlier one; no bank's real file was seen. All of them qualify nothing and agree on
 * these names but for `no`, which came with 1.4. Everything else a journal holds (balances, totals, the signature, who
 * paid) is let go.
 */
const NAMES = {
  root: 'flusso_giornale_di_cassa',
  head: 'testata_messaggio',
  fiscalCode: 'codice_fiscale_ente',
  journalId: 'identificativo_flusso_BT',
  /** Numbers of documents begin anew each year. */
  year: 'esercizio',
  /** Below `informazioni_conto_evidenza`, before its movements. */
  account: 'conto_evidenza',
  movement: 'movimento_conto_evidenza',
  no: 'numero_movimento',
  direction: 'tipo_movimento',
  documentType: 'tipo_documento',
  documentNo: 'numero_documento',
  documentPart: 'progressivo_documento',
  operation: 'tipo_operazione',
  amount: 'importo',
  bill: 'numero_bolletta_quietanza',
  bookedOn: 'data_movimento',
  valueOn: 'data_valuta_ente',
  text: 'causale',
} as const;

/** What comes in: money the bank took before anybody asked for it, and money that was asked for with an order. */
const CREDITS = ['SOSPESO ENTRATA', 'REVERSALE'];
const DIRECTIONS = { ENTRATA: true, USCITA: false } as const;
/** An order that covers a credit of before, and its undoing, move no money. */
const OPERATIONS = { ESEGUITO: 1, STORNATO: -1, REGOLARIZZATO: 0, RIPRISTINATO: 0 } as const;

/** A hundred thousand movements; the blanks between them are their account's text. */
const LIMITS: XmlLimits = {
  bytes: 256 * 1024 * 1024,
  depth: 16,
  elements: 8_000_000,
  attributes: 16,
  text: 16_000_000,
};
const MOST_TEXT = 4_000;
const KNOWN: ReadonlySet<string> = new Set(Object.values(NAMES));

/** A movement whose key waits for the year, which the journal may tell after it. */
interface Read extends Omit<TreasuryMovement, 'key' | 'document'> {
  readonly account: string;
  readonly documentType: string;
  readonly documentNo: number | null;
  readonly part: number;
  readonly reversed: boolean;
  readonly bill: string;
}

/**
 * Reads a journal, a movement at a time; what goes out is not kept. Errors: those of `readXml`; TREASURY_XML (it is something
 * else); XML_ROWS (`XmlRowsError`), all wrong movements in one.
 */
export async function readJournalXml(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<TreasuryJournal> {
  const rows = new RowReader();
  const found: Read[] = [];
  let account = '';
  let seen = 0;
  const take = eachRow({ name: NAMES.movement, depth: 2 }, KNOWN, (row) => {
    seen += 1;
    const read = movementOf(rows, row, account, seen);
    if (read !== null) found.push(read);
  });
  const root = await readXml(chunks, LIMITS, (element, depth) => {
    if (element.name === NAMES.account && depth === 2) account = element.text.trim();
    return take(element, depth);
  });
  if (root.name !== NAMES.root) {
    throw new CodedError('TREASURY_XML', 'this is no journal of a treasury', { root: root.name.slice(0, 60) });
  }
  const journalId = rows.text(root, [NAMES.journalId], 100);
  const year = rows.integer(root, [NAMES.year], 1999, 2099);
  if (year === null) rows.wrong(root, NAMES.year);
  rows.refuse();
  const fiscalCode = textOf(root, NAMES.head, NAMES.fiscalCode) || null;
  const movements = found.map((one) => named(one, year ?? 0, journalId));
  return { journalId, fiscalCode, movements, skipped: seen - movements.length };
}

/** Null: nothing that came in. */
function movementOf(rows: RowReader, row: XmlElement, account: string, position: number): Read | null {
  const comesIn = rows.word(row, [NAMES.direction], DIRECTIONS);
  const documentType = rows.text(row, [NAMES.documentType], 60);
  const sign = rows.word(row, [NAMES.operation], OPERATIONS);
  if (comesIn !== true || sign === null || sign === 0 || !CREDITS.includes(documentType)) return null;
  // Some banks write what is taken back negative, some do not.
  const amount = Math.abs(rows.cents(row, [NAMES.amount]));
  if (amount === 0) rows.wrong(row, NAMES.amount);
  const valueOn = rows.optional(row, [NAMES.valueOn], 30) === null ? null : rows.date(row, [NAMES.valueOn]);
  return {
    no: rows.optional(row, [NAMES.no], 40) ?? String(position),
    account,
    documentType,
    documentNo: rows.integer(row, [NAMES.documentNo], 0, 999_999_999_999_999),
    part: rows.integer(row, [NAMES.documentPart], 0, 999_999_999) ?? 0,
    reversed: sign === -1,
    bill: rows.optional(row, [NAMES.bill], 40) ?? '',
    amountCents: sign * amount,
    bookedOn: rows.date(row, [NAMES.bookedOn]),
    valueOn,
    text: rows.optional(row, [NAMES.text], MOST_TEXT) ?? '',
  };
}

/**
 * A document's number is its own within a year, so that a movement keeps its name in whichever journal it is told again;
 * where the bank gave none it is known by its place in this one.
 */
function named(read: Read, year: number, journalId: string): TreasuryMovement {
  const { account, documentType, documentNo, part, reversed, bill, ...rest } = read;
  if (!documentNo) return { ...rest, key: `${journalId}/${rest.no}`, document: null };
  const document = [year, account, documentType, documentNo, part].join('/');
  return { ...rest, document, key: [document, reversed ? 'STORNATO' : 'ESEGUITO', rest.bookedOn, bill].join('/') };
}
