import type { Clock, Monotonic } from '../../kernel/clocks.ts';
import type { Database, Tx } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { writeLeaf } from '../audit/index.ts';
import type { Ente } from '../creditors/index.ts';
import { holdsItem, loadContacts, loadPersons } from '../debtors/index.ts';
import type { Channel, Guards } from '../deliveries/index.ts';
import { findNotice } from '../notices/index.ts';
import {
  identified,
  isShared,
  issueCode,
  type MessageSession,
  matchCode,
  noteCodeSent,
  RESEND_AFTER_MS,
  recordTry,
  takeTurn,
  triesLeft,
} from './access.store.ts';
import { codeMessage } from './code-message.ts';
import type { CodeRequest, Dialogue, Identification } from './dialogue.ts';
import { entePublic } from './positions.ts';

export interface CodeAccessDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly monotonic: Monotonic;
  readonly channels: readonly Channel[];
  readonly guards: Guards;
  readonly inMessage: <T>(
    token: string,
    work: (opened: { tx: Tx; vault: EnteVault; session: MessageSession; ente: Ente }) => Promise<T>,
  ) => Promise<T | null>;
  readonly noteRead: (tx: Tx, session: MessageSession) => Promise<void>;
}

/** The way in by a one-time code and an item that did not come from that contact (architecture §4.5); never to health. */
export function makeCodeAccess(deps: CodeAccessDeps): Pick<Dialogue, 'requestCode' | 'identify'> {
  const { db, clock, monotonic, inMessage, noteRead } = deps;
  return {
    async requestCode(token) {
      const prepared = await inMessage(token, async (opened) => {
        const { tx, vault, session, ente } = opened;
        await noteRead(tx, session);
        // A body with nothing but health credits shows the same page of help to everybody.
        if (!entePublic(ente, []).offersCode) return { kind: 'officeOnly' as const };
        const persons = await loadPersons(tx, vault, [session.debtorId]);
        const contact = (await loadContacts(tx, vault, persons, [session.contactId])).get(session.contactId);
        if (contact === undefined) return { kind: 'officeOnly' as const };
        await takeTurn(tx, session, contact.addressLookup);
        if ((await triesLeft(tx, session, contact.addressLookup, monotonic.now())) === 0)
          return { kind: 'officeOnly' as const };
        const issued = await issueCode(tx, vault, session, contact.addressLookup, monotonic.now());
        return { ...issued, contact, ente };
      });
      if (prepared === null) return { kind: 'sessionExpired' };
      if (prepared.kind === 'officeOnly' || prepared.kind === 'tooMany') return { kind: prepared.kind };
      if (prepared.kind === 'wait') return { kind: 'sent', resendAfterSeconds: prepared.seconds };
      const { codeId, code, contact, ente } = prepared;
      const { subject, text } = codeMessage(ente.name, code, contact.channel);
      const sender = { name: ente.name, address: ente.senderAddress };
      const message = {
        enteId: ente.enteId,
        deliveryId: codeId,
        to: contact.address,
        sender,
        subject,
        text,
        html: null,
        optOutUrl: null,
      };
      // To the very address of the message, by its own channel.
      const channel = deps.channels.find((one) => one.kind === contact.channel);
      const [outcome] = (await channel?.send([message], AbortSignal.timeout(15_000))) ?? [];
      // Uncertain counts as sent: the person may well have it, and can ask for another.
      const sent = outcome?.kind === 'accepted' || outcome?.kind === 'uncertain';
      await db.tenant(ente.enteId, (tx) => noteCodeSent(tx, codeId, sent, outcome?.kind ?? 'none'));
      const answer: CodeRequest = sent
        ? { kind: 'sent', resendAfterSeconds: RESEND_AFTER_MS / 1000 }
        : { kind: 'channelDown' };
      return answer;
    },

    async identify(token, code, item) {
      const answer = await inMessage<Identification>(token, async (opened) => {
        const { tx, vault, session } = opened;
        const now = monotonic.now();
        const persons = await loadPersons(tx, vault, [session.debtorId]);
        const contact = (await loadContacts(tx, vault, persons, [session.contactId])).get(session.contactId);
        if (contact === undefined) return { kind: 'officeOnly' };
        await takeTurn(tx, session, contact.addressLookup);
        const left = await triesLeft(tx, session, contact.addressLookup, now);
        if (left === 0) return { kind: 'officeOnly' };
        const typed = await matchCode(tx, vault, session, code.replace(/\s/g, ''), now);
        if (typed === null) return { kind: 'codeExpired' };
        const notice = await findNotice(tx, session.noticeId);
        if (notice === null) return { kind: 'officeOnly' };
        // Both are always asked, so that time does not tell which one was wrong.
        const holds = await holdsItem(tx, vault, session.debtorId, item);
        if (typed.matches && (holds || !deps.guards.identity)) {
          // Health and shared addresses: never by a code (architecture §4.5). Only who gave both learns that it is so;
          // anybody else gets the answers that any other notice gives, since the difference would itself tell of health.
          if (notice.health || (await isShared(tx, session, contact.addressLookup))) return { kind: 'officeOnly' };
          await identified(tx, vault, session, typed.codeId);
          const facts = { noticeId: session.noticeId, level: 'codeAndItem' };
          await writeLeaf(tx, { at: clock.now(), kind: 'citizen.identified', actor: 'citizen', rowCount: 1, facts });
          return { kind: 'identified' };
        }
        await recordTry(tx, session, contact.addressLookup, now);
        if (left === 1) return { kind: 'officeOnly' };
        return typed.triesLeft === 1
          ? { kind: 'codeExpired' }
          : { kind: 'mismatch', triesLeft: Math.min(left, typed.triesLeft) - 1 };
      });
      return answer ?? { kind: 'sessionExpired' };
    },
  };
}
