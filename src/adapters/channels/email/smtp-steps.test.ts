import { describe, expect, it } from 'vitest';
import type { Channel, SendOutcome } from '../../../modules/deliveries/channel.port.ts';
import { makeCapturedLog, sampleMessage } from '../conformance.ts';
import { makeEmailChannel } from './email-channel.ts';
import type { FakeAction, FakeStep } from './fake-smtp.ts';
import { startFakeSmtp } from './fake-smtp.ts';

const TO = 'maria.rossi@posta.example';

function channelTo(port: number): Channel {
  return makeEmailChannel({
    host: '127.0.0.1',
    port,
    secure: false,
    maxConnections: 2,
    messageIdDomain: 'avvisi.example',
    bounceDomain: 'ritorni.example',
    returnPathKey: Buffer.alloc(32, 3),
    greetingTimeoutMs: 400,
    socketTimeoutMs: 500,
    log: makeCapturedLog(),
  });
}

async function sendOne(channel: Channel): Promise<SendOutcome | undefined> {
  return (await channel.send([sampleMessage(TO)], new AbortController().signal))[0];
}

const hang = { do: 'hang' } as const;
const cut = { do: 'cut' } as const;
const reply = (line: string) => ({ reply: line });
const rejected = (fault: string, code?: string) => ({
  kind: 'rejected',
  fault,
  ...(code === undefined ? {} : { code }),
});
const retryLater = (code: string) => ({ kind: 'retryLater', code });

/** Step, what the host does there, the outcome, and how many messages the host holds entire. */
type Row = [FakeStep, FakeAction, object, number];
const ROWS: Row[] = [
  ['greeting', hang, rejected('technical', 'GREETING_TIMEOUT'), 0],
  ['greeting', cut, rejected('technical'), 0],
  ['greeting', reply('421 4.3.2 closing'), retryLater('4.3.2'), 0],
  ['greeting', reply('554 no service for you'), rejected('technical', '554'), 0],
  ['greeting', reply('554 5.7.1 listed by Spamhaus'), rejected('policy', '5.7.1'), 0],
  ['ehlo', cut, rejected('technical'), 0],
  ['mail', hang, rejected('technical', 'SOCKET_TIMEOUT'), 0],
  ['mail', cut, rejected('technical'), 0],
  ['mail', reply('451 4.3.0 not now'), rejected('temporary', '4.3.0'), 0],
  ['mail', reply('421 4.7.0 too many messages'), retryLater('4.7.0'), 0],
  ['mail', reply('550 5.1.8 bad sender'), rejected('policy', '5.1.8'), 0],
  ['rcpt', hang, rejected('technical', 'SOCKET_TIMEOUT'), 0],
  ['rcpt', cut, rejected('technical'), 0],
  ['rcpt', reply('550 unknown user'), rejected('permanent', '550'), 0],
  ['rcpt', reply('450 4.2.1 not now'), rejected('temporary', '4.2.1'), 0],
  ['rcpt', reply('451 4.7.1 greylisted'), retryLater('4.7.1'), 0],
  ['rcpt', reply('421 4.7.0 too many recipients'), retryLater('4.7.0'), 0],
  ['data', hang, rejected('technical'), 0],
  ['data', cut, rejected('technical'), 0],
  ['data', reply('451 4.3.0 disk'), rejected('temporary', '4.3.0'), 0],
  // From here on the host has been given the message, or a part of it.
  ['body', hang, { kind: 'uncertain', code: 'SOCKET_TIMEOUT' }, 0],
  ['body', cut, { kind: 'uncertain' }, 0],
  ['dot', hang, { kind: 'uncertain', code: 'SOCKET_TIMEOUT' }, 1],
  ['dot', cut, { kind: 'uncertain' }, 1],
  ['dot', reply('354 again?'), { kind: 'uncertain' }, 1],
  ['dot', reply('554 5.7.1 rejected as spam'), rejected('policy', '5.7.1'), 1],
  ['dot', reply('552 message too big'), rejected('policy', '552'), 1],
  ['dot', reply('451 4.3.0 queue full'), rejected('temporary', '4.3.0'), 1],
  ['dot', reply('421 4.3.2 going down'), retryLater('4.3.2'), 1],
];

describe.each([{ pipelining: true }, { pipelining: false }])(
  'a host that fails at each step ($pipelining)',
  (options) => {
    it.concurrent.each<Row>(ROWS)('%s %o', async (at, action, wanted, mails) => {
      const fake = await startFakeSmtp(options);
      const channel = channelTo(fake.port);
      try {
        if (at === 'greeting' || at === 'ehlo' || at === 'mail') fake.forAll({ at, action });
        else fake.forRecipient(TO, { at, action });
        expect(await sendOne(channel)).toMatchObject(wanted);
        expect(fake.mails).toHaveLength(mails);
        // And the channel is not the worse for it.
        fake.forAll(null);
        fake.forRecipient(TO, null);
        expect(await sendOne(channel)).toMatchObject({ kind: 'accepted' });
      } finally {
        await channel.close();
        await fake.close();
      }
    });
  },
);
