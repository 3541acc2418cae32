import { setTimeout as after } from 'node:timers/promises';
import { addDays } from '../../kernel/civil-date.ts';
import { romeDate, romeInstant } from '../../kernel/rome-time.ts';
import {
  type Channel,
  dueChannels,
  handOver,
  isDue,
  newOwner,
  putBack,
  type TakenDelivery,
  takeDue,
  waitForBudget,
} from '../deliveries/index.ts';
import { closeBody } from './close-body.ts';
import { planForgotten } from './plan-campaign.ts';
import type { RunDeps } from './run-deps.ts';
import { runScheduled } from './scheduled-start.ts';
import { tick } from './tick.ts';

export interface Round {
  /** How much moved: deliveries looked at, queued, started. */
  readonly moved: number;
  /** Work is due and waits for its turn, or for a provider's rate: to be called again at once. */
  readonly waiting: boolean;
  /** Errors of single bodies, which did not keep the others waiting. */
  readonly failures: readonly unknown[];
}

/** Of one process, for as long as it lives: where each channel's turn stands is kept between the rounds. */
export interface DueRounds {
  /** Works for about `forMs` of real time: each body is begun, whatever it costs; then who waits has its turns. */
  round(enteIds: readonly number[], signal: AbortSignal, forMs: number): Promise<Round>;
}

/** Bodies with messages due on one channel. */
interface Lane {
  readonly channel: Channel;
  /** Those that have had no turn yet: a body with a million messages does not keep them waiting. */
  readonly fresh: number[];
  /** The others, in the order of their turns: who had one goes to the end. */
  readonly again: number[];
}

/** A micro-batch that was taken: it is being written, on the wire, or recorded. */
interface Flight {
  readonly lane: Lane;
  readonly enteId: number;
  /** Never rejects. */
  readonly landed: Promise<void>;
}

interface Opening {
  readonly enteId: number;
  /** In this round. */
  readonly first: boolean;
  /** Its last turn found nothing. */
  readonly idle: boolean;
}

/**
 * While one batch of a channel is on the wire, others are taken, written and recorded. Each looks at holds right before
 * its own wire, and together they are never more than a second of the rate (`batchSize`).
 */
const IN_FLIGHT = 2;
/** A permit that others took first is asked for again so often; then another channel has its turn. */
const TRIES = 3;
const DATED_AT_ONCE = 5_000;
/** What is on the wire when the program is told to stop has so long to be answered. */
const WIRE_GRACE_MS = 20_000;

export function makeDueRounds(deps: RunDeps): DueRounds {
  const { db, now, monotonic, rates } = deps;
  const owner = deps.owner ?? newOwner();
  const lanes: Lane[] = deps.channels.map((channel) => ({ channel, fresh: [], again: [] }));
  const standsIn = ({ fresh, again }: Lane, enteId: number) => fresh.includes(enteId) || again.includes(enteId);
  const waits = (enteId: number) => lanes.some((lane) => standsIn(lane, enteId));
  const nextIn = ({ fresh, again }: Lane) => fresh[0] ?? again[0];

  /** Ticks a body; its messages then have their turns, or it is done for now. */
  async function open({ enteId, first, idle }: Opening): Promise<number> {
    // Another process may have ended it since the list was read.
    if (first && db.engine === 'postgres' && !(await db.system((tx) => isDue(tx, enteId, now())))) return 0;
    let moved = first ? await runScheduled(deps, enteId) : 0;
    const kinds = lanes.map((lane) => lane.channel.kind);
    const due = await db.tenant(enteId, async (tx) => {
      moved += await tick(tx, deps);
      return dueChannels(tx, kinds, now());
    });
    // What is due and cannot be taken, or only by whoever holds it, is not looked at again and again.
    for (const lane of idle && moved === 0 ? [] : lanes) {
      if (due.includes(lane.channel.kind) && !standsIn(lane, enteId)) lane.fresh.push(enteId);
    }
    return waits(enteId) ? moved : moved + (await closeBody(deps, enteId));
  }

  /**
   * One micro-batch of the body whose turn it is, which leaves by `fly`; what was looked at, and whether the body is
   * through on this channel.
   */
  async function serve(
    { channel }: Lane,
    enteId: number,
    signal: AbortSignal,
    fly: (taken: readonly TakenDelivery[]) => Promise<void>,
  ): Promise<{ moved: number; through: boolean }> {
    const permit = await permitFor(channel.kind, signal);
    if (permit.dayOver) {
      const tomorrow = romeInstant(addDays(romeDate(now()), 1), 0);
      const moved = await db.tenant(enteId, (tx) => waitForBudget(tx, channel.kind, now(), tomorrow, DATED_AT_ONCE));
      return { moved, through: moved < DATED_AT_ONCE };
    }
    if (permit.granted === 0 || signal.aborted) return { moved: 0, through: false };
    const { taken, seen } = await db.tenant(
      enteId,
      (tx) => takeDue(tx, channel.kind, permit.granted, owner, now(), monotonic.now(), deps.guards),
      { prepared: true },
    );
    if (signal.aborted) {
      const ids = taken.map((delivery) => delivery.deliveryId);
      await db.tenant(enteId, (tx) => putBack(tx, ids, now()));
      return { moved: seen, through: false };
    }
    rates.permits.use(rates.account(channel.kind), taken.length);
    if (taken.length > 0) await fly(taken);
    // A full page may have held several messages of one person, or some that the ceiling dated later: look again.
    return { moved: seen, through: seen === 0 || (taken.length === 0 && seen < permit.granted) };
  }

  async function permitFor(kind: string, signal: AbortSignal) {
    const account = rates.account(kind);
    for (let tried = 1; ; tried += 1) {
      const permit = await rates.permits.get(account, romeDate(now()));
      if (permit.granted > 0 || permit.dayOver || tried === TRIES || signal.aborted) return permit;
      await after(permit.waitMs + 1, undefined, { signal }).catch(() => {});
    }
  }

  return {
    async round(enteIds, signal, forMs) {
      const began = monotonic.now();
      const failures: unknown[] = [];
      const toOpen = enteIds.map((enteId): Opening => ({ enteId, first: true, idle: false }));
      let moved = 0;
      const failed = (error: unknown) => {
        failures.push(error);
        return 0;
      };
      const guarded = async (enteId: number, work: () => Promise<void>) => {
        try {
          await work();
        } catch (error) {
          failures.push(error);
          for (const lane of lanes) leave(lane, enteId);
        }
      };
      const wire = outlasting(signal);
      const flights = new Set<Flight>();
      /** Returns once the channel has room for another. */
      const fly = async (lane: Lane, enteId: number, taken: readonly TakenDelivery[]) => {
        const landed = guarded(enteId, async () => {
          await handOver(deps, enteId, lane.channel, taken, wire.signal);
        }).then(() => void flights.delete(flight));
        const flight: Flight = { lane, enteId, landed };
        flights.add(flight);
        const beside = [...flights].filter((one) => one.lane === lane);
        // What is on the wire at once is counted for one batch of a process at a time.
        const most = rates.account(lane.channel.kind).limits.atOnce === null ? IN_FLIGHT : 1;
        if (beside.length >= most) await Promise.race(beside.map((one) => one.landed));
      };
      const allLanded = (enteId: number | null) =>
        Promise.all([...flights].filter((one) => enteId === null || one.enteId === enteId).map((one) => one.landed));
      while (!signal.aborted) {
        const next = toOpen.shift();
        if (next !== undefined) {
          // A plan that fails keeps no other campaign of the body waiting.
          if (next.first) moved += await planForgotten(deps, next.enteId).catch(failed);
          await guarded(next.enteId, async () => {
            moved += await open(next);
          });
        }
        for (const lane of lanes) {
          const enteId = nextIn(lane);
          if (enteId === undefined || signal.aborted) continue;
          await guarded(enteId, async () => {
            const served = await serve(lane, enteId, signal, (taken) => fly(lane, enteId, taken));
            moved += served.moved;
            if (served.moved === 0 && !served.through) return;
            leave(lane, enteId);
            if (!served.through) lane.again.push(enteId);
            else if (!waits(enteId)) {
              await allLanded(enteId);
              toOpen.push({ enteId, first: false, idle: served.moved === 0 });
            }
          });
        }
        if (toOpen.length > 0) continue;
        if (lanes.every((lane) => nextIn(lane) === undefined) || monotonic.now() - began >= forMs) break;
      }
      await allLanded(null);
      wire.done();
      await rates.permits.rest(romeDate(now()));
      return { moved, waiting: lanes.some((lane) => nextIn(lane) !== undefined), failures };
    },
  };
}

function leave({ fresh, again }: Lane, enteId: number): void {
  for (const turns of [fresh, again]) if (turns.includes(enteId)) turns.splice(turns.indexOf(enteId), 1);
}

/** Told to stop, the batch that is on the wire is still waited for. */
function outlasting(stop: AbortSignal): { signal: AbortSignal; done(): void } {
  const wire = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onStop = () => {
    timer = setTimeout(() => wire.abort(), WIRE_GRACE_MS);
  };
  stop.addEventListener('abort', onStop, { once: true });
  return {
    signal: wire.signal,
    done() {
      stop.removeEventListener('abort', onStop);
      clearTimeout(timer);
    },
  };
}
