import { afterEach } from 'vitest';
import type { SmsBehaviour } from '../../sandbox/smsc/behaviour.ts';
import { type Smsc, type SmscOptions, startSmsc } from '../../sandbox/smsc/smsc.ts';
import { makeCapturedLog, sampleMessage } from '../../src/adapters/channels/conformance.ts';
import type { DeliveryRef } from '../../src/adapters/channels/sms/destinations.ts';
import { makeSmsChannel, type SmsChannelOptions } from '../../src/adapters/channels/sms/sms-channel.ts';
import type { Channel, ChannelSignal } from '../../src/modules/deliveries/channel.port.ts';

export const A = '+393331000001';
export const B = '+393331000002';
export const NEVER = new AbortController().signal;
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** References that outlive the channel, as rows do. */
function makeRefs() {
  const rows = new Map<string, DeliveryRef>();
  return {
    rows,
    save: async (ref: string, enteId: number, deliveryId: string) => void rows.set(ref, { enteId, deliveryId }),
    find: async (ref: string) => rows.get(ref) ?? null,
  };
}

/** A channel over a real SMSC of the sandbox; all of it is closed after each test. */
interface World {
  readonly smsc: Smsc;
  readonly channel: Channel;
  readonly signals: ChannelSignal[];
  readonly replies: string[][];
  readonly refs: ReturnType<typeof makeRefs>;
  readonly log: readonly string[];
  /** Lets everything happen that the SMSC has put off. */
  runLater(): Promise<void>;
  /** A second process with the same references. */
  restart(over?: Partial<SmsChannelOptions>): Promise<Channel>;
}

export async function world(
  behaviourOf: (number: string) => SmsBehaviour,
  smscOver: Partial<SmscOptions> = {},
  over: Partial<SmsChannelOptions> = {},
): Promise<World> {
  const later: (() => Promise<void>)[] = [];
  const smsc = await startSmsc({
    systemId: 'bonario',
    password: 'segreta',
    behaviourOf,
    simNow: () => Date.UTC(2026, 10, 24, 8),
    realNow: () => 0,
    later: (_afterMs, _label, run) => void later.push(run),
    ...smscOver,
  });
  closers.push(() => smsc.close());
  const log = makeCapturedLog();
  const refs = makeRefs();
  const signals: ChannelSignal[] = [];
  const replies: string[][] = [];
  const start = (more: Partial<SmsChannelOptions>): Channel => {
    const channel = makeSmsChannel({
      host: '127.0.0.1',
      port: smsc.port,
      systemId: 'bonario',
      password: 'segreta',
      systemType: '',
      source: { alphanumeric: 'ComuneProva' },
      window: 10,
      timeouts: { responseMs: 300, readyMs: 500, backoffMinMs: 10, backoffMaxMs: 20 },
      log,
      refs,
      onSignal: async (group) => void signals.push(...group),
      onReply: async (from, text, to) => void replies.push([from, text, to]),
      ...more,
    });
    closers.push(() => channel.close());
    return channel;
  };
  const channel = start(over);
  return {
    smsc,
    channel,
    signals,
    replies,
    refs,
    log: log.lines,
    runLater: async () => void (await Promise.all(later.splice(0).map((run) => run()))),
    restart: async (more = {}) => {
      await channel.close();
      return start(more);
    },
  };
}

export const one = async (channel: Channel, message = sampleMessage(A)) => (await channel.send([message], NEVER))[0];
