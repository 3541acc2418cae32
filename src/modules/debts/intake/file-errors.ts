import { CodedError, type ErrorDetails } from '../../../kernel/errors.ts';

/** What can stop a whole file. A file stopped by one of these commits nothing. */
export type IntakeErrorCode =
  | 'INTAKE_NOT_TEXT'
  | 'INTAKE_BAD_TEXT'
  | 'INTAKE_MIXED_ENCODING'
  | 'INTAKE_EMPTY'
  | 'INTAKE_HEADER_ONLY'
  | 'INTAKE_NO_HEADER'
  | 'INTAKE_NO_DELIMITER'
  | 'INTAKE_DUPLICATE_HEADER'
  | 'INTAKE_TOO_MANY_COLUMNS'
  | 'INTAKE_TOO_LARGE'
  | 'INTAKE_UNREADABLE'
  | 'INTAKE_PROFILE'
  | 'INTAKE_OTHER_BODY'
  | 'INTAKE_CHANGED';

/**
 * An error about the whole file. `details` may hold line and column numbers, fixed words and header names; never the
 * value of a cell, because details reach the logs.
 */
export function intakeError(code: IntakeErrorCode, message: string, details: ErrorDetails = {}): CodedError {
  return new CodedError(code, message, details);
}

const READ_REASONS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'le virgolette aperte non vengono mai chiuse: il file potrebbe essere troncato',
  CSV_INVALID_CLOSING_QUOTE: 'c’è del testo dopo le virgolette di chiusura',
  INVALID_OPENING_QUOTE: 'ci sono virgolette in mezzo a un valore che non è scritto fra virgolette',
  CSV_MAX_RECORD_SIZE: 'una riga è più lunga di 65.536 caratteri, di solito per virgolette aperte e mai chiuse',
  LINE_TOO_LONG: 'una riga è più lunga di 65.536 caratteri',
};

/** The sentence for the person who loaded the file; any other error gives a plain general sentence. */
export function explainIntakeError(error: CodedError): string {
  const d = error.details;
  switch (error.code) {
    case 'INTAKE_NOT_TEXT':
      return `Il file non è un file di testo: sembra ${d.looksLike ?? 'un file binario'}. Lo salvi come CSV e lo carichi di nuovo.`;
    case 'INTAKE_BAD_TEXT':
      return 'Il testo del file non si legge con la codifica riconosciuta. Lo salvi come CSV UTF-8 e lo carichi di nuovo.';
    case 'INTAKE_MIXED_ENCODING':
      return `Il file mescola due codifiche dei caratteri: alla riga ${d.line ?? '?'} c’è un carattere che non è UTF-8, come invece il resto. Lo salvi di nuovo come CSV UTF-8.`;
    case 'INTAKE_EMPTY':
      return 'Il file è vuoto.';
    case 'INTAKE_HEADER_ONLY':
      return 'Il file contiene solo l’intestazione: non c’è nessuna riga da leggere.';
    case 'INTAKE_NO_HEADER':
      return 'La prima riga non sembra un’intestazione con i nomi delle colonne. Aggiunga l’intestazione e carichi di nuovo il file.';
    case 'INTAKE_NO_DELIMITER':
      return 'Nell’intestazione non si riconosce un separatore: servono colonne separate da punto e virgola, virgola, barra verticale o tabulazione.';
    case 'INTAKE_DUPLICATE_HEADER':
      return `Due colonne hanno lo stesso nome: «${d.name ?? ''}» (colonne ${d.first ?? '?'} e ${d.second ?? '?'}). Ne cambi una.`;
    case 'INTAKE_TOO_MANY_COLUMNS':
      return `La riga ${d.line ?? '?'} ha più di ${d.limit ?? 100} colonne: il file non sembra un elenco di posizioni.`;
    case 'INTAKE_TOO_LARGE':
      return 'Il file supera la dimensione ammessa. Lo divida in più file.';
    case 'INTAKE_UNREADABLE':
      return `Il file non si legge oltre la riga ${d.line ?? '?'}: ${READ_REASONS[String(d.reason)] ?? 'la riga è malformata'}. L’ultima riga letta bene è la ${d.lastGoodLine ?? '?'}: controlli da lì in poi. Nessuna riga è stata caricata.`;
    case 'INTAKE_PROFILE':
      return `Le colonne del file non corrispondono al profilo di importazione. ${d.explanation ?? ''}`.trim();
    case 'INTAKE_OTHER_BODY':
      return `La riga ${d.line ?? '?'} appartiene a un altro ente: il codice fiscale dell’ente creditore non è il Suo. L’intero file è stato rifiutato.`;
    case 'INTAKE_CHANGED':
      return 'Il file è cambiato durante la lettura. Lo carichi di nuovo.';
    default:
      return 'Il file non può essere letto.';
  }
}
