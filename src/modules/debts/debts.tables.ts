import type { ColumnType } from 'kysely';
import type { CivilDate } from '../../kernel/civil-date.ts';
import type { StartFact } from './deadlines.ts';
import type { DebtComponent } from './debt-facts.ts';
import type { FactColumns } from './fact-columns.ts';

export interface DebtTables {
  intake_profile: { ente_id: number; credit_type: string; version: number; mapping: unknown };
  import: {
    ente_id: number;
    import_id: string;
    credit_type: string;
    file_name: string;
    file_sha256: string;
    state: 'staging' | 'staged' | 'committing' | 'committed' | 'discarded';
    key_wrapped: Uint8Array | null;
    header: Uint8Array | null;
    rows: number;
    accepted: number;
    rejected: number;
    quarantined: number;
    created: number;
    changed: number;
    unchanged: number;
    operator_id: string;
    at: ColumnType<number, string, string>;
    interrupted_at: ColumnType<number | null, string | null | undefined, string | null>;
  };
  import_row: {
    ente_id: number;
    import_id: string;
    line: number;
    verdict: number;
    code: string | null;
    column_name: string | null;
    content: Uint8Array;
  };
  debt: FactColumns & {
    ente_id: number;
    debt_id: string;
    debtor_id: string;
    credit_type: string;
    external_id: string;
    import_id: string;
    line: number;
    tax_year: number | null;
    installment_no: number | null;
    due_date: string;
    details: Uint8Array;
    imported_notice_number: string | null;
    due_cents: number;
    paid_cents: number;
    deadline_kind: string | null;
    deadline_on: string | null;
    deadline_disputed_on: string | null;
    deadline_fact: string | null;
    deadline_missing: string | null;
  };
  debt_now: DebtNow;
}

/** A debt as everybody above reads it (view `debt_now`). */
export interface DebtNow {
  ente_id: number;
  debt_id: string;
  debtor_id: string;
  credit_type: string;
  external_id: string;
  import_id: string;
  tax_year: number | null;
  installment_no: number | null;
  due_date: string;
  decadence_deadline: string | null;
  imported_notice_number: string | null;
  due_cents: number;
  paid_cents: number;
  outstanding_cents: number;
  state: 'open' | 'settled' | 'cancelled';
  purpose_group: string;
  nature: string;
  health: boolean;
  office_id: number;
  component: DebtComponent;
  /** Null for health, where it is sealed. */
  violation_date: CivilDate | null;
  notified_on: CivilDate | null;
  consumption_from: CivilDate | null;
  deadline_kind: 'decadence' | 'limitation' | null;
  deadline_on: CivilDate | null;
  deadline_disputed_on: CivilDate | null;
  deadline_fact: StartFact | null;
  /** `KeptDeadline.missing`, or `stale`. */
  deadline_missing: string | null;
}
