import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brokenXml } from '../../../../../test/support/broken-xml.ts';
import { officialXsd } from '../../../../../test/support/official-schemas.ts';
import { civilDate } from '../../../../kernel/civil-date.ts';
import { CodedError } from '../../../../kernel/errors.ts';
import type { RemittanceFlow } from '../../../../modules/payments/reconcile/reconcile.port.ts';
import type { XmlRowsError } from '../../xml-rows.ts';
import { anyFlow, flowXml, lineXml } from './flow-xml.fixtures.ts';
import { readFlowXml } from './flow-xml.ts';

/** The long form: `BONARIO_LONG_TESTS=1 npm test -- flow-xml`. */
const BROKEN = process.env.BONARIO_LONG_TESTS === '1' ? 100_000 : 2_000;

const FLOW: RemittanceFlow = {
  flowId: '2026-09-03PSPITMMXXX-0000000001',
  revision: null,
  source: 'xml',
  psp: 'PSPITMMXXX',
  sender: 'Banca di Forlì',
  receiver: '80000000019',
  madeAt: Date.UTC(2026, 8, 4, 3, 0),
  publishedAt: null,
  regulationId: 'TRN001',
  regulationDate: civilDate('2026-09-03'),
  declaredCount: 2,
  declaredCents: 3_030,
  lines: [
    {
      no: 1,
      iuv: '02000000001234559',
      iur: 'tok1',
      transferNo: 1,
      amountCents: 1_010,
      status: 'executed',
      payDate: civilDate('2026-09-02'),
    },
    {
      no: 2,
      iuv: '02000000001234656',
      iur: null,
      transferNo: null,
      amountCents: 2_020,
      status: 'noRpt',
      payDate: civilDate('2026-09-02'),
    },
  ],
};

const read = (text: string | Uint8Array, piece = 1 << 20) => {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += piece) chunks.push(bytes.subarray(at, at + piece));
  return readFlowXml(chunks);
};

/** The error with which a text is refused. */
async function refusal(text: string | Uint8Array): Promise<CodedError> {
  const error = await read(text).then(
    () => null,
    (e: unknown) => e,
  );
  if (!(error instanceof CodedError)) throw new Error(`not refused as it should be: ${error}`);
  return error;
}

describe('a flow in XML', () => {
  const validate = officialXsd('pagopa', 'pagopa-fdr-nodo-dei-pagamenti', 'xsd', 'FlussoRiversamento_1_0_4.xsd');

  it('is read as it was written, in pieces of any size, if the official schema allows it', async () => {
    await fc.assert(
      fc.asyncProperty(anyFlow, fc.integer({ min: 1, max: 400 }), async (flow, piece) => {
        const xml = flowXml(flow);
        validate?.(xml);
        expect(await read(xml, piece)).toEqual(flow);
      }),
      { numRuns: 100 },
    );
  });

  it('may have a prefix, other elements, ISO-8859-1, and blanks around its values', async () => {
    const xml = flowXml(FLOW)
      .replace('encoding="UTF-8"', 'encoding="ISO-8859-1"')
      .replace('xmlns=', 'xmlns:p=')
      .replace(/<(\/?)(?=[A-Za-z])/g, '<$1p:')
      .replace('<p:versioneOggetto>', '<p:nuovo><p:piu>x</p:piu></p:nuovo><p:versioneOggetto>')
      .replace('>PSPITMMXXX<', '>\n  PSPITMMXXX\n<');
    expect(await read(Buffer.from(xml, 'latin1'))).toEqual(FLOW);
  });

  it('says its instant in Rome where it names no zone', async () => {
    const local = flowXml(FLOW).replace('2026-09-04T03:00:00Z', '2026-09-04T05:00:00');
    expect((await read(local)).madeAt).toBe(FLOW.madeAt);
  });

  it('takes a revoked payment by its code, written with either sign', async () => {
    for (const written of ['10.10', '-10.10']) {
      const xml = flowXml(FLOW).replace('>0<', '>3<').replace('>10.10<', `>${written}<`);
      expect((await read(xml)).lines[0]).toMatchObject({ status: 'revoked', amountCents: 1_010 });
    }
  });

  it('of many lines is read without keeping them as a tree', async () => {
    const line = `\n        ${lineXml(FLOW.lines[0] as RemittanceFlow['lines'][0]).text}`;
    const [head = '', tail = ''] = flowXml({ ...FLOW, lines: [] }).split('</FlussoRiversamento>');
    function* chunks() {
      yield Buffer.from(head);
      for (let n = 0; n < 200; n += 1) yield Buffer.from(line.repeat(100));
      yield Buffer.from(`</FlussoRiversamento>${tail}`);
    }
    expect((await readFlowXml(chunks())).lines).toHaveLength(20_000);
  });

  it('names every wrong line, and its field', async () => {
    const lines = flowXml(FLOW).replace(/<datiSingoliPagamenti>/g, '\n<datiSingoliPagamenti>');
    const wrong = lines
      .replace('>10.10<', '>10,10<')
      .replace(/(tok1.*)>1<(\/indice)/, '$1>6<$2')
      .replace('>9<', '>7<')
      .replace(/<identificativoUnivocoVersamento>02000000001234656<[^>]*>/, '')
      .replace(/2026-09-02(?!.*2026-09-02)/s, '2026-02-30');
    const error = await refusal(wrong);
    expect(error).toMatchObject({ code: 'XML_ROWS', details: { count: 6 } });
    expect((error as XmlRowsError).problems).toEqual([
      { line: 3, field: 'singoloImportoPagato', code: 'format' },
      { line: 3, field: 'singoloImportoPagato', code: 'format' },
      { line: 3, field: 'indiceDatiSingoloPagamento', code: 'format' },
      { line: 4, field: 'codiceEsitoSingoloPagamento', code: 'format' },
      { line: 4, field: 'identificativoUnivocoVersamento', code: 'missing' },
      { line: 4, field: 'dataEsitoSingoloPagamento', code: 'format' },
    ]);
  });

  it.each([
    ['an amount of nothing', '>10.10<', '>0.00<'],
    ['a negative amount', '>10.10<', '>-10.10<'],
    ['a fraction of a cent', '>10.10<', '>10.101<'],
    ['an amount without end', '>10.10<', `>${'9'.repeat(20)}.00<`],
    ['an id that is none', '>2026-09-03PSPITMMXXX-0000000001<', '>../../etc<'],
    ['no instant', '2026-09-04T03:00:00Z', 'ieri'],
  ])('with %s is refused', async (_, from, to) => {
    expect(await refusal(flowXml(FLOW).replace(from, to))).toMatchObject({ code: 'XML_ROWS' });
  });

  it.each([
    ['another document', '<?xml version="1.0"?><altro/>', 'FLOW_XML'],
    ['the same name without the namespace', flowXml(FLOW).replace(/ xmlns="[^"]*"/, ''), 'FLOW_XML'],
    ['nothing', '', 'XML_MALFORMED'],
    ['half of it', flowXml(FLOW).slice(0, 700), 'XML_MALFORMED'],
    ['entities', flowXml(FLOW).replace('?>', '?><!DOCTYPE a [<!ENTITY b "c">]>'), 'XML_DOCTYPE'],
    ['depth', flowXml(FLOW, null).replace('</Fl', `${'<a>'.repeat(20)}${'</a>'.repeat(20)}</Fl`), 'XML_TOO_DEEP'],
    ['another encoding', flowXml(FLOW).replace('UTF-8', 'UTF-7'), 'XML_ENCODING'],
  ])('that is %s is refused', async (_, text, code) => {
    expect(await refusal(text)).toMatchObject({ code });
  });

  it('with bytes that are not of its encoding is refused', async () => {
    expect(await refusal(Buffer.from(flowXml(FLOW), 'latin1'))).toMatchObject({ code: 'XML_ENCODING' });
  });

  it('with one line of elements without end is refused before it fills the memory', async () => {
    const many = '<singoloImportoPagato>1.00</singoloImportoPagato>'.repeat(2_000);
    const xml = flowXml(FLOW).replace('<datiSingoliPagamenti>', `<datiSingoliPagamenti>${many}`);
    expect(await refusal(xml)).toMatchObject({ code: 'XML_TOO_LARGE' });
  });

  it(`broken ${BROKEN} times at random is a flow, or a coded refusal`, async () => {
    const sound = Buffer.from(flowXml(FLOW));
    await fc.assert(
      fc.asyncProperty(brokenXml(sound), async (bytes) => {
        const outcome = await read(bytes).catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(CodedError);
        else
          expect((outcome as RemittanceFlow).lines.every((line) => Number.isSafeInteger(line.amountCents))).toBe(true);
      }),
      { numRuns: BROKEN },
    );
  });
});
