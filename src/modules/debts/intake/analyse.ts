import { createHash } from 'node:crypto';
import { type CivilDate, formatDate } from '../../../kernel/civil-date.ts';
import { type Cents, formatEuro } from '../../../kernel/money.ts';
import { type ByteChunks, decodeStream, inspectBytes, type TextEncoding } from './decode.ts';
import { refuseDuplicates } from './file-checks.ts';
import { intakeError } from './file-errors.ts';
import { guessProfile, type ProfileGuess } from './guess-profile.ts';
import { bindProfile, INTAKE_FIELDS, type IntakeField, type IntakeProfile } from './profile.ts';
import { type Delimiter, openCsv } from './read-csv.ts';
import { type IntakeContext, rowValidator } from './validate-row.ts';
import type { DebtRow, RowVerdict } from './verdict.ts';

const PREVIEW_ROWS = 10;
const EXAMPLES_PER_CODE = 3;

/** Opens the file from its beginning; called twice. */
export type OpenFile = () => ByteChunks;

export interface FileHead {
  readonly encoding: TextEncoding;
  readonly bytes: number;
  readonly sha256: string;
  readonly delimiter: Delimiter;
  readonly header: readonly string[];
  readonly guess: ProfileGuess;
  /** First rows as written, for the person who maps the columns. */
  readonly sample: readonly (readonly string[])[];
}

export interface CodeExample {
  readonly line: number;
  readonly column: string | null;
  readonly message: string;
}

export interface PreviewRow {
  readonly line: number;
  readonly verdict: RowVerdict['kind'];
  /** Field to Italian text as understood; of a rejected row only `errore`. */
  readonly fields: Readonly<Partial<Record<IntakeField | 'errore', string>>>;
}

/** Examples and preview hold personal data: for the office that loaded the file, never for the logs. */
export interface FileAnalysis {
  readonly encoding: TextEncoding;
  readonly bytes: number;
  readonly sha256: string;
  readonly delimiter: Delimiter;
  readonly header: readonly string[];
  readonly profile: IntakeProfile;
  /** Columns that no field takes. */
  readonly unmapped: readonly string[];
  /** Rows under the header that say something; = accepted + rejected + quarantined. */
  readonly rows: number;
  readonly blankLines: number;
  readonly verdicts: Readonly<Record<RowVerdict['kind'], number>>;
  /** Rejections and quarantines by code. */
  readonly codes: Readonly<Record<string, number>>;
  /** Warnings by code; a row may have several. */
  readonly warnings: Readonly<Record<string, number>>;
  /** First three of each code, warnings too. */
  readonly examples: Readonly<Record<string, readonly CodeExample[]>>;
  readonly preview: readonly PreviewRow[];
  /** Sum of accepted rows. */
  readonly totalCents: Cents;
  /** Of accepted rows. */
  readonly dueDates: { readonly first: CivilDate; readonly last: CivilDate } | null;
}

export type RowSink = (verdict: RowVerdict, line: number, cells: readonly string[]) => Promise<void> | void;

export interface AnalyseOptions {
  readonly ctx: IntakeContext;
  /** Default: guessed from the header. */
  readonly profile?: IntakeProfile;
  readonly delimiter?: Delimiter;
  /** Gets every row in file order; the next row waits for it. */
  readonly sink?: RowSink;
}

/** What a file looks like before anything is decided about its columns; file errors as in `analyseFile`. */
export async function inspectFile(open: OpenFile): Promise<FileHead> {
  const report = await inspectBytes(open());
  const csv = await openCsv(decodeStream(open(), report.encoding));
  const sample: (readonly string[])[] = [];
  for await (const record of csv.rows) {
    sample.push(record.cells);
    if (sample.length === 5) break;
  }
  return { ...report, delimiter: csv.delimiter, header: csv.header, guess: guessProfile(csv.header), sample };
}

/**
 * Reads a whole file and gives each row one verdict: the dry run, and with a `sink` the driver of the real import. Memory
 * does not grow with the file but for 24-48 bytes per row (duplicates). Throws the INTAKE_ errors of `inspectBytes`,
 * `openCsv`, `rowValidator` and INTAKE_CHANGED; the sink may have seen rows by then, so its work must stay invisible
 * until this function has returned.
 */
export async function analyseFile(open: OpenFile, options: AnalyseOptions): Promise<FileAnalysis> {
  const report = await inspectBytes(open());
  const digest = createHash('sha256');
  const text = decodeStream(
    tap(open(), (chunk) => digest.update(chunk)),
    report.encoding,
  );
  const csv = await openCsv(text, options.delimiter === undefined ? {} : { delimiter: options.delimiter });
  const guess = guessProfile(csv.header);
  const profile = options.profile ?? guess.profile;
  const bound = bindProfile(profile, csv.header);
  const validate = rowValidator(csv.header, profile, options.ctx);
  const unique = refuseDuplicates(bound.get('externalId')?.column ?? null);
  const tally = new Tally();
  for await (const record of csv.rows) {
    const verdict = unique(validate(record));
    tally.add(verdict, record.line);
    const wait = options.sink?.(verdict, record.line, record.cells);
    if (wait !== undefined) await wait;
  }
  if (digest.digest('hex') !== report.sha256) {
    throw intakeError('INTAKE_CHANGED', 'the file is not the one that was inspected');
  }
  const used = new Set([...bound.values()].flatMap((field) => field.indexes));
  return {
    ...report,
    delimiter: csv.delimiter,
    header: csv.header,
    profile,
    unmapped: csv.header.filter((name, index) => name !== '' && !used.has(index)),
    blankLines: csv.stats.blankLines,
    ...tally.result(),
  };
}

async function* tap(chunks: ByteChunks, see: (chunk: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    see(chunk);
    yield chunk;
  }
}

class Tally {
  private rows = 0;
  private readonly verdicts = { accepted: 0, rejected: 0, quarantined: 0 };
  private readonly codes = new Map<string, number>();
  private readonly warnings = new Map<string, number>();
  private readonly examples = new Map<string, CodeExample[]>();
  private readonly preview: PreviewRow[] = [];
  private totalCents = 0;
  private first: CivilDate | null = null;
  private last: CivilDate | null = null;

  add(verdict: RowVerdict, line: number): void {
    this.rows += 1;
    this.verdicts[verdict.kind] += 1;
    if (verdict.kind !== 'accepted') this.note(this.codes, verdict.code, { ...verdict, line });
    if (verdict.kind !== 'rejected') {
      for (const warning of verdict.row.warnings) this.note(this.warnings, warning.code, { ...warning, line });
    }
    if (verdict.kind === 'accepted') {
      const { amountCents, dueDate } = verdict.row;
      this.totalCents += amountCents;
      if (this.first === null || dueDate < this.first) this.first = dueDate;
      if (this.last === null || dueDate > this.last) this.last = dueDate;
    }
    if (this.preview.length < PREVIEW_ROWS) {
      const fields = verdict.kind === 'rejected' ? { errore: verdict.message } : understood(verdict.row);
      this.preview.push({ line, verdict: verdict.kind, fields });
    }
  }

  result() {
    return {
      rows: this.rows,
      verdicts: { ...this.verdicts },
      codes: Object.fromEntries(this.codes),
      warnings: Object.fromEntries(this.warnings),
      examples: Object.fromEntries(this.examples),
      preview: this.preview,
      totalCents: this.totalCents,
      dueDates: this.first !== null && this.last !== null ? { first: this.first, last: this.last } : null,
    };
  }

  private note(counts: Map<string, number>, code: string, { line, column, message }: CodeExample): void {
    counts.set(code, (counts.get(code) ?? 0) + 1);
    const examples = this.examples.get(code) ?? [];
    if (examples.length >= EXAMPLES_PER_CODE) return;
    examples.push({ line, column, message });
    this.examples.set(code, examples);
  }
}

const COMPONENT_WORDS = {
  principal: 'capitale',
  sanction: 'sanzione',
  interest: 'interessi',
  notificationCost: 'spese di notifica',
} as const;
const CLASS_WORDS = {
  household: 'domestico',
  microFirm: 'microimpresa',
  professional: 'professionista',
  other: 'altro',
} as const;
const KIND_WORDS = {
  omittedPayment: 'omesso versamento',
  omittedConfirmed: 'omessa dichiarazione confermata',
  unfaithful: 'infedele',
  unknown: 'da verificare',
} as const;

function factsUnderstood(row: DebtRow): Readonly<Partial<Record<IntakeField, string | null>>> {
  const day = (date: CivilDate | null) => (date === null ? null : formatDate(date));
  return {
    serviceDate: day(row.serviceDate),
    violationDate: day(row.violationDate),
    notifiedOn: day(row.notifiedOn),
    violationKind: row.violationKind === null ? null : KIND_WORDS[row.violationKind],
    component: row.component === null ? null : COMPONENT_WORDS[row.component],
    userClass: row.userClass === null ? null : CLASS_WORDS[row.userClass],
    consumptionFrom: day(row.consumptionFrom),
    consumptionTo: day(row.consumptionTo),
    issueTerm: day(row.issueTerm),
  };
}

function understood(row: DebtRow): PreviewRow['fields'] {
  const fields: Partial<Record<IntakeField, string>> = {};
  const values: Readonly<Partial<Record<IntakeField, string | number | null>>> = {
    ...row,
    phone: row.phone === null ? null : [row.phone, ...row.otherPhones].join(', '),
    dueDate: formatDate(row.dueDate),
    ...factsUnderstood(row),
    amount: formatEuro(row.amountCents),
    installmentNo: row.installmentNo === 0 ? 'unica' : row.installmentNo,
    deceased: row.deceased ? 'sì' : null,
  };
  for (const field of INTAKE_FIELDS) {
    const value = values[field];
    if (value !== null && value !== undefined) fields[field] = String(value);
  }
  return fields;
}
