import { makeEmailChannel, startInboundMail } from '../adapters/channels/email/index.ts';
import { classifyReply, makeSmsChannel } from '../adapters/channels/sms/index.ts';
import type { Config } from '../config/load.ts';
import type { Monotonic } from '../kernel/clocks.ts';
import { CodedError } from '../kernel/errors.ts';
import { makeGroups } from '../kernel/groups.ts';
import { newId } from '../kernel/ids.ts';
import { listTenants, loadEnte } from '../modules/creditors/index.ts';
import {
  type Channel,
  type ChannelSignal,
  makeProviderRefs,
  type RawSignal,
  stopAddress,
  storeSignals,
} from '../modules/deliveries/index.ts';
import type { Database } from '../platform/db/index.ts';
import type { Log } from '../platform/log/index.ts';
import type { EnteVault, Vault } from '../platform/secrets/index.ts';

/** Somebody is waiting at the page. */
const TEST_TIMEOUT_MS = 15_000;
const SIGNALS_AT_ONCE = 500;

export interface ChannelDeps {
  readonly db: Database;
  readonly vaultOf: (enteId: number) => EnteVault;
  readonly onSignals: (signals: readonly ChannelSignal[]) => void;
  readonly log: Log;
  /** Legal time, epoch ms. */
  readonly now: () => number;
  readonly monotonic: Monotonic;
}

/** The e-mail channel, and the small server on which its bounces and reports come back. */
export async function openEmail(
  config: Config,
  vault: Vault,
  { db, log, now, onSignals }: ChannelDeps,
): Promise<{ email: Channel; inboundPort: number; close: () => Promise<void> }> {
  const email = makeEmailChannel({
    host: config.smtp.host,
    port: config.smtp.port,
    secure: config.smtp.port === 465,
    ...(config.smtp.auth === null ? {} : { auth: config.smtp.auth }),
    maxConnections: config.smtp.connections,
    messageIdDomain: config.messageIdDomain,
    bounceDomain: config.bounceDomain,
    returnPathKey: vault.deriveKey('return path'),
    greetingTimeoutMs: 10_000,
    socketTimeoutMs: 30_000,
    log,
  });
  // Reports that come together are stored together; each sender is answered once his is.
  const store = makeGroups(async (signals: readonly ChannelSignal[]) => {
    await storeSignals(db, signals, now);
    onSignals(signals);
    return signals;
  }, SIGNALS_AT_ONCE);
  const take = async (raw: RawSignal) => {
    await Promise.all((await email.parseSignal(raw)).map(store));
  };
  try {
    const inbound = await startInboundMail({
      port: config.inboundPort,
      bounceDomain: config.bounceDomain,
      maxBytes: 1024 * 1024,
      onMessage: take,
    });
    return {
      email,
      inboundPort: inbound.port,
      async close() {
        await inbound.close();
        await email.close();
      },
    };
  } catch (error) {
    await email.close();
    throw error;
  }
}

/** The SMS channel, what its receipts stand for, and STOP, which binds the address for every body that writes to it. */
export function openSms(
  smpp: NonNullable<Config['smpp']>,
  { db, vaultOf, log, now, monotonic, onSignals }: ChannelDeps,
): Channel {
  return makeSmsChannel({
    ...smpp,
    systemType: '',
    source: /^\+\d+$/.test(smpp.sender) ? { numeric: smpp.sender } : { alphanumeric: smpp.sender },
    log,
    monotonic,
    refs: makeProviderRefs(db, 'smpp', () => monotonic.now()),
    onSignal: async (signals) => {
      await storeSignals(db, signals, now);
      onSignals(signals);
    },
    async onReply(from, text) {
      if (classifyReply(text) !== 'stop') return;
      for (const { enteId } of await db.system((tx) => listTenants(tx))) {
        await db.tenant(enteId, (tx) => stopAddress(tx, vaultOf(enteId), 'sms', from, now()));
      }
    },
  });
}

/** An e-mail to an operator in the body's name, which is no delivery. Error TEST_FAILED: the mail host did not take it. */
export function makeTestSender(email: Channel, db: Database) {
  return async (enteId: number, to: string, subject: string, text: string): Promise<void> => {
    const { name, senderAddress } = await db.tenant(enteId, (tx) => loadEnte(tx));
    const sender = { name, address: senderAddress };
    const message = { enteId, deliveryId: newId(), to, sender, subject, text, html: null, optOutUrl: null };
    const [outcome] = await email.send([message], AbortSignal.timeout(TEST_TIMEOUT_MS));
    if (outcome?.kind !== 'accepted') throw new CodedError('TEST_FAILED', `the mail host answered ${outcome?.kind}`);
  };
}
