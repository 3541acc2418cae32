import type { ComponentChildren } from 'preact';
import type { CampaignProblem } from '../../modules/campaigns/index.ts';
import { Callout } from '../ui/parts.tsx';
import { Pager, DataTable as Table } from './parts.tsx';
import { CsrfField } from './shell.tsx';

export { Figures } from './parts.tsx';

export interface Column {
  readonly label: string;
  readonly numeric?: boolean;
}

interface DataTableProps {
  /** Says what the table holds; names its scrolling region as well. */
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly ComponentChildren[])[];
  readonly empty?: string;
}

/** The console's table, with a sentence where there are no rows. */
export function DataTable({ caption, columns, rows, empty }: DataTableProps) {
  const id = `t-${caption.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
  if (rows.length === 0) return <p>{empty ?? 'Nessuna riga.'}</p>;
  const figures = columns.flatMap((column, i) => (column.numeric === true ? [i] : []));
  return <Table id={id} caption={caption} head={columns.map((column) => column.label)} figures={figures} rows={rows} />;
}

/** A form with one button: everything that changes something is a POST. */
export function ActionForm(props: {
  readonly action: string;
  readonly csrf: string;
  readonly label: string;
  readonly look?: 'primary' | 'secondary';
  readonly children?: ComponentChildren;
}) {
  return (
    <form method="post" action={props.action} class="c-after">
      <CsrfField csrf={props.csrf} />
      {props.children}
      <button class={props.look === 'secondary' ? 'btn btn-outline-primary' : 'btn btn-primary'} type="submit">
        {props.label}
      </button>
    </form>
  );
}

/** A number with its name, and the list it leads to. */
export function Figure({ label, value, href }: { label: string; value: string; href?: string | null }) {
  return (
    <div class="c-figure">
      <dt>{label}</dt>
      <dd>
        <span class="c-figure-value">{href === undefined || href === null ? value : <a href={href}>{value}</a>}</span>
      </dd>
    </div>
  );
}

/** Pages of a long list. */
export function Pages({ page, pages, href }: { page: number; pages: number; href: (page: number) => string }) {
  if (pages <= 1) return null;
  return (
    <>
      <p>
        Pagina {page} di {pages}.
      </p>
      <Pager label="Pagine" previous={page > 1 ? href(page - 1) : null} next={page < pages ? href(page + 1) : null} />
    </>
  );
}

/** Why the page came back: what happened and what to do. */
export function Problem({ title, text }: { title: string; text: string }) {
  return (
    <div role="alert">
      <Callout look="warn" title={title}>
        <p>{text}</p>
      </Callout>
    </div>
  );
}

/** What stands between a campaign and its approval. */
export function Problems({ list }: { list: readonly CampaignProblem[] }) {
  if (list.length === 0) return null;
  return (
    <Callout look="warn" title="Da correggere prima dell’approvazione">
      <ul>
        {list.map((one) => (
          <li key={one.message}>{one.message}</li>
        ))}
      </ul>
    </Callout>
  );
}

/** A day, by the browser's own calendar; typed where there is none. */
export function DateField({ id, label }: { id: string; label: string }) {
  return (
    <div class="b-field">
      <label for={id}>{label}</label>
      <input class="b-input" type="date" id={id} name={id} required />
    </div>
  );
}

export function TimeField({ id, label }: { id: string; label: string }) {
  return (
    <div class="b-field">
      <label for={id}>{label}</label>
      <input class="b-input" type="time" id={id} name={id} required />
    </div>
  );
}
