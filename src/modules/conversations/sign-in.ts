import type { Clock, Monotonic } from '../../kernel/clocks.ts';
import type { Database, Tx } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { writeLeaf } from '../audit/index.ts';
import { type Ente, listTenants, loadEnte } from '../creditors/index.ts';
import { findDebtor } from '../debtors/index.ts';
import { closeSession, enteOfSession, findSession, openOidcSession, type Session } from './access.store.ts';
import type { EntePublic, SignIn, SignInFinished } from './dialogue.ts';
import type { IdentityProvider, SignInRefusal } from './identity.port.ts';
import { beginSignIn, enteOfState, secretsOf, signInSettings, takeSignIn } from './sign-in.store.ts';

/** Where the aggregator sends the browser back; the whole address is registered there. */
export const SIGN_IN_RETURN_PATH = '/entra/ritorno';

/** Citizens' sign-in by SPID or CIE. The provider is asked outside any transaction. */
export function makeSignIn(deps: {
  readonly db: Database;
  readonly vaultOf: (enteId: number) => EnteVault;
  readonly clock: Clock;
  readonly monotonic: Monotonic;
  readonly identity: IdentityProvider;
  readonly portalUrl: string;
  readonly publicEnte: (tx: Tx, ente: Ente) => Promise<EntePublic>;
  readonly noteRead: (tx: Tx, session: Session) => Promise<void>;
}): SignIn {
  const { db, vaultOf, clock, monotonic, identity, publicEnte } = deps;
  const redirectUrl = `${deps.portalUrl}${SIGN_IN_RETURN_PATH}`;
  const known = async (enteId: number) =>
    (await db.system((tx) => listTenants(tx))).some((tenant) => tenant.enteId === enteId);

  return {
    async start(enteId, way) {
      if (!(await known(enteId))) return { kind: 'notOffered' };
      const begun = await db.tenant(enteId, async (tx) => {
        const settings = await signInSettings(tx, vaultOf(enteId));
        if (settings?.ways[way] === undefined) return null;
        return { settings, ...(await beginSignIn(tx, vaultOf(enteId), way, monotonic.now())) };
      });
      if (begun === null) return { kind: 'notOffered' };
      const { settings, secrets, browser } = begun;
      const url = await identity.startUrl({ enteId, settings, way, redirectUrl, secrets });
      return url === null ? { kind: 'unavailable' } : { kind: 'redirect', url, browser };
    },

    async finish(callback, browser, earlier) {
      const url = new URL(callback, redirectUrl);
      const state = url.searchParams.get('state') ?? '';
      const enteId = enteOfState(state);
      if (enteId === null || !(await known(enteId))) return { kind: 'refused', reason: 'invalid', ente: null };
      const vault = vaultOf(enteId);
      const found = await db.tenant(enteId, async (tx) => {
        const ente = await publicEnte(tx, await loadEnte(tx));
        const way = browser === null ? null : await takeSignIn(tx, vault, state, browser, monotonic.now());
        return { ente, way, settings: way === null ? null : await signInSettings(tx, vault) };
      });
      const { ente, way, settings } = found;
      const refuse = (reason: SignInRefusal): SignInFinished => ({ kind: 'refused', reason, ente });
      // Not ours, not this browser's, used already or too old: no try of anybody, so nothing is written either.
      if (way === null || settings === null || browser === null) return refuse('invalid');
      const secrets = secretsOf(vault, state, browser);
      const answer = await identity.finish({ enteId, settings, way, redirectUrl, secrets }, url);
      if (answer.kind === 'refused') {
        const facts = { level: 'oidc', way, reason: answer.reason };
        await db.tenant(enteId, (tx) =>
          writeLeaf(tx, { at: clock.now(), kind: 'citizen.refused', actor: 'citizen', rowCount: 1, facts }),
        );
        return refuse(answer.reason);
      }
      return db.tenant(enteId, async (tx) => {
        const debtorId = await findDebtor(tx, vault, answer.codiceFiscale);
        const before = earlier !== null && enteOfSession(earlier) === enteId ? earlier : null;
        const message = before === null ? null : await findSession(tx, vault, before, monotonic.now());
        if (before !== null) await closeSession(tx, vault, before);
        const own = message !== null && message.level !== 'oidc' && message.debtorId === debtorId ? message : null;
        const session = await openOidcSession(tx, vault, debtorId, own, monotonic.now());
        if (own !== null) await deps.noteRead(tx, own);
        // The provider's name for the person is personal: a commitment of it is enough to answer a complaint.
        const subject = vault.commitment(`${settings.issuer}|${answer.subject}`);
        const facts = { level: 'oidc', way, acr: answer.level, subject, noticeId: own?.noticeId ?? null, debtorId };
        await writeLeaf(tx, { at: clock.now(), kind: 'citizen.identified', actor: 'citizen', rowCount: 1, facts });
        return { kind: 'signedIn', session, ente };
      });
    },
  };
}
