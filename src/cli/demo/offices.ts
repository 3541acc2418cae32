import type { Bonario } from '../../compose.ts';
import { addDays, type CivilDate } from '../../kernel/civil-date.ts';
import { CodedError } from '../../kernel/errors.ts';
import { DEFAULT_WAY, saveSignIn } from '../../modules/conversations/index.ts';
import { createEnte, setEnteRule } from '../../modules/creditors/index.ts';
import { createApiKey, createOperator } from '../../modules/operators/index.ts';
import { registerBody, saveStation } from '../../modules/payments/index.ts';
import { SAMPLE_BODIES } from './sample-bodies.ts';
import type { SandboxIdp } from './sandbox-process.ts';

export interface Office {
  readonly slug: string;
  readonly clerkId: string;
  readonly clerkKey: string;
  readonly headId: string;
  readonly headKey: string;
  readonly apiKey: string;
}

/** The sample bodies with their people, their rules and their sign-in. */
export async function openOffices(app: Bonario, idp: SandboxIdp, start: CivilDate): Promise<Office[]> {
  const offices: Office[] = [];
  for (const body of SAMPLE_BODIES) {
    await app.db.system((tx) => registerBody(tx, body.codiceFiscale, body.enteId));
    offices.push(
      await app.db.tenant(body.enteId, async (tx) => {
        const vault = app.vaultOf(body.enteId);
        await createEnte(tx, body);
        await saveSignIn(tx, vault, {
          issuer: idp.issuer,
          clientId: idp.clientId,
          clientAuth: 'secretBasic',
          secret: idp.clientSecret,
          ways: { spid: DEFAULT_WAY, cie: DEFAULT_WAY },
        });
        const own = {
          creditType: '*',
          validFrom: addDays(start, -365),
          legalBasis: 'Delibera G.C. n. 20/2026 (di esempio)',
        };
        await setEnteRule(tx, { ...own, key: 'pagopaCategory', value: body.pagopaCategory });
        await setEnteRule(tx, { ...own, key: 'collectionAccount', value: { iban: body.iban } });
        await saveStation(tx, {
          stationId: `${body.codiceFiscale}_01`,
          brokerFiscalCode: body.codiceFiscale,
          segregationCodes: [body.segregationCode ?? ''],
          active: true,
        });
        for (const [channel, milliCents] of [
          ['email', 40],
          ['sms', 3_900],
        ] as const) {
          await setEnteRule(tx, {
            creditType: '*',
            key: `channelPrice.${channel}`,
            value: { milliCents, per: channel === 'sms' ? 'segment' : 'message' },
            validFrom: addDays(start, -365),
            legalBasis: 'Contratto con il gestore (di esempio)',
          });
        }
        for (const type of body.creditTypes.filter((t) => t.health)) {
          const rule = {
            creditType: type.code,
            validFrom: addDays(start, -365),
            legalBasis: 'Delibera D.G. n. 10 del 15/01/2026 (di esempio)',
          };
          await setEnteRule(tx, { ...rule, key: 'healthGeneralAct', value: 'Regolamento di esempio n. 3/2026' });
          await setEnteRule(tx, { ...rule, key: 'ticketLimitationYears', value: 10 });
        }
        const clerk = await createOperator(tx, vault, {
          name: 'Paola Bianchi',
          roles: ['see', 'import', 'write', 'decide'],
        });
        const head = await createOperator(tx, vault, { name: 'Luigi Verdi', roles: ['see', 'approve', 'manage'] });
        const partner = await createApiKey(tx, vault, { label: 'partner dei pagamenti', roles: ['receipts'] });
        return {
          slug: body.slug,
          clerkId: clerk.operatorId,
          clerkKey: clerk.key,
          headId: head.operatorId,
          headKey: head.key,
          apiKey: partner.key,
        };
      }),
    );
  }
  return offices;
}

/** Error SANDBOX: the town has a body that is none of ours. */
export function officeFor(offices: readonly Office[], slug: string): Office {
  const office = offices.find((o) => o.slug === slug);
  if (office === undefined) throw new CodedError('SANDBOX', `no office for ${slug}`);
  return office;
}
