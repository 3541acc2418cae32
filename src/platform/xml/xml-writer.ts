/** What an element holds: text, elements already written, or nothing (left out). */
export type XmlContent = string | XmlFragment | null | undefined | readonly XmlContent[];

/** Written XML, so that nothing is escaped twice and no text gets in unescaped. */
export class XmlFragment {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Characters that XML 1.0 cannot carry, even escaped, and halves of surrogate pairs. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** The text without what XML cannot carry: where its length counts, before it is counted. */
export function xmlText(text: string): string {
  return text.toWellFormed().replace(NOT_XML, '');
}

/** Text as it may stand in an element or an attribute. */
export function escapeXml(text: string): string {
  return xmlText(text)
    .replace(/[&<>"]/g, (found) => ENTITIES[found] as string)
    .replace(/\r/g, '&#13;');
}

/** `<name attr="…">content</name>`; content that is null or undefined gives no element at all: see `optional`. */
export function element(
  name: string,
  content: XmlContent,
  attributes: Readonly<Record<string, string>> = {},
): XmlFragment {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(value)}"`);
  return new XmlFragment(`<${name}${given.join('')}>${written(content)}</${name}>`);
}

/** The element, or nothing where its content is null, undefined or blank: many schemas refuse an empty one. */
export function optional(name: string, content: string | XmlFragment | null | undefined): XmlFragment | null {
  if (content === null || content === undefined) return null;
  if (typeof content === 'string' && content.trim() === '') return null;
  return element(name, content);
}

function written(content: XmlContent): string {
  if (content === null || content === undefined) return '';
  if (typeof content === 'string') return escapeXml(content);
  if (content instanceof XmlFragment) return content.text;
  return content.map(written).join('');
}
