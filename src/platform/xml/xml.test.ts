import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  childOf,
  element,
  MESSAGE_LIMITS,
  optional,
  parseXml,
  readXml,
  textOf,
  type XmlElement,
  type XmlLimits,
} from './index.ts';

const read = (text: string, limits?: XmlLimits) => parseXml(Buffer.from(text), limits);
const coded = (code: string) => expect.objectContaining({ code });

/** What XML 1.0 can carry (its production `Char`). */
const isChar = (at: number) => at === 9 || at === 10 || at === 13 || (at >= 0x20 && at !== 0xfffe && at !== 0xffff);

describe('reading XML', () => {
  it('finds elements by namespace and local name, whatever the prefix', () => {
    for (const text of ['<a:x xmlns:a="urn:a"><y>1</y></a:x>', '<x xmlns="urn:a"><y xmlns="">1</y></x>']) {
      const root = read(text);
      expect([root.name, root.uri, childOf(root, 'y')?.uri, textOf(root, 'y')]).toEqual(['x', 'urn:a', '', '1']);
    }
  });

  it('reads what it wrote', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (text, value) => {
        const root = read(element('x', [element('y', text)], { a: value }).text);
        // What XML cannot carry is left out, the rest comes back; a line end in an attribute is a blank to every parser.
        const kept = (t: string) => [...t.toWellFormed()].filter((one) => isChar(one.codePointAt(0) ?? 0)).join('');
        expect(childOf(root, 'y')?.text).toBe(kept(text));
        expect(root.attributes.a?.replace(/\s/g, ' ')).toBe(kept(value).replace(/\s/g, ' '));
      }),
    );
  });

  it('leaves an optional element out where nothing is in it', () => {
    for (const nothing of [null, undefined, '', '  ']) expect(optional('x', nothing)).toBeNull();
  });

  const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">${'bcdefgh'
    .split('')
    .map((name, i) => `<!ENTITY ${name} "${`&${'abcdefg'[i]};`.repeat(10)}">`)
    .join('')}]><x>&h;</x>`;

  it.each([
    ['an entity bomb', bomb, 'XML_DOCTYPE'],
    ['a file of the machine', '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>', 'XML_DOCTYPE'],
    ['an unknown entity', '<x>&f;</x>', 'XML_MALFORMED'],
    ['a truncated document', '<x><y>', 'XML_MALFORMED'],
    ['two roots', '<x/><y/>', 'XML_MALFORMED'],
    ['an unbound prefix', '<a:x/>', 'XML_MALFORMED'],
    ['a repeated attribute', '<x a="1" a="2"/>', 'XML_MALFORMED'],
    ['crossed elements', '<x><y></x></y>', 'XML_MALFORMED'],
    ['nothing', '', 'XML_MALFORMED'],
    ['text that is no XML', 'hello', 'XML_MALFORMED'],
    ['another encoding', '<?xml version="1.0" encoding="UTF-7"?><x/>', 'XML_ENCODING'],
    ['depth', '<x>'.repeat(40) + '</x>'.repeat(40), 'XML_TOO_DEEP'],
    ['too many elements', `<x>${'<y/>'.repeat(6_000)}</x>`, 'XML_TOO_LARGE'],
    ['too many attributes', `<x ${Array.from({ length: 40 }, (_, i) => `a${i}="1"`).join(' ')}/>`, 'XML_TOO_LARGE'],
    ['too many bytes', `<x>${'a'.repeat(600_000)}</x>`, 'XML_TOO_LARGE'],
  ])('refuses %s', (_what, text, code) => {
    expect(() => read(text)).toThrow(coded(code));
  });

  it('refuses bytes that are not in their encoding, and reads those of banks', () => {
    expect(() => parseXml(Buffer.from([0x3c, 0x78, 0x3e, 0xff, 0x3c, 0x2f, 0x78, 0x3e]))).toThrow(
      coded('XML_ENCODING'),
    );
    const latin = Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><x>Forl\u00ec \u0080</x>', 'latin1');
    expect(parseXml(latin).text).toBe('Forlì €');
  });

  it('says where: line and column', () => {
    expect(() => read('<x>\n  <y>\n</x>')).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ line: 3 }) }),
    );
  });

  it('never does anything else than read or refuse', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        try {
          parseXml(bytes);
        } catch (error) {
          expect((error as { code?: string }).code).toMatch(/^XML_/);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('reading in pieces', () => {
  it('gives the same, wherever it is cut, a letter of two bytes included', async () => {
    const text = '<?xml version="1.0"?><x><y>città</y><y>€</y></x>';
    const bytes = Buffer.from(text);
    for (let at = 0; at <= bytes.length; at += 1) {
      const root = await readXml([bytes.subarray(0, at), bytes.subarray(at)], MESSAGE_LIMITS);
      expect(root.children.map((one) => one.text)).toEqual(['città', '€']);
    }
  });

  it('does not keep what was taken', async () => {
    const taken: XmlElement[] = [];
    const limits = { ...MESSAGE_LIMITS, elements: 100_000, bytes: 10_000_000 };
    const root = await readXml([Buffer.from(`<x>${'<y><z>1</z></y>'.repeat(20_000)}<w/></x>`)], limits, (one) => {
      if (one.name !== 'y') return false;
      taken.push(one);
      return true;
    });
    expect([taken.length, root.children.map((one) => one.name)]).toEqual([20_000, ['w']]);
  });
});
