import { CodedError } from '../../../../kernel/errors.ts';
import type {
  PayStatus,
  RemittanceFlow,
  RemittanceLine,
} from '../../../../modules/payments/reconcile/reconcile.port.ts';
import { readXml, type XmlElement, type XmlLimits } from '../../../../platform/xml/index.ts';
import { eachRow, RowReader } from '../../xml-rows.ts';

const NAMESPACE = 'http://www.digitpa.gov.it/schemas/2011/Pagamenti/';
const LINE = { name: 'datiSingoliPagamenti', depth: 1 };
/** Half a million payments; the blanks between them are the root's text. */
const LIMITS: XmlLimits = { bytes: 256 * 1024 * 1024, depth: 8, elements: 4_000_000, attributes: 16, text: 16_000_000 };
const KNOWN = new Set([
  'identificativoFlusso',
  'dataOraFlusso',
  'identificativoUnivocoRegolamento',
  'dataRegolamento',
  'istitutoMittente',
  'identificativoUnivocoMittente',
  'denominazioneMittente',
  'istitutoRicevente',
  'identificativoUnivocoRicevente',
  'codiceIdentificativoUnivoco',
  'numeroTotalePagamenti',
  'importoTotalePagamenti',
  'identificativoUnivocoVersamento',
  'identificativoUnivocoRiscossione',
  'indiceDatiSingoloPagamento',
  'singoloImportoPagato',
  'codiceEsitoSingoloPagamento',
  'dataEsitoSingoloPagamento',
]);

/** pagopa §12. */
const STATUS: Readonly<Record<string, PayStatus>> = {
  '0': 'executed',
  '3': 'revoked',
  '4': 'standIn',
  '8': 'standInNoRpt',
  '9': 'noRpt',
};

const MOST_CENTS = 99_999_999_999;

/**
 * Reads a flow of rendicontazione in its XML form, a line at a time. Errors: those of `readXml`; FLOW_XML (it is something
 * else); XML_ROWS (`XmlRowsError`), all wrong lines in one. Whether it adds up is not looked at here.
 */
export async function readFlowXml(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<RemittanceFlow> {
  const lines: RemittanceLine[] = [];
  const rows = new RowReader();
  const take = eachRow(LINE, KNOWN, (line) => lines.push(lineOf(rows, line, lines.length + 1)));
  const root = await readXml(chunks, LIMITS, take);
  if (root.name !== 'FlussoRiversamento' || root.uri !== NAMESPACE) {
    throw new CodedError('FLOW_XML', 'this is no flow of rendicontazione', { root: root.name.slice(0, 60) });
  }
  const sender = ['istitutoMittente', 'identificativoUnivocoMittente', 'codiceIdentificativoUnivoco'];
  const receiver = ['istitutoRicevente', 'identificativoUnivocoRicevente', 'codiceIdentificativoUnivoco'];
  const flowId = rows.text(root, ['identificativoFlusso'], 35);
  if (!/^[A-Za-z0-9_-]*$/.test(flowId)) rows.wrong(root, 'identificativoFlusso');
  const psp = rows.text(root, sender, 35);
  const flow: RemittanceFlow = {
    flowId,
    revision: null,
    source: 'xml',
    psp,
    sender: rows.optional(root, ['istitutoMittente', 'denominazioneMittente'], 70) ?? psp,
    receiver: rows.text(root, receiver, 35),
    madeAt: rows.instant(root, ['dataOraFlusso']),
    publishedAt: null,
    regulationId: rows.text(root, ['identificativoUnivocoRegolamento'], 35),
    regulationDate: rows.date(root, ['dataRegolamento']),
    declaredCount: rows.integer(root, ['numeroTotalePagamenti'], 0, 999_999_999_999_999) ?? 0,
    declaredCents: rows.cents(root, ['importoTotalePagamenti']),
    lines,
  };
  rows.refuse();
  return flow;
}

function lineOf(rows: RowReader, line: XmlElement, no: number): RemittanceLine {
  const status = rows.word(line, ['codiceEsitoSingoloPagamento'], STATUS) ?? 'executed';
  const cents = rows.cents(line, ['singoloImportoPagato']);
  // A revoked payment may be written negative: its code says what it is, not its sign (pagopa §12).
  const amountCents = status === 'revoked' ? Math.abs(cents) : cents;
  if (amountCents <= 0 || amountCents > MOST_CENTS) rows.wrong(line, 'singoloImportoPagato');
  return {
    no,
    iuv: rows.text(line, ['identificativoUnivocoVersamento'], 35),
    iur: rows.optional(line, ['identificativoUnivocoRiscossione'], 35),
    transferNo: rows.integer(line, ['indiceDatiSingoloPagamento'], 1, 5),
    amountCents,
    status,
    payDate: rows.date(line, ['dataEsitoSingoloPagamento']),
  };
}
