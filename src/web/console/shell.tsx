import { type ComponentChildren, Fragment } from 'preact';
import { render } from 'preact-render-to-string';
import type { Ente } from '../../modules/creditors/index.ts';
import type { Operator } from '../../modules/operators/index.ts';
import { assetUrl } from '../ui/assets.ts';
import { Callout, Icon } from '../ui/parts.tsx';
import { CSRF_FIELD } from './tokens.ts';

const NAV = [
  { key: 'oggi', label: 'Oggi', href: '/console' },
  { key: 'importa', label: 'Importa', href: '/console/importa' },
  { key: 'campagne', label: 'Campagne', href: '/console/campagne' },
  { key: 'persone', label: 'Persone', href: '/console/persone' },
  { key: 'segnalazioni', label: 'Segnalazioni', href: '/console/segnalazioni' },
  { key: 'pagamenti', label: 'Pagamenti', href: '/console/pagamenti' },
  { key: 'registro', label: 'Registro', href: '/console/registro' },
  // For who manages the operators alone.
  { key: 'permessi', label: 'Permessi', href: '/console/permessi' },
] as const;
export type ConsoleSection = (typeof NAV)[number]['key'];

export interface ConsoleAlert {
  readonly look: 'info' | 'ok' | 'warn';
  readonly title: string;
  readonly text?: string;
}

export interface ConsolePageProps {
  readonly operator: Operator;
  readonly ente: Ente;
  /** Form token of the session (`signedIn` gives it): the way out is a form, too. */
  readonly csrf: string;
  readonly title: string;
  /** The entry of the menu this page belongs to; null: none. */
  readonly active: ConsoleSection | null;
  readonly body: ComponentChildren;
  /** What the last step did, above the page. */
  readonly alert?: ConsoleAlert | undefined;
}

/** A whole console page as HTML. `body` brings its own single `h1` (`Title` of ui/parts). */
export function consolePage(props: ConsolePageProps): string {
  const { operator, ente, csrf, active, alert } = props;
  return document({
    title: `${props.title} - ${ente.name}`,
    brand: ente.name,
    actions: (
      <>
        <a class="c-who" href="/console/accesso">
          {operator.name}
        </a>
        <form method="post" action="/console/esci">
          <CsrfField csrf={csrf} />
          <button class="b-slim-action" type="submit">
            Esci
          </button>
        </form>
      </>
    ),
    nav: (
      <nav class="c-nav" aria-label="Sezioni">
        <div class="container">
          <ul>
            {NAV.filter(({ key }) => key !== 'permessi' || operator.roles.includes('manage')).map((entry) => (
              <li key={entry.key}>
                <a href={entry.href} aria-current={entry.key === active ? 'page' : undefined}>
                  {entry.label}
                </a>
              </li>
            ))}
          </ul>
        </div>
      </nav>
    ),
    body: (
      <>
        {alert === undefined ? null : (
          <div role="status">
            <Callout look={alert.look} title={alert.title}>
              {alert.text === undefined ? null : <p>{alert.text}</p>}
            </Callout>
          </div>
        )}
        {props.body}
      </>
    ),
  });
}

/** A console page before anybody has signed in, or of no body in particular. */
export function outsidePage(props: { readonly title: string; readonly body: ComponentChildren }): string {
  return document({ title: `${props.title} - Bonario`, brand: 'Bonario', actions: null, nav: null, body: props.body });
}

/** A piece of a page for htmx, rendered by itself. */
export function consoleFragment(body: ComponentChildren): string {
  return render(<Fragment>{body}</Fragment>);
}

/** Goes into every form of the console. */
export function CsrfField({ csrf }: { readonly csrf: string }) {
  return <input type="hidden" name={CSRF_FIELD} value={csrf} />;
}

interface DocumentProps {
  readonly title: string;
  readonly brand: string;
  readonly actions: ComponentChildren;
  readonly nav: ComponentChildren;
  readonly body: ComponentChildren;
}

function document(props: DocumentProps): string {
  return `<!doctype html>${render(<Document {...props} />)}`;
}

function Document({ title, brand, actions, nav, body }: DocumentProps) {
  return (
    <html lang="it">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title}</title>
        <meta name="robots" content="noindex, nofollow" />
        <meta name="format-detection" content="telephone=no" />
        {/* The policy forbids inline styles, which htmx would add for its indicators. */}
        <meta name="htmx-config" content='{"includeIndicatorCSS":false}' />
        <link
          rel="preload"
          href={assetUrl('titillium-400.woff2')}
          as="font"
          type="font/woff2"
          crossOrigin="anonymous"
        />
        <link
          rel="preload"
          href={assetUrl('titillium-700.woff2')}
          as="font"
          type="font/woff2"
          crossOrigin="anonymous"
        />
        <link rel="stylesheet" href={assetUrl('console.css')} />
        <link rel="icon" href={assetUrl('favicon.svg')} type="image/svg+xml" />
        <script src={assetUrl('htmx.js')} defer />
      </head>
      <body class="c-body">
        <div class="skiplinks">
          <a class="visually-hidden-focusable" href="#contenuto">
            Vai al contenuto
          </a>
        </div>
        <header class="c-header">
          <div class="container">
            <a class="c-brand" href="/console">
              <Icon name="it-pa" size="md" />
              <span>{brand}</span>
            </a>
            <div class="b-slim-actions">{actions}</div>
          </div>
        </header>
        {nav}
        <main class="container b-main c-main" id="contenuto" tabIndex={-1}>
          {body}
        </main>
        <footer class="c-footer">
          <div class="container">
            <p>Bonario, gestione degli avvisi. Gli accessi e le decisioni restano scritti nel registro.</p>
          </div>
        </footer>
      </body>
    </html>
  );
}
