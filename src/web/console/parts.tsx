import type { ComponentChildren } from 'preact';

/** What scrolls must be reached by the keyboard (WCAG 2.1.1), though it is no control. */
const FOCUSABLE = { tabIndex: 0 } as const;

/** A table that scrolls sideways by itself, never the page (ui.md §5.10). `caption` names the region, too. */
export function DataTable(props: {
  readonly id: string;
  readonly caption: string;
  readonly head: readonly string[];
  /** Which columns hold figures, from 0. */
  readonly figures?: readonly number[];
  /** The first cell of each row is its heading. */
  readonly rows: readonly (readonly ComponentChildren[])[];
}) {
  const look = (column: number) => (props.figures?.includes(column) === true ? 'c-num' : undefined);
  return (
    <section class="c-scroll" aria-labelledby={props.id} {...FOCUSABLE}>
      <table class="c-table">
        <caption id={props.id}>{props.caption}</caption>
        <thead>
          <tr>
            {props.head.map((title, i) => (
              <th key={title} scope="col" class={look(i)}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map((cells, r) => (
            <tr key={r}>
              {cells.map((cell, i) =>
                i === 0 ? (
                  <th key={i} scope="row" class={look(i)}>
                    {cell}
                  </th>
                ) : (
                  <td key={i} class={look(i)}>
                    {cell}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function Figure({ label, value, note }: { label: string; value: string; note?: string }) {
  return (
    <div class="c-figure">
      <dt>{label}</dt>
      <dd>
        <span class="c-figure-value">{value}</span>
        {note === undefined ? null : <span class="b-note">{note}</span>}
      </dd>
    </div>
  );
}

export function Figures({ children }: { children: ComponentChildren }) {
  return <dl class="c-figures">{children}</dl>;
}

/** Nothing here: why, and what comes next. */
export function Empty({ children }: { children: ComponentChildren }) {
  return <div class="c-empty">{children}</div>;
}

export function Pager(props: {
  readonly previous: string | null;
  readonly next: string | null;
  readonly label: string;
}) {
  if (props.previous === null && props.next === null) return null;
  return (
    <nav class="c-pager" aria-label={props.label}>
      {props.previous === null ? null : (
        <a class="c-link" href={props.previous}>
          Pagina precedente
        </a>
      )}
      {props.next === null ? null : (
        <a class="c-link" href={props.next}>
          Pagina successiva
        </a>
      )}
    </nav>
  );
}
