import type { Monotonic } from '../../../kernel/clocks.ts';
import type { SendOutcome } from '../../../modules/deliveries/channel.port.ts';

/** The delivery behind an SMSC's message id. */
export interface DeliveryRef {
  readonly enteId: number;
  readonly deliveryId: string;
}

/** A delivery on its way to a number, or one whose fate is not known. */
export interface OpenSubmit extends DeliveryRef {
  readonly parts: number;
}

export interface Sent {
  readonly outcome: SendOutcome;
  /** A receipt for it may carry an id that nobody told us. Never rejects. */
  readonly open: Promise<boolean>;
}

/**
 * One unacknowledged submit per destination, so that a receipt whose id was never told to us can be matched by its
 * number and interval (architecture §4.7). In memory: after a restart such a receipt stays unmatched.
 */
export interface Destinations {
  /**
   * Runs `send` once no other submit to this number is under way. The turn ends when `open` of what was sent is known:
   * whether the message is still open after its outcome (nobody told us its id); an open one can be found with `only`
   * for three days.
   */
  inTurn(number: string, submit: OpenSubmit, send: () => Promise<Sent>): Promise<Sent>;
  /** Resolves when the submit under way to this number, if any, has its outcome. */
  settled(number: string): Promise<void>;
  /** The one open delivery to this number; null when there is none or more than one. */
  only(number: string): OpenSubmit | null;
  forget(number: string, deliveryId: string): void;
}

/** Networks give up within two or three days; a later receipt is about something else. */
const INTERVAL_MS = 72 * 3_600_000;
const MAX_NUMBERS = 10_000;

export function makeDestinations(monotonic: Monotonic): Destinations {
  const turns = new Map<string, Promise<unknown>>();
  const current = new Map<string, Promise<void>>();
  /** Insertion order is age. */
  const open = new Map<string, Map<string, OpenSubmit & { readonly at: number }>>();

  function remember(number: string, submit: OpenSubmit): void {
    const there = open.get(number) ?? new Map();
    there.set(submit.deliveryId, { ...submit, at: monotonic.now() });
    open.delete(number);
    open.set(number, there);
    const oldest = open.keys().next().value;
    if (open.size > MAX_NUMBERS && oldest !== undefined) open.delete(oldest);
  }

  function forget(number: string, deliveryId: string): void {
    const there = open.get(number);
    there?.delete(deliveryId);
    if (there?.size === 0) open.delete(number);
  }

  return {
    async inTurn(number, submit, send) {
      const before = turns.get(number);
      let done: () => void = () => {};
      const mine = new Promise<void>((resolve) => {
        done = resolve;
      });
      turns.set(number, mine);
      await before;
      current.set(number, mine);
      remember(number, submit);
      const end = (stays: boolean): void => {
        if (!stays) forget(number, submit.deliveryId);
        current.delete(number);
        if (turns.get(number) === mine) turns.delete(number);
        done();
      };
      try {
        const sent = await send();
        void sent.open.then(end);
        return sent;
      } catch (error) {
        end(true);
        throw error;
      }
    },
    settled: async (number) => current.get(number),
    only(number) {
      const fresh = [...(open.get(number)?.values() ?? [])].filter((s) => monotonic.now() - s.at < INTERVAL_MS);
      return fresh.length === 1 ? (fresh[0] ?? null) : null;
    },
    forget,
  };
}
