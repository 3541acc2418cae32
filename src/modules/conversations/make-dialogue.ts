import type { Clock, Monotonic } from '../../kernel/clocks.ts';
import { isUuid } from '../../kernel/ids.ts';
import { type Database, enteOf, type Tx } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { writeLeaf } from '../audit/index.ts';
import { type Ente, listTenants, loadEnte } from '../creditors/index.ts';
import { displayName, holdsItem, loadContacts, loadPersons, type PersonRecord } from '../debtors/index.ts';
import { debtsById } from '../debts/index.ts';
import { type Channel, type Guards, placeHold, recordSignals } from '../deliveries/index.ts';
import { openDispute } from '../disputes/index.ts';
import { enteOfToken, findLink, findNotice } from '../notices/index.ts';
import { findCheckout, noteReturn, type PaymentRail, startCheckout } from '../payments/index.ts';
import {
  closeSession,
  enteOfSession,
  findSession,
  identified,
  isShared,
  issueCode,
  matchCode,
  noteCodeSent,
  openSession,
  RESEND_AFTER_MS,
  recordTry,
  type Session,
  takeTurn,
  triesLeft,
} from './access.store.ts';
import { codeMessage } from './code-message.ts';
import type { CodeRequest, Dialogue, Identification } from './dialogue.ts';
import { entePublic, positionsOf } from './positions.ts';

export interface DialogueDeps {
  readonly db: Database;
  readonly vaultOf: (enteId: number) => EnteVault;
  readonly clock: Clock;
  readonly monotonic: Monotonic;
  /** Sends the one-time codes. */
  readonly email: Channel;
  readonly rail: PaymentRail;
  readonly portalUrl: string;
  readonly guards: Guards;
}

type Opened = { tx: Tx; vault: EnteVault; session: Session; ente: Ente };

export function makeDialogue(deps: DialogueDeps): Dialogue {
  const { db, vaultOf, clock, monotonic } = deps;

  /** Runs `work` in the session's tenant; null when there is no such session (any more). */
  async function inSession<T>(token: string, work: (opened: Opened) => Promise<T>): Promise<T | null> {
    const enteId = enteOfSession(token);
    if (enteId === null) return null;
    return db.tenant(enteId, async (tx) => {
      const vault = vaultOf(enteId);
      const session = await findSession(tx, vault, token, monotonic.now());
      return session === null ? null : work({ tx, vault, session, ente: await loadEnte(tx) });
    });
  }

  const isIdentified = (session: Session) => session.level === 'identified';

  async function personOf({ tx, vault, session }: Opened): Promise<PersonRecord | null> {
    return (await loadPersons(tx, vault, [session.debtorId])).get(session.debtorId) ?? null;
  }

  /** A debt is named only by who has been shown it: his own, after identity, and never a health one. */
  async function mayName({ tx, session }: Opened, person: PersonRecord, debtId: string): Promise<boolean> {
    if (!isIdentified(session) || !isUuid(debtId)) return false;
    const [debt] = await debtsById(tx, [debtId]);
    return debt !== undefined && debt.debtor_id === person.debtorId && !debt.health;
  }

  /** Somebody acted on the message, which no link scanner does: it was read. */
  async function noteRead({ tx, session }: Opened): Promise<void> {
    const signal = {
      enteId: enteOf(tx),
      deliveryId: session.deliveryId,
      provider: 'portal',
      providerEventId: `visit:${session.deliveryId}`,
      kind: 'read',
      fault: null,
      code: 'visit',
    } as const;
    await recordSignals(tx, [signal], clock.now());
  }

  const clocks = () => ({ now: clock.now(), realNow: monotonic.now() });

  return {
    async listEnti() {
      const tenants = await db.system((tx) => listTenants(tx));
      return Promise.all(tenants.map(({ enteId }) => db.tenant(enteId, async (tx) => entePublic(await loadEnte(tx)))));
    },

    async enteBySlug(slug) {
      const tenants = await db.system((tx) => listTenants(tx));
      const found = tenants.find((tenant) => tenant.slug === slug);
      return found === undefined ? null : db.tenant(found.enteId, async (tx) => entePublic(await loadEnte(tx)));
    },

    async openLink(token) {
      const enteId = enteOfToken(token);
      if (enteId === null) return null;
      return db.tenant(enteId, async (tx) => {
        const vault = vaultOf(enteId);
        const link = await findLink(tx, vault, token, 'open', clock.now());
        const notice = link === null ? null : await findNotice(tx, link.noticeId);
        if (link === null || notice === null) return null;
        const session = await openSession(tx, vault, link, notice, monotonic.now());
        return { session, ente: entePublic(await loadEnte(tx)) };
      });
    },

    view: (token) =>
      inSession(token, async (opened) => {
        const { tx, vault, session, ente } = opened;
        const base = { ente: entePublic(ente), messageSentAt: session.messageSentAt };
        const person = isIdentified(session) ? await personOf(opened) : null;
        if (person === null) return { ...base, level: 'link', personName: null, positions: [] };
        const positions = await positionsOf(tx, vault, ente, person, clocks());
        return { ...base, level: 'identified', personName: displayName(person.personal), positions };
      }),

    async requestCode(token) {
      const prepared = await inSession(token, async (opened) => {
        const { tx, vault, session, ente } = opened;
        await noteRead(opened);
        // A body with nothing but health credits shows the same page of help to everybody.
        if (!entePublic(ente).offersCode) return { kind: 'officeOnly' as const };
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
      const { subject, text } = codeMessage(ente.name, code);
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
      const [outcome] = await deps.email.send([message], AbortSignal.timeout(15_000));
      // Uncertain counts as sent: the person may well have it, and can ask for another.
      const sent = outcome?.kind === 'accepted' || outcome?.kind === 'uncertain';
      await db.tenant(ente.enteId, (tx) => noteCodeSent(tx, codeId, sent, outcome?.kind ?? 'none'));
      const answer: CodeRequest = sent
        ? { kind: 'sent', resendAfterSeconds: RESEND_AFTER_MS / 1000 }
        : { kind: 'channelDown' };
      return answer;
    },

    async identify(token, code, item) {
      const answer = await inSession<Identification>(token, async (opened) => {
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

    async startPayment(token, input) {
      const enteId = enteOfSession(token);
      const found = await inSession(token, async (opened) => {
        if (!isIdentified(opened.session)) return null;
        const person = await personOf(opened);
        if (person === null) return null;
        const positions = await positionsOf(opened.tx, opened.vault, opened.ente, person, clocks());
        const position = positions.find((p) => p.debtId === input.debtId);
        return { position, ente: opened.ente, debtorId: opened.session.debtorId };
      });
      if (enteId === null || found === null) return { kind: 'sessionExpired' };
      if (found.position === undefined) return { kind: 'notFound' };
      return startCheckout({ db, rail: deps.rail, realNow: monotonic.now }, enteId, {
        ...input,
        debtorId: found.debtorId,
        creditorFiscalCode: found.ente.codiceFiscale,
        description: found.position.title,
        returnUrl: (id, outcome) => `${deps.portalUrl}/esito/${id}?esito=${outcome}`,
      });
    },

    checkout: (token, checkoutId) =>
      inSession(token, async (opened) => {
        const { tx, vault, session, ente } = opened;
        if (!isIdentified(session) || !isUuid(checkoutId)) return null;
        const person = await personOf(opened);
        const checkout = await findCheckout(tx, session.debtorId, checkoutId);
        if (checkout === null || person === null) return null;
        const position = (await positionsOf(tx, vault, ente, person, clocks())).find(
          (p) => p.debtId === checkout.debtId,
        );
        return position === undefined ? null : { checkoutId, state: checkout.state, position };
      }),

    async checkoutReturned(token, checkoutId, outcome) {
      if (outcome === 'ok' || !isUuid(checkoutId)) return;
      await inSession(token, async ({ tx, session }) => {
        if (isIdentified(session)) await noteReturn(tx, session.debtorId, checkoutId, outcome);
      });
    },

    openDispute: (token, input) =>
      inSession(token, async (opened) => {
        const { tx, vault, session } = opened;
        const person = await personOf(opened);
        if (person === null || (input.debtId !== null && !(await mayName(opened, person, input.debtId)))) return null;
        await noteRead(opened);
        const { number, deadline } = await openDispute(tx, vault, {
          person,
          noticeId: session.noticeId,
          debtId: input.debtId,
          kind: input.kind,
          statement: input.text,
          idempotencyKey: input.idempotencyKey,
          now: clock.now(),
        });
        return { number, deadline };
      }),

    notMe: (token) =>
      inSession(token, async (opened) => {
        const { tx, vault, session } = opened;
        const persons = await loadPersons(tx, vault, [session.debtorId]);
        const contact = (await loadContacts(tx, vault, persons, [session.contactId])).get(session.contactId);
        if (contact !== undefined)
          await bindAddress(tx, contact.addressLookup, 'notMe', session.deliveryId, clock.now());
        await closeSession(tx, vault, session.session);
        return { done: true as const };
      }),

    async optOut(token) {
      const enteId = enteOfToken(token);
      if (enteId === null) return false;
      return db.tenant(enteId, async (tx) => {
        const vault = vaultOf(enteId);
        const link = await findLink(tx, vault, token, 'optOut', clock.now());
        const notice = link === null ? null : await findNotice(tx, link.noticeId);
        if (link === null || notice === null) return false;
        const persons = await loadPersons(tx, vault, [notice.debtorId]);
        const contact = (await loadContacts(tx, vault, persons, [link.contactId])).get(link.contactId);
        if (contact === undefined) return false;
        await bindAddress(tx, contact.addressLookup, 'optOut', link.deliveryId, clock.now());
        return true;
      });
    },

    async close(token) {
      await inSession(token, ({ tx, vault }) => closeSession(tx, vault, token));
    },
  };
}

/** STOP and "non sono io" bind the address for every debtor behind it, for good (architecture §4.8). */
async function bindAddress(
  tx: Tx,
  lookup: Uint8Array,
  reason: 'notMe' | 'optOut',
  deliveryId: string,
  now: number,
): Promise<void> {
  await placeHold(tx, { subject: { kind: 'address', lookup }, reason, sourceRef: deliveryId, since: now, until: null });
  await writeLeaf(tx, { at: now, kind: `address.${reason}`, actor: 'citizen', rowCount: 1, facts: { deliveryId } });
}
