import type { ProviderBehaviour } from '../conformance.ts';
import { describeChannel } from '../conformance.ts';
import { makeEmailChannel } from './email-channel.ts';
import type { FakeRule } from './fake-smtp.ts';
import { startFakeSmtp } from './fake-smtp.ts';

describeChannel('email over SMTP', async (log) => {
  const fake = await startFakeSmtp();
  const channel = makeEmailChannel({
    host: '127.0.0.1',
    port: fake.port,
    secure: false,
    maxConnections: 4,
    messageIdDomain: 'avvisi.example',
    bounceDomain: 'ritorni.example',
    returnPathKey: Buffer.alloc(32, 7),
    greetingTimeoutMs: 500,
    socketTimeoutMs: 600,
    log,
  });
  return {
    channel,
    recipient: (n) => `persona.${n}@posta.example`,
    behave: (to, behaviour) => {
      fake.forRecipient(to, ruleOf(behaviour), behaviour.kind === 'accept' ? (behaviour.delayMs ?? 0) : 0);
    },
    received: () => fake.mails.map((m) => ({ to: m.to, ref: /^Message-ID: <([^>]+)>/im.exec(m.raw)?.[1] ?? 'none' })),
    knownCodes: [
      { code: '550 5.1.1 unknown', kept: '5.1.1', expect: { kind: 'rejected', fault: 'permanent' } },
      { code: '550 5.7.1 refused by policy', kept: '5.7.1', expect: { kind: 'rejected', fault: 'policy' } },
      { code: '452 4.2.2 mailbox full', kept: '4.2.2', expect: { kind: 'rejected', fault: 'temporary' } },
      { code: '451 4.7.1 greylisted', kept: '4.7.1', expect: { kind: 'retryLater' } },
      { code: '421 4.7.0 too busy', kept: '4.7.0', expect: { kind: 'retryLater' } },
    ],
    unknownCode: { code: '599 what nobody ever said of <persona.1@posta.example>', kept: '599' },
    close: () => fake.close(),
  };
});

function ruleOf(behaviour: ProviderBehaviour): FakeRule | null {
  switch (behaviour.kind) {
    case 'accept':
      return null;
    case 'refuse':
      return { at: 'rcpt', action: { reply: behaviour.code } };
    default:
      return { at: behaviour.when === 'before' ? 'rcpt' : 'dot', action: { do: behaviour.kind } };
  }
}
