import { computeCfCheck } from '../../src/kernel/codice-fiscale.ts';
import type { Cells } from './csv.ts';

/** Rows no intake may take, each spoilt in one way. */
export const BAD_ODDITIES = [
  'badCheckChar',
  'impossibleDate',
  'negativeAmount',
  'missingTaxCode',
  'formulaCell',
  'unreadableAmount',
  'duplicateId',
  'missingDueDate',
] as const;

/** Rows that can be read but ask for a decision. */
export const DOUBTFUL_ODDITIES = ['minor', 'oldYear', 'zeroAmount', 'farFuture', 'nameMismatch'] as const;

/** The same row with its oddity written in. */
export function spoil(cells: Cells, oddity: string): Cells {
  switch (oddity) {
    case 'badCheckChar':
      return { ...cells, codice_fiscale: wrongCheck(cells.codice_fiscale ?? '') };
    case 'impossibleDate':
      return { ...cells, scadenza: `31/02/${cells.anno ?? '2025'}` };
    case 'negativeAmount':
      return { ...cells, importo: `-${cells.importo ?? '1,00'}` };
    case 'missingTaxCode':
      return { ...cells, codice_fiscale: '' };
    case 'missingDueDate':
      return { ...cells, scadenza: '' };
    case 'formulaCell':
      return { ...cells, importo: '=SOMMA(O2:O40)' };
    case 'unreadableAmount':
      return { ...cells, importo: 'trecento euro circa' };
    case 'nameMismatch':
      return { ...cells, codice_fiscale: otherName(cells.codice_fiscale ?? '') };
    default:
      return cells;
  }
}

function wrongCheck(code: string): string {
  const check = code.charAt(15);
  return code.slice(0, 15) + (check === 'Z' ? 'A' : String.fromCharCode(check.charCodeAt(0) + 1));
}

/** A valid code whose letters are those of another name: changed names exist, so it is no reason to reject. */
function otherName(code: string): string {
  const first15 = `QNTRMN${code.slice(6, 15)}`;
  return first15 + computeCfCheck(first15);
}
