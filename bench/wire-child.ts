import { startMailHost } from '../sandbox/mail/mail-host.ts';
import { SMSC_ACCOUNT } from '../sandbox/sandbox.ts';
import { startSmsc } from '../sandbox/smsc/smsc.ts';
import { systemMonotonic } from '../src/kernel/clocks.ts';

// The sandbox's mail host and SMSC, which take everything and forget it: a process of their own, as providers are.

/** Mails kept at one time: they are counted, and nobody reads them. */
const KEPT = 2_000;

const now = () => systemMonotonic.now();
let mails = 0;
let mailBytes = 0;
let texts = 0;
const host = await startMailHost({
  mailboxOf: () => undefined,
  isTownDomain: () => false,
  simNow: now,
  realNow: now,
  onMail(mail) {
    mails += 1;
    mailBytes += mail.rawHeaders.length + mail.text.length + mail.html.length;
    if (mails % KEPT === 0) host.clear();
  },
});
const smsc = await startSmsc({
  ...SMSC_ACCOUNT,
  behaviourOf: () => ({ kind: 'works' }),
  simNow: now,
  realNow: now,
  later: () => {},
  onSms: () => {
    texts += 1;
  },
});

process.on('message', () => process.send?.({ mails, mailBytes, texts, cpuMs: cpuMs() }));
process.on('disconnect', () => process.exit(0));
process.send?.({ smtp: host.port, smsc: smsc.port });

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
