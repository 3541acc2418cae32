import { expect } from 'vitest';
import type { SmsBehaviour } from '../../../../sandbox/smsc/behaviour.ts';
import { startSmsc } from '../../../../sandbox/smsc/smsc.ts';
import type { ProviderBehaviour } from '../conformance.ts';
import { describeChannel } from '../conformance.ts';
import { makeSmsChannel } from './sms-channel.ts';

describeChannel('SMS over SMPP', async (log) => {
  const behaviours = new Map<string, SmsBehaviour>();
  const smsc = await startSmsc({
    systemId: 'bonario',
    password: 'segreta',
    behaviourOf: (number) => behaviours.get(number) ?? { kind: 'works' },
    simNow: () => 0,
    realNow: () => 0,
    later: () => undefined,
  });
  const channel = makeSmsChannel({
    host: '127.0.0.1',
    port: smsc.port,
    systemId: 'bonario',
    password: 'segreta',
    systemType: '',
    source: { alphanumeric: 'ComuneProva' },
    window: 10,
    timeouts: { bindMs: 100, responseMs: 400, readyMs: 500, backoffMinMs: 10, backoffMaxMs: 20 },
    log,
    refs: { save: async () => undefined, find: async () => null },
    onSignal: async () => undefined,
  });
  let away = false;

  /** A submit is the first thing that names a recipient, so "before" it the whole provider has to be away. */
  function goAway(kind: 'hang' | 'cut'): void {
    away = true;
    smsc.setBind({ kind });
    smsc.dropSessions();
  }

  return {
    channel: {
      ...channel,
      send: async (batch, signal) => {
        // Once the line is known to be lost; a message written on a dying one would rightly be uncertain.
        if (away) await expect.poll(async () => (await channel.health()).ok).toBe(false);
        return channel.send(batch, signal);
      },
    },
    recipient: (n) => `+39333${String(1_000_000 + n)}`,
    behave: (to, behaviour) => {
      if ('when' in behaviour && behaviour.when === 'before') {
        goAway(behaviour.kind);
        return;
      }
      away = false;
      smsc.setBind({ kind: 'normal' });
      behaviours.set(to, behaviourOf(behaviour));
    },
    received: () => smsc.messages.map((m) => ({ to: m.to, ref: m.ids.join(',') })),
    knownCodes: [
      { code: '11', kept: '11', expect: { kind: 'rejected', fault: 'permanent' } },
      { code: '10', kept: '10', expect: { kind: 'rejected', fault: 'policy' } },
      { code: '8', kept: '8', expect: { kind: 'rejected', fault: 'temporary' } },
      { code: '88', kept: '88', expect: { kind: 'retryLater' } },
      { code: '20', kept: '20', expect: { kind: 'retryLater' } },
    ],
    unknownCode: { code: '1279', kept: '1279' },
    close: () => smsc.close(),
  };
});

function behaviourOf(behaviour: ProviderBehaviour): SmsBehaviour {
  switch (behaviour.kind) {
    case 'accept':
      return { kind: 'works', ...(behaviour.delayMs === undefined ? {} : { answerAfterMs: behaviour.delayMs }) };
    case 'refuse':
      return { kind: 'refused', status: Number(behaviour.code) };
    case 'hang':
      return { kind: 'mute' };
    case 'cut':
      return { kind: 'cut' };
  }
}
