import { type CsvError, parse } from 'csv-parse';
import { CodedError } from '../../../kernel/errors.ts';
import { checkHeader, type Delimiter, detectDelimiter, isBlank } from './csv-header.ts';
import { intakeError } from './file-errors.ts';

export type { Delimiter } from './csv-header.ts';

export interface CsvRecord {
  /** Line of the file on which the record begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
  /** Set on the last record when the file does not end with a line break: it may have been cut short. */
  readonly unterminated?: true;
}

export interface CsvFile {
  readonly delimiter: Delimiter;
  /** Column names, trimmed. */
  readonly header: readonly string[];
  readonly headerLine: number;
  /** Records after the header, blank lines left out; read once. */
  readonly rows: AsyncGenerator<CsvRecord>;
  /** Final when `rows` has ended. */
  readonly stats: { blankLines: number };
}

export const MAX_RECORD_CHARS = 65_536;
export const MAX_COLUMNS = 100;

/**
 * Opens delimited text whose first non-blank line is the header. The delimiter is found on that line unless given
 * (Excel's first line `sep=;` also counts). Rows before a fault may still be yielded, then INTAKE_UNREADABLE is thrown
 * with details line, lastGoodLine and reason: the parser names the line where it gave up, not the one where a
 * quote was opened, so both are told. Other errors: INTAKE_EMPTY, INTAKE_HEADER_ONLY, INTAKE_NO_HEADER,
 * INTAKE_NO_DELIMITER, INTAKE_DUPLICATE_HEADER, INTAKE_TOO_MANY_COLUMNS. Memory does not grow with the file.
 */
export async function openCsv(
  text: AsyncIterable<string>,
  options: { readonly delimiter?: Delimiter } = {},
): Promise<CsvFile> {
  const source = limitLines(text);
  let start = '';
  let line: string | null = null;
  while (line === null) {
    const next = await source.next();
    if (next.done) break;
    start += next.value;
    if (/[\r\n]/.test(next.value)) line = firstLine(start);
    if (line === null && start.length > 2 * MAX_RECORD_CHARS) {
      await source.return(undefined);
      throw intakeError('INTAKE_NO_HEADER', 'nothing but blanks at the start', { line: 1 });
    }
  }
  if (start.trim() === '') throw intakeError('INTAKE_EMPTY', 'file has no text');
  let told: Delimiter | undefined;
  let linesBefore = 0;
  const sep = /^[\r\n]*sep=([;,|\t])(\r\n|\n|\r|$)/i.exec(start);
  if (sep) {
    told = sep[1] as Delimiter;
    linesBefore = sep[0].split(/\r\n|\n|\r/).length - 1;
    start = start.slice(sep[0].length);
    line = null;
  }
  const delimiter = options.delimiter ?? told ?? detectDelimiter(line ?? start);
  const stats = { blankLines: 0 };
  const rows = withoutBlanks(records(restart(start, source), delimiter, linesBefore + 1), stats);
  const first = await rows.next();
  if (first.done) throw intakeError('INTAKE_EMPTY', 'file has no text');
  const header = first.value.cells.map((cell) => cell.trim());
  // Blank lines above the header are no missing rows.
  stats.blankLines = 0;
  checkHeader(header, first.value.line);
  return { delimiter, header, headerLine: first.value.line, rows, stats };
}

/** All records of a file, header first; see `openCsv` for limits and errors. */
export async function* readCsv(
  text: AsyncIterable<string>,
  options: { readonly delimiter?: Delimiter } = {},
): AsyncGenerator<CsvRecord> {
  const file = await openCsv(text, options);
  yield { line: file.headerLine, cells: file.header };
  yield* file.rows;
}

/** First complete line with something on it; a line break inside a quoted header is not looked for. */
function firstLine(text: string): string | null {
  const lines = text.split(/\r\n|\n|\r/);
  lines.pop();
  return lines.find((line) => /[^\s;,|]/.test(line)) ?? null;
}

async function* restart(start: string, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  try {
    if (start !== '') yield start;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return(undefined);
  }
}

/**
 * Refuses a line longer than any record may be, before the parser sees it: the parser's own limit does not count
 * delimiters, so a line of a million of them would fill the memory.
 */
async function* limitLines(text: AsyncIterable<string>): AsyncGenerator<string> {
  let line = 1;
  let length = 0;
  for await (const chunk of text) {
    let from = 0;
    for (const match of chunk.matchAll(/\r\n|\n|\r/g)) {
      if (length + match.index - from > MAX_RECORD_CHARS) throw tooLong(line);
      from = match.index + match[0].length;
      length = 0;
      line += 1;
    }
    length += chunk.length - from;
    if (length > MAX_RECORD_CHARS) throw tooLong(line);
    yield chunk;
  }
}

function tooLong(line: number): CodedError {
  return intakeError('INTAKE_UNREADABLE', 'a line is too long', {
    line,
    lastGoodLine: line - 1,
    reason: 'LINE_TOO_LONG',
  });
}

/** Drives the parser by hand: its own iterator loses the good rows before a fault, and the number of the last one. */
async function* records(
  text: AsyncIterable<string>,
  delimiter: Delimiter,
  startLine: number,
): AsyncGenerator<CsvRecord> {
  let ready: CsvRecord[] = [];
  let nextLine = startLine;
  let lastGoodLine = startLine - 1;
  let parserLine = 0;
  const parser = parse({
    delimiter,
    quote: '"',
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    max_record_size: MAX_RECORD_CHARS,
    on_record: (cells: string[], context) => {
      if (cells.length > MAX_COLUMNS) {
        throw intakeError('INTAKE_TOO_MANY_COLUMNS', 'too many columns', { line: nextLine, limit: MAX_COLUMNS });
      }
      ready.push({ line: nextLine, cells });
      // The parser counts \r\n inside quotes twice, so its number only tells that there are line breaks to count.
      nextLine += context.lines - parserLine === 1 ? 1 : 1 + lineBreaks(cells);
      parserLine = context.lines;
      lastGoodLine = nextLine - 1;
      return null;
    },
  });
  const fault = (error: Error): Error => {
    if (error instanceof CodedError) return error;
    // The parser's message quotes the cell, which is personal data: only its code goes on.
    return intakeError('INTAKE_UNREADABLE', 'the CSV parser gave up', {
      line: Math.max(nextLine, startLine - 1 + parser.info.lines),
      lastGoodLine,
      reason: (error as CsvError).code ?? 'UNKNOWN',
    });
  };
  // Faults come back through the callbacks below; without a listener they would also end the process.
  parser.on('error', () => undefined);
  const feed = (piece: string | null): Promise<Error | null> =>
    new Promise((resolve) => {
      const done = (error?: Error | null) => resolve(error ?? null);
      if (piece === null) parser.end(done);
      else parser.write(piece, done);
    });

  let held: CsvRecord | null = null;
  let lastChar = '\n';
  let failure: Error | null = null;
  try {
    for await (const piece of text) {
      failure = await feed(piece);
      for (const record of ready) {
        if (held) yield held;
        held = record;
      }
      if (failure) break;
      ready = [];
      lastChar = piece.charAt(piece.length - 1) || lastChar;
    }
    if (!failure) {
      failure = await feed(null);
      for (const record of ready) {
        if (held) yield held;
        held = record;
      }
    }
    if (held) yield failure || lastChar === '\n' || lastChar === '\r' ? held : { ...held, unterminated: true };
    if (failure) throw fault(failure);
  } finally {
    parser.destroy();
  }
}

function lineBreaks(cells: readonly string[]): number {
  let count = 0;
  for (const cell of cells) count += cell.match(/\r\n|\n|\r/g)?.length ?? 0;
  return count;
}

/** Header and rows; a header alone is a fault. */
async function* withoutBlanks(
  records: AsyncGenerator<CsvRecord>,
  stats: { blankLines: number },
): AsyncGenerator<CsvRecord> {
  let filled = 0;
  for await (const record of records) {
    if (isBlank(record.cells)) {
      stats.blankLines += 1;
      continue;
    }
    filled += 1;
    yield record;
  }
  if (filled === 1) throw intakeError('INTAKE_HEADER_ONLY', 'file has a header and nothing else');
}
