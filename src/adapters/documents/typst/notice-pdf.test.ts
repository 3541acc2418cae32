import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText } from '../../../../test/support/any-text.ts';
import { creditor, noticeFacts, payment, payments, postalAccount } from '../../../../test/support/payment-notices.ts';
import type { Pdf } from '../../../../test/support/pdf.ts';
import { symbolBoxes } from '../../../../test/support/pdf-picture.ts';
import {
  CHOICES,
  inputOf,
  printable,
  render,
  symbolsOf,
  typst,
  withSlip,
} from '../../../../test/support/rendered-notices.ts';
import { makeNotice, type NoticeFacts } from '../../../modules/payments/document/document.port.ts';
import { planPages } from './page-plan.ts';
import { openTypst } from './typst-compiler.ts';

/** The texts of the headings, as Typst understood them. */
const headings = (facts: NoticeFacts): unknown[] =>
  (typst.engine.query(typst.layOut(inputOf(facts)), { selector: 'heading' }) as { body: { text?: string } }[]).map(
    (heading) => heading.body.text,
  );

describe('the PDF', () => {
  const all = (pdf: Pdf) => [...pdf.objects.values()].join('\n');

  it('is tagged, in Italian, with a title, and says that it is PDF/UA-1', () => {
    const pdf = render(noticeFacts({ creditor: withSlip }));
    const source = all(pdf);
    const catalog = [...pdf.objects.values()].find((one) => /\/Type\s*\/Catalog/.test(one)) ?? '';
    expect(catalog).toMatch(/\/MarkInfo\s*<<\s*\/Marked true/);
    expect(catalog).toMatch(/\/Lang\s*\(it/);
    expect(catalog).toMatch(/\/DisplayDocTitle true/);
    expect(source).toMatch(/\/Type\s*\/StructTreeRoot/);
    const metadata = [...pdf.objects.keys()].map((n) => pdf.stream(n)).find((one) => one.includes('<x:xmpmeta')) ?? '';
    expect(Buffer.from(metadata, 'latin1').toString()).toContain('<pdfuaid:part>1</pdfuaid:part>');
    expect(Buffer.from(metadata, 'latin1').toString()).toContain('Avviso di pagamento: TARI 2026, via Roma 1');
  });

  it('has headings and paragraphs, and says each symbol in words', () => {
    const source = all(render(noticeFacts({ creditor: withSlip })));
    for (const tag of ['H1', 'H2', 'P', 'Figure']) expect(source).toMatch(new RegExp(`/S\\s*/${tag}\\b`));
    expect(source.match(/\/S\s*\/Figure/g)).toHaveLength(2);
    expect(source.match(/\/Alt\b/g)).toHaveLength(2);
    expect(source).toContain('Codice Data Matrix del bollettino postale: codice avviso 3020 0000 0001 2345 59');
  });

  it('marks the second language as such', () => {
    const source = all(render(noticeFacts({ secondLanguage: 'de' })));
    expect(source).toMatch(/\/Lang\s*\(de/);
  });

  it('is the same to the byte for the same notices, and has no date', () => {
    const facts = [noticeFacts(), noticeFacts({ creditor: withSlip })];
    const once = typst.pdf(inputOf(...facts));
    expect(Buffer.from(openTypst().pdf(inputOf(...facts))).equals(once)).toBe(true);
    expect(Buffer.from(once).toString('latin1')).not.toContain('/CreationDate');
  });

  it('holds many notices, each beginning on a page of its own', async () => {
    const facts = [
      noticeFacts({ creditor: withSlip }),
      noticeFacts({ choice: CHOICES['seven installments only'] }),
      noticeFacts(),
    ] as NoticeFacts[];
    const pdf = render(...facts);
    const pages = facts.map((one) => planPages(makeNotice(one)).length);
    expect(pdf.pages).toHaveLength(pages.reduce((a, b) => a + b));
    expect((await symbolsOf(pdf)).at(-1)?.map((one) => one.format)).toEqual(['QRCode']);
  });

  it('shows the body’s picture in the top right corner of each page, and says whose it is on the first', () => {
    const bytes = Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 20"><path d="M0 0h60v20H0z"/></svg>',
    );
    const body = creditor({ logo: { format: 'svg', bytes } });
    const pdf = render(noticeFacts({ creditor: body, choice: CHOICES['three installments besides'] }));
    expect(pdf.pages).toHaveLength(2);
    for (const page of pdf.pages) {
      const logo = symbolBoxes(pdf, page).find((box) => Math.abs(box.width - 30) < 0.1);
      expect(logo?.height).toBeCloseTo(10, 1);
      // A4, margins of 10 mm.
      expect((logo?.left ?? 0) + 30).toBeCloseTo(200, 1);
      expect((logo?.bottom ?? 0) + 10).toBeCloseTo(287, 1);
    }
    expect(all(pdf).match(/Logo di Comune di Esempio/g)).toHaveLength(1);
  });

  it('is refused with our own words when a picture cannot be read', () => {
    const logo = { format: 'png', bytes: Buffer.from('no picture') } as const;
    expect(() => render(noticeFacts({ creditor: creditor({ logo }) }))).toThrow(
      expect.objectContaining({ code: 'NOTICE_RENDER' }),
    );
    expect(render(noticeFacts()).pages).toHaveLength(1);
  });
});

describe('what people type', () => {
  const HOSTILE = [
    '#eval("1+1")',
    '#panic()',
    '"',
    '\\',
    '\\u{41}',
    '*a* _b_ $x$',
    '@ref <label>',
    '// no /* no */',
    '[]{}()',
    '= Title',
    '`code`',
    '#read("notices.json")',
    '---',
    "a'b''c",
    '~',
  ];

  it('is never read as Typst', () => {
    const piece = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'grapheme-ascii', maxLength: 20 }));
    const text = fc.array(piece, { minLength: 1, maxLength: 3 }).map((pieces) => pieces.join(' '));
    fc.assert(
      fc.property(
        text.filter((one) => one.trim() !== ''),
        (typed) => {
          const facts = noticeFacts({ subject: typed, addressee: { name: typed, address: typed, fiscalCode: typed } });
          expect(headings(facts)[0]).toBe(printable(makeNotice(facts).subject));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('never stops a notice from being made, nor adds a page to it', () => {
    const typed = anyText(160, 1);
    fc.assert(
      fc.property(typed, typed, typed, typed, (name, address, subject, office) => {
        const facts = noticeFacts({
          subject: `a${subject}`,
          addressee: { name: `a${name}`, address, fiscalCode: address },
          creditor: creditor({
            postal: { ...postalAccount, holder: `a${name}` },
            office,
            contacts: office,
            counter: office,
            cbill: office,
          }),
        });
        expect(render(facts).pages).toHaveLength(1);
      }),
      { numRuns: 40 },
    );
  });
});

describe('the words', () => {
  it('ask when to pay only where there is a date', () => {
    const undated = { kind: 'single', payment: payment(1, { dueDate: null }) } as const;
    const words = (choice: NoticeFacts['choice']) => inputOf(noticeFacts({ choice })).json;
    expect(words(undated)).toContain('"title":[["it","Quanto pagare?"]]');
    expect(words(undated)).not.toContain('entro il 2');
    const dated = words({ kind: 'single', payment: payment(3) });
    expect(dated).toContain('"title":[["it","Quanto e quando pagare?"]]');
    expect(dated).toContain('entro il 28/04/2027');
  });

  it('offer installments as the guide says', () => {
    const words = (single: boolean) =>
      inputOf(
        noticeFacts({
          choice: { kind: 'installments', single: single ? payment(9) : null, installments: payments(3) },
        }),
      ).json;
    expect(words(true)).toContain('Puoi pagare per intero oppure in 3 rate');
    expect(words(false)).toContain('"Puoi pagare in 3 rate"');
  });

  it('say where to pay as the body is', () => {
    const words = (over: Partial<NoticeFacts['creditor']>) => inputOf(noticeFacts({ creditor: creditor(over) })).json;
    expect(words({ online: 'none' })).toContain('oppure dal tuo Home Banking');
    expect(words({ online: 'app' })).toContain('oppure sull’app di Comune di Esempio, dal tuo');
    expect(words({ counter: 'Cassa automatica in Municipio' })).toContain(
      'Cassa automatica in Municipio, presso Banche',
    );
  });
});
