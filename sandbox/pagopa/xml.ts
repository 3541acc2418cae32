import { SaxesParser } from 'saxes';

/** An element with what is in it: `name` is local, `uri` its namespace, empty for an unqualified name. */
export interface XmlElement {
  readonly name: string;
  readonly uri: string;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

interface Open {
  name: string;
  uri: string;
  children: XmlElement[];
  text: string;
}

const MAX_DEPTH = 32;

/** Reads a whole message; throws an Error for what is not well-formed, carries a document type, or is too deep. */
export function readXml(text: string): XmlElement {
  const parser = new SaxesParser({ xmlns: true });
  const open: Open[] = [];
  let root: XmlElement | null = null;
  const heard = (more: string): void => {
    const top = open.at(-1);
    if (top !== undefined) top.text += more;
  };
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('doctype', () => {
    throw new Error('a document type is not accepted');
  });
  parser.on('opentag', ({ local, uri }) => {
    if (open.length >= MAX_DEPTH) throw new Error(`deeper than ${MAX_DEPTH}`);
    open.push({ name: local, uri, children: [], text: '' });
  });
  parser.on('text', heard);
  parser.on('cdata', heard);
  parser.on('closetag', () => {
    const element = open.pop();
    if (element === undefined) return;
    const parent = open.at(-1);
    if (parent === undefined) root = element;
    else parent.children.push(element);
  });
  parser.write(text).close();
  if (root === null) throw new Error('no element');
  return root;
}

export function childOf(element: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  let at = element;
  for (const name of path) at = at?.children.find((child) => child.name === name);
  return at;
}

export function childrenOf(element: XmlElement | undefined, name: string): XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

export function textOf(element: XmlElement | undefined, ...path: readonly string[]): string | undefined {
  return childOf(element, ...path)?.text;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (found) => ENTITIES[found] ?? '');
}

/** `<name>text</name>`, or nothing at all where there is no text: the schemas refuse empty elements. */
export function leaf(name: string, text: string | number | boolean | null | undefined): string {
  return text === null || text === undefined || text === '' ? '' : `<${name}>${escaped(String(text))}</${name}>`;
}

/** An element around others already written; `attributes` of names that need no escaping. */
export function branch(
  name: string,
  written: readonly string[],
  attributes: Readonly<Record<string, string>> = {},
): string {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`);
  return `<${name}${given.join('')}>${written.join('')}</${name}>`;
}
