/** What the text of a credit refers to (pagopa §12). */
export interface MovementReferences {
  /** Everything the flow's id may be, in capitals, longest last; empty: it names no flow. */
  readonly flowIds: readonly string[];
  /** Of a single credit; null: none. */
  readonly iuv: string | null;
}

const LONGEST = 35;
/** Before the id of a flow; between the two words some banks write a text number of their own. */
const FLOW_MARK = /LGPE-?RIVERSAMENTO\/?(?:TXT\/?\d\/?)?URI\/?/i;
const SINGLE_MARK = /RF[BS](?=\/|\d|RF)\/?/i;
const FLOW_ID = /^\d{4}-\d{2}-\d{2}[A-Z0-9_-]/;

/**
 * Banks put blanks anywhere, before and inside what a text refers to, and write on behind it: so blanks are no part of it,
 * but it ends at one, or at the first character that cannot be in it. All such ends are told; only one is a flow's.
 */
export function referencesOf(text: string): MovementReferences {
  const { compact, breaks } = withoutBlanks(text);
  const flow = FLOW_MARK.exec(compact);
  if (flow !== null) {
    const flowIds = endings(compact, breaks, flow.index + flow[0].length, /[A-Z0-9_-]/i).filter((id) =>
      FLOW_ID.test(id),
    );
    if (flowIds.length > 0) return { flowIds, iuv: null };
  }
  const single = SINGLE_MARK.exec(compact);
  return { flowIds: [], iuv: single === null ? null : iuvOf(compact, breaks, single.index + single[0].length) };
}

function withoutBlanks(text: string): { compact: string; breaks: ReadonlySet<number> } {
  let compact = '';
  const breaks = new Set<number>();
  for (const piece of text.split(/[\s\u200b]+/)) {
    compact += piece;
    breaks.add(compact.length);
  }
  return { compact, breaks };
}

function endings(compact: string, breaks: ReadonlySet<number>, start: number, part: RegExp): string[] {
  const found: string[] = [];
  for (let end = start + 1; end <= Math.min(start + LONGEST, compact.length); end += 1) {
    if (!part.test(compact.charAt(end - 1))) break;
    const ends = end === compact.length || breaks.has(end) || !part.test(compact.charAt(end));
    if (ends) found.push(compact.slice(start, end).toUpperCase());
  }
  return found;
}

/** Of 17 digits, else of 15, else a reference of ISO 11649, else whatever stands between bars (pagopa §1). */
function iuvOf(compact: string, breaks: ReadonlySet<number>, start: number): string | null {
  const found = endings(compact, breaks, start, /[A-Z0-9]/i);
  const barred = found.at(-1);
  const ofForm = (form: RegExp) => found.find((one) => form.test(one));
  return (
    ofForm(/^\d{17}$/) ??
    ofForm(/^\d{15}$/) ??
    ofForm(/^RF\d{2}[A-Z0-9]{1,21}$/) ??
    (barred !== undefined && compact.charAt(start + barred.length) === '/' ? barred : null)
  );
}
