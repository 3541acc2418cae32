import type { ComponentChildren } from 'preact';
import { assetUrl } from './assets.ts';

/** A decorative icon; the words stand beside it always. `name` must be a full literal, so that the build finds it. */
export function Icon({ name, size = 'sm' }: { name: `it-${string}`; size?: 'sm' | 'md' }) {
  return (
    <svg class={size === 'sm' ? 'icon icon-sm' : 'icon'} aria-hidden="true" focusable="false">
      <use href={`${assetUrl('icons.svg')}#${name}`} />
    </svg>
  );
}

/** The one primary action of a screen, as a link. */
export function PrimaryLink({ href, children }: { href: string; children: ComponentChildren }) {
  return (
    <a class="btn btn-primary" href={href}>
      {children}
    </a>
  );
}

export function SecondaryLink({ href, children }: { href: string; children: ComponentChildren }) {
  return (
    <a class="btn btn-outline-primary" href={href}>
      {children}
    </a>
  );
}

export function BackLink({ href, children }: { href: string; children: ComponentChildren }) {
  return (
    <a class="b-back" href={href}>
      <Icon name="it-arrow-left" />
      {children}
    </a>
  );
}

/** h1 of the page; `done` puts a check beside it, for steps that ended well. */
export function Title({ children, done = false }: { children: ComponentChildren; done?: boolean }) {
  if (!done) return <h1 class="b-title">{children}</h1>;
  return (
    <div class="b-done">
      <Icon name="it-check-circle" size="md" />
      <h1 class="b-title">{children}</h1>
    </div>
  );
}

const calloutLooks = {
  info: { class: 'b-callout', icon: 'it-info-circle' },
  ok: { class: 'b-callout b-callout-ok', icon: 'it-check-circle' },
  warn: { class: 'b-callout b-callout-warn', icon: 'it-warning-circle' },
} as const;

/** For deadlines, results and warnings: an edge, an icon and a title in words. */
export function Callout(props: { look?: keyof typeof calloutLooks; title: string; children: ComponentChildren }) {
  const look = calloutLooks[props.look ?? 'info'];
  return (
    <div class={look.class}>
      <h2 class="b-callout-title">
        <Icon name={look.icon} />
        {props.title}
      </h2>
      {props.children}
    </div>
  );
}

const badgeClasses = {
  due: 'b-badge b-badge-due',
  late: 'b-badge b-badge-late',
  ok: 'b-badge b-badge-ok',
  wait: 'b-badge b-badge-wait',
  off: 'b-badge',
} as const;
export type BadgeLook = keyof typeof badgeClasses;

export function Badge({ look, children }: { look: BadgeLook; children: ComponentChildren }) {
  return <span class={badgeClasses[look]}>{children}</span>;
}

export function Section({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="b-section b-text">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

export function Bullets({ items }: { items: readonly string[] }) {
  return (
    <ul>
      {items.map((item) => (
        <li key={item}>{item}</li>
      ))}
    </ul>
  );
}

export function Steps({ items }: { items: readonly string[] }) {
  return (
    <ol class="b-steps">
      {items.map((item) => (
        <li key={item}>{item}</li>
      ))}
    </ol>
  );
}

/** Folded detail that needs no script. */
export function Details({ summary, children }: { summary: string; children: ComponentChildren }) {
  return (
    <details class="b-details">
      <summary>
        <Icon name="it-chevron-right" />
        {summary}
      </summary>
      <div>{children}</div>
    </details>
  );
}

/** A list of whole-row links (56 px): secondary actions. */
export function Rows({ children }: { children: ComponentChildren }) {
  return <ul class="b-rows">{children}</ul>;
}

export function Row({ href, title, note }: { href: string; title: string; note?: string }) {
  return (
    <li>
      <a class="b-row" href={href}>
        <span class="b-row-body">
          <span class="b-row-title">{title}</span>
          {note === undefined ? null : <span class="b-row-note">{note}</span>}
        </span>
        <Icon name="it-chevron-right" />
      </a>
    </li>
  );
}
