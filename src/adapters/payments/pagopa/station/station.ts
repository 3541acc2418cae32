import { CodedError } from '../../../../kernel/errors.ts';
import { romeDate } from '../../../../kernel/rome-time.ts';
import { answerNotice } from './answer-notice.ts';
import { addressee, makeBodies } from './bodies.ts';
import { type Operation, operationNamed, type Request, readEnvelope, readRequest } from './read-request.ts';
import { Refused } from './refused.ts';
import type { StationDeps } from './station-deps.ts';
import { takeReceiptOf } from './take-receipt.ts';
import { type FaultCode, refusal, soapFault } from './write-answer.ts';

/** What goes back over HTTP; the text is XML. */
export interface StationAnswer {
  readonly status: number;
  readonly xml: string;
}

export interface Station {
  /** Answers one SOAP request, whatever it is; never throws. `soapAction` only helps where the body cannot be read. */
  answer(body: Uint8Array, soapAction?: string): Promise<StationAnswer>;
}

/** The node waits 7 s for a look at a notice and 15 for a receipt (pagopa §5): a late answer is as bad as none. */
const LOOK_MS = 5_000;
const RECEIPT_MS = 12_000;

/** The creditor's side of paForNode (pagopa §3), for every body of the installation. */
export function makeStation(deps: StationDeps): Station {
  const bodyBy = makeBodies({ db: deps.db, now: () => deps.clock.now(), monotonic: deps.monotonic });

  async function dispatch(request: Request, raw: Uint8Array): Promise<string> {
    const body = addressee(await bodyBy(request.to.idPA), request.to);
    const { operation } = request;
    if (operation === 'paSendRTReq' || operation === 'paSendRTV2Request') {
      return takeReceiptOf(deps, body, request, raw);
    }
    return answerNotice(deps, body, request, romeDate(deps.clock.now()));
  }

  return {
    async answer(bytes, soapAction = '') {
      let operation: Operation | null = operationNamed(soapAction.replace(/^"|"$/g, ''));
      let idPA = '';
      try {
        const read = readEnvelope(bytes);
        operation = read.operation;
        const request = readRequest(operation, read.element);
        idPA = request.to.idPA;
        const limit = operation.startsWith('paSendRT') ? RECEIPT_MS : LOOK_MS;
        return { status: 200, xml: await within(limit, dispatch(request, bytes)) };
      } catch (error) {
        const [code, description] = faultOf(error);
        if (code === 'PAA_SYSTEM_ERROR') deps.log.error({ err: error, operation }, 'station failed');
        const lost = code === 'PAA_SYSTEM_ERROR' && operation?.startsWith('paSendRT') === true;
        if (lost && deps.receiptsDown === 'silence') return { status: 503, xml: '' };
        if (operation === null) return { status: 500, xml: soapFault() };
        return { status: 200, xml: refusal(operation, code, idPA, description) };
      }
    },
  };
}

const SYNTAX = new Set(['SHAPE', 'ENVELOPE', 'OPERATION_UNKNOWN']);

function faultOf(error: unknown): [code: FaultCode, description: string | undefined] {
  if (error instanceof Refused) return [error.code, error.description];
  if (error instanceof CodedError && (SYNTAX.has(error.code) || error.code.startsWith('XML_'))) {
    const { path, line } = error.details;
    const where = path === undefined ? undefined : `${path}, riga ${line}`;
    return ['PAA_SINTASSI_EXTRAXSD', where];
  }
  return ['PAA_SYSTEM_ERROR', undefined];
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new CodedError('STATION_LATE', `no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    // What comes after the answer is of no use to anybody, but must not end the program.
    work.catch(() => {});
  }
}
