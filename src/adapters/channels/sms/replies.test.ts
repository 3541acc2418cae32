import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classifyReply } from './replies.ts';

describe('classifyReply', () => {
  it.each([
    ['STOP', 'stop'],
    ['stop.', 'stop'],
    ['  "Stop"!!! ', 'stop'],
    ['Basta', 'stop'],
    ['BASTA, grazie', 'stop'],
    ['cancella', 'stop'],
    ['Cancellatemi subito', 'stop'],
    ['Rimuovi.', 'stop'],
    ['rimuovimi', 'stop'],
    ['per favore STOP', 'stop'],
    ['ＳＴＯＰ', 'stop'],
    ['non basta', 'other'],
    ['stoppare', 'other'],
    ['s t o p', 'other'],
    ['PAGATO', 'paid'],
    ['pagato!', 'paid'],
    ['Ho già pagato', 'paid'],
    ["ho gia' pagato ieri", 'paid'],
    ['Già pagata.', 'paid'],
    ['STOP ho pagato', 'stop'],
    ['non ho pagato', 'other'],
    ['Non pagato', 'other'],
    ['quanto va pagato?', 'other'],
    ['INFO', 'info'],
    ['info?', 'info'],
    ['Aiuto', 'info'],
    ['informe', 'other'],
    ['', 'other'],
    ['???', 'other'],
    ['Chi siete?', 'other'],
  ])('%j is %s', (text, kind) => {
    expect(classifyReply(text)).toBe(kind);
  });

  it('takes every word in any case, with any punctuation around it', () => {
    const mark = fc.string({
      unit: fc.constantFrom(' ', '.', '!', '?', ',', '"', '«', '»', '-', '\n', '…'),
      maxLength: 5,
    });
    const word = fc.constantFrom(
      ...(['STOP', 'BASTA', 'CANCELLA', 'RIMUOVI'] as const).map((w) => [w, 'stop'] as const),
      ['PAGATO', 'paid'] as const,
      ['INFO', 'info'] as const,
    );
    fc.assert(
      fc.property(
        word,
        fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
        mark,
        mark,
        ([w, kind], lower, a, b) => {
          const cased = [...w].map((ch, i) => (lower[i] === true ? ch.toLowerCase() : ch)).join('');
          expect(classifyReply(`${a}${cased}${b}`)).toBe(kind);
        },
      ),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(['stop', 'paid', 'info', 'other']).toContain(classifyReply(text));
      }),
    );
  });
});
