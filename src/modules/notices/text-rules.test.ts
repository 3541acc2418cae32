import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_TEMPLATES } from './default-templates.ts';
import { parseTemplate, renderTemplate } from './liquid.ts';
import { sampleValues } from './message-values.ts';
import { checkTemplate, checkText, gulpease } from './text-rules.ts';
import { textToHtml } from './text-to-html.ts';

const [base] = DEFAULT_TEMPLATES;
const withLine = (line: string) => ({
  subject: base.subject,
  body: base.body.replace('\n\nSe preferisce', `\n\n${line}\n\nSe preferisce`),
});
const codes = (template: { subject: string; body: string }) =>
  checkTemplate(template).map((p) => `${p.rule} ${p.code}`);

describe('the default texts', () => {
  it.each(DEFAULT_TEMPLATES.map((t) => [t.code, t] as const))('%s breaks no rule', (_code, template) => {
    expect(checkTemplate(template)).toEqual([]);
  });
});

describe('words that may not be said', () => {
  /** Rule, a line that breaks it, a line that says the allowed thing instead. */
  const rows: readonly (readonly [string, string, string])[] = [
    ['R51 DISCLOSURE_AMOUNT', 'Sono 120,50 in tutto.', 'Sono 120 parole in tutto.'],
    ['R51 DISCLOSURE_AMOUNT', 'Costa pochi euro.', 'Costa poco tempo.'],
    ['R51 DISCLOSURE_AMOUNT', 'Sono 12 €.', 'Sono 12 righe.'],
    ['R51 DISCLOSURE_DEBT', 'Risulta un importo da vedere.', 'Risulta una pagina da vedere.'],
    ['R51 DISCLOSURE_DEBT', 'È scaduta una rata.', 'È arrivata una lettera.'],
    ['R51 DISCLOSURE_DEBT', 'Il pagamento non risulta.', 'La risposta non risulta.'],
    ['R51 DISCLOSURE_SERVICE', 'È per la TARI.', 'È per Lei.'],
    ['R51 DISCLOSURE_SERVICE', 'Riguarda una visita medica.', 'Riguarda una pagina personale.'],
    ['R51 DISCLOSURE_SERVICE', 'Riguarda la mensa.', 'Riguarda la Sua pagina.'],
    ['R50 FALSE_TITLE', 'Questa è una diffida.', 'Questa è una comunicazione.'],
    ['R50 FALSE_TITLE', 'Le mandiamo un sollecito.', 'Le mandiamo un saluto.'],
    ['R50 COURT', 'Può fare ricorso.', 'Può farci una domanda.'],
    ['R50 COURT', 'Poi c’è il pignoramento.', 'Poi c’è lo sportello.'],
    ['R24 SANCTION_OR_COST', 'Non ci sono ancora interessi.', 'Non ci sono altre pagine.'],
    ['R24 SANCTION_OR_COST', 'Evita la sanzione.', 'Evita la fila.'],
    ['R18 LEGAL_CITATION', 'Vedi la legge n. 160 di ieri.', 'Vedi la pagina di ieri.'],
    ['R18 LEGAL_CITATION', 'Lo dice l’art. 7.', 'Lo dice la pagina 7.'],
    ['R68 IBAN', 'Conto IT60X0542811101000000123456.', 'Codice della pagina 1.'],
    ['R68 IBAN', 'Non scriva mai il Suo IBAN.', 'Non scriva mai la Sua password.'],
    ['R55 ROUTE_MISSING', 'Entri con SPID.', 'Entri dalla pagina.'],
    ['R55 ROUTE_MISSING', 'Trova un allegato.', 'Trova una pagina.'],
    ['R52 DISRESPECT', 'Faccia presto!', 'Faccia con calma.'],
    ['R52 DISRESPECT', 'È l’ultima possibilità.', 'È una possibilità.'],
  ];

  it.each(rows)('%s: «%s» is refused, «%s» is not', (rule, bad, good) => {
    expect(codes(withLine(bad))).toContain(rule);
    expect(codes(withLine(good))).toEqual([]);
  });

  it('are looked for in the subject too, and the problem says where and what', () => {
    const problem = checkTemplate({ ...base, subject: 'Il Suo debito' })[0];
    expect(problem).toMatchObject({ code: 'DISCLOSURE_DEBT', where: 'subject' });
    expect(problem?.message).toContain('«debito»');
  });

  it('are found whatever the capitals', () => {
    const word = fc.constantFrom('debito', 'importo', 'tari', 'sollecito', 'tribunale', 'iban', 'spid');
    const mixed = word.chain((w) =>
      fc
        .array(fc.boolean(), { minLength: w.length, maxLength: w.length })
        .map((up) => [...w].map((c, i) => (up[i] ? c.toUpperCase() : c)).join('')),
    );
    fc.assert(fc.property(mixed, (w) => checkText('', `Parola: ${w}.`).length > 0));
  });

  it('inside a longer word or a link are not what is meant', () => {
    expect(checkText('', 'Il curato di Ratafià, in via Imulla, scrive a eurolandia@esempio.it.')).toEqual([]);
    expect(checkText('', 'Pagina: https://avvisi.example/l/1-tari-debito-120,00')).toEqual([]);
  });
});

describe('what a text must say', () => {
  const required = [
    ['persona.nome', 'R51'],
    ['ente.nome', 'R49'],
    ['ufficio.nome', 'R49'],
    ['ufficio.telefono', 'R49'],
    ['ufficio.responsabile', 'R49'],
    ['ufficio.riesame', 'R49'],
    ['collegamento', 'R52'],
    ['rinuncia', 'R51'],
  ] as const;
  const without = (path: string, instead = '') => {
    const find = new RegExp(`\\{\\{\\s*${path.replace('.', '\\.')}\\s*\\}\\}`, 'g');
    return { subject: base.subject.replace(find, instead), body: base.body.replace(find, instead) };
  };

  it.each(required)('%s (%s)', (path, rule) => {
    const problems = checkTemplate(without(path));
    expect(problems).toContainEqual(expect.objectContaining({ code: 'MISSING_ELEMENT', rule, where: 'body' }));
    expect(problems[0]?.message).toContain(path);
  });

  it.each(required)('%s named in a condition or a comment only is not said', (path) => {
    for (const trick of [
      `{% if ${path} %}sì{% endif %}`,
      `{% comment %}{{ ${path} }}{% endcomment %}`,
      `{% unless ${path} %}{{ ${path} }}{% endunless %}`,
    ]) {
      expect(codes(without(path, trick)).join()).toContain('MISSING_ELEMENT');
    }
  });

  it('may be printed by way of a variable or in capitals', () => {
    const loud = without('ufficio.nome', '{% assign u = ufficio.nome %}{{ u | upcase }}');
    expect(checkTemplate(loud)).toEqual([]);
  });

  it('fits the subject on one line', () => {
    expect(codes({ ...base, subject: 'x'.repeat(121) })).toContain('R51 SUBJECT_LENGTH');
    expect(codes({ ...base, subject: 'una\nriga' })).toContain('R51 SUBJECT_LENGTH');
  });

  it('is easy to read', () => {
    const hard = 'Nonostante la sopravvenuta indisponibilità temporanea dell’infrastruttura comunicativa '.repeat(12);
    expect(codes(withLine(hard))).toContain('R52 READABILITY');
  });
});

describe('the readability index', () => {
  it('gives 100 to very short words, 0 to nothing, and stays between', () => {
    expect(gulpease('Io so. Tu sai.')).toBe(100);
    expect(gulpease('')).toBe(0);
    fc.assert(
      fc.property(fc.string(), (text) => {
        const value = gulpease(text);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(100);
      }),
    );
  });

  it('follows its formula', () => {
    // 1 sentence, 4 words, 20 letters: 89 + (300 - 200) / 4.
    expect(gulpease('Buona buona buona buona.')).toBe(100);
    // 1 sentence, 4 words, 40 letters: 89 + (300 - 400) / 4.
    expect(gulpease('Abcdefghij abcdefghij abcdefghij abcdefghij.')).toBe(64);
  });
});

describe('templates can do little', () => {
  it.each([
    '{% include "x" %}',
    '{% render "x" %}',
    '{% layout "x" %}',
    '{% for a in (1..9) %}{% endfor %}',
    '{% tablerow a in b %}{% endtablerow %}',
    '{% raw %}{% endraw %}',
    '{% capture x %}{% endcapture %}',
    '{% increment x %}',
  ])('%s is refused', (text) => {
    expect(() => parseTemplate(text)).toThrow(expect.objectContaining({ code: 'TEMPLATE_SYNTAX' }));
  });

  it.each([
    '{{ persona.nome | append: "x" }}',
    '{{ persona.nome | date: "%Y" }}',
    '{{ persona.nome | split: "" | json }}',
  ])('the filter of %s is refused', (text) => {
    expect(() => renderTemplate(text, sampleValues())).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^TEMPLATE_/) }),
    );
  });

  it('names that are not offered are refused, inherited ones too', () => {
    for (const path of ['importo', 'persona.cognome', 'persona.constructor', 'persona.__proto__', 'ente.toString']) {
      expect(() => renderTemplate(`{{ ${path} }}`, sampleValues())).toThrow(
        expect.objectContaining({ code: 'TEMPLATE_VALUE' }),
      );
    }
  });

  it('too long a text is refused', () => {
    expect(() => parseTemplate('x'.repeat(20_001))).toThrow(expect.objectContaining({ code: 'TEMPLATE_SYNTAX' }));
  });

  it('what a value contains is text and nothing else', () => {
    const values = sampleValues();
    const tricky = { ...values, persona: { nome: '{{ ente.nome }}{% if true %}' } };
    expect(renderTemplate('{{ persona.nome }}', tricky)).toBe('{{ ente.nome }}{% if true %}');
  });
});

describe('the HTML part', () => {
  it('says the words of the text part and lets nothing through as markup', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const html = textToHtml('Oggetto', text);
        const body = html.slice(html.indexOf('<div'));
        expect(body.replace(/<\/?(?:div|p|br|a|body|html)\b[^<>]*>/g, '')).not.toMatch(/<(?!\s)/);
      }),
    );
    expect(textToHtml('<b>', '<script>alert("x")</script>')).toContain(
      '&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;',
    );
  });

  it('makes links that show their address, and no image', () => {
    const html = textToHtml('o', 'Pagina:\nhttps://avvisi.example/l/1-x?a=1&b=2');
    expect(html).toContain('href="https://avvisi.example/l/1-x?a=1&amp;b=2"');
    expect(html).toContain('>https://avvisi.example/l/1-x?a=1&amp;b=2</a>');
    expect(html).not.toMatch(/<img|<link|<script|background=/);
  });
});
