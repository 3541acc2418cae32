import { sql } from 'kysely';
import { checkCodiceFiscale } from '../../kernel/codice-fiscale.ts';
import { CodedError } from '../../kernel/errors.ts';
import { enteOf, type Tx, tables } from '../../platform/db/index.ts';
import type { CreditorTables } from './creditors.tables.ts';
import { type CreditNature, isCreditNature, NATURES } from './natures.ts';

export type EnteKind = 'comune' | 'unione' | 'provincia' | 'asl';

export interface Office {
  readonly officeId: number;
  readonly name: string;
  readonly phone: string;
  readonly email: string;
  readonly hours: string;
  readonly address: string;
  readonly procedureOfficer: string;
  readonly selfReviewBody: string;
}

export interface CreditType {
  readonly code: string;
  readonly name: string;
  readonly nature: CreditNature;
  readonly health: boolean;
  readonly purposeGroup: string;
  readonly officeId: number;
  /** How such a sum arises, in plain Italian, for the citizen. */
  readonly explanation: string;
}

export interface Ente {
  readonly enteId: number;
  readonly slug: string;
  readonly name: string;
  readonly kind: EnteKind;
  readonly codiceFiscale: string;
  readonly codiceIpa: string;
  readonly website: string;
  readonly senderAddress: string;
  readonly accent: string | null;
  readonly patronDay: string | null;
  readonly segregationCode: string | null;
  readonly generatesNoticeNumbers: boolean;
  readonly offices: readonly Office[];
  readonly creditTypes: readonly CreditType[];
}

/**
 * Creates a body. Errors: ENTE_CODE (codice fiscale), ENTE_NATURE (a nature that no rule is for), ENTE_HEALTH (a health
 * credit that is not marked as such), ENTE_HEALTH_GROUP (health mixed with anything else).
 */
export async function createEnte(tx: Tx, ente: Ente): Promise<void> {
  if (!checkCodiceFiscale(ente.codiceFiscale).ok) {
    throw new CodedError('ENTE_CODE', `not a codice fiscale: ${ente.codiceFiscale}`);
  }
  for (const type of ente.creditTypes) {
    if (!isCreditNature(type.nature)) throw new CodedError('ENTE_NATURE', 'no such nature', { type: type.code });
    if (NATURES[type.nature].health && !type.health) {
      throw new CodedError('ENTE_HEALTH', 'this credit is health data and must be marked so', { type: type.code });
    }
    const mixed = ente.creditTypes.some((o) => o.purposeGroup === type.purposeGroup && o.health !== type.health);
    if (mixed) throw new CodedError('ENTE_HEALTH_GROUP', 'health is a purpose group of its own', { type: type.code });
  }
  const db = tables<CreditorTables>(tx);
  const ente_id = enteOf(tx);
  await db.insertInto('tenant').values({ ente_id, slug: ente.slug }).execute();
  await db
    .insertInto('ente')
    .values({
      ente_id,
      name: ente.name,
      kind: ente.kind,
      codice_fiscale: ente.codiceFiscale,
      codice_ipa: ente.codiceIpa,
      website: ente.website,
      sender_address: ente.senderAddress,
      accent: ente.accent,
      patron_day: ente.patronDay,
      segregation_code: ente.segregationCode,
      generates_notice_numbers: ente.generatesNoticeNumbers,
    })
    .execute();
  for (const o of ente.offices) {
    await db
      .insertInto('office')
      .values({
        ente_id,
        office_id: o.officeId,
        name: o.name,
        phone: o.phone,
        email: o.email,
        hours: o.hours,
        address: o.address,
        procedure_officer: o.procedureOfficer,
        self_review_body: o.selfReviewBody,
      })
      .execute();
  }
  for (const t of ente.creditTypes) {
    await db
      .insertInto('credit_type')
      .values({
        ente_id,
        code: t.code,
        name: t.name,
        nature: t.nature,
        health: t.health,
        purpose_group: t.purposeGroup,
        office_id: t.officeId,
        explanation: t.explanation,
      })
      .execute();
  }
}

/** Every body's id and slug: the only thing known before the tenant is. Needs a system transaction. */
export function listTenants(tx: Tx): Promise<{ enteId: number; slug: string }[]> {
  return tables<CreditorTables>(tx)
    .selectFrom('tenant')
    .select(['ente_id as enteId', 'slug'])
    .orderBy('ente_id')
    .execute();
}

/** The whole body with offices and credit types. Error ENTE_UNKNOWN. */
export async function loadEnte(tx: Tx): Promise<Ente> {
  const db = tables<CreditorTables>(tx);
  const id = enteOf(tx);
  const [row, offices, types] = await Promise.all([
    db
      .selectFrom('ente')
      .innerJoin('tenant', 'tenant.ente_id', 'ente.ente_id')
      .selectAll('ente')
      .select('tenant.slug')
      .where('ente.ente_id', '=', id)
      .where('tenant.ente_id', '=', id)
      .executeTakeFirst(),
    db.selectFrom('office').selectAll().where('ente_id', '=', id).orderBy('office_id').execute(),
    db.selectFrom('credit_type').selectAll().where('ente_id', '=', id).orderBy('code').execute(),
  ]);
  if (row === undefined) throw new CodedError('ENTE_UNKNOWN', `no such body: ${id}`, { enteId: id });
  return {
    enteId: id,
    slug: row.slug,
    name: row.name,
    kind: row.kind as EnteKind,
    codiceFiscale: row.codice_fiscale,
    codiceIpa: row.codice_ipa,
    website: row.website,
    senderAddress: row.sender_address,
    accent: row.accent,
    patronDay: row.patron_day,
    segregationCode: row.segregation_code,
    generatesNoticeNumbers: row.generates_notice_numbers,
    offices: offices.map((o) => ({
      officeId: o.office_id,
      name: o.name,
      phone: o.phone,
      email: o.email,
      hours: o.hours,
      address: o.address,
      procedureOfficer: o.procedure_officer,
      selfReviewBody: o.self_review_body,
    })),
    creditTypes: types.map((t) => ({
      code: t.code,
      name: t.name,
      nature: t.nature as CreditType['nature'],
      health: t.health,
      purposeGroup: t.purpose_group,
      officeId: t.office_id,
      explanation: t.explanation,
    })),
  };
}

/** The credit type, or CREDIT_TYPE_UNKNOWN. */
export function creditTypeOf(ente: Ente, code: string): CreditType {
  const found = ente.creditTypes.find((type) => type.code === code);
  if (found === undefined) {
    const known = ente.creditTypes.map((type) => type.code).join(', ');
    throw new CodedError('CREDIT_TYPE_UNKNOWN', `${ente.name} has no credit type ${code} (it has ${known})`, { code });
  }
  return found;
}

/** The office that answers for a credit type; the first one where a notice spans several. */
export function officeOf(ente: Ente, officeId: number): Office {
  const office = ente.offices.find((o) => o.officeId === officeId) ?? ente.offices[0];
  if (office === undefined) throw new CodedError('ENTE_NO_OFFICE', `${ente.name} has no office`);
  return office;
}

/** Whether the data was written with this master key; written down at first start. */
export async function checkInstallation(tx: Tx, keyCheck: Buffer): Promise<boolean> {
  await sql`insert into installation (key_check) values (${keyCheck}) on conflict do nothing`.execute(tx.kysely);
  const { rows } = await sql<{ same: boolean }>`select key_check = ${keyCheck} as same from installation`.execute(
    tx.kysely,
  );
  return rows[0]?.same === true;
}
