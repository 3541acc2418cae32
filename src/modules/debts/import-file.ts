import { sql } from 'kysely';
import { CodedError, isCoded } from '../../kernel/errors.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import { type Database, tables } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { writeLeaf } from '../audit/index.ts';
import { type CreditType, creditTypeOf, loadEnte, loadRules, type RuleBook } from '../creditors/index.ts';
import type { DebtTables } from './debts.tables.ts';
import { findDeadlineRule, needsDeadlineFacts } from './derive-deadline.ts';
import { noteInterrupted, type OpenImport, openImports } from './half-done.ts';
import { countsOf, findByFile, type ImportCounts, savedProfile, toCounts } from './imports.store.ts';
import { type AnalyseOptions, analyseFile, type FileAnalysis, inspectFile, type OpenFile } from './intake/analyse.ts';
import { beginCommit, commitRanges, flip } from './intake/commit.ts';
import type { CommitJob } from './intake/commit-part.ts';
import type { IntakeProfile } from './intake/profile.ts';
import { discardImport, stageImport } from './intake/stage.ts';
import { problemRows } from './problem-rows.ts';
import { refreshDeadlines } from './refresh-deadlines.ts';

export interface ImportRequest {
  readonly enteId: number;
  readonly creditType: string;
  readonly fileName: string;
  readonly open: OpenFile;
  /** Null: the saved one of the credit type, else guessed from the header. */
  readonly profile: IntakeProfile | null;
}

export type ImportOutcome =
  /** The same bytes were loaded before for this credit type; nothing was done. */
  | { readonly kind: 'sameFile'; readonly earlier: ImportCounts }
  /** Rows were rejected or set aside: a person must say that the good ones may go on (`commitStaged`). */
  | { readonly kind: 'needsConsent'; readonly importId: string; readonly analysis: FileAnalysis }
  | { readonly kind: 'committed'; readonly analysis: FileAnalysis; readonly counts: ImportCounts };

/** Who loads, as the register names it: a person, or a program of the body. */
export type ImportActor = `operator:${string}` | `apiKey:${string}`;

export interface ImportService {
  /** Reads the file and stores nothing. */
  dryRun(request: ImportRequest): Promise<FileAnalysis>;
  load(request: ImportRequest, consent: Consent, actor: ImportActor): Promise<ImportOutcome>;
  commitStaged(enteId: number, importId: string, consent: Consent, actor: ImportActor): Promise<ImportCounts>;
  discard(enteId: number, importId: string, actor: ImportActor): Promise<void>;
  /**
   * Finishes imports that a crash left half way, and drops those that were still being read: of files begun before
   * `begunBefore` (legal time) only, since another process may be reading a younger one right now. Debts that an older
   * version loaded get their deadline here, too.
   */
  resume(enteId: number, begunBefore: number): Promise<number>;
  /** What is being read or loaded now, or was when its process died. */
  open(enteId: number): Promise<OpenImport[]>;
  /**
   * One that nobody is at any more: finished, or dropped where its file was not read to the end; noted as interrupted. With
   * one that is alive it does what `resume` does: it helps with the loading, and the reading has to be done again.
   */
  takeOver(enteId: number, one: OpenImport): Promise<void>;
  list(enteId: number): Promise<ImportCounts[]>;
  /** The rows to correct, or those set aside to be looked at, as text pieces of a CSV file. */
  problemRows(enteId: number, importId: string, which: 'rejected' | 'quarantined'): AsyncGenerator<string>;
  saveProfile(enteId: number, creditType: string, profile: IntakeProfile): Promise<number>;
}

export interface Consent {
  /** Load the good rows although others were refused. */
  readonly skipBad: boolean;
  /** Load the rows set aside as well: a person has looked at them. */
  readonly releaseQuarantined: boolean;
}

export interface ImportDeps {
  readonly db: Database;
  readonly vaultOf: (enteId: number) => EnteVault;
  readonly now: () => number;
  readonly numbering: CommitJob['numbering'];
  /** Before anything of a file is written: somebody looks after this body's imports until none is open. */
  readonly watch?: (enteId: number) => Promise<void>;
}

function intakeRules(rules: RuleBook, type: CreditType): AnalyseOptions['ctx']['rules'] {
  return {
    quarantineDueYearUpTo: rules.find<number>('expiredDueYear', type)?.value ?? null,
    deadline: findDeadlineRule(rules, type),
    needsFacts: needsDeadlineFacts(rules, type),
  };
}

/** The use cases of loading a file (architecture §3.1). File errors are coded `INTAKE_…`. */
export function makeImports(deps: ImportDeps): ImportService {
  const { db, vaultOf, now } = deps;

  async function optionsFor(request: ImportRequest): Promise<AnalyseOptions> {
    return db.tenant(request.enteId, async (tx) => {
      const ente = await loadEnte(tx);
      const type = creditTypeOf(ente, request.creditType);
      const today = romeDate(now());
      const rules = await loadRules(tx, today);
      const profile = request.profile ?? (await savedProfile(tx, type.code));
      return {
        ctx: {
          today,
          creditType: { code: type.code, health: type.health },
          creditorCodiceFiscale: ente.codiceFiscale,
          rules: intakeRules(rules, type),
        },
        ...(profile === null ? {} : { profile }),
      };
    });
  }

  async function commit(
    enteId: number,
    importId: string,
    creditType: string,
    releaseQuarantined: boolean,
    actor: string,
  ): Promise<ImportCounts> {
    const at = now();
    const rules = await db.tenant(enteId, async (tx) => {
      const type = creditTypeOf(await loadEnte(tx), creditType);
      const book = await loadRules(tx, romeDate(at));
      await beginCommit(tx, importId, releaseQuarantined);
      return { deadline: findDeadlineRule(book, type), today: book.on, health: type.health };
    });
    const job = { vault: vaultOf(enteId), importId, creditType, rules, now: at, numbering: deps.numbering };
    await commitRanges(db, enteId, job);
    return db.tenant(enteId, async (tx) => {
      const flipped = await flip(tx, job);
      if (!flipped) return countsOf(tx, importId);
      const counts = await countsOf(tx, importId);
      await writeLeaf(tx, {
        at,
        kind: 'import.committed',
        actor,
        rowCount: counts.accepted,
        facts: {
          importId,
          creditType,
          rows: counts.rows,
          created: counts.created,
          changed: counts.changed,
          rejected: counts.rejected,
          quarantined: counts.quarantined,
          releaseQuarantined,
        },
      });
      return counts;
    });
  }

  /**
   * Finishes what a process left half done, before another file is compared with what is there: its debts are written and
   * unseen, and would be taken for known ones. Helping a process that is still at it does no harm.
   */
  async function finishHalfDone(enteId: number, except: string | null): Promise<void> {
    for (const { importId, creditType, state } of await db.tenant(enteId, openImports)) {
      if (importId === except || state === 'staging') continue;
      await commit(enteId, importId, creditType, false, 'system');
    }
  }

  async function takeOver(enteId: number, { importId, creditType }: OpenImport): Promise<void> {
    const state = await db.tenant(enteId, async (tx) => {
      const found = await noteInterrupted(tx, importId, now());
      if (found !== 'staging') return found;
      // What was not read to its end cannot be loaded: its rows go, and the file must be sent again.
      await discardImport(tx, importId);
      await writeLeaf(tx, { at: now(), kind: 'import.discarded', actor: 'system', rowCount: 0, facts: { importId } });
      return found;
    });
    if (state !== 'committing') return;
    await commit(enteId, importId, creditType, false, 'system').catch((error: unknown) => {
      // Its own process was there first, after all.
      if (!isCoded(error, 'IMPORT_STATE')) throw error;
    });
  }

  return {
    async dryRun(request) {
      return analyseFile(request.open, await optionsFor(request));
    },

    async load(request, consent, actor) {
      await finishHalfDone(request.enteId, null);
      const options = await optionsFor(request);
      const { sha256 } = await inspectFile(request.open);
      const earlier = await db.tenant(request.enteId, (tx) => findByFile(tx, request.creditType, sha256));
      if (earlier !== null) return { kind: 'sameFile', earlier };
      await deps.watch?.(request.enteId);
      const { importId, analysis } = await stageImport(db, vaultOf(request.enteId), {
        ...request,
        actorId: actor.slice(actor.indexOf(':') + 1),
        now: now(),
        options,
      });
      const { rejected, quarantined } = analysis.verdicts;
      if (rejected + quarantined > 0 && !consent.skipBad) return { kind: 'needsConsent', importId, analysis };
      const counts = await commit(request.enteId, importId, request.creditType, consent.releaseQuarantined, actor);
      return { kind: 'committed', analysis, counts };
    },

    async commitStaged(enteId, importId, consent, actor) {
      const found = await db.tenant(enteId, (tx) => countsOf(tx, importId));
      // One that an error stopped half way may be finished by the same command.
      if (found.state !== 'staged' && found.state !== 'committing') {
        throw new CodedError('IMPORT_STATE', `this import is ${found.state}, not staged`, { state: found.state });
      }
      if (found.rejected + found.quarantined > 0 && !consent.skipBad) {
        throw new CodedError('IMPORT_BAD_ROWS', 'say that the good rows may go on without the bad ones', {
          rejected: found.rejected,
          quarantined: found.quarantined,
        });
      }
      await finishHalfDone(enteId, importId);
      await deps.watch?.(enteId);
      return commit(enteId, importId, found.creditType, consent.releaseQuarantined, actor);
    },

    async discard(enteId, importId, actor) {
      await db.tenant(enteId, async (tx) => {
        const { state, rows } = await countsOf(tx, importId);
        if (state !== 'staged') throw new CodedError('IMPORT_STATE', `this import is ${state}, not staged`, { state });
        await discardImport(tx, importId);
        await writeLeaf(tx, { at: now(), kind: 'import.discarded', actor, rowCount: rows, facts: { importId } });
      });
    },

    async resume(enteId, begunBefore) {
      const open = (await db.tenant(enteId, openImports)).filter(({ begunAt }) => begunAt <= begunBefore);
      for (const one of open) await takeOver(enteId, one);
      const today = romeDate(now());
      await db.tenant(enteId, (tx) => refreshDeadlines(tx, vaultOf(enteId), { today, only: 'stale' }));
      return open.length;
    },

    open: (enteId) => db.tenant(enteId, openImports),
    takeOver,

    list: (enteId) =>
      db.tenant(enteId, async (tx) => {
        const rows = await tables<DebtTables>(tx)
          .selectFrom('import')
          .selectAll()
          .where('ente_id', '=', enteId)
          .orderBy('at', 'desc')
          .orderBy('import_id', 'desc')
          .limit(200)
          .execute();
        return rows.map(toCounts);
      }),

    problemRows: (enteId, importId, which) => problemRows(db, vaultOf(enteId), enteId, importId, which),

    saveProfile: (enteId, creditType, profile) =>
      db.tenant(enteId, async (tx) => {
        const { rows } = await sql<{ version: number }>`
          insert into intake_profile (ente_id, credit_type, version, mapping)
          select ${enteId}, ${creditType}, coalesce(max(version), 0) + 1, ${JSON.stringify(profile)}::jsonb
          from intake_profile where ente_id = ${enteId} and credit_type = ${creditType}
          returning version`.execute(tx.kysely);
        return rows[0]?.version ?? 1;
      }),
  };
}
