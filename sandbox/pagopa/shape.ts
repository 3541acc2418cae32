import type { XmlElement } from './xml.ts';

/** A text that may stand there. */
export type TextKind = (text: string) => boolean;

export interface Part {
  readonly name: string;
  readonly is: TextKind | Shape;
  readonly optional?: true;
  /** How many may follow each other; 1 when missing. */
  readonly max?: number;
  /** This element may stand in its place. */
  readonly or?: Part;
}

/** What an element holds, in order: the messages are sequences (pagopa §3). */
export type Shape = readonly Part[];

/** What in an element does not fit, each with its place; children must be unqualified (pagopa §3). */
export function misfitsOf(element: XmlElement, shape: Shape, path: string): string[] {
  const found: string[] = [];
  let at = 0;
  const next = (part: Part): XmlElement | undefined => {
    const child = element.children[at];
    if (child?.name !== part.name || child.uri !== '') return undefined;
    at += 1;
    found.push(...within(child, part, `${path}/${part.name}`));
    return child;
  };
  for (const part of shape) {
    let count = 0;
    while (count < (part.max ?? 1) && next(part)) count += 1;
    if (count === 0 && part.or !== undefined && next(part.or)) count = 1;
    if (count === 0 && part.optional !== true) found.push(`${path}: ${part.name} is missing`);
  }
  const extra = element.children[at];
  if (extra !== undefined)
    found.push(`${path}: ${extra.uri === '' ? '' : `{${extra.uri}}`}${extra.name} is out of place`);
  return found;
}

function within(child: XmlElement, part: Part, path: string): string[] {
  if (typeof part.is !== 'function') return misfitsOf(child, part.is, path);
  if (child.children.length > 0) return [`${path}: text alone is expected`];
  return part.is(child.text) ? [] : [`${path}: not a value it may have`];
}
