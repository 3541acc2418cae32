import type { ComponentChildren } from 'preact';
import { formatEuro } from '../../kernel/money.ts';
import type { CampaignResults } from '../../modules/insight/index.ts';
import { Details } from '../ui/parts.tsx';
import { DataTable } from './campaign-parts.tsx';
import { count } from './campaign-words.ts';
import { type Cell, type ResultTable, TABLES } from './results-tables.ts';

interface ChartProps {
  readonly at: string;
  readonly name: ResultTable['key'];
  readonly results: CampaignResults;
  readonly sentence: string;
  /** The table is the picture. */
  readonly open?: boolean;
  readonly children?: ComponentChildren;
}

export function Chart({ at, name, results, sentence, open = false, children }: ChartProps) {
  const table = TABLES.find((one) => one.key === name) as ResultTable;
  const rows = table.rows(results);
  const shown = (
    <DataTable
      caption={table.title}
      empty="Ancora nessun dato."
      columns={table.columns.map((label, i) => ({ label, numeric: i > 0 && typeof rows[0]?.[i] !== 'string' }))}
      rows={rows.map((row) => row.map((cell) => shownCell(cell, at)))}
    />
  );
  return (
    <div class="c-result">
      <h2 class="c-h2">{table.title}</h2>
      <p>{sentence}</p>
      {children}
      {open ? shown : <Details summary={`I numeri: ${table.title.toLowerCase()}`}>{shown}</Details>}
      <p>
        <a class="c-link" href={`${at}/csv/${name}`}>
          Scarica «{table.title}» (CSV)
        </a>
      </p>
    </div>
  );
}

function shownCell(cell: Cell, at: string): ComponentChildren {
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'number') return count(cell);
  if ('cents' in cell) return formatEuro(cell.cents).replace(/\s*€$/, '');
  return cell.n === 0 ? count(0) : <a href={`${at}/${cell.list}?passo=${cell.step}`}>{count(cell.n)}</a>;
}

interface Bar {
  readonly label: string;
  readonly n: number;
  readonly href: string | null;
}

/** Label, number and bar, from nought; the bar is a picture of the number beside it and is not read out. */
export function Bars({ bars }: { bars: readonly Bar[] }) {
  const most = Math.max(1, ...bars.map((bar) => bar.n));
  if (bars.length === 0) return null;
  return (
    <ul class="c-bars">
      {bars.map((bar) => (
        <li key={bar.label}>
          <span class="c-bar-label">{bar.label}</span>
          <span class="c-bar-value">
            {bar.href === null || bar.n === 0 ? count(bar.n) : <a href={bar.href}>{count(bar.n)}</a>}
          </span>
          <svg class="c-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" focusable="false">
            <rect x="0" y="0" width={(bar.n * 100) / most} height="4" />
          </svg>
        </li>
      ))}
    </ul>
  );
}
