import { SaxesParser, type SaxesTagNS } from 'saxes';
import { CodedError } from '../../kernel/errors.ts';

/** An element with what is in it; names are local, prefixes are resolved: documents are read by (uri, name) alone. */
export interface XmlElement {
  readonly name: string;
  /** Namespace; empty for an unqualified name. */
  readonly uri: string;
  /** Unqualified attributes alone. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Its own text, as it stands. */
  readonly text: string;
  /** Where it began, from 1. */
  readonly line: number;
}

export interface XmlLimits {
  readonly bytes: number;
  readonly depth: number;
  readonly elements: number;
  /** Of one element. */
  readonly attributes: number;
  /** Characters of text in one element. */
  readonly text: number;
}

/** For a message of a protocol: far more than any of them needs. */
export const MESSAGE_LIMITS: XmlLimits = {
  bytes: 512 * 1024,
  depth: 32,
  elements: 5_000,
  attributes: 32,
  text: 400_000,
};

/** A decoded piece at a time, so that a long file never holds the event loop. */
const PIECE = 64 * 1024;

interface Open {
  name: string;
  uri: string;
  attributes: Record<string, string>;
  children: XmlElement[];
  text: string;
  line: number;
}

/**
 * Called for every element as it ends, innermost first; `true`: it was dealt with, and need not be kept in its parent.
 * So a file of any length is read in constant memory.
 */
export type TakeElement = (element: XmlElement, depth: number) => boolean;

class XmlReader {
  #limits: XmlLimits;
  #take: TakeElement;
  #parser = new SaxesParser({ xmlns: true, position: true });
  #decoder: TextDecoder | null = null;
  #head: Uint8Array = new Uint8Array(0);
  #open: Open[] = [];
  #root: XmlElement | null = null;
  #bytes = 0;
  #elements = 0;

  constructor(limits: XmlLimits, take: TakeElement) {
    this.#limits = limits;
    this.#take = take;
    const parser = this.#parser;
    parser.on('error', (error) => {
      throw this.#fault('XML_MALFORMED', error.message.replace(/^\d+:\d+: /, ''));
    });
    // No document of ours has one; whoever sends one wants entities expanded, or files read.
    parser.on('doctype', () => {
      throw this.#fault('XML_DOCTYPE', 'a document type is not accepted');
    });
    parser.on('opentag', (tag) => this.#begin(tag));
    parser.on('closetag', () => this.#end());
    const text = (more: string) => {
      const top = this.#open.at(-1);
      if (top === undefined) return;
      top.text += more;
      if (top.text.length > limits.text) throw this.#fault('XML_TOO_LARGE', `more than ${limits.text} characters`);
    };
    parser.on('text', text);
    parser.on('cdata', text);
  }

  write(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#limits.bytes) throw this.#fault('XML_TOO_LARGE', `more than ${this.#limits.bytes} bytes`);
    if (this.#decoder !== null) {
      this.#parse(chunk);
      return;
    }
    // The declaration is read before anything is decoded: it stands in the first bytes, in ASCII.
    this.#head = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
    if (this.#head.length < 200) return;
    this.#begun();
  }

  end(): XmlElement {
    if (this.#decoder === null) this.#begun();
    this.#feed(this.#decode(new Uint8Array(0), false));
    this.#parser.close();
    if (this.#root === null) throw this.#fault('XML_MALFORMED', 'no element');
    return this.#root;
  }

  #begun(): void {
    this.#decoder = decoderOf(this.#head);
    const head = this.#head;
    this.#head = new Uint8Array(0);
    this.#parse(head);
  }

  #parse(bytes: Uint8Array): void {
    this.#feed(this.#decode(bytes, true));
  }

  #decode(bytes: Uint8Array, stream: boolean): string {
    try {
      return (this.#decoder as TextDecoder).decode(bytes, { stream });
    } catch {
      throw this.#fault('XML_ENCODING', 'the text is not in the encoding it declares');
    }
  }

  #feed(text: string): void {
    if (text !== '') this.#parser.write(text);
  }

  #begin(tag: SaxesTagNS): void {
    const { limits, parser } = { limits: this.#limits, parser: this.#parser };
    this.#elements += 1;
    if (this.#elements > limits.elements) throw this.#fault('XML_TOO_LARGE', `more than ${limits.elements} elements`);
    if (this.#open.length >= limits.depth) throw this.#fault('XML_TOO_DEEP', `deeper than ${limits.depth}`);
    const found = Object.values(tag.attributes);
    if (found.length > limits.attributes)
      throw this.#fault('XML_TOO_LARGE', `more than ${limits.attributes} attributes`);
    const attributes: Record<string, string> = Object.create(null);
    for (const one of found) if (one.uri === '') attributes[one.local] = one.value;
    this.#open.push({ name: tag.local, uri: tag.uri, attributes, children: [], text: '', line: parser.line });
  }

  #end(): void {
    const element = this.#open.pop();
    if (element === undefined) return;
    const parent = this.#open.at(-1);
    if (parent === undefined) this.#root = element;
    else if (!this.#take(element, this.#open.length)) parent.children.push(element);
  }

  #fault(code: string, message: string): CodedError {
    const { line, column } = this.#parser;
    return new CodedError(code, message, { line, column });
  }
}

function decoderOf(head: Uint8Array): TextDecoder {
  const start = Buffer.from(head.subarray(0, 200)).toString('latin1');
  const declared = /^(?:\u00ef\u00bb\u00bf)?<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']/.exec(
    start,
  )?.[1];
  const name = (declared ?? 'utf-8').toLowerCase();
  if (name === 'utf-8' || name === 'utf8' || name === 'us-ascii') return new TextDecoder('utf-8', { fatal: true });
  // Banks write ISO-8859-1 and mean what Windows does with it.
  if (name === 'iso-8859-1' || name === 'windows-1252' || name === 'iso-8859-15') return new TextDecoder(name);
  throw new CodedError('XML_ENCODING', 'this encoding is not accepted', { encoding: name });
}

/**
 * A whole document. Errors, each with `line` and `column`: XML_MALFORMED, XML_DOCTYPE, XML_ENCODING, XML_TOO_LARGE,
 * XML_TOO_DEEP. Nothing is ever fetched or expanded beyond the five entities of XML.
 */
export function parseXml(bytes: Uint8Array, limits: XmlLimits = MESSAGE_LIMITS): XmlElement {
  const reader = new XmlReader(limits, () => false);
  reader.write(bytes);
  return reader.end();
}

/** The same from pieces, giving way between them; see `TakeElement`. Returns what was not taken. */
export async function readXml(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  limits: XmlLimits,
  take: TakeElement = () => false,
): Promise<XmlElement> {
  const reader = new XmlReader(limits, take);
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += PIECE) {
      reader.write(chunk.subarray(at, at + PIECE));
      await new Promise<void>((go) => setImmediate(go));
    }
  }
  return reader.end();
}

/** The first child of this name, whatever its namespace. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((one) => one.name === name);
}

export function childrenOf(element: XmlElement | undefined, name: string): XmlElement[] {
  return element?.children.filter((one) => one.name === name) ?? [];
}

/** Trimmed text of the child, or undefined where it is absent. */
export function textOf(element: XmlElement | undefined, ...path: readonly string[]): string | undefined {
  let at = element;
  for (const name of path) at = childOf(at, name);
  return at?.text.trim();
}
