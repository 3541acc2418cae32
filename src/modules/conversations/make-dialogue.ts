import type { Clock, Monotonic } from '../../kernel/clocks.ts';
import { isUuid } from '../../kernel/ids.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import { type Database, enteOf, type Tx } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { writeLeaf } from '../audit/index.ts';
import { type Ente, listTenants, loadEnte } from '../creditors/index.ts';
import { displayName, loadContacts, loadPersons, type PersonRecord } from '../debtors/index.ts';
import { debtsById } from '../debts/index.ts';
import { type Channel, type Guards, placeHold, recordSignals } from '../deliveries/index.ts';
import { openDispute } from '../disputes/index.ts';
import { enteOfToken, findLink, findNotice } from '../notices/index.ts';
import { findCheckout, type HighWater, noteReturn, type PaymentRail, startCheckout } from '../payments/index.ts';
import {
  closeSession,
  enteOfSession,
  findSession,
  type MessageSession,
  openSession,
  type Session,
} from './access.store.ts';
import { makeCodeAccess } from './code-access.ts';
import type { Dialogue, EntePublic, PositionView } from './dialogue.ts';
import type { IdentityProvider } from './identity.port.ts';
import { messagesOf } from './messages.ts';
import { planOffer, requestPlan } from './plans.ts';
import { entePublic, positionsOf } from './positions.ts';
import { signInWays } from './sign-in.store.ts';
import { makeSignIn } from './sign-in.ts';

export interface DialogueDeps {
  readonly db: Database;
  readonly vaultOf: (enteId: number) => EnteVault;
  readonly clock: Clock;
  readonly monotonic: Monotonic;
  /** Sends the one-time codes. */
  readonly channels: readonly Channel[];
  readonly rail: PaymentRail;
  readonly portalUrl: string;
  readonly guards: Guards;
  /** Missing: no installments are offered, since each needs a notice number. */
  readonly highWater?: HighWater;
  /** SPID and CIE; missing: nobody can sign in, and health positions stay closed. */
  readonly identity?: IdentityProvider;
}

type Opened<S extends Session = Session> = { tx: Tx; vault: EnteVault; session: S; ente: Ente };

export function makeDialogue(deps: DialogueDeps): Dialogue {
  const { db, vaultOf, clock, monotonic } = deps;

  /** Runs `work` in the session's tenant; null when there is no such session (any more). */
  async function inSession<T>(token: string, work: (opened: Opened) => Promise<T>): Promise<T | null> {
    const enteId = enteOfSession(token);
    if (enteId === null) return null;
    const vault = vaultOf(enteId);
    const open = async (tx: Tx) => {
      const session = await findSession(tx, vault, token, monotonic.now());
      return session === null ? null : work({ tx, vault, session, ente: await loadEnte(tx) });
    };
    return db.tenant(enteId, open, { prepared: true });
  }

  /** The same with the session of a message; null for one of SPID or CIE, which neither needs a code nor has an address. */
  async function inMessage<T>(token: string, work: (opened: Opened<MessageSession>) => Promise<T>): Promise<T | null> {
    return inSession(token, async ({ session, ...rest }) =>
      session.level === 'oidc' ? null : work({ session, ...rest }),
    );
  }

  async function publicEnte(tx: Tx, ente: Ente): Promise<EntePublic> {
    return entePublic(ente, deps.identity === undefined ? [] : await signInWays(tx));
  }

  async function personOf({ tx, vault, session }: Opened): Promise<PersonRecord | null> {
    if (session.debtorId === null) return null;
    return (await loadPersons(tx, vault, [session.debtorId])).get(session.debtorId) ?? null;
  }

  /** What the session's person is shown of his own; nothing below level `identified`. */
  async function ownPositions(opened: Opened, person: PersonRecord): Promise<PositionView[]> {
    const { tx, vault, session, ente } = opened;
    return session.level === 'link' ? [] : positionsOf(tx, vault, ente, person, session.level, clocks());
  }

  /** A debt is named only by who has been shown it: his own, after identity, and a health one only after SPID or CIE. */
  async function mayName({ tx, session }: Opened, person: PersonRecord, debtId: string): Promise<boolean> {
    if (session.level === 'link' || !isUuid(debtId)) return false;
    const [debt] = await debtsById(tx, [debtId]);
    return debt !== undefined && debt.debtor_id === person.debtorId && (session.level === 'oidc' || !debt.health);
  }

  /** Somebody acted on the message, which no link scanner does: it was read. */
  async function noteRead(tx: Tx, { deliveryId }: Session): Promise<void> {
    if (deliveryId === null) return;
    const signal = {
      enteId: enteOf(tx),
      deliveryId,
      provider: 'portal',
      providerEventId: `visit:${deliveryId}`,
      kind: 'read',
      fault: null,
      code: 'visit',
    } as const;
    await recordSignals(tx, [signal], clock.now());
  }

  const clocks = () => ({ now: clock.now(), realNow: monotonic.now() });

  const signIn =
    deps.identity === undefined ? null : makeSignIn({ ...deps, identity: deps.identity, publicEnte, noteRead });

  return {
    ...(signIn === null ? {} : { signIn }),
    ...makeCodeAccess({ ...deps, inMessage, noteRead }),
    async listEnti() {
      const tenants = await db.system((tx) => listTenants(tx));
      return Promise.all(
        tenants.map(({ enteId }) => db.tenant(enteId, async (tx) => publicEnte(tx, await loadEnte(tx)))),
      );
    },

    async enteBySlug(slug) {
      const tenants = await db.system((tx) => listTenants(tx));
      const found = tenants.find((tenant) => tenant.slug === slug);
      return found === undefined ? null : db.tenant(found.enteId, async (tx) => publicEnte(tx, await loadEnte(tx)));
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
        return { session, ente: await publicEnte(tx, await loadEnte(tx)) };
      });
    },

    view: (token) =>
      inSession(token, async (opened) => {
        const { tx, session, ente } = opened;
        const [shown, person] = await Promise.all([publicEnte(tx, ente), personOf(opened)]);
        const base = { ente: shown, messageSentAt: session.messageSentAt };
        // Whoever came by SPID or CIE and owes nothing here is told so, and nothing else.
        if (session.level === 'oidc' && person === null) {
          return { ...base, level: 'identified', personName: null, positions: [] };
        }
        if (session.level === 'link' || person === null) {
          return { ...base, level: 'link', personName: null, positions: [] };
        }
        const positions = await ownPositions(opened, person);
        return { ...base, level: 'identified', personName: displayName(person.personal), positions };
      }),

    messages: (token) =>
      inSession(token, async (opened) => {
        const { tx, vault, session, ente } = opened;
        if (session.level === 'link') return null;
        const person = await personOf(opened);
        return person === null ? [] : messagesOf(tx, vault, ente, person, session.level);
      }),

    async startPayment(token, input) {
      const enteId = enteOfSession(token);
      const found = await inSession(token, async (opened) => {
        if (opened.session.level === 'link') return null;
        const person = await personOf(opened);
        if (person === null) return null;
        const position = (await ownPositions(opened, person)).find((p) => p.debtId === input.debtId);
        const [debt] = position === undefined ? [] : await debtsById(opened.tx, [position.debtId]);
        // The payment page belongs to somebody else: it is not told that a debt is one of health (R75).
        const description = debt?.health === true ? 'Avviso di pagamento' : (position?.title ?? '');
        return { position, description, ente: opened.ente, debtorId: person.debtorId };
      });
      if (enteId === null || found === null) return { kind: 'sessionExpired' };
      if (found.position === undefined) return { kind: 'notFound' };
      return startCheckout({ db, rail: deps.rail, realNow: monotonic.now }, enteId, {
        ...input,
        debtorId: found.debtorId,
        today: romeDate(clock.now()),
        creditor: { fiscalCode: found.ente.codiceFiscale, name: found.ente.name },
        description: found.description,
        returnUrl: (id, outcome) => `${deps.portalUrl}/esito/${id}?esito=${outcome}`,
      });
    },

    checkout: (token, checkoutId) =>
      inSession(token, async (opened) => {
        if (opened.session.level === 'link' || !isUuid(checkoutId)) return null;
        const person = await personOf(opened);
        const checkout = person === null ? null : await findCheckout(opened.tx, person.debtorId, checkoutId);
        if (checkout === null || person === null) return null;
        const position = (await ownPositions(opened, person)).find((p) => p.debtId === checkout.debtId);
        return position === undefined ? null : { checkoutId, state: checkout.state, position };
      }),

    async checkoutReturned(token, checkoutId, outcome) {
      if (outcome === 'ok' || !isUuid(checkoutId)) return;
      await inSession(token, async ({ tx, session }) => {
        if (session.level !== 'link' && session.debtorId !== null)
          await noteReturn(tx, session.debtorId, checkoutId, outcome);
      });
    },

    planOffer: (token, debtId, count) =>
      inSession(token, async (opened) => {
        const person = await personOf(opened);
        if (opened.session.level === 'link' || person === null) return null;
        if (!(await mayName(opened, person, debtId))) return { kind: 'notFound' };
        return deps.highWater === undefined ? { kind: 'notOffered' } : planOffer(opened.tx, debtId, count, clock.now());
      }),

    askPlan: (token, input) =>
      inSession(token, async (opened) => {
        const { tx, vault, session } = opened;
        const person = await personOf(opened);
        if (session.level === 'link' || person === null) return null;
        if (!(await mayName(opened, person, input.debtId))) return { kind: 'notFound' };
        const { highWater } = deps;
        if (highWater === undefined) return { kind: 'notOffered' };
        return requestPlan(tx, { vault, highWater, now: clock.now() }, { ...input, debtorId: person.debtorId });
      }),

    openDispute: (token, input) =>
      inSession(token, async (opened) => {
        const { tx, vault, session } = opened;
        const person = await personOf(opened);
        if (person === null || (input.debtId !== null && !(await mayName(opened, person, input.debtId)))) return null;
        // "All of it" is said of a message; who came without one names what he means.
        if (input.debtId === null && session.noticeId === null) return null;
        await noteRead(tx, session);
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
      inMessage(token, async (opened) => {
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
