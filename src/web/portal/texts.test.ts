import { describe, expect, it } from 'vitest';
import { civilDate } from '../../kernel/civil-date.ts';
import { texts, withArticle } from './texts.it.ts';

/** Every sentence of the catalogue; functions are called with plausible values. */
function sentences(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'function') return callWithSamples(value as (...values: unknown[]) => unknown);
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(sentences);
  return [];
}

function callWithSamples(make: (...values: unknown[]) => unknown): string[] {
  const date = civilDate('2026-12-02');
  const samples = [['1042', date], ['toPay', date], [1], [12_345], ['Comune di Esempio']];
  return samples.flatMap((values) => {
    try {
      return [String(make(...values))];
    } catch {
      return [];
    }
  });
}

describe('texts', () => {
  const all = sentences(texts);

  it('are many, and keep the wording rules', () => {
    expect(all.length).toBeGreaterThan(150);
    for (const text of all) {
      expect(text).not.toMatch(/moros|debitor|sollecit|diffid|evasor|intim/i);
      expect(text).not.toContain('!');
      // One kind of apostrophe, as the fonts draw it.
      expect(text).not.toMatch(/\w'\w/);
    }
  });

  it('never address the citizen with "tu", but on the contract’s own button', () => {
    const familiar = all.filter((text) => /\b(tuo|tua|tuoi|tue|puoi|hai|devi|ricevi|clicca|inserisci)\b/i.test(text));
    expect(familiar).toEqual(['Ricevi un codice']);
  });
});

describe('withArticle', () => {
  it('puts the article a sentence needs', () => {
    const names = ['Comune di Esempio', 'Provincia di Prova', 'Unione dei Comuni', 'ASL Valle', 'Politecnico'];
    expect(names.map(withArticle)).toEqual([
      'Il Comune di Esempio',
      'La Provincia di Prova',
      'L’Unione dei Comuni',
      'L’ASL Valle',
      'L’ente Politecnico',
    ]);
  });
});
