import { type CivilDate, civilDate } from '../../../kernel/civil-date.ts';
import { computeCfCheck } from '../../../kernel/codice-fiscale.ts';
import type { IntakeContext } from './validate-row.ts';

export const TODAY: CivilDate = civilDate('2026-09-07');

export const CTX: IntakeContext = {
  today: TODAY,
  creditType: { code: 'TARI', health: false },
  creditorCodiceFiscale: '00488410010',
  rules: { quarantineDueYearUpTo: 2020, deadline: null, needsFacts: false },
};

export const HEADER =
  'id_posizione;codice_fiscale;cognome;nome;email;origine_recapito;telefono;indirizzo;cap;comune;descrizione;anno;rata;scadenza;importo;numero_documento;codice_utente;numero_avviso;deceduto'.split(
    ';',
  );

const GOOD: Readonly<Record<string, string>> = {
  id_posizione: 'P-1',
  codice_fiscale: 'RSSMRA85T10A562S',
  cognome: 'Rossi',
  nome: 'Mario',
  email: 'mario.rossi@Posta.Example',
  origine_recapito: 'tributi 2023',
  telefono: '345 1234567',
  indirizzo: 'Via Roma 1',
  cap: '40100',
  comune: 'Borgo',
  descrizione: 'Tassa rifiuti 2024',
  anno: '2024',
  rata: '1',
  scadenza: '30/06/2024',
  importo: '1.234,56',
  numero_documento: 'B-77',
  codice_utente: 'U-9',
  numero_avviso: '',
  deceduto: '',
};

/** Cells of a good TARI row with some changed. */
export function cells(change: Readonly<Record<string, string>> = {}): string[] {
  return HEADER.map((name) => change[name] ?? GOOD[name] ?? '');
}

export function csv(rows: readonly (readonly string[])[], delimiter = ';', header: readonly string[] = HEADER): string {
  return [header, ...rows].map((row) => `${row.join(delimiter)}\r\n`).join('');
}

/** A valid code of a person born on 1 January of `yy`, different for each `n` under 1000. */
export function personCode(yy: string, n: number): string {
  const body = `VRDGPP${yy}A01A${String(n).padStart(3, '0')}`;
  return body + computeCfCheck(body);
}

/** The bytes in chunks of `size`. */
export async function* bytesOf(data: string | Uint8Array, size = 65_536): AsyncGenerator<Uint8Array> {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export async function* textOf(data: string, size = 65_536): AsyncGenerator<string> {
  for (let at = 0; at < data.length; at += size) yield data.slice(at, at + size);
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
