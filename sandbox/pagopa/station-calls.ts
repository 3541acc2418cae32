import type { Exchange, Exchanges, Outcome } from './exchanges.ts';
import { ENVELOPE, NAMESPACE } from './message-parts.ts';
import type { Addressee } from './requests.ts';
import { misfits, OPERATIONS, type Operation } from './shapes.ts';
import { childOf, readXml, textOf, type XmlElement } from './xml.ts';

/** No answer of the protocol is near it. */
const MAX_ANSWER = 512 * 1024;

export interface CallOptions {
  readonly simNow: () => number;
  readonly realNow: () => number;
  readonly exchanges: Exchanges;
  /** Real ms that the node waits: 7 s for reads, 15 s for receipts (pagopa §5). */
  readonly timeouts: { readonly read: number; readonly receipt: number };
  /** Looks at a whole SOAP message with the official schema; what is wrong with it. */
  readonly validate?: ((message: string) => readonly string[]) | undefined;
}

export interface StationCall {
  readonly operation: Operation;
  readonly to: Addressee;
  readonly request: string;
  readonly noticeNumber: string | null;
  readonly receiptId?: string;
  /** What is wrong with an OK whose shape is right. */
  readonly check?: (answer: XmlElement) => readonly string[];
}

/** `answer` is there for an OK alone. */
export interface Heard {
  readonly outcome: Outcome;
  readonly faultCode: string | null;
  readonly answer: XmlElement | null;
}

type Reply =
  | { readonly kind: 'answered'; readonly status: number; readonly text: string }
  | { readonly kind: 'timeout' | 'unreachable' };

/** Calls a station as the node does, and keeps the exchange. */
export function makeStationCalls(options: CallOptions): (call: StationCall) => Promise<Heard> {
  return async (call) => {
    const { operation, to, request } = call;
    const at = options.simNow();
    const began = options.realNow();
    const reply = await post(to, operation, request, waitFor(operation, options));
    const judged = judge(reply, call, options);
    const exchange: Exchange = {
      operation,
      stationId: to.station.id,
      creditor: to.creditor,
      noticeNumber: call.noticeNumber,
      receiptId: call.receiptId ?? null,
      at,
      ms: options.realNow() - began,
      request,
      response: reply.kind === 'answered' ? reply.text : null,
      outcome: judged.outcome,
      faultCode: judged.faultCode,
      problems: judged.problems,
    };
    options.exchanges.add(exchange);
    return judged;
  };
}

function waitFor(operation: Operation, { timeouts }: CallOptions): number {
  return operation === 'paSendRT' || operation === 'paSendRTV2' ? timeouts.receipt : timeouts.read;
}

async function post(to: Addressee, operation: Operation, request: string, timeoutMs: number): Promise<Reply> {
  const { url, headers } = to.station;
  if (url === null) return { kind: 'unreachable' };
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'text/xml; charset=UTF-8', soapaction: `"${operation}"` },
      body: request,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { kind: 'answered', status: response.status, text: await response.text() };
  } catch (error) {
    return { kind: error instanceof DOMException && error.name === 'TimeoutError' ? 'timeout' : 'unreachable' };
  }
}

function judge(reply: Reply, call: StationCall, options: CallOptions): Heard & { problems: readonly string[] } {
  const broken = (outcome: Outcome, ...problems: string[]): Heard & { problems: readonly string[] } => ({
    outcome,
    faultCode: null,
    answer: null,
    problems,
  });
  if (reply.kind !== 'answered') return broken(reply.kind);
  // A KO is HTTP 200 with the operation's own answer, never a SOAP fault (pagopa §3).
  if (reply.status !== 200) return broken('malformed', `HTTP ${reply.status}`);
  if (reply.text.length > MAX_ANSWER) return broken('malformed', 'the answer is too long');
  let root: XmlElement;
  try {
    root = readXml(reply.text);
  } catch (error) {
    return broken('malformed', error instanceof Error ? error.message : 'no XML');
  }
  const answer = answerIn(root, call.operation);
  if (typeof answer === 'string') return broken('malformed', answer);
  const wrong = [...misfits(answer, call.operation), ...(options.validate?.(reply.text) ?? [])];
  if (wrong.length > 0) return broken('malformed', ...wrong);
  if (textOf(answer, 'outcome') === 'KO') return ko(answer, call, broken);
  if (childOf(answer, 'fault') !== undefined) return broken('malformed', 'OK with a fault');
  const problems = call.check?.(answer) ?? [];
  return problems.length > 0
    ? broken('refused', ...problems)
    : { outcome: 'OK', faultCode: null, answer, problems: [] };
}

function ko(
  answer: XmlElement,
  call: StationCall,
  broken: (outcome: Outcome, ...problems: string[]) => Heard & { problems: readonly string[] },
): Heard & { problems: readonly string[] } {
  const fault = childOf(answer, 'fault');
  if (fault === undefined) return broken('malformed', 'KO without a fault');
  const faultCode = textOf(fault, 'faultCode') ?? '';
  if (!/^PAA_[A-Z_]+$/.test(faultCode)) return broken('malformed', `${faultCode} is no code of a creditor`);
  if (textOf(fault, 'id') !== call.to.creditor) return broken('malformed', 'the fault is of another body');
  return { outcome: 'KO', faultCode, answer: null, problems: [] };
}

/** The one element of the body, or why there is none. */
function answerIn(root: XmlElement, operation: Operation): XmlElement | string {
  if (root.name !== 'Envelope' || root.uri !== ENVELOPE) return 'no SOAP 1.1 envelope';
  const bodies = root.children.filter(({ name, uri }) => name === 'Body' && uri === ENVELOPE);
  const [body] = bodies;
  if (body === undefined || bodies.length > 1) return 'not one SOAP body';
  const [answer, more] = body.children;
  if (answer === undefined || more !== undefined) return 'not one element in the SOAP body';
  const wanted = OPERATIONS[operation].response;
  if (answer.name !== wanted || answer.uri !== NAMESPACE) return `{${answer.uri}}${answer.name} instead of ${wanted}`;
  return answer;
}
