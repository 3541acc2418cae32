import { element, type XmlFragment } from '../../../platform/xml/index.ts';

export interface WrittenMovement {
  readonly documentNo: number;
  readonly amount: string;
  readonly text: string;
  readonly operation?: 'ESEGUITO' | 'STORNATO' | 'REGOLARIZZATO' | 'RIPRISTINATO';
  readonly direction?: 'ENTRATA' | 'USCITA';
  readonly documentType?: string;
  readonly day?: string;
}

/** As the bank's schema 1.8 has it; what the reader does not need is there, too. */
export function movementXml(one: WrittenMovement, n: number): XmlFragment {
  const { direction = 'ENTRATA', documentType = 'SOSPESO ENTRATA', operation = 'ESEGUITO', day = '2026-09-04' } = one;
  return element('movimento_conto_evidenza', [
    element('identificativo_flusso', '9999920260904'),
    element('numero_movimento', String(n)),
    element('tipo_movimento', direction),
    element('tipo_documento', documentType),
    element('tipo_operazione', operation),
    element('numero_documento', String(one.documentNo)),
    element('progressivo_documento', '0'),
    element('importo', one.amount),
    element('numero_bolletta_quietanza', String(one.documentNo)),
    element('data_movimento', day),
    element('data_movimento_siope', day),
    element('data_valuta_ente', day),
    element('tipo_esecuzione', 'SEPA CREDIT TRANSFER'),
    element('cliente', [
      element('anagrafica_cliente', 'BANCA DI PROVA'),
      element('codice_fiscale_cliente', '01234567890'),
    ]),
    element('causale', one.text),
  ]);
}

export function journalXml(
  movements: readonly WrittenMovement[],
  journalId = 'GDC-20260904ABCDEFGHIJ#001#001',
): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${
    element('flusso_giornale_di_cassa', [
      element('testata_messaggio', [element('codice_ABI_BT', '99999'), element('codice_fiscale_ente', '80000000019')]),
      element('identificativo_flusso_BT', journalId),
      element('pagina', '1'),
      element('pagine_totali', '1'),
      element('esercizio', '2026'),
      element('data_riferimento_GdC', '2026-09-04'),
      element('informazioni_conto_evidenza', [
        element('conto_evidenza', '0000001'),
        element('descrizione_conto_evidenza', 'CONTO DI TESORERIA'),
        movements.map((one, i) => movementXml(one, i + 1)),
        element('saldo_finale_conto_evidenza', '0.00'),
      ]),
      element('saldo_complessivo_finale', '0.00'),
    ]).text
  }`;
}
