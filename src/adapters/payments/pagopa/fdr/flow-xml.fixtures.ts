import fc from 'fast-check';
import { addDays, type CivilDate, civilDate } from '../../../../kernel/civil-date.ts';
import type {
  PayStatus,
  RemittanceFlow,
  RemittanceLine,
} from '../../../../modules/payments/reconcile/reconcile.port.ts';
import { element, optional, type XmlContent } from '../../../../platform/xml/index.ts';

const NAMESPACE = 'http://www.digitpa.gov.it/schemas/2011/Pagamenti/';
const CODES: Readonly<Record<PayStatus, string>> = {
  executed: '0',
  revoked: '3',
  standIn: '4',
  standInNoRpt: '8',
  noRpt: '9',
};

/** `12.34`. */
export function euro(cents: number): string {
  const digits = String(cents).padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** A flow as a PSP writes it; the instant in UTC. */
export function flowXml(flow: RemittanceFlow, lines: XmlContent = flow.lines.map(lineXml)): string {
  const party = (name: string, inside: string, code: string, called: string | null) =>
    element(name, [
      element(`identificativoUnivoco${inside}`, [
        element('tipoIdentificativoUnivoco', 'G'),
        element('codiceIdentificativoUnivoco', code),
      ]),
      optional(`denominazione${inside}`, called),
    ]);
  const content = [
    element('versioneOggetto', '1.0'),
    element('identificativoFlusso', flow.flowId),
    element('dataOraFlusso', new Date(flow.madeAt).toISOString().replace('.000Z', 'Z')),
    element('identificativoUnivocoRegolamento', flow.regulationId),
    element('dataRegolamento', flow.regulationDate),
    party('istitutoMittente', 'Mittente', flow.psp, flow.sender),
    party('istitutoRicevente', 'Ricevente', flow.receiver, null),
    element('numeroTotalePagamenti', String(flow.declaredCount)),
    element('importoTotalePagamenti', euro(flow.declaredCents)),
    lines,
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('FlussoRiversamento', content, { xmlns: NAMESPACE }).text}`;
}

export function lineXml(line: RemittanceLine) {
  return element('datiSingoliPagamenti', [
    element('identificativoUnivocoVersamento', line.iuv),
    element('identificativoUnivocoRiscossione', line.iur ?? ' '),
    line.transferNo === null ? null : element('indiceDatiSingoloPagamento', String(line.transferNo)),
    element('singoloImportoPagato', euro(line.amountCents)),
    element('codiceEsitoSingoloPagamento', CODES[line.status]),
    element('dataEsitoSingoloPagamento', line.payDate),
  ]);
}

const word = (min: number, max: number) =>
  fc.string({ unit: fc.constantFrom(...'ABCxyz019àèùÉ&<>"\'/- '), minLength: min, maxLength: max }).map((text) => {
    const plain = text.trim().replace(/ +/g, ' ');
    return plain.padEnd(min, 'x');
  });
const day: fc.Arbitrary<CivilDate> = fc.integer({ min: 0, max: 3_000 }).map((n) => addDays(civilDate('2020-01-01'), n));

const anyLine: fc.Arbitrary<Omit<RemittanceLine, 'no'>> = fc.record({
  iuv: word(1, 35),
  iur: fc.option(word(1, 35)),
  transferNo: fc.option(fc.integer({ min: 1, max: 5 })),
  amountCents: fc.integer({ min: 1, max: 99_999_999 }),
  status: fc.constantFrom(...(Object.keys(CODES) as PayStatus[])),
  payDate: day,
});

/** Flows that the schema allows, whatever they declare. */
export const anyFlow: fc.Arbitrary<RemittanceFlow> = fc
  .record({
    flowId: fc.string({ unit: fc.constantFrom(...'ABCz09-_'), minLength: 1, maxLength: 35 }),
    psp: word(1, 35),
    sender: word(3, 70),
    receiver: word(1, 35),
    madeAt: fc.integer({ min: 1_600_000_000, max: 1_900_000_000 }).map((seconds) => seconds * 1000),
    regulationId: word(1, 35),
    regulationDate: day,
    declaredCount: fc.integer({ min: 1, max: 1_000_000 }),
    declaredCents: fc.integer({ min: 0, max: 99_999_999_999 }),
    lines: fc.array(anyLine, { minLength: 1, maxLength: 6 }),
  })
  .map(({ lines, ...flow }) => ({
    ...flow,
    revision: null,
    source: 'xml' as const,
    publishedAt: null,
    lines: lines.map((line, i) => ({ ...line, no: i + 1 })),
  }));
