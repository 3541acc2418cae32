import { connect, type Socket } from 'node:net';
import type { PDU, PduFields } from 'smpp';
import type { ChannelLog } from '../channel-log.ts';
import { type Answer, makeSmppLink, type RequestResult, type SmppLink } from './smpp-link.ts';
import { makeSlots, pause, unlessAborted } from './waits.ts';

/** Real milliseconds, all of them. */
export interface SmppTimeouts {
  readonly connectMs: number;
  readonly bindMs: number;
  /** Until a submit without an answer counts as uncertain. */
  readonly responseMs: number;
  /** Between two enquire_link, and until their answer. */
  readonly enquireMs: number;
  readonly enquireResponseMs: number;
  /** How long a submit waits for the session when there is none. */
  readonly readyMs: number;
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  /** Pause after a refused bind, which only an operator can mend. */
  readonly refusedRetryMs: number;
}

export const SMPP_TIMEOUTS: SmppTimeouts = {
  connectMs: 10_000,
  bindMs: 10_000,
  responseMs: 30_000,
  enquireMs: 30_000,
  enquireResponseMs: 5_000,
  readyMs: 10_000,
  backoffMinMs: 1_000,
  backoffMaxMs: 60_000,
  refusedRetryMs: 300_000,
};

export interface SmppSessionOptions {
  readonly host: string;
  readonly port: number;
  readonly systemId: string;
  readonly password: string;
  readonly systemType: string;
  /** Submits without an answer at one time. */
  readonly window: number;
  readonly timeouts: SmppTimeouts;
  readonly log: ChannelLog;
  readonly onDeliver: (pdu: PDU) => Promise<void>;
  /** In [0, 1), for the jitter of the pauses. */
  readonly random?: () => number;
}

export interface SessionState {
  /** `refused` is the alarm: the SMSC does not let us in. */
  readonly kind: 'connecting' | 'bound' | 'waiting' | 'refused' | 'closed';
  /** Stable code of why it is so. */
  readonly code: string;
}

export interface SmppSession {
  /** Sends one submit_sm within the window. Never rejects. An abort after the writing gives `lost`. */
  submit(fields: PduFields, signal: AbortSignal, onLate: (answer: Answer) => void): Promise<RequestResult>;
  state(): SessionState;
  /** Submits that wait for their answer. */
  inFlight(): number;
  /** Resolves when bound (true), or refused, closed or out of time (false). */
  ready(timeoutMs: number): Promise<boolean>;
  /** Waits for what is in flight, unbinds, hangs up. */
  close(): Promise<void>;
}

/** Not a refusal of us: already bound (an old line not yet noticed dead), system error, queue full, throttled. */
const PASSING_BIND_STATUS = new Set([5, 8, 20, 88]);
const CLOSE_UNBIND_MS = 1000;

/** Keeps one transceiver bound: connects at once and again after each loss, with growing, jittered pauses. */
export function makeSmppSession(opts: SmppSessionOptions): SmppSession {
  const { timeouts, log } = opts;
  const random = opts.random ?? Math.random;
  const slots = makeSlots(opts.window);
  const stop = new AbortController();
  const readers = new Set<() => void>();
  let state: SessionState = { kind: 'connecting', code: 'STARTING' };
  /** Bound; null otherwise. */
  let link: SmppLink | null = null;
  let dialling: SmppLink | null = null;
  let failures = 0;
  let inFlight = 0;

  function enter(next: SessionState): void {
    if (state.kind === 'closed') return;
    state = next;
    for (const tell of [...readers]) tell();
  }

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      enter({ kind: 'connecting', code: state.code });
      const refused = await connectOnce();
      if (stop.signal.aborted) return;
      await pause(pauseMs(timeouts, refused, failures, random()), stop.signal);
      failures += 1;
    }
  }

  /** One life of a line, from dialling to its end; true when the bind was refused. */
  async function connectOnce(): Promise<boolean> {
    const dialled = await dial(opts.host, opts.port, timeouts.connectMs, stop.signal);
    if ('code' in dialled) {
      enter({ kind: 'waiting', code: dialled.code });
      if (failures === 0) log.warn({ code: dialled.code }, 'SMSC not reached');
      return false;
    }
    const line = makeSmppLink(dialled.socket, { ...timeouts, onDeliver: opts.onDeliver });
    dialling = line;
    const bind = await line.request('bind_transceiver', bindFields(opts), timeouts.bindMs);
    const status = bind.kind === 'answered' ? bind.answer.status : null;
    if (status !== 0) {
      const code = bind.kind === 'answered' ? `smpp:${status}` : bind.code;
      const refused = status !== null && !PASSING_BIND_STATUS.has(status);
      line.destroy('BIND_FAILED');
      enter({ kind: refused ? 'refused' : 'waiting', code });
      log.warn({ code, alarm: refused }, refused ? 'SMSC refuses the bind' : 'bind not answered');
      return refused;
    }
    link = line;
    enter({ kind: 'bound', code: 'OK' });
    log.info({ host: opts.host, port: opts.port }, 'SMPP session bound');
    line.supervise();
    // A line that falls at once, again and again, must not be dialled in a tight loop.
    const steady = setTimeout(() => {
      failures = 0;
    }, timeouts.backoffMaxMs);
    const why = await line.ended;
    clearTimeout(steady);
    link = null;
    enter({ kind: 'waiting', code: why });
    if (!stop.signal.aborted) log.warn({ code: why }, 'SMPP session lost');
    return false;
  }

  function ready(timeoutMs: number): Promise<boolean> {
    const settled = () => (state.kind === 'connecting' || state.kind === 'waiting' ? null : state.kind === 'bound');
    const now = settled();
    if (now !== null) return Promise.resolve(now);
    return new Promise((resolve) => {
      const finish = (answer: boolean): void => {
        clearTimeout(timer);
        readers.delete(look);
        resolve(answer);
      };
      const look = (): void => {
        const answer = settled();
        if (answer !== null) finish(answer);
      };
      const timer = setTimeout(() => finish(false), timeoutMs);
      readers.add(look);
    });
  }

  async function submit(
    fields: PduFields,
    signal: AbortSignal,
    onLate: (answer: Answer) => void,
  ): Promise<RequestResult> {
    if (!(await slots.take(signal))) return { kind: 'notSent', code: 'ABORTED' };
    if (link === null && !signal.aborted) await unlessAborted(ready(timeouts.readyMs), signal);
    if (signal.aborted || link === null || state.kind === 'closed') {
      slots.give();
      if (signal.aborted) return { kind: 'notSent', code: 'ABORTED' };
      return {
        kind: 'notSent',
        code: state.kind === 'refused' ? `BIND_REFUSED ${state.code}` : `NO_SESSION ${state.code}`,
      };
    }
    inFlight += 1;
    let settled = false;
    const result = link.request('submit_sm', fields, timeouts.responseMs, onLate).then((answered) => {
      inFlight -= 1;
      slots.give();
      // Too late for the caller, who has been told that it is lost; the answer still ties receipts to the message.
      if (settled && answered.kind === 'answered') onLate(answered.answer);
      return answered;
    });
    const told = await unlessAborted(result, signal);
    settled = true;
    return told ?? { kind: 'lost', code: 'ABORTED' };
  }

  async function close(): Promise<void> {
    enter({ kind: 'closed', code: 'CLOSED' });
    const line = link;
    if (line !== null) {
      const quiet = Promise.all([slots.free(), line.drained()]);
      await Promise.race([quiet, line.ended, pause(timeouts.responseMs, stop.signal)]);
      await line.request('unbind', {}, Math.min(CLOSE_UNBIND_MS, timeouts.bindMs));
    }
    stop.abort();
    dialling?.destroy('CLOSED_BY_US');
    await running;
  }

  const running = run();
  return { submit, state: () => state, inFlight: () => inFlight, ready, close };
}

/** Real milliseconds before the next dial: doubling up to the cap, of which the upper half is chance (`random` in [0, 1)). */
export function pauseMs(timeouts: SmppTimeouts, refused: boolean, failures: number, random: number): number {
  const cap = Math.min(timeouts.backoffMaxMs, timeouts.backoffMinMs * 2 ** Math.min(failures, 20));
  return (refused ? timeouts.refusedRetryMs : cap) * (0.5 + random / 2);
}

function bindFields(opts: SmppSessionOptions): PduFields {
  return {
    system_id: opts.systemId,
    password: opts.password,
    system_type: opts.systemType,
    interface_version: 0x34,
    addr_ton: 0,
    addr_npi: 0,
    address_range: '',
  };
}

/** A connected socket, or why there is none. */
function dial(
  host: string,
  port: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<{ socket: Socket } | { code: string }> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const fail = (code: string): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      resolve({ code });
    };
    const onAbort = (): void => fail('CLOSED_BY_US');
    const onError = (error: Error & { code?: string }): void => fail(error.code ?? 'ESOCKET');
    const timer = setTimeout(() => fail('CONNECT_TIMEOUT'), timeoutMs);
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('error', onError);
    socket.once('connect', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off('error', onError);
      resolve({ socket });
    });
  });
}
