import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brokenXml } from '../../../../test/support/broken-xml.ts';
import { CodedError } from '../../../kernel/errors.ts';
import type { TreasuryJournal } from '../../../modules/payments/reconcile/reconcile.port.ts';
import type { XmlRowsError } from '../xml-rows.ts';
import { journalXml, movementXml, type WrittenMovement } from './journal-xml.fixtures.ts';
import { readJournalXml } from './journal-xml.ts';

/** The long form: `BONARIO_LONG_TESTS=1 npm test -- journal-xml`. */
const BROKEN = process.env.BONARIO_LONG_TESTS === '1' ? 100_000 : 2_000;

const CREDIT: WrittenMovement = {
  documentNo: 7,
  amount: '120.50',
  text: '/PUR/LGPE-RIVERSAMENTO/URI/2026-09-03PSP01-0000000001',
};

const read = (text: string | Uint8Array) => readJournalXml([typeof text === 'string' ? Buffer.from(text) : text]);

async function refusal(text: string | Uint8Array): Promise<CodedError> {
  const error = await read(text).then(
    () => null,
    (e: unknown) => e,
  );
  if (!(error instanceof CodedError)) throw new Error(`not refused as it should be: ${error}`);
  return error;
}

describe('a journal of the treasury', () => {
  it('gives what came in, each movement by the bank’s own number', async () => {
    expect(await read(journalXml([CREDIT]))).toEqual({
      journalId: 'GDC-20260904ABCDEFGHIJ#001#001',
      fiscalCode: '80000000019',
      skipped: 0,
      movements: [
        {
          key: '2026/0000001/SOSPESO ENTRATA/7/0/ESEGUITO/2026-09-04/7',
          document: '2026/0000001/SOSPESO ENTRATA/7/0',
          no: '1',
          amountCents: 12_050,
          bookedOn: '2026-09-04',
          valueOn: '2026-09-04',
          text: CREDIT.text,
        },
      ],
    });
  });

  it('leaves out what goes out, and what moves no money', async () => {
    const others: WrittenMovement[] = [
      { ...CREDIT, documentNo: 1, direction: 'USCITA', documentType: 'MANDATO' },
      { ...CREDIT, documentNo: 2, documentType: 'REVERSALE', operation: 'REGOLARIZZATO' },
      { ...CREDIT, documentNo: 3, documentType: 'REVERSALE', operation: 'RIPRISTINATO' },
      { ...CREDIT, documentNo: 4, documentType: 'FONDO DI CASSA' },
      { ...CREDIT, documentNo: 5, documentType: 'REVERSALE' },
    ];
    const { movements, skipped } = await read(journalXml([...others, CREDIT]));
    expect(movements.map((one) => one.document)).toEqual([
      '2026/0000001/REVERSALE/5/0',
      '2026/0000001/SOSPESO ENTRATA/7/0',
    ]);
    expect(skipped).toBe(4);
  });

  it('has what was taken back as negative, written with either sign, by the name of what it takes back', async () => {
    for (const amount of ['120.50', '-120.50']) {
      const { movements } = await read(journalXml([CREDIT, { ...CREDIT, operation: 'STORNATO', amount }]));
      expect(movements.map((one) => one.amountCents)).toEqual([12_050, -12_050]);
      expect(movements[0]?.document).toBe(movements[1]?.document);
      expect(movements[0]?.key).not.toBe(movements[1]?.key);
    }
  });

  it('names a movement without a number by its place', async () => {
    const { movements } = await read(journalXml([{ ...CREDIT, documentNo: 0 }]));
    expect(movements[0]).toMatchObject({ key: 'GDC-20260904ABCDEFGHIJ#001#001/1', document: null });
  });

  it('may be of an earlier version, without numbers of movements and with elements of its own', async () => {
    const old = journalXml([CREDIT])
      .replace(/<numero_movimento>\d+<[^>]*>/, '')
      .replace(/<data_valuta_ente>.*?<[^>]*>/, '')
      .replace('data_riferimento_GdC>2026', 'data_inizio_periodo_riferimento>2026')
      .replace('</data_riferimento_GdC>', '</data_inizio_periodo_riferimento>');
    expect((await read(old)).movements).toMatchObject([{ no: '1', valueOn: null, amountCents: 12_050 }]);
  });

  it('of many movements is read without keeping them as a tree', async () => {
    const [head = '', tail = ''] = journalXml([]).split('<saldo_finale');
    function* chunks() {
      yield Buffer.from(head);
      for (let n = 0; n < 100; n += 1) {
        const part = Array.from(
          { length: 100 },
          (_, i) => movementXml({ ...CREDIT, documentNo: n * 100 + i + 1 }, i).text,
        );
        yield Buffer.from(`${part.join('\n          ')}\n`);
      }
      yield Buffer.from(`<saldo_finale${tail}`);
    }
    const { movements } = await readJournalXml(chunks());
    expect(new Set(movements.map((one) => one.key)).size).toBe(10_000);
  });

  it('names every wrong movement, and its field', async () => {
    const xml = journalXml([CREDIT, { ...CREDIT, documentNo: 8 }, { ...CREDIT, documentNo: 9 }])
      .replace(/<movimento_conto_evidenza>/g, '\n<movimento_conto_evidenza>')
      .replace('>120.50<', '>120,50<')
      .replace(/(numero_documento>8.*?)ESEGUITO|ESEGUITO(?=<\/tipo_operazione><numero_documento>8)/s, '$1FORSE')
      .replace(/<data_movimento>2026-09-04(?!.*<data_movimento>)/s, '<data_movimento>2026-13-04');
    const error = await refusal(xml);
    expect((error as XmlRowsError).problems).toEqual([
      { line: 3, field: 'importo', code: 'format' },
      { line: 3, field: 'importo', code: 'format' },
      { line: 4, field: 'tipo_operazione', code: 'format' },
      { line: 5, field: 'data_movimento', code: 'format' },
    ]);
  });

  it.each([
    ['another document', '<a/>', 'TREASURY_XML'],
    ['without a name', journalXml([CREDIT], ''), 'XML_ROWS'],
    ['without a year', journalXml([CREDIT]).replace('>2026</esercizio>', '></esercizio>'), 'XML_ROWS'],
    ['half of it', journalXml([CREDIT]).slice(0, 500), 'XML_MALFORMED'],
    [
      'entities',
      journalXml([CREDIT]).replace('?>', '?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'),
      'XML_DOCTYPE',
    ],
    ['depth', journalXml([]).replace('</flusso', `${'<a>'.repeat(40)}${'</a>'.repeat(40)}</flusso`), 'XML_TOO_DEEP'],
  ])('that is %s is refused', async (_, text, code) => {
    expect(await refusal(text)).toMatchObject({ code });
  });

  it(`broken ${BROKEN} times at random is a journal, or a coded refusal`, async () => {
    const sound = Buffer.from(journalXml([CREDIT, { ...CREDIT, documentNo: 8, operation: 'STORNATO' }]));
    await fc.assert(
      fc.asyncProperty(brokenXml(sound), async (bytes) => {
        const outcome = await read(bytes).catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(CodedError);
        else
          expect((outcome as TreasuryJournal).movements.every((one) => Number.isSafeInteger(one.amountCents))).toBe(
            true,
          );
      }),
      { numRuns: BROKEN },
    );
  });
});
